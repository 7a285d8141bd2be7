import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Database } from '../../adapters/mongo/connect.ts';
import { Ledger } from '../../adapters/mongo/ledger.ts';
import { RequestStore, type RequestEntry } from '../../adapters/mongo/request-store.ts';
import {
  answerOf,
  dropDatabase,
  freshDatabase,
  nodeOf,
} from '../../adapters/mongo/test-fixtures.ts';
import { TreeStore } from '../../adapters/mongo/tree-store.ts';
import { OVERVIEW } from '../../proxy/admin/contract/stats.ts';
import { readOverview } from '../../proxy/admin/overview.ts';
import { OWNER, StoredTrees } from './fixtures.ts';

const HOUR_MS = 3_600_000;
const NOW = Date.parse('2026-11-25T12:30:00Z');
let database: Database;
let stored: StoredTrees;
let requests: RequestStore;
let at: number;
let ledger: Ledger;

beforeAll(async () => {
  database = await freshDatabase(process.env['GHEE_TEST_MONGODB_URI'], 'overview');
  stored = new StoredTrees(database);
  requests = new RequestStore(database, { now: () => NOW, days: 30 });
});

beforeEach(async () => {
  await stored.clear();
  for (const name of ['ledger', 'requests', 'exemplars']) {
    await database.db.collection(name).deleteMany({});
  }
  at = NOW;
  ledger = new Ledger(database, { now: () => at, process: 'test' });
});

afterAll(() => dropDatabase(database));

/** As a browser gets it: what does not fit the contract is an error. */
async function overview(query: object = {}, user = OWNER) {
  const answer = await readOverview(
    {
      ...{ requests, ledger, reader: stored.reader, mirror: stored.mirror },
      trees: new TreeStore(database, { now: () => NOW, onSkipped: () => undefined }),
      flush: async () => {
        await ledger.flush();
      },
      now: () => NOW,
      site: { errorBudget: 0.005 },
    },
    user,
    query,
  );
  return OVERVIEW.parse(answer);
}

let count = 0;
function call(more: Partial<RequestEntry>): RequestEntry {
  const id = String(++count);
  return {
    ...{ id, requestId: `req_${id}`, at: NOW - 1000, project: 'shop', endpoint: 'POST /v1' },
    ...{ outcome: 'hit', reason: 'template', isAborted: false, ms: { total: 1 } },
    ...{ path: [], variables: [] },
    ...more,
  };
}

test('nothing happened: there is no latency, no series and no share of the budget used', async () => {
  expect(await overview()).toEqual({
    unit: 'hour',
    since: '2026-11-24T13',
    series: [],
    sample: { calls: 0, hits: null, misses: null, top: [] },
    watch: { probation: [], quarantined: [] },
    budget: { allowed: 0.005, served: 0, wrong: 0 },
  });
});

test('calls are counted by the hour for a week, by the day beyond it', async () => {
  ledger.add('shop', 'm', { hitsExact: 1, hitsTemplate: 2, misses: 1, bypasses: 1, refused: 1 });
  at = NOW - HOUR_MS;
  ledger.add('shop', 'm', { misses: 4 });
  const { series } = await overview({ hours: '168' });
  expect(series.map(({ at: hour, misses }) => [hour, misses])).toEqual([
    ['2026-11-25T11', 4],
    ['2026-11-25T12', 1],
  ]);
  expect(series[1]).toMatchObject({ hits: 3, bypasses: 1, refused: 1 });
  const days = await overview({ hours: 169 });
  expect([days.unit, days.since]).toEqual(['day', '2026-11-18']);
  expect(days.series).toMatchObject([{ at: '2026-11-25', misses: 5 }]);
});

test('what audits and learning cost is taken off what was saved', async () => {
  ledger.add('shop', 'm', { savedMicroUsd: 1000, auditMicroUsd: 300, inductionMicroUsd: 900 });
  ledger.add('shop', 'm', { savedInputTokens: 7, savedOutputTokens: 5 });
  const { series } = await overview();
  expect(series).toMatchObject([{ savedUsd: -0.0002, savedTokens: 12 }]);
});

test('latencies are those of calls in the time asked for, hits apart from misses', async () => {
  const took = (total: number, more: Partial<RequestEntry> = {}) =>
    call({ ms: { total }, ...more });
  await requests.insert([
    ...[1, 2, 3, 4].map((total) => took(total)),
    took(400, { outcome: 'miss', reason: 'no_path' }),
    took(9999, { outcome: 'bypass', reason: 'no_store' }),
    took(5000, { at: NOW - 25 * HOUR_MS }),
  ]);
  const { sample } = await overview();
  expect(sample.calls).toBe(6);
  expect(sample.hits).toEqual({ calls: 4, p50: 3, p95: 4 });
  expect(sample.misses).toEqual({ calls: 1, p50: 400, p95: 400 });
});

test('a behaviour is told by its question; exact hits and what was deleted do not count', async () => {
  const answers = ['a', 'b'].map((id) =>
    nodeOf(`answer-${id}`, { parent: id, depth: 1, state: 'serving', answer: answerOf(id) }),
  );
  await stored.store('shop', 's', [nodeOf('a'), nodeOf('b'), ...answers]);
  await requests.insert([
    call({ node: 'answer-a', microUsd: 30 }),
    call({ node: 'answer-b', microUsd: 10 }),
    call({ node: 'answer-b', microUsd: 10 }),
    call({ node: 'gone' }),
    call({ node: 'exact', reason: 'exact' }),
  ]);
  const { top } = (await overview()).sample;
  expect(top.map(({ node, hits, savedUsd }) => [node.id, node.parts[0], hits, savedUsd])).toEqual([
    ['answer-b', { text: 'b ' }, 2, 0.00002],
    ['answer-a', { text: 'a ' }, 1, 0.00003],
  ]);
});

test('feedback and audits that disagree use up the error budget', async () => {
  ledger.add('shop', 'm', { hitsExact: 10, hitsTemplate: 90, feedback: 2 });
  await database.db
    .collection('exemplars')
    .insertOne({ project: 'shop', audit: true, kind: 'counter' });
  expect((await overview()).budget).toEqual({ allowed: 0.005, served: 100, wrong: 3 });
});

test('a viewer sees the own projects and nothing of the others', async () => {
  for (const project of ['shop', 'bank']) {
    ledger.add(project, 'm', { misses: 1 });
    await stored.store(project, project, [nodeOf(project, { scope: project, state: 'probation' })]);
    await requests.insert([call({ project })]);
  }
  const viewer = { role: 'viewer', projects: ['shop'] } as const;
  const seen = await overview({}, viewer);
  expect(seen.series).toMatchObject([{ misses: 1 }]);
  expect(seen.sample.calls).toBe(1);
  expect(seen.watch.probation.map(({ id }) => id)).toEqual(['shop']);
  const none = await overview({}, { role: 'viewer', projects: [] });
  expect([none.series, none.sample.calls, none.watch.probation]).toEqual([[], 0, []]);
});

test.each([{ hours: '0' }, { hours: '8761' }, { hours: 'x' }, { hours: ['1', '2'] }, { day: 1 }])(
  'refuses %j',
  async (query) => {
    await expect(overview(query)).rejects.toMatchObject({ problem: { status: 400 } });
  },
);
