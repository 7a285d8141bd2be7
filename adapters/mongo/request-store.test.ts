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

test('pages follow one another over any length of time, within what is asked for', async () => {
  now = 2e12;
  const ages = [-5000, 0, 1, 59_999, 60_000, 60_000, 700_000, 9e6, 9e6, 5e8, 5e9];
  const entries = ages.map((age, index) =>
    entryOf(String(index).padStart(2, '0'), { at: now - age, node: index % 2 === 0 ? 'a' : 'b' }),
  );
  // What is a month old is still kept here.
  const kept = new RequestStore(database, { now: () => now, days: 365 });
  await kept.insert(entries);
  const newestFirst = entries.toSorted((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1));
  const seen: RequestEntry[] = [];
  for (let after: RequestEntry | undefined; ;) {
    const page = await kept.list({}, { limit: 2, after });
    if (page.length === 0) break;
    seen.push(...page);
    after = page.at(-1);
  }
  expect(seen.map(({ id }) => id)).toEqual(newestFirst.map(({ id }) => id));
  const between = await kept.list({}, { limit: 9 }, { since: now - 9e6, until: now });
  expect(between.map(({ at }) => now - at)).toEqual([1, 59_999, 60_000, 60_000, 700_000, 9e6, 9e6]);
  expect(await kept.list({ node: 'b' }, { limit: 99 })).toHaveLength(5);
  expect(await kept.list({}, { limit: 9 }, { since: now + 9000 })).toEqual([]);
});
