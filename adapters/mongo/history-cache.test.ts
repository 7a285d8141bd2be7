import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Database } from './connect.ts';
import { HistoryCache } from './history-cache.ts';
import { ObservationStore } from './observation-store.ts';
import { dropDatabase, freshDatabase, recordingOf, SCOPE } from './test-fixtures.ts';

let database: Database;
let store: ObservationStore;
let cache: HistoryCache;
let now = 100_000;

beforeAll(async () => {
  database = await freshDatabase(process.env['GHEE_TEST_MONGODB_URI'], 'history');
  const options = { now: () => now, onSkipped: () => undefined };
  store = new ObservationStore(database, options);
  cache = new HistoryCache(database, options);
});

afterAll(() => dropDatabase(database));

const LIMIT = 3;

async function expectSame(ids: readonly string[]): Promise<void> {
  const read = await cache.byShape(SCOPE, 'shape-1', LIMIT);
  expect(read.map(({ id }) => id)).toEqual(ids);
  expect(read).toEqual(await store.byShape(SCOPE, 'shape-1', LIMIT));
}

test('what is kept is brought up to date by what came and what went', async () => {
  await store.record(recordingOf('o1', { at: 90_000 }));
  await store.record(recordingOf('o2', { at: 91_000 }));
  await expectSame(['o2', 'o1']);
  // In the same millisecond as the newest one, and a little before it.
  await store.record(recordingOf('o3', { at: 91_000 }));
  await store.record(recordingOf('o0', { at: 90_500 }));
  await expectSame(['o3', 'o2', 'o0']);
  await store.retract('o2');
  await expectSame(['o3', 'o0', 'o1']);
  await store.record(recordingOf('of another shape', { at: 99_000, shape: 'shape-2' }));
  await expectSame(['o3', 'o0', 'o1']);
});

test('what comes late out of a spool is there within a minute', async () => {
  await store.record(recordingOf('new', { at: 99_900 }));
  await cache.byShape(SCOPE, 'shape-1', LIMIT);
  await store.record(recordingOf('late', { at: 92_000 }));
  now += 60_000;
  await expectSame(['new', 'late', 'o3']);
});
