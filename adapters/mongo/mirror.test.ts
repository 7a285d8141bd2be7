import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Database } from './connect.ts';
import { TreeMirror, type MirrorOptions } from './mirror.ts';
import { ObservationStore } from './observation-store.ts';
import { ProjectStore } from './project-store.ts';
import { connectMongo } from './connect.ts';
import {
  answerOf,
  dropDatabase,
  freshDatabase,
  nodeOf,
  recordingOf,
  SCOPE,
} from './test-fixtures.ts';
import { until } from '../../tests/support/until.ts';
import { TreeStore } from './tree-store.ts';

let database: Database;
let mirror: TreeMirror | undefined;
let observations: ObservationStore;
let trees: TreeStore;
let skipped: string[] = [];
let loads = 0;

beforeAll(async () => {
  database = await freshDatabase(process.env['GHEE_TEST_MONGODB_URI'], 'mirror');
  const options = { now: () => Date.now(), onSkipped: () => undefined };
  observations = new ObservationStore(database, options);
  trees = new TreeStore(database, options);
});

beforeEach(async () => {
  [skipped, loads] = [[], 0];
  for (const name of ['observations', 'answers', 'scopes', 'nodes', 'projects', 'exemplars']) {
    await database.db.collection(name).deleteMany({});
  }
  await observations.record(recordingOf('o1'));
  await observations.scopes.save([recordingOf('o1').scope]);
});

afterEach(async () => {
  await mirror?.stop();
});
afterAll(() => dropDatabase(database));

async function liveMirror(more: Partial<MirrorOptions> = {}): Promise<TreeMirror> {
  mirror = new TreeMirror(database, {
    entriesMax: 1000,
    now: () => Date.now(),
    onSkipped: (collection, id) => skipped.push(`${collection}/${id}`),
    onLoaded: () => loads++,
    ...more,
  });
  expect(mirror.status()).toEqual({ kind: 'loading' });
  mirror.start();
  expect(await mirror.whenLive(20_000)).toBe(true);
  return mirror;
}

function commit(ids: readonly string[], expectedChildrenVersion: number) {
  const nodes = ids.map((id) => nodeOf(id));
  const [parent, observation] = [SCOPE, 'o1'];
  return trees.commit({
    ...{ scope: SCOPE, parent, expectedChildrenVersion, nodes, observation },
    exemplars: [],
  });
}

test('what was stored before the start is there at the start', async () => {
  await commit(['a', 'b'], 0);
  const recording = recordingOf('o1');
  await observations.saveExactAnswers([recording]);
  const target = await liveMirror();
  expect(target.tree(SCOPE)?.get('a')).toEqual(nodeOf('a', { revision: 1 }));
  expect(target.exact(SCOPE, 'thread-o1')).toEqual(recording.exactAnswer);
  expect(target.exact('other', 'thread-o1')).toBeUndefined();
  expect([target.tree('other'), target.counts().projects]).toEqual([undefined, 0]);
});

test('inserts, updates, tombstones and deletions arrive', async () => {
  const target = await liveMirror();
  await commit(['a', 'b'], 0);
  await until('nodes arrive', () => target.tree(SCOPE)?.size === 2);
  await trees.setState('a', 'quarantined', 'by hand');
  await until('the state arrives', () => target.tree(SCOPE)?.get('a')?.state === 'quarantined');
  await database.nodes.updateOne({ _id: 'a' }, { $set: { deletedAt: 1 } });
  await until('the tombstone arrives', () => target.tree(SCOPE)?.get('a') === undefined);
  await database.nodes.deleteOne({ _id: 'b' });
  await until('the deletion arrives', () => target.tree(SCOPE) === undefined);
  await observations.saveExactAnswers([recordingOf('o1')]);
  await until('the answer arrives', () => target.exact(SCOPE, 'thread-o1') !== undefined);
  const refreshed = recordingOf('o1', { at: 2000, answer: answerOf('new'), replace: true });
  await observations.saveExactAnswers([refreshed]);
  await until('the refresh arrives', () => target.exact(SCOPE, 'thread-o1')?.at === 2000);
  await database.answers.deleteOne({ _id: refreshed.exactAnswer.id });
  await until('its deletion arrives', () => target.exact(SCOPE, 'thread-o1') === undefined);
  expect([loads, skipped]).toEqual([1, []]);
});

test('a project is found by each of its keys, until they are revoked', async () => {
  const target = await liveMirror();
  const key = (hash: string) => ({ hash, label: hash, at: 1 });
  const settings = [['mode', 'observe']] as const;
  const project = { id: 'p1', name: 'One', keys: [key('h1'), key('h2')], settings };
  const projects = new ProjectStore(database, { onSkipped: () => undefined });
  expect(await projects.create(project)).toBe('created');
  expect(await projects.create({ ...project, id: 'other' })).toBe('taken');
  await until('the project arrives', () => target.counts().projects > 0);
  expect([target.project('h1'), target.project('h2')]).toEqual([project, project]);
  await projects.change(project.id, (before) => ({ ...before, keys: [key('h2')] }));
  await until('the key is gone', () => target.project('h1') === undefined);
  expect(target.project('h2')?.keys).toEqual([key('h2')]);
});

test('a transaction is seen as a whole or not at all', async () => {
  const target = await liveMirror();
  let [isWatching, halves] = [true, 0];
  const watch = (): void => {
    const size = target.tree(SCOPE)?.size ?? 0;
    if (size % 5 !== 0) halves++;
    if (isWatching) setImmediate(watch);
  };
  watch();
  for (let n = 0; n < 10; n++) {
    const ids = [1, 2, 3, 4, 5].map((m) => `n${n}-${m}`);
    expect(await commit(ids, n)).toBe('committed');
  }
  await until('all commits arrive', () => target.tree(SCOPE)?.size === 50);
  isWatching = false;
  expect(halves).toBe(0);
});

test('changes arrive within some 20 ms at the median', async () => {
  const target = await liveMirror();
  const lags: number[] = [];
  for (let n = 0; n < 60; n++) {
    const recording = recordingOf(`lag${n}`);
    await observations.saveExactAnswers([recording]);
    const writtenAt = performance.now();
    const { scope, thread } = recording.exactAnswer;
    await until('the answer arrives', () => target.exact(scope, thread) !== undefined);
    lags.push(performance.now() - writtenAt);
  }
  const sorted = lags.toSorted((a, b) => a - b);
  process.stderr.write(
    `mirror lag after acknowledgement: p50 ${sorted[30]?.toFixed(1)} ms, p95 ${sorted[57]?.toFixed(1)} ms\n`,
  );
  expect(sorted[30]).toBeLessThan(500);
});

test('a document that does not parse takes its old self away and is reported', async () => {
  await commit(['a'], 0);
  const target = await liveMirror();
  await database.nodes.updateOne({ _id: 'a' }, { $set: { 'template.leaves': 'broken' } });
  await until('the node is gone', () => target.tree(SCOPE) === undefined);
  expect(skipped).toEqual(['nodes/a']);
});

test('a document of a later version is neither taken nor an error', async () => {
  await commit(['a'], 0);
  await database.nodes.updateOne({ _id: 'a' }, { $set: { schemaVersion: 2 } });
  expect((await liveMirror()).tree(SCOPE)).toBeUndefined();
});

test('what this proxy recorded is there at once; the first answer stays, a refresh does not', async () => {
  const target = await liveMirror();
  const [first, second] = [recordingOf('o1'), recordingOf('o2', { thread: 'thread-o1' })];
  target.putExact(first.exactAnswer);
  target.putExact(second.exactAnswer);
  expect(target.exact(SCOPE, 'thread-o1')).toEqual(first.exactAnswer);
  target.putExact(second.exactAnswer, { replace: true });
  expect(target.exact(SCOPE, 'thread-o1')).toEqual(second.exactAnswer);
});

test('a collection is dropped: the mirror starts over once and goes on', async () => {
  await commit(['a'], 0);
  let heartbeats = 0;
  const target = await liveMirror({ now: () => (heartbeats++, Date.now()) });
  await database.nodes.drop();
  await until('the mirror loads again', () => loads > 1);
  expect(target.tree(SCOPE)).toBeUndefined();
  // In silence: it is not told of the same end again.
  const before = heartbeats;
  await until('the stream is heard', () => heartbeats > before);
  await observations.saveExactAnswers([recordingOf('o1')]);
  await until('it goes on', () => target.exact(SCOPE, 'thread-o1') !== undefined);
  expect(loads).toBe(2);
});

test('quiet is not stale; a heartbeat that stays out is', async () => {
  let skewMs = 0;
  const target = await liveMirror({ now: () => Date.now() + skewMs });
  skewMs = 60_000;
  expect(target.status()).toEqual({ kind: 'stale', seconds: 60, reachable: true });
  await until('the next heartbeat', () => target.status().kind === 'live');
  await target.stop();
  skewMs = 120_000;
  expect(target.status()).toMatchObject({ kind: 'stale', reachable: true });
});

test('no server at all: it loads for ever, throws nothing and stops when told', async () => {
  const nowhere = connectMongo({ uri: 'mongodb://127.0.0.1:9/', database: 'x' });
  const codes: string[] = [];
  const options = { now: () => 0, onSkipped: () => undefined, entriesMax: 1 };
  const lost = new TreeMirror(nowhere, { ...options, onInterrupted: (e) => codes.push(e.code) });
  lost.start();
  await until('it tries twice', () => codes.length === 2);
  expect(lost.status()).toEqual({ kind: 'loading' });
  expect(codes).toEqual(['store_unavailable', 'store_unavailable']);
  expect(await lost.whenLive(10)).toBe(false);
  await lost.stop();
  await nowhere.close();
});
