/** A merge enters the tree as a whole, leaves it as a whole, and is never half visible. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { MergeRequest } from '../../core/merge/request.ts';
import type { TreeNode } from '../../core/tree/node.ts';
import type { Database } from './connect.ts';
import type { MergeCommit } from './merge-document.ts';
import { MergeStore } from './merge-store.ts';
import { TreeMirror } from './mirror.ts';
import { ObservationStore } from './observation-store.ts';
import {
  answerOf,
  dropDatabase,
  freshDatabase,
  nodeOf,
  PROJECT,
  recordingOf,
  SCOPE,
} from './test-fixtures.ts';
import { until } from '../../tests/support/until.ts';
import { TreeStore } from './tree-store.ts';

let database: Database;
let trees: TreeStore;
let observations: ObservationStore;
let merges: MergeStore;
const onSkipped = (): void => undefined;
const REQUEST: MergeRequest = {
  ...{ project: PROJECT, scope: SCOPE, parent: SCOPE, isDryRun: false, by: 'hand' },
};
const RESULT = {
  counts: { siblings: 3, covered: 3, left: 0 },
  templates: [],
  rejected: [['too-few', 1]] as const,
};

beforeAll(async () => {
  database = await freshDatabase(process.env['GHEE_TEST_MONGODB_URI'], 'merges');
  trees = new TreeStore(database, { now: () => 5000, onSkipped });
  observations = new ObservationStore(database, { now: () => 5000, onSkipped });
  merges = new MergeStore(database, { now: () => 5000 });
});

beforeEach(async () => {
  const names = ['observations', 'nodes', 'scopes', 'exemplars', 'counters', 'merges'];
  for (const name of [...names, 'mergeProposals']) {
    await database.db.collection(name).deleteMany({});
  }
  await observations.recordMany(['o1', 'o2', 'o3'].map((id) => recordingOf(id)));
  await observations.scopes.save([recordingOf('o1').scope]);
  // Two old templates: one serves, the other one was found wrong.
  await learn('o1', 0, [nodeOf('old'), answerNode('old-answer', 'old', { state: 'serving' })]);
  await learn('o2', 1, [nodeOf('bad', { state: 'probation' })]);
  await merges.begin('m1', REQUEST, 'merge:p');
});

afterAll(() => dropDatabase(database));

function answerNode(id: string, parent: string, more: Partial<TreeNode> = {}): TreeNode {
  return nodeOf(id, { parent, depth: 1, answer: answerOf(id), ...more });
}

async function learn(observation: string, expected: number, nodes: TreeNode[], parent = SCOPE) {
  const outcome = await trees.commit({
    ...{ scope: SCOPE, parent, expectedChildrenVersion: expected, nodes, observation },
    source: { by: 'induce', run: 'run' },
    exemplars: nodes.map(({ id }) => ({ node: id, observation, kind: 'example' as const })),
  });
  expect(outcome).toBe('committed');
}

async function mergeOf(more: Partial<MergeCommit> = {}): Promise<MergeCommit> {
  const { childrenVersions } = await trees.readTree(SCOPE);
  const parents = [SCOPE, 'old', 'old-answer', 'bad'];
  return {
    id: 'm1',
    request: REQUEST,
    versions: new Map(parents.map((id) => [id, childrenVersions.get(id) ?? 0])),
    nodes: [nodeOf('new'), answerNode('new-answer', 'new', { state: 'serving' })],
    retires: [
      { id: 'old', state: 'candidate' },
      { id: 'old-answer', state: 'serving' },
      { id: 'bad', state: 'probation' },
    ],
    exemplars: ['o1', 'o2', 'o3'].map((observation) => ({
      ...{ node: 'new-answer', observation, kind: 'example' as const },
    })),
    ...more,
  };
}

async function states(): Promise<Record<string, string>> {
  const documents = await database.nodes.find({}, { sort: { _id: 1 } }).toArray();
  return Object.fromEntries(documents.map(({ _id, state }) => [_id, state]));
}

const BEFORE = { bad: 'probation', old: 'candidate', 'old-answer': 'serving' };
const AFTER = {
  ...{ bad: 'retired', old: 'retired', 'old-answer': 'retired' },
  ...{ new: 'candidate', 'new-answer': 'serving' },
};

describe('a commit', () => {
  test('adds, retires and is recorded; done again it changes nothing', async () => {
    const commit = await mergeOf();
    expect(await merges.commit(commit, RESULT)).toBe('committed');
    expect(await states()).toEqual(AFTER);
    const evidence = await database.exemplars.countDocuments({ node: 'old-answer' });
    expect(evidence).toBe(1);
    expect(await database.exemplars.countDocuments({ node: 'new-answer' })).toBe(3);
    const record = await merges.read('m1');
    expect(record).toMatchObject({
      ...{ state: 'committed', added: ['new', 'new-answer'], childrenAfter: 1 },
      ...{ retired: commit.retires, ...RESULT },
    });
    expect((await trees.readHistory('old-answer')).at(-1)).toMatchObject({
      ...{ state: 'retired', note: 'merged by m1' },
    });
    expect(await merges.commit(commit, RESULT)).toBe('committed');
    expect(await merges.read('m1')).toEqual(record);
  });

  const nothingChanged = async (): Promise<void> => {
    expect(await states()).toEqual(BEFORE);
    expect(await database.exemplars.countDocuments({ node: 'new-answer' })).toBe(0);
  };

  test('loses to a commit under the parent, or below a node that it retires', async () => {
    for (const parent of [SCOPE, 'old-answer']) {
      const commit = await mergeOf();
      await learn(
        'o3',
        commit.versions.get(parent) ?? 0,
        [nodeOf(`late-${parent}`, { parent })],
        parent,
      );
      expect(await merges.commit(commit, RESULT)).toBe('conflict');
      await database.nodes.deleteOne({ _id: { $eq: `late-${parent}` } });
    }
    await nothingChanged();
  });

  test('loses when a node that it retires is no longer what it was', async () => {
    const commit = await mergeOf({ retires: [{ id: 'bad', state: 'serving' }] });
    expect(await merges.commit(commit, RESULT)).toBe('conflict');
    await nothingChanged();
  });

  test('never comes when what it rests on was deleted, or its run was cancelled', async () => {
    const commit = await mergeOf();
    await observations.retract('o3');
    expect(await merges.commit(commit, RESULT)).toBe('gone');
    await nothingChanged();
    await merges.finish('m1', 'cancelled');
    const other = await mergeOf({ exemplars: [] });
    expect(await merges.commit(other, RESULT)).toBe('gone');
    await nothingChanged();
    expect((await merges.read('m1'))?.state).toBe('cancelled');
  });

  test('stays committed, whatever its run says afterwards', async () => {
    await merges.commit(await mergeOf(), RESULT);
    await merges.finish('m1', 'cancelled');
    expect((await merges.read('m1'))?.state).toBe('committed');
  });
});

describe('taking a merge back', () => {
  test('restores what it retired; what was learned since is learned again', async () => {
    await merges.commit(await mergeOf(), RESULT);
    const { childrenVersions } = await trees.readTree(SCOPE);
    const since = childrenVersions.get('new-answer') ?? 0;
    await observations.record(recordingOf('o4'));
    await learn('o4', since, [nodeOf('since', { parent: 'new-answer' })], 'new-answer');
    expect(await merges.unmerge('m1')).toEqual({
      ...{ kind: 'undone', restored: 3, removed: 3, reopen: ['o4'] },
    });
    const undone = { new: 'retired', 'new-answer': 'retired', since: 'retired' };
    expect(await states()).toEqual({ ...BEFORE, ...undone });
    expect(await database.exemplars.countDocuments({ node: 'old-answer' })).toBe(1);
    expect((await merges.read('m1'))?.state).toBe('undone');
    expect(await merges.unmerge('m1')).toEqual({ kind: 'refused', reason: 'not-committed' });
  });

  test('is refused as a whole when a node changed, when a later merge built on it, and for no merge', async () => {
    await merges.commit(await mergeOf(), RESULT);
    expect(await merges.unmerge('m0')).toEqual({ kind: 'refused', reason: 'unknown' });
    await database.nodes.updateOne({ _id: { $eq: 'bad' } }, { $set: { state: 'quarantined' } });
    expect(await merges.unmerge('m1')).toEqual({ kind: 'refused', reason: 'changed' });
    expect(await states()).toEqual({ ...AFTER, bad: 'quarantined' });
    await database.nodes.updateOne({ _id: { $eq: 'bad' } }, { $set: { state: 'retired' } });
    await merges.begin('m2', REQUEST, 'merge:p');
    const retires = [{ id: 'new-answer', state: 'serving' as const }];
    const second = { id: 'm2', nodes: [nodeOf('newer')], retires };
    expect(await merges.commit(await mergeOf({ ...second, versions: new Map() }), RESULT)).toBe(
      'conflict',
    );
    const versions = new Map([['new-answer', (await versionOf('new-answer')) ?? 0]]);
    expect(await merges.commit(await mergeOf({ ...second, versions }), RESULT)).toBe('committed');
    expect(await merges.unmerge('m1')).toEqual({ kind: 'refused', reason: 'superseded' });
    expect(await merges.unmerge('m2')).toMatchObject({ kind: 'undone', restored: 1 });
    expect(await merges.unmerge('m1')).toMatchObject({ kind: 'undone', restored: 3 });
  });
});

async function versionOf(id: string): Promise<number | undefined> {
  return (await trees.readTree(SCOPE)).childrenVersions.get(id);
}

test('a mirror shows all of a large merge or nothing of it', async () => {
  const many = Array.from({ length: 250 }, (_, index) => nodeOf(`many-${index}`));
  await learn('o3', 2, many);
  const mirror = new TreeMirror(database, { entriesMax: 1000, now: Date.now, onSkipped });
  mirror.start();
  expect(await mirror.whenLive(20_000)).toBe(true);
  const count = (): string => {
    const nodes = [...(mirror.tree(SCOPE)?.all() ?? [])];
    const retired = nodes.filter(({ state }) => state === 'retired').length;
    return `${nodes.length} nodes, ${retired} retired`;
  };
  const { childrenVersions } = await trees.readTree(SCOPE);
  const ids = ['old', 'old-answer', 'bad', ...many.map(({ id }) => id)];
  const commit = await mergeOf();
  const retires = [...commit.retires, ...many.map(({ id, state }) => ({ id, state }))];
  const versions = new Map([SCOPE, ...ids].map((id) => [id, childrenVersions.get(id) ?? 0]));
  const seen = new Set([count()]);
  const whole = '255 nodes, 253 retired';
  try {
    const committed = merges.commit({ ...commit, retires, versions }, RESULT);
    await until('the mirror has the merge', () => {
      seen.add(count());
      return count() === whole;
    });
    expect(await committed).toBe('committed');
    expect([...seen]).toEqual(['253 nodes, 0 retired', whole]);
  } finally {
    await mirror.stop();
  }
}, 60_000);
