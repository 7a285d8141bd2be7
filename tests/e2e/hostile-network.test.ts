/** Networks that fail on both sides of the proxy, and a thousand secrets that must not be found where they do not belong. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Provider } from '../../adapters/demo-provider/start-provider.ts';
import { EACH, EXACT_ONLY, faultRound, startLongWinded } from '../support/fault-rounds.ts';
import { LINK_FAULTS, openLink, type FaultyLink } from '../support/faulty-link.ts';
import { RunningGhee } from '../support/ghee.ts';

let provider: Provider;
let upstreamLink: FaultyLink;
let clientLink: FaultyLink;
let ghee: RunningGhee;

beforeAll(async () => {
  provider = await startLongWinded();
  upstreamLink = await openLink(Number(new URL(provider.url).port));
  ghee = await RunningGhee.start({
    UPSTREAM_BASE_URL: `http://127.0.0.1:${upstreamLink.port}/v1`,
  });
  clientLink = await openLink(Number(new URL(ghee.baseUrl).port));
});

afterAll(async () => {
  clientLink.close();
  await ghee.stop();
  upstreamLink.close();
  await provider.close();
});

test.each(LINK_FAULTS)(
  '%s: no answer is shown that is not whole',
  async (kind) => {
    const own = Number(new URL(ghee.baseUrl).port);
    const links = { own, upstream: upstreamLink, client: clientLink };
    const { whole, kept } = await faultRound(links, kind, 'none');
    if (kind === 'none') expect([whole, kept]).toEqual([EACH, EACH]);
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
  // A file of the spool goes when all of it is stored.
  const holding = (text: string) =>
    files.filter((file) => existsSync(file) && readFileSync(file).includes(text));
  expect(holding('CANARYCREDENTIAL')).toEqual([]);
  const isDatabase = (file: string) =>
    // The server's own log too: mongod writes slow commands into it.
    /^(?:data.(?:secantusdb|mongo)|logs.mongo)/.test(path.relative(ghee.home, file));
  expect(holding('CANARYCONTENT').filter((file) => !isDatabase(file))).toEqual([]);
}, 300_000);
