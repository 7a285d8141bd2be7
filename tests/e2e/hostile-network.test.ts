/** Networks that fail on both sides of the proxy, and a thousand secrets that must not be found where they do not belong. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { listen, answerCall, type Provider } from '../../adapters/demo-provider/start-provider.ts';
import { fieldOf, isArray, type JsonObject } from '../../core/completion/completion.ts';
import { LINK_FAULTS, openLink, type FaultyLink, type LinkFault } from '../support/faulty-link.ts';
import { RunningGhee } from '../support/ghee.ts';

let provider: Provider;
let upstreamLink: FaultyLink;
let clientLink: FaultyLink;
let ghee: RunningGhee;

beforeAll(async () => {
  provider = await listen(0, (call) =>
    answerCall({ respond: (request) => reply(lastOf(request)), latencyMs: 0 }, call),
  );
  upstreamLink = await openLink(Number(new URL(provider.url).port));
  ghee = await RunningGhee.start({
    UPSTREAM_BASE_URL: `http://127.0.0.1:${upstreamLink.port}/v1`,
  });
  clientLink = await openLink(Number(new URL(ghee.baseUrl).port));
}, 120_000);

afterAll(async () => {
  clientLink.close();
  await ghee.stop();
  upstreamLink.close();
  await provider.close();
}, 60_000);

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
const EXACT_ONLY = { 'content-type': 'application/json', 'butter-disable-induction': 'true' };

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

const EACH = 50;
const questionOf = (side: string, kind: LinkFault, index: number) =>
  `${side} ${kind} number ${index}`;

test.each(LINK_FAULTS)(
  '%s: no answer is shown that is not whole',
  async (kind) => {
    const own = Number(new URL(ghee.baseUrl).port);
    const sides = { upstream: own, client: clientLink.port };
    let whole = 0;
    for (const [side, port] of Object.entries(sides)) {
      (side === 'upstream' ? upstreamLink : clientLink).fault(kind);
      const asked = Array.from({ length: EACH / 2 }, async (_, index) => {
        const content = questionOf(side, kind, index);
        const said = await ask({ port, content, stream: index % 2 === 0 });
        if (said !== undefined) expect(said).toBe(rightAnswer(content));
        if (said !== undefined) whole++;
      });
      await Promise.all(asked);
      upstreamLink.fault('none');
      clientLink.fault('none');
    }
    if (kind === 'none') expect(whole).toBe(EACH);
    // Nothing wrong was kept: each question has its own answer in memory, or none.
    for (const side of Object.keys(sides)) {
      for (let index = 0; index < EACH / 2; index++) {
        const content = questionOf(side, kind, index);
        const headers = { 'cache-control': 'only-if-cached' };
        const kept = await ask({ port: own, content, stream: false, headers });
        if (kept !== undefined) expect(kept).toBe(rightAnswer(content));
        if (kind === 'none') expect(kept).toBeDefined();
      }
    }
  },
  120_000,
);

const SECRETS = 1_000;
/** So many of them go through Temporal. */
const INDUCED = 40;
/** Told apart by where they may be found: contents are what MongoDB is for, credentials nobody's but the provider's. */
const credential = (index: number) => `CANARYCREDENTIAL${index}X`;
const content = (index: number) => `CANARYCONTENT${index}X`;

const PATHS: readonly ((index: number) => Promise<unknown>)[] = [
  (index) => say(index, { authorization: `Bearer ${credential(index)}` }),
  (index) => say(index, { 'api-key': credential(index), cookie: `s=${credential(index)}` }, true),
  (index) => say(index, { 'butter-auth': `Bearer ${credential(index)}` }),
  (index) => say(index, { 'butter-bindings': JSON.stringify({ name: content(index) }) }),
  (index) => say(index, { 'butter-bindings': `["${content(index)}"]` }),
  (index) => say(index, { authorization: `Bearer ${credential(index)}` }, true, 'please fail'),
  (index) => post(`/v1/chat/completions?api_key=${credential(index)}`, bodyOf(content(index))),
  (index) => post('/v1/chat/completions', `{"messages": ${content(index)}`),
  (index) => post(`/v1/embeddings?key=${credential(index)}`, bodyOf(content(index))),
  (index) =>
    fetch(`${ghee.adminUrl}/admin/feedback`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: credential(index) },
      body: JSON.stringify({ request: content(index), verdict: 'wrong' }),
    }).then((response) => response.text()),
];

function bodyOf(text: string, stream = false): string {
  return JSON.stringify({ model: 'm', stream, messages: [{ role: 'user', content: text }] });
}

function say(index: number, headers: Record<string, string>, stream = false, more = '') {
  const induce = { 'butter-disable-induction': String(index >= INDUCED) };
  const body = bodyOf(`${content(index)} ${more}`, stream);
  return post('/v1/chat/completions', body, { ...induce, ...headers });
}

async function post(url: string, body: string, headers: Record<string, string> = {}) {
  const response = await fetch(new URL(url, ghee.baseUrl), {
    method: 'POST',
    headers: { ...EXACT_ONLY, ...headers },
    body,
  });
  return response.text();
}

/** Waits until Temporal has had some of them; how fast it is does not matter here. */
async function someRuns(): Promise<void> {
  const until = Date.now() + 120_000;
  const done = { induce: { $eq: true }, 'induction.state': { $eq: 'done' } };
  while ((await ghee.collection('observations').countDocuments(done)) < INDUCED / 4) {
    if (Date.now() > until) throw new Error('no run has ended');
    await sleep(100);
  }
}

test('secrets are nowhere but where they belong', async () => {
  const indices = Array.from({ length: SECRETS }, (_, index) => index);
  for (let start = 0; start < SECRETS; start += EACH) {
    const batch = indices.slice(start, start + EACH);
    await Promise.all(batch.map(async (index) => PATHS[index % PATHS.length]?.(index)));
  }
  await someRuns();
  const documents: string[] = [];
  for (const name of ['observations', 'answers', 'nodes', 'requests', 'ledger', 'projects']) {
    for await (const document of ghee.collection(name).find()) {
      documents.push(JSON.stringify(document));
    }
  }
  // The contents are there, so the search is not for nothing.
  expect(documents.some((text) => text.includes('CANARYCONTENT'))).toBe(true);
  expect(documents.filter((text) => text.includes('CANARYCREDENTIAL'))).toEqual([]);
  const files = readdirSync(ghee.home, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
  const holding = (text: string) => files.filter((file) => readFileSync(file).includes(text));
  expect(holding('CANARYCREDENTIAL')).toEqual([]);
  const isDatabase = (file: string) =>
    // The server's own log too: mongod writes slow commands into it.
    /^(?:data.(?:secantusdb|mongo)|logs.mongo)/.test(path.relative(ghee.home, file));
  expect(holding('CANARYCONTENT').filter((file) => !isDatabase(file))).toEqual([]);
}, 300_000);
