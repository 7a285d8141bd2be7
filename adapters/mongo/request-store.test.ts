import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Database } from './connect.ts';
import { dropDatabase, freshDatabase } from './test-fixtures.ts';
import { parseRequest, RequestStore, type RequestEntry } from './request-store.ts';

let database: Database;
let store: RequestStore;
let now = 1_000_000;

beforeAll(async () => {
  database = await freshDatabase(process.env['GHEE_TEST_MONGODB_URI'], 'requests');
  store = new RequestStore(database, { now: () => now, days: 1 });
});

afterAll(async () => {
  await dropDatabase(database);
});

beforeEach(async () => {
  now = 1_000_000;
  await database.requests.deleteMany({});
});

function entryOf(id: string, more: Partial<RequestEntry> = {}): RequestEntry {
  return {
    id,
    requestId: `req_${id}`,
    at: 1_000_000,
    project: 'local',
    endpoint: 'POST /v1/chat/completions',
    outcome: 'hit',
    reason: 'template',
    status: 200,
    isAborted: false,
    model: 'm',
    tokens: { input: 7, cached: 0, output: 3 },
    microUsd: 12,
    ms: { body: 0.1, plan: 0.4, total: 0.5 },
    node: 'node-1',
    path: ['node-0', 'node-1'],
    variables: ['__proto__', 'city'],
    scope: 'scope-1',
    thread: 'thread-1',
    answerKey: 'key-1',
    ...more,
  };
}

test('a row comes back as it was written, and writing it again changes nothing', async () => {
  const content = { messages: '[]', answer: '{}', values: [['__proto__', 'a.b']] as const };
  const entry = entryOf('1', { content });
  await store.insert([entry]);
  await store.insert([entry, entryOf('2')]);
  expect(await store.find('req_1')).toEqual(entry);
  expect(await database.requests.countDocuments()).toBe(2);
});

test('of two calls with one id of the provider the newer is found', async () => {
  await store.insert([
    entryOf('1', { requestId: 'same', at: 1 }),
    entryOf('2', { requestId: 'same', at: 3 }),
    entryOf('3', { requestId: 'same', at: 2 }),
  ]);
  expect((await store.find('same'))?.id).toBe('2');
  expect(await store.find('$ne')).toBeUndefined();
});

test('pages go through all rows once, newest first, many at the same time among them', async () => {
  const entries = Array.from({ length: 23 }, (_, n) =>
    entryOf(`${10 + n}`, { at: 1000 + Math.floor(n / 5), outcome: n % 2 === 0 ? 'hit' : 'miss' }),
  );
  await store.insert(entries);
  const seen: string[] = [];
  let after: { at: number; id: string } | undefined;
  for (;;) {
    const page = await store.list({ outcome: 'hit' }, { limit: 4, after });
    seen.push(...page.map((row) => row.id));
    after = page.at(-1);
    if (page.length < 4) break;
  }
  const expected = entries.filter((entry) => entry.outcome === 'hit').map((entry) => entry.id);
  expect(seen).toEqual(expected.reverse());
});

test('rows are found by all that they can be asked for', async () => {
  await store.insert([
    entryOf('1'),
    entryOf('2', { model: 'other' }),
    entryOf('3', { node: 'node-2' }),
    entryOf('4', { reason: 'exact' }),
  ]);
  const ids = async (filter: Parameters<RequestStore['list']>[0]) =>
    (await store.list(filter, { limit: 10 })).map((row) => row.id).sort();
  expect(await ids({ model: 'other' })).toEqual(['2']);
  expect(await ids({ node: 'node-2' })).toEqual(['3']);
  expect(await ids({ reason: 'exact', model: 'm' })).toEqual(['4']);
  expect(await ids({ outcome: 'bypass' })).toEqual([]);
});

test('what is over its time is not read, removed by the server or not', async () => {
  await store.insert([entryOf('1')]);
  now += 86_400_001;
  expect(await store.find('req_1')).toBeUndefined();
  const indexes = await database.requests.indexes();
  const ttl = indexes.find((index) => 'expireAfterSeconds' in index);
  expect(ttl).toMatchObject({ key: { expiresAt: 1 }, expireAfterSeconds: 0 });
});

test.each([null, 1, {}, { _id: 'x' }, { ...entryOf('1'), _id: 'x', outcome: 'odd' }])(
  'what is no row is none: %p',
  (json) => {
    expect(parseRequest(json)).toBeUndefined();
  },
);
