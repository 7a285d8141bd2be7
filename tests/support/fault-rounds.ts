/** Rounds of calls through links that fail, and what may come of them: an answer that is whole and right, or none. */
import { expect } from '@jest/globals';
import { answerCall, listen, type Provider } from '../../adapters/demo-provider/start-provider.ts';
import { fieldOf, isArray, type JsonObject } from '../../core/completion/completion.ts';

/** Answers each question with a long text of its own. */
export function startLongWinded(): Promise<Provider> {
  return listen(0, (call) =>
    answerCall({ respond: (request) => reply(lastOf(request)), latencyMs: 0 }, call),
  );
}

function lastOf(request: JsonObject): string {
  const messages = fieldOf(request, 'messages');
  const last: unknown = isArray(messages) ? messages.at(-1) : undefined;
  return (last as { content?: string } | undefined)?.content ?? '';
}

/** Long enough to be cut in many places, and no two alike. */
function rightAnswer(question: string): string {
  return `To "${question}" I say: ${`${question}, indeed. `.repeat(40)}That is all.`;
}

function reply(question: string) {
  const error = { message: question, type: 'server_error', param: null, code: null };
  return question.includes('please fail')
    ? ({ kind: 'error', status: 500, error } as const)
    : ({ kind: 'text', content: rightAnswer(question) } as const);
}

interface Question {
  readonly port: number;
  readonly content: string;
  readonly stream: boolean;
  readonly headers?: Record<string, string>;
}

/** Hundreds of runs would say no more than some do. */
export const EXACT_ONLY = {
  'content-type': 'application/json',
  'butter-disable-induction': 'true',
};

/** What a careful client makes of it: the answer's text, or undefined where it was told that there is none. */
async function ask({ port, content, stream, headers }: Question): Promise<string | undefined> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/v1/chat/completions`, {
      method: 'POST',
      headers: { ...EXACT_ONLY, ...headers },
      body: JSON.stringify({ model: 'm', stream, messages: [{ role: 'user', content }] }),
    });
    const text = await response.text();
    if (response.status !== 200) return undefined;
    return stream ? joinStream(text) : contentOf(JSON.parse(text), 'message');
  } catch {
    return undefined; // The connection broke, and the client knows.
  }
}

function joinStream(text: string): string {
  const events = text.split('\n\n').filter((event) => event.startsWith('data: {'));
  if (events.some((event) => event.includes('"error"'))) throw new Error('an error, said so');
  return events.map((event) => contentOf(JSON.parse(event.slice(6)), 'delta')).join('');
}

function contentOf(json: unknown, part: 'message' | 'delta'): string {
  const { choices } = json as { choices: Partial<Record<typeof part, { content?: string }>>[] };
  return choices[0]?.[part]?.content ?? '';
}

/** Calls of a round, half of them on each side, half of them streams. */
export const EACH = 50;

/** Between the proxy and its provider, and between a client and the proxy. */
export interface Links<Kind> {
  /** The proxy's own port. */
  readonly own: number;
  readonly upstream: Link<Kind>;
  readonly client: Link<Kind> & { readonly port: number };
}

interface Link<Kind> {
  readonly fault: (kind: Kind) => void | Promise<void>;
}

/** Shape: how many answers came through whole. Fails where one was not right, or something wrong was kept. */
export async function faultRound<Kind extends string>(
  links: Links<Kind>,
  kind: Kind,
  none: Kind,
): Promise<{ readonly whole: number; readonly kept: number }> {
  const { own, upstream, client } = links;
  const sides = { upstream: own, client: client.port };
  const questionOf = (side: string, index: number) => `${side} ${kind} number ${index}`;
  let [whole, kept] = [0, 0];
  for (const [side, port] of Object.entries(sides)) {
    await (side === 'upstream' ? upstream : client).fault(kind);
    const asked = Array.from({ length: EACH / 2 }, async (_, index) => {
      const content = questionOf(side, index);
      const said = await ask({ port, content, stream: index % 2 === 0 });
      if (said !== undefined) expect(said).toBe(rightAnswer(content));
      if (said !== undefined) whole++;
    });
    await Promise.all(asked);
    await upstream.fault(none);
    await client.fault(none);
  }
  // Nothing wrong was kept: each question has its own answer in memory, or none.
  for (const side of Object.keys(sides)) {
    for (let index = 0; index < EACH / 2; index++) {
      const content = questionOf(side, index);
      const headers = { 'cache-control': 'only-if-cached' };
      const said = await ask({ port: own, content, stream: false, headers });
      if (said !== undefined) expect(said).toBe(rightAnswer(content));
      if (said !== undefined) kept++;
    }
  }
  return { whole, kept };
}
