import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Evidence, NodeState, TreeNode } from '../../core/tree/node.ts';
import type { Database } from './connect.ts';
import { HISTORY_MAX } from './node-document.ts';
import { ObservationStore } from './observation-store.ts';
import {
  answerOf,
  dropDatabase,
  freshDatabase,
  NO_EVIDENCE,
  nodeOf,
  recordingOf,
  SCOPE,
} from './test-fixtures.ts';
import { TreeStore, type TreeCommit } from './tree-store.ts';

let database: Database;
let trees: TreeStore;
let observations: ObservationStore;
let skipped: string[] = [];

beforeAll(async () => {
  database = await freshDatabase(process.env['GHEE_TEST_MONGODB_URI'], 'trees');
  const onSkipped = (collection: string, id: string) => skipped.push(`${collection}/${id}`);
  trees = new TreeStore(database, { now: () => 5000, onSkipped });
  observations = new ObservationStore(database, { now: () => 5000, onSkipped });
});

beforeEach(async () => {
  skipped = [];
  for (const name of ['observations', 'nodes', 'scopes', 'exemplars', 'counters']) {
    await database.db.collection(name).deleteMany({});
  }
  await observations.record(recordingOf('o1'));
  await observations.scopes.save([recordingOf('o1').scope]);
});

afterAll(() => dropDatabase(database));

function commitOf(nodes: readonly TreeNode[], more: Partial<TreeCommit> = {}): TreeCommit {
  return {
    scope: SCOPE,
    parent: SCOPE,
    expectedChildrenVersion: 0,
    nodes,
    observation: 'o1',
    exemplars: nodes.map((node) => ({ node: node.id, observation: 'o1', kind: 'example' })),
    ...more,
  };
}

async function storedNode(id: string): Promise<TreeNode> {
  const node = await trees.readNode(id);
  if (node === undefined) throw new Error(`no node ${id}`);
  return node;
}

const ANSWER = nodeOf('answer', {
  parent: 'question',
  depth: 1,
  template: {
    role: 'assistant',
    skeleton: 'assistant{"content"=T}',
    leaves: [[{ kind: 'variable', name: 'loud', matcher: { kind: 'text' } }]],
  },
  variables: [
    {
      role: 'dependent',
      name: 'loud',
      derivation: {
        kind: 'programs',
        programs: [{ op: 'upper', of: { op: 'var', name: '__proto__' } }],
      },
    },
  ],
  guards: [{ name: 'a.$b', condition: { kind: 'one-of', values: ['__proto__'] } }],
  state: 'probation',
  answer: answerOf('HELLO'),
  evidence: { ...NO_EVIDENCE, confirmations: 1, seen: [{ name: '__proto__', values: ['x', ''] }] },
});

const QUESTION = nodeOf('question');

describe('commit', () => {
  test('what is read is what was committed, with revisions in order', async () => {
    expect(await trees.commit(commitOf([QUESTION, ANSWER]))).toBe('committed');
    const { tree, childrenVersions } = await trees.readTree(SCOPE);
    expect(skipped).toEqual([]);
    expect([...tree.all()].sort((a, b) => a.revision - b.revision)).toEqual([
      { ...QUESTION, revision: 1 },
      { ...ANSWER, revision: 2 },
    ]);
    expect(Object.fromEntries(childrenVersions)).toEqual({ [SCOPE]: 1, question: 0, answer: 0 });
    expect(await trees.exemplarsOf('answer', 10)).toEqual([
      { node: 'answer', observation: 'o1', kind: 'example' },
    ]);
  });

  test('a scope that does not exist has an empty tree', async () => {
    const { tree, childrenVersions } = await trees.readTree('nowhere');
    expect([tree.size, childrenVersions.get('nowhere')]).toEqual([0, 0]);
  });

  test('racing commits under one parent: exactly one wins, the others conflict', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 12 }, (_, n) => trees.commit(commitOf([nodeOf(`n${n}`)]))),
    );
    expect(outcomes.filter((outcome) => outcome === 'committed')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'conflict')).toHaveLength(11);
    const { tree, childrenVersions } = await trees.readTree(SCOPE);
    expect([tree.size, childrenVersions.get(SCOPE)]).toEqual([1, 1]);
  });

  test('commits that read again after a conflict all get in, under revisions of their own', async () => {
    const insist = async (id: string): Promise<void> => {
      for (;;) {
        const { childrenVersions } = await trees.readTree(SCOPE);
        const expectedChildrenVersion = childrenVersions.get(SCOPE) ?? 0;
        const outcome = await trees.commit(commitOf([nodeOf(id)], { expectedChildrenVersion }));
        if (outcome === 'committed') return;
      }
    };
    await Promise.all(Array.from({ length: 6 }, (_, n) => insist(`n${n}`)));
    const { tree } = await trees.readTree(SCOPE);
    const revisions = [...tree.all()].map((node) => node.revision).toSorted();
    expect(revisions).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('commits under different parents do not conflict', async () => {
    await trees.commit(commitOf([nodeOf('a'), nodeOf('b')]));
    const below = (parent: string) =>
      trees.commit(commitOf([nodeOf(`${parent}1`, { parent, depth: 1 })], { parent }));
    expect(await Promise.all([below('a'), below('b')])).toEqual(['committed', 'committed']);
  });

  test('repeating a commit adds nothing and takes nothing back', async () => {
    await trees.commit(commitOf([QUESTION, ANSWER]));
    await trees.addEvidence({ node: 'answer', observation: 'o2' }, (evidence) => ({
      evidence: { ...evidence, confirmations: 9 },
      state: 'serving',
      note: 'confirmed',
    }));
    const before = await storedNode('answer');
    expect(await trees.commit(commitOf([QUESTION, ANSWER]))).toBe('conflict');
    const again = commitOf([QUESTION, { ...ANSWER, answer: answerOf('other') }], {
      expectedChildrenVersion: 1,
    });
    expect(await trees.commit(again)).toBe('committed');
    expect(await storedNode('answer')).toEqual(before);
    expect(await database.exemplars.countDocuments()).toBe(3);
    expect((await database.counters.findOne())?.value).toBe(2);
  });

  test.each<NodeState>(['quarantined', 'retired'])('a %s node stays so', async (state) => {
    await trees.commit(commitOf([QUESTION]));
    await trees.setState('question', state, 'by hand');
    const answered = { ...QUESTION, answer: answerOf('x'), state: 'serving' as const };
    const version = (await trees.readTree(SCOPE)).childrenVersions.get(SCOPE) ?? 0;
    await trees.commit(commitOf([answered], { expectedChildrenVersion: version }));
    expect(await storedNode('question')).toMatchObject({ state, answer: undefined });
  });

  test('a message that becomes an answer takes the state and evidence of the answer', async () => {
    const inner = nodeOf('reply', { state: 'serving', evidence: { ...NO_EVIDENCE, required: 0 } });
    await trees.commit(commitOf([inner]));
    const answered = { ...inner, answer: answerOf('x'), state: 'probation', evidence: NO_EVIDENCE };
    await trees.commit(commitOf([answered as TreeNode], { expectedChildrenVersion: 1 }));
    expect(await storedNode('reply')).toEqual({ ...answered, revision: 1 });
  });

  test('new children of a known node inside the commit move its version', async () => {
    await trees.commit(commitOf([QUESTION]));
    await trees.commit(commitOf([QUESTION, ANSWER], { expectedChildrenVersion: 1 }));
    const { childrenVersions } = await trees.readTree(SCOPE);
    expect(Object.fromEntries(childrenVersions)).toEqual({ [SCOPE]: 2, question: 1, answer: 0 });
  });

  test('all or nothing: a node that cannot be stored leaves no trace of the others', async () => {
    const huge = nodeOf('huge', { answer: answerOf('x'.repeat(18_000_000)) });
    await expect(trees.commit(commitOf([QUESTION, huge]))).rejects.toMatchObject({
      code: 'store_rejected',
    });
    const { tree, childrenVersions } = await trees.readTree(SCOPE);
    expect([tree.size, childrenVersions.get(SCOPE)]).toEqual([0, 0]);
    expect(await database.exemplars.countDocuments()).toBe(0);
  });

  test('nodes that do not parse are skipped and reported', async () => {
    await trees.commit(commitOf([QUESTION, ANSWER]));
    const variables = [{ role: 'dependent', name: 'x', derivation: { kind: 'script' } }];
    await database.nodes.updateOne(
      { _id: 'answer' },
      { $set: database.contents.seal('nodes', 'answer', { variables }) },
    );
    expect((await trees.readTree(SCOPE)).tree.size).toBe(1);
    expect(skipped).toEqual(['nodes/answer']);
  });
});

describe('a commit is gone when', () => {
  test.each<NodeState>(['quarantined', 'retired'])('its parent is %s', async (state) => {
    await trees.commit(commitOf([QUESTION]));
    await trees.setState('question', state, 'by hand');
    expect(await trees.commit(commitOf([ANSWER], { parent: 'question' }))).toBe('gone');
  });

  test('its parent, its scope or its observation is not there or was deleted', async () => {
    expect(await trees.commit(commitOf([ANSWER], { parent: 'question' }))).toBe('gone');
    expect(await trees.commit(commitOf([QUESTION], { observation: 'none' }))).toBe('gone');
    expect(await trees.commit(commitOf([QUESTION], { scope: 'x', parent: 'x' }))).toBe('gone');
    await trees.commit(commitOf([QUESTION]));
    await database.nodes.updateOne({ _id: 'question' }, { $set: { deletedAt: 1 } });
    expect(await trees.commit(commitOf([ANSWER], { parent: 'question' }))).toBe('gone');
    await database.observations.updateOne({ _id: 'o1' }, { $set: { deletedAt: 1 } });
    const late = commitOf([nodeOf('late')], { expectedChildrenVersion: 1 });
    expect(await trees.commit(late)).toBe('gone');
  });

  test('a node of it was deleted after the observation; later traffic may bring it back', async () => {
    await trees.commit(commitOf([QUESTION]));
    await database.nodes.updateOne({ _id: 'question' }, { $set: { deletedAt: 1500 } });
    const again = { expectedChildrenVersion: 1 };
    expect(await trees.commit(commitOf([QUESTION], again))).toBe('gone');
    expect(await trees.readNode('question')).toBeUndefined();
    await observations.record(recordingOf('o2', { at: 2000 }));
    const later = commitOf([QUESTION], { ...again, observation: 'o2' });
    expect(await trees.commit(later)).toBe('committed');
    expect(await storedNode('question')).toEqual({ ...QUESTION, revision: 2 });
    expect((await trees.readTree(SCOPE)).childrenVersions.get('question')).toBe(1);
  });
});

describe('evidence', () => {
  const confirm = (evidence: Evidence, state: NodeState) => {
    const confirmations = evidence.confirmations + 1;
    return {
      evidence: { ...evidence, confirmations },
      state: confirmations >= 3 ? ('serving' as const) : state,
      note: 'confirmed',
    };
  };

  test('racing observations all count, the same one once', async () => {
    await trees.commit(commitOf([QUESTION]));
    const add = (observation: string) =>
      trees.addEvidence({ node: 'question', observation }, confirm);
    const outcomes = await Promise.all(['o2', 'o3', 'o4', 'o5', 'o5', 'o5', 'o1'].map(add));
    expect(outcomes.filter((outcome) => outcome.kind === 'known')).toHaveLength(3);
    const node = await storedNode('question');
    expect([node.evidence.confirmations, node.state]).toEqual([4, 'serving']);
    expect(await trees.exemplarsOf('question', 10)).toHaveLength(5);
    expect(outcomes).toContainEqual({ kind: 'changed', node });
  });

  test('a counterexample is kept as one', async () => {
    await trees.commit(commitOf([QUESTION]));
    await trees.addEvidence(
      { node: 'question', observation: 'o2', kind: 'counter' },
      (evidence) => ({
        evidence: { ...evidence, contradictions: 1 },
        state: 'quarantined',
        note: 'wrong',
      }),
    );
    expect(await storedNode('question')).toMatchObject({ state: 'quarantined' });
    expect(await trees.exemplarsOf('question', 10)).toContainEqual({
      node: 'question',
      observation: 'o2',
      kind: 'counter',
    });
  });

  test('nothing is added to what is not walked', async () => {
    await trees.commit(commitOf([QUESTION]));
    await trees.setState('question', 'quarantined', 'by hand');
    const about = { node: 'question', observation: 'o9' };
    expect(await trees.addEvidence(about, confirm)).toEqual({ kind: 'gone' });
    expect(await trees.addEvidence({ ...about, node: 'none' }, confirm)).toEqual({ kind: 'gone' });
    expect(await database.exemplars.countDocuments()).toBe(1);
  });

  test('the history tells the last states and why, and is bounded', async () => {
    await trees.commit(commitOf([QUESTION]));
    for (let n = 0; n < HISTORY_MAX + 5; n++) {
      await trees.setState('question', 'probation', `note ${n}`);
    }
    const history = await trees.readHistory('question');
    expect(history).toHaveLength(HISTORY_MAX);
    const last = { at: 5000, state: 'probation', note: `note ${HISTORY_MAX + 4}` };
    expect(history.at(-1)).toEqual(last);
  });
});

describe('set state', () => {
  test('bringing a node back makes commits that were prepared without it conflict', async () => {
    await trees.commit(commitOf([QUESTION]));
    await trees.setState('question', 'quarantined', 'by hand');
    const { childrenVersions } = await trees.readTree(SCOPE);
    expect(await trees.setState('question', 'candidate', 'approved')).toBe('changed');
    const expectedChildrenVersion = childrenVersions.get(SCOPE) ?? 0;
    const prepared = commitOf([nodeOf('other')], { expectedChildrenVersion });
    expect(await trees.commit(prepared)).toBe('conflict');
  });

  test('a node that does not exist is gone', async () => {
    expect(await trees.setState('none', 'serving', 'by hand')).toBe('gone');
  });
});

describe('changes by hand and audits', () => {
  test('an audit counts once, and is told apart from other evidence', async () => {
    await trees.commit(commitOf([nodeOf('question', { state: 'serving' })]));
    const about = { node: 'question', observation: 'o9', kind: 'example', audit: true } as const;
    const change = (evidence: Evidence, state: NodeState) => ({ evidence, state, note: 'audited' });
    expect((await trees.addEvidence(about, change)).kind).toBe('changed');
    expect((await trees.addEvidence(about, change)).kind).toBe('known');
    await trees.addEvidence({ ...about, observation: 'o8', audit: false }, change);
    expect((await trees.readLife('question')).audited).toBe(1);
    expect(await trees.auditCounts()).toEqual({ example: 1 });
  });

  test('a change that is none writes nothing', async () => {
    await trees.commit(commitOf([nodeOf('question', { state: 'serving' })]));
    const before = await trees.readHistory('question');
    expect((await trees.changeNode('question', () => undefined)).kind).toBe('unchanged');
    expect(await trees.readHistory('question')).toEqual(before);
    expect((await trees.changeNode('nobody', () => undefined)).kind).toBe('gone');
    expect(await trees.stateCounts()).toMatchObject({ serving: 1 });
  });
});
