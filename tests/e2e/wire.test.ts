/** Forms of requests and answers that few clients use: encodings, roles, fields. The first call is a miss, the second a hit. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import OpenAI from 'openai';
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { RunningGhee } from '../support/ghee.ts';
import { DONE, startScriptedProvider, type ScriptedProvider } from '../support/provider.ts';

let ghee: RunningGhee;
let provider: ScriptedProvider;

beforeAll(async () => {
  provider = await startScriptedProvider();
  ghee = await RunningGhee.start({ UPSTREAM_BASE_URL: `${provider.url}/v1` });
});
afterAll(async () => {
  await ghee.stop();
  await provider.close();
});
beforeEach(() => {
  provider.reset();
});

const CODERS = {
  gzip: gzipSync,
  deflate: deflateSync,
  br: brotliCompressSync,
  zstd: zstdCompressSync,
} as const;

function post(body: Buffer | string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${ghee.baseUrl}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'butter-disable-induction': 'true', ...headers },
    body: Buffer.from(body),
  });
}

const reasonOf = (response: Response) => response.headers.get('butter-reason');

function completion(message: object, finish = 'stop'): string {
  return JSON.stringify({
    ...{ id: 'chatcmpl-1', object: 'chat.completion', created: 1, model: 'm' },
    choices: [{ index: 0, message, logprobs: null, finish_reason: finish }],
    usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
  });
}

function answerOnce(body: Buffer | string, headers: Record<string, string> = {}): void {
  provider.failNext({
    ...{ kind: 'pieces', status: 200, ends: 'end', pieces: [body] },
    headers: { 'content-type': 'application/json', ...headers },
  });
}

const asked = (content: string, more: object = {}) =>
  JSON.stringify({ model: 'm', messages: [{ role: 'user', content }], ...more });

describe.each(Object.entries(CODERS))('%s', (encoding, encode) => {
  test('a request body goes on as it came, and is understood', async () => {
    const body = encode(Buffer.from(asked(`compressed by ${encoding}`)));
    answerOnce(completion({ role: 'assistant', content: 'understood', refusal: null }));
    const miss = await post(body, { 'content-encoding': encoding });
    expect([reasonOf(miss), (await miss.text()).includes('understood')]).toEqual(['no_path', true]);
    const [sent] = provider.requests;
    expect(sent?.body.equals(body)).toBe(true);
    expect(sent?.headers['content-encoding']).toBe(encoding);
    // The same question, in plain: the same answer.
    const hit = await post(asked(`compressed by ${encoding}`));
    expect([reasonOf(hit), (await hit.text()).includes('understood')]).toEqual(['exact', true]);
  });

  test.each([false, true])(
    'an answer passes as it came, and is learned (stream: %p)',
    async (stream) => {
      const content = `answer by ${encoding}, ${stream ? 'in pieces' : 'whole'}`;
      const question = asked(content, { stream });
      const text = stream
        ? `${events([{ role: 'assistant', content: '' }, { content }])}${DONE}`
        : completion({ role: 'assistant', content, refusal: null });
      answerOnce(encode(Buffer.from(text)), {
        'content-encoding': encoding,
        ...(stream ? { 'content-type': 'text/event-stream' } : {}),
      });
      const miss = await post(question);
      expect(miss.headers.get('content-encoding')).toBe(encoding);
      // Node's fetch decodes what it was sent.
      expect(await miss.text()).toBe(text);
      const hit = await post(asked(content));
      expect([reasonOf(hit), (await hit.text()).includes(content)]).toEqual(['exact', true]);
      expect(hit.headers.get('content-encoding')).toBeNull();
    },
  );
});

/** The events of a stream, the last of which ends the answer. */
function events(deltas: readonly object[], finish = 'stop'): string {
  const event = (delta: object, reason: string | null) =>
    `data: ${JSON.stringify({
      ...{ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'm' },
      choices: [{ index: 0, delta, logprobs: null, finish_reason: reason }],
    })}\n\n`;
  return [...deltas.map((delta) => event(delta, null)), event({}, finish)].join('');
}

const CUSTOM_CALL = {
  id: 'call_1',
  type: 'custom',
  custom: { name: 'run', input: 'print("a")\n{not json' },
};

describe('answers', () => {
  test.each([
    ['a refusal', { role: 'assistant', content: null, refusal: 'I cannot do that.' }, 'stop'],
    [
      'reasoning',
      { role: 'assistant', content: 'x', reasoning_content: 'first …', refusal: null },
      'stop',
    ],
    [
      'a custom tool',
      { role: 'assistant', content: null, refusal: null, tool_calls: [CUSTOM_CALL] },
      'tool_calls',
    ],
  ])('%s is the same from memory', async (what, message, finish) => {
    const question = asked(`give me ${what}`, {
      tools: [{ type: 'custom', custom: { name: 'run' } }],
    });
    answerOnce(completion(message, finish));
    await (await post(question)).text();
    const hit = await post(question);
    expect(reasonOf(hit)).toBe('exact');
    const { choices } = (await hit.json()) as {
      choices: { message: object; finish_reason: string }[];
    };
    const calls =
      'tool_calls' in message ? [{ ...CUSTOM_CALL, id: expect.any(String) as unknown }] : undefined;
    expect(choices[0]?.message).toEqual({ ...message, ...(calls && { tool_calls: calls }) });
    expect(choices[0]?.finish_reason).toBe(finish);
  });

  test('a stream without a role is what the SDK makes of it, or is not kept', async () => {
    const client = new OpenAI({ baseURL: ghee.baseUrl, apiKey: 'k', maxRetries: 0 });
    const messages = [{ role: 'user' as const, content: 'no role, please' }];
    const stream = async () => {
      const chunks = client.chat.completions.stream({ model: 'm', messages });
      return (await chunks.finalChatCompletion()).choices[0]?.message;
    };
    answerOnce(`${events([{ content: 'so ' }, { content: 'be it' }])}${DONE}`, {
      'content-type': 'text/event-stream',
    });
    const first = await stream().catch((error: unknown) => String(error));
    // Whoever asks again is told the same, by whom does not matter.
    answerOnce(`${events([{ role: 'assistant', content: 'so be it' }])}${DONE}`, {
      'content-type': 'text/event-stream',
    });
    const again = await stream();
    expect(again).toMatchObject({ role: 'assistant', content: 'so be it' });
    if (typeof first === 'object') expect(again?.content).toBe(first.content);
  });

  test('developer is not system, and one text part is the text', async () => {
    const by = (role: string, content: unknown = 'Be brief.') =>
      JSON.stringify({
        model: 'm',
        messages: [
          { role, content },
          { role: 'user', content: 'Hi' },
        ],
      });
    for (const role of ['developer', 'system']) {
      answerOnce(completion({ role: 'assistant', content: `to the ${role}`, refusal: null }));
      expect(reasonOf(await post(by(role)))).not.toBe('exact');
    }
    for (const role of ['developer', 'system']) {
      const hit = await post(by(role, [{ type: 'text', text: 'Be brief.' }]));
      expect([reasonOf(hit), await hit.text()]).toEqual([
        'exact',
        expect.stringContaining(`to the ${role}`),
      ]);
    }
  });
});
