import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { until } from '../../tests/support/until.ts';
import type { Database } from './connect.ts';
import { DeletionStore } from './deletion-store.ts';
import { HISTORY_MAX } from './history-cache.ts';
import { ObservationStore } from './observation-store.ts';
import {
  dropDatabase,
  freshDatabase,
  NO_EVIDENCE,
  nodeOf,
  recordingOf,
  SCOPE,
} from './test-fixtures.ts';
import { TreeStore, type StoredTree } from './tree-store.ts';
import { WorkerMemory } from './worker-memory.ts';

let database: Database;
let observations: ObservationStore;
let trees: TreeStore;
let memory: WorkerMemory;
let interruptions = 0;
/** Trees that were read from the primary. */
let reads = 0;
/** Awaited between the reading of a tree and its arrival. */
let whileReading: () => Promise<unknown> = () => Promise.resolve();

beforeAll(async () => {
  database = await freshDatabase(process.env['GHEE_TEST_MONGODB_URI'], 'memory');
  const options = { now: () => Date.now(), onSkipped: () => undefined };
  observations = new ObservationStore(database, options);
  trees = new TreeStore(database, options);
});

beforeEach(async () => {
  for (const name of ['observations', 'answers', 'scopes', 'nodes', 'exemplars']) {
    await database.db.collection(name).deleteMany({});
  }
  await observations.record(recordingOf('o1'));
  await observations.scopes.save([recordingOf('o1').scope]);
  [reads, interruptions, whileReading] = [0, 0, () => Promise.resolve()];
  memory = new WorkerMemory(database, {
    trees: { readTree: readSlowly },
    onSkipped: () => undefined,
    onInterrupted: () => interruptions++,
  });
  memory.start();
  await untilKept();
});

afterEach(() => memory.stop());
afterAll(() => dropDatabase(database));

async function readSlowly(scope: string): Promise<StoredTree> {
  reads++;
  const read = await trees.readTree(scope);
  await whileReading();
  return read;
}

/** Only what the stream keeps up to date is kept. */
async function untilKept(): Promise<void> {
  await until('a tree is kept', async () => {
    await memory.trees.readTree(SCOPE);
    const before = reads;
    await memory.trees.readTree(SCOPE);
    return reads === before;
  });
}

function commit(ids: readonly string[], expectedChildrenVersion: number, parent = SCOPE) {
  const nodes = ids.map((id) => nodeOf(id, { parent }));
  const about = { scope: SCOPE, parent, observation: 'o1', exemplars: [] };
  return trees.commit({ ...about, expectedChildrenVersion, nodes });
}

/** All that a run reads of a tree. */
function contentOf({ tree, childrenVersions }: StoredTree) {
  const nodes = [...tree.all()].sort((a, b) => (a.id < b.id ? -1 : 1));
  const versions = nodes.map(({ id }) => childrenVersions.get(id) ?? 0);
  return { nodes, versions, root: childrenVersions.get(SCOPE) ?? 0 };
}

async function untilSame(what: string): Promise<void> {
  const wanted = contentOf(await trees.readTree(SCOPE));
  await until(what, async () => {
    const kept = contentOf(await memory.trees.readTree(SCOPE));
    return JSON.stringify(kept) === JSON.stringify(wanted);
  });
}

test('a tree is read once, and changes with the stored one', async () => {
  const before = reads;
  expect(await commit(['a', 'b'], 0)).toBe('committed');
  await untilSame('two nodes');
  expect(await commit(['c'], 0, 'a')).toBe('committed');
  await untilSame('a child, and the version of its parent');
  await trees.setState('b', 'quarantined', 'by hand');
  await untilSame('a state');
  const evidence = { ...NO_EVIDENCE, confirmations: 7 };
  await trees.addEvidence({ node: 'c', observation: 'o1' }, (_, state) => ({
    ...{ evidence, state },
    note: 'agreed',
  }));
  await untilSame('evidence');
  expect(memory.trees.countChildren(SCOPE, SCOPE)).toBe(1);
  expect(reads).toBe(before);
});

test('what is deleted is not kept', async () => {
  await commit(['a', 'b'], 0);
  await untilSame('two nodes');
  const deletions = new DeletionStore(database, { now: () => Date.now() });
  await deletions.purge({ node: 'a' });
  await untilSame('one node');
  await deletions.purge({ scope: SCOPE });
  await untilSame('no node');
});

test('what changes while a tree is read is in it', async () => {
  memory.trees.forget(SCOPE);
  whileReading = async () => {
    whileReading = () => Promise.resolve();
    await commit(['a'], 0);
    // Heard before the reading ends: the stream is in order.
    await untilHeard('later');
  };
  const { childrenVersions, tree } = await memory.trees.readTree(SCOPE);
  expect(tree.get('a')).toBeDefined();
  expect(childrenVersions.get(SCOPE)).toBe(1);
  await untilKept();
  await untilSame('one node');
});

async function untilHeard(id: string): Promise<void> {
  await memory.histories.byShape(SCOPE, 'shape-1');
  await observations.record(recordingOf(id));
  await until('the stream has brought an observation', async () =>
    (await memory.histories.byShape(SCOPE, 'shape-1')).some((one) => one.id === id),
  );
}

test('what this worker committed is there before the stream brings it', async () => {
  await memory.stop();
  memory.trees.follow();
  await memory.trees.readTree(SCOPE);
  const nodes = [nodeOf('a')];
  memory.trees.committed(SCOPE, { parent: SCOPE, version: 1, nodes });
  const { tree, childrenVersions } = await memory.trees.readTree(SCOPE);
  expect([...tree.all()]).toEqual(nodes);
  expect(childrenVersions.get(SCOPE)).toBe(1);
  // Prepared from another tree than the one that is kept: the stream will say what came of it.
  memory.trees.committed(SCOPE, { parent: SCOPE, version: 9, nodes: [nodeOf('b')] });
  expect(tree.get('b')).toBeUndefined();
});

test('when the stream breaks everything is read again', async () => {
  await commit(['a'], 0);
  await untilSame('one node');
  await database.db.collection('nodes').drop();
  await until('the stream has ended', () => interruptions > 0);
  await untilKept();
  const { tree } = await memory.trees.readTree(SCOPE);
  expect(tree.size).toBe(0);
});

async function expectHistory(what: string, ids: readonly string[]): Promise<void> {
  await until(what, async () => {
    const kept = await memory.histories.byShape(SCOPE, 'shape-1');
    return JSON.stringify(kept.map(({ id }) => id)) === JSON.stringify(ids);
  });
  const kept = await memory.histories.byShape(SCOPE, 'shape-1');
  expect(kept).toEqual(await observations.byShape(SCOPE, 'shape-1', HISTORY_MAX));
}

test('a history has what came and not what went', async () => {
  await expectHistory('one', ['o1']);
  await observations.record(recordingOf('o3', { at: 2000 }));
  await observations.record(recordingOf('o2', { at: 2000 }));
  await observations.record(recordingOf('late', { at: 1500 }));
  await observations.record(recordingOf('other', { at: 3000, shape: 'shape-2' }));
  await expectHistory('four', ['o3', 'o2', 'late', 'o1']);
  memory.histories.put(recordingOf('o3', { at: 2000 }).observation);
  await expectHistory('each once', ['o3', 'o2', 'late', 'o1']);
  await observations.retract('o2');
  await expectHistory('three', ['o3', 'late', 'o1']);
});

test('an observation that was deleted and recorded again is in its history', async () => {
  await expectHistory('one', ['o1']);
  await new DeletionStore(database, { now: () => 5000 }).purge({ scope: SCOPE });
  await expectHistory('none', []);
  await observations.record(recordingOf('o1', { at: 6000 }));
  await expectHistory('again', ['o1']);
});

test('what runs have left unexplained is known', async () => {
  await observations.record(recordingOf('o2', { at: 2000 }));
  await observations.record(recordingOf('o3', { at: 3000 }));
  await observations.finish('o1', 'rejected:no_variables');
  const unexplained = async (after: number) => {
    const among = { scope: SCOPE, shape: 'shape-1', after };
    const kept = (await memory.histories.unexplained(among, 200)).map(({ id }) => id);
    const stored = (await observations.unexplained(among, 200)).map(({ id }) => id);
    return { kept, stored };
  };
  await expectHistory('three', ['o3', 'o2', 'o1']);
  const endedAt = await observations.finish('o3', 'rejected:no_variables');
  await observations.finish('o2', 'committed');
  const { stored } = await unexplained(0);
  await until('as stored', async () => {
    const { kept } = await unexplained(0);
    return JSON.stringify(kept) === JSON.stringify(stored);
  });
  expect((await unexplained(endedAt)).kept).toEqual([]);
  await observations.reopen(['o3']);
  await until('one less', async () => !(await unexplained(0)).kept.includes('o3'));
  memory.histories.conclude('o2', endedAt + 10);
  expect((await unexplained(endedAt + 5)).kept).toEqual(['o2']);
});

test('the history of a scope has all shapes, and observations by their ids', async () => {
  const kept = () => memory.histories.byScope(SCOPE);
  await until('one', async () => (await kept()).length === 1);
  await observations.record(recordingOf('o2', { at: 2000, shape: 'shape-2' }));
  await until('two', async () => (await kept()).length === 2);
  await memory.histories.byShape(SCOPE, 'shape-2');
  expect(await kept()).toEqual(await observations.byScope(SCOPE, 10));
  const asked: string[] = [];
  const found = await memory.histories.readMany(['o1', 'o2', 'gone'], (ids) => {
    asked.push(...ids);
    return observations.readMany(ids);
  });
  expect(found).toEqual(await observations.readMany(['o1', 'o2']));
  expect(asked).toEqual(['gone']);
  await observations.retract('o2');
  await until('one again', async () => (await kept()).length === 1);
});
