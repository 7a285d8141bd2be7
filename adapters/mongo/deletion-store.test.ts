import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { TreeNode } from '../../core/tree/node.ts';
import type { Database } from './connect.ts';
import { DeletionStore } from './deletion-store.ts';
import { ObservationStore } from './observation-store.ts';
import {
  answerOf,
  dropDatabase,
  freshDatabase,
  NO_EVIDENCE,
  nodeOf,
  PROJECT,
  recordingOf,
  SCOPE,
} from './test-fixtures.ts';
import { TreeStore } from './tree-store.ts';

const CANARY = 'Zanzibarovich';
let now = 5000;
let database: Database;
let trees: TreeStore;
let observations: ObservationStore;
let deletions: DeletionStore;

beforeAll(async () => {
  database = await freshDatabase(process.env['GHEE_TEST_MONGODB_URI'], 'deletions');
  const options = { now: () => now, onSkipped: () => undefined };
  trees = new TreeStore(database, options);
  observations = new ObservationStore(database, options);
  deletions = new DeletionStore(database, options);
});

beforeEach(async () => {
  now = 5000;
  for (const { name } of await database.db.listCollections().toArray()) {
    await database.db.collection(name).deleteMany({});
  }
});

afterAll(() => dropDatabase(database));

const text = (role: string, ...segments: TreeNode['template']['leaves'][number]) => ({
  role,
  skeleton: `${role}{"content"=T}`,
  leaves: [segments],
});
const x = { kind: 'variable', name: 'x', matcher: { kind: 'text' } } as const;
const greet = (scope = SCOPE): TreeNode[] => [
  nodeOf(`${scope}-ask`, {
    scope,
    parent: scope,
    template: text('user', { kind: 'literal', text: 'greet ' }, x),
    variables: [{ role: 'independent', name: 'x' }],
    state: 'serving',
  }),
  nodeOf(`${scope}-answer`, {
    scope,
    parent: `${scope}-ask`,
    depth: 1,
    template: text('assistant', { kind: 'literal', text: 'hello ' }, x),
    variables: [],
    answer: answerOf(`hello ${CANARY}`),
    evidence: { ...NO_EVIDENCE, seen: [{ name: 'x', values: [CANARY] }] },
    state: 'serving',
  }),
];

/** An exchange as a proxy stores it; `of`: its scope. */
function exchange(id: string, ask: string, say: string, more: { of?: string; at?: number } = {}) {
  const { of: scope = SCOPE, at = 1000 } = more;
  return recordingOf(id, {
    scope,
    at,
    messages: JSON.stringify([{ role: 'user', content: ask }]),
    answer: answerOf(say),
  });
}

async function store(recording: ReturnType<typeof recordingOf>): Promise<void> {
  await observations.record(recording);
  await observations.scopes.save([recording.scope]);
  await observations.saveExactAnswers([recording]);
}

/** Two exchanges of the greeting, its nodes, and one exchange beside it. */
async function learn(scope = SCOPE, at = 1000): Promise<void> {
  for (const name of [CANARY, 'Ann']) {
    await store(exchange(`${scope}-${name}`, `greet ${name}`, `hello ${name}`, { of: scope, at }));
  }
  await store(exchange(`${scope}-other`, 'add 1 and 2', '3', { of: scope, at }));
  const committed = await commit(scope, `${scope}-${CANARY}`);
  expect(committed).toBe('committed');
}

function commit(scope: string, observation: string, expectedChildrenVersion = 0) {
  const nodes = greet(scope);
  return trees.commit({
    ...{ scope, parent: scope, expectedChildrenVersion, nodes, observation },
    exemplars: [{ node: `${scope}-answer`, observation, kind: 'example' }],
  });
}

/** Everything that is stored, tombstones included, as one text. */
async function dump(): Promise<string> {
  const collections = await database.db.listCollections().toArray();
  const all = await Promise.all(
    collections.map(({ name }) => database.db.collection(name).find().toArray()),
  );
  return JSON.stringify(all);
}

async function live(name: string): Promise<string[]> {
  const found = database.db.collection(name).find({ deletedAt: { $exists: false } });
  return (await found.toArray()).map((document) => String(document._id)).sort();
}

/** What else tells of the greeting: merges of the scope's messages and of its children, and the log, where it may. */
async function tell(scope = SCOPE): Promise<void> {
  const said = `hello ${CANARY}`;
  const { contents } = database;
  const textOf = (text: string) =>
    contents.sealValue({ collection: 'merges', id: '', field: '' }, [text]);
  const template = { text: textOf(said), members: 2, retires: [] };
  const merge = { workflowId: 'w', schemaVersion: 1, project: PROJECT, scope, at: 1000 };
  const more = { isDryRun: true, by: 'hand' as const, state: 'proposed' as const };
  const examples = [`${scope}-Ann`];
  const other = { node: 'other', text: textOf('add'), members: 1, examples: [], retires: [] };
  await database.merges.insertMany([
    {
      ...{ _id: `${scope}-top`, ...merge, ...more, parent: scope },
      templates: [{ node: 'new', examples, ...template }, other],
    },
    {
      ...{ _id: `${scope}-below`, ...merge, ...more, parent: `${scope}-answer` },
      templates: [{ node: 'new', examples: [], ...template }],
    },
  ]);
  const expiresAt = new Date(Date.now() + 1e9);
  const plan = { merge: `${scope}-top`, json: JSON.stringify({ said }), expiresAt };
  await database.mergeProposals.insertOne({
    _id: `${scope}-plan`,
    ...contents.seal('mergeProposals', `${scope}-plan`, plan),
  });
  const row = { project: PROJECT, scope, content: { messages: said, values: [] }, at: 1000 };
  await database.db.collection('requests').insertMany([
    { ...row, path: [`${scope}-answer`] },
    { ...row, path: [], thread: `thread-${scope}-Ann` },
  ]);
}

describe('nothing that tells of it is left in any collection', () => {
  test.each([
    ['a node', { node: `${SCOPE}-answer` }],
    ['a subtree', { node: `${SCOPE}-ask` }],
    ['a scope', { scope: SCOPE }],
    ['a namespace', { namespace: 'blue' }],
    ['a project', { project: PROJECT }],
    ['an age', { before: 2000 }],
    ['an age of a scope', { scope: SCOPE, before: 2000 }],
  ])('%s', async (_what, filter) => {
    await learn();
    await tell();
    await database.scopes.updateOne({ _id: SCOPE }, { $set: { namespace: 'blue' } });
    await deletions.count(filter);
    expect(await database.mergeProposals.countDocuments()).toBe(1);
    await deletions.purge(filter);
    expect(await dump()).not.toContain(`hello ${CANARY}`);
  });

  test('and of merges all that tells of something else', async () => {
    await learn();
    await tell();
    await tell('other');
    await deletions.purge({ node: `${SCOPE}-answer` });
    const merges = await database.merges.find({}, { sort: { _id: 1 } }).toArray();
    expect(merges.map(({ _id }) => _id)).toEqual(['other-below', 'other-top', `${SCOPE}-top`]);
    expect(merges.at(-1)?.templates).toMatchObject([{ node: 'other' }]);
    expect(await database.mergeProposals.distinct('merge')).toEqual(['other-top']);
  });
});

describe('what is named goes', () => {
  test('a node: all below it, its evidence, and whatever exchange passes through it', async () => {
    await learn();
    const filter = { node: `${SCOPE}-answer` };
    // `Ann` is evidence for nothing: it is found by its messages.
    const counts = { scopes: 0, nodes: 1, answers: 2, observations: 2, exemplars: 1 };
    expect(await deletions.count(filter)).toEqual(counts);
    expect(await live('observations')).toHaveLength(3);
    expect(await deletions.purge(filter)).toEqual(counts);
    expect(await live('nodes')).toEqual([`${SCOPE}-ask`]);
    expect(await live('observations')).toEqual([`${SCOPE}-other`]);
    expect(await live('answers')).toHaveLength(1);
    expect(await dump()).not.toContain(`hello ${CANARY}`);
    expect(await deletions.purge(filter)).toMatchObject({ nodes: 0, observations: 0 });
  });

  test.each([
    ['scope', { scope: SCOPE }],
    ['namespace', { namespace: 'blue' }],
    ['namespace of a project', { namespace: 'blue', project: PROJECT }],
  ])('a %s: nothing of it is left, and all of another', async (_what, filter) => {
    await learn();
    await learn('other');
    await database.scopes.updateOne({ _id: SCOPE }, { $set: { namespace: 'blue' } });
    const counts = { scopes: 1, nodes: 2, answers: 3, observations: 3, exemplars: 1 };
    expect(await deletions.purge(filter)).toEqual(counts);
    expect(await live('nodes')).toEqual(['other-answer', 'other-ask']);
    expect(await live('scopes')).toEqual(['other']);
    expect(await live('observations')).toHaveLength(3);
  });

  test('a project, and no other', async () => {
    await learn();
    expect(await deletions.purge({ project: 'somebody' })).toMatchObject({ nodes: 0, answers: 0 });
    await deletions.purge({ project: PROJECT });
    for (const name of ['nodes', 'answers', 'observations', 'exemplars', 'scopes']) {
      expect(await live(name)).toEqual([]);
    }
  });

  test('an age: what agreed lately stays, an answer in the middle of a path is taken out of it', async () => {
    await learn(SCOPE, 1000);
    await store(exchange('later', 'x', 'y', { at: 4000 }));
    const below = nodeOf('below', {
      parent: `${SCOPE}-answer`,
      depth: 2,
      answer: answerOf('fine'),
    });
    const version = (await trees.readTree(SCOPE)).childrenVersions.get(`${SCOPE}-answer`) ?? -1;
    await trees.commit({
      ...{ scope: SCOPE, parent: `${SCOPE}-answer`, expectedChildrenVersion: version },
      ...{ nodes: [below], observation: 'later', exemplars: [] },
    });
    expect(await deletions.purge({ before: 2000 })).toMatchObject({ nodes: 1, observations: 3 });
    expect(await live('observations')).toEqual(['later']);
    const { tree } = await trees.readTree(SCOPE);
    expect(tree.get(`${SCOPE}-answer`)).toMatchObject({ state: 'candidate', answer: undefined });
    expect(tree.get('below')?.answer).toBeDefined();
  });
});

describe('nothing comes back', () => {
  test('by a run that is under way', async () => {
    await learn();
    const { childrenVersions } = await trees.readTree(SCOPE);
    await deletions.purge({ node: `${SCOPE}-ask` });
    const version = childrenVersions.get(SCOPE) ?? 0;
    expect(await commit(SCOPE, `${SCOPE}-Ann`, version)).toBe('gone');
    // Not even from an exchange that stays, since it was made before.
    expect(await commit(SCOPE, `${SCOPE}-other`, version)).toBe('gone');
    expect(await live('nodes')).toEqual([]);
    const saved = await observations.saveProposal(`${SCOPE}-Ann`, 'load', CANARY);
    expect(saved).toBe('gone');
  });

  test('by evidence of an observation that is gone', async () => {
    await learn();
    await deletions.removeObservations({ _id: { $eq: `${SCOPE}-Ann` } });
    const about = { node: `${SCOPE}-answer`, observation: `${SCOPE}-Ann` };
    const outcome = await trees.addEvidence(about, (evidence, state) => ({
      evidence: { ...evidence, seen: [{ name: 'x', values: ['Ann'] }] },
      ...{ state, note: 'confirmed' },
    }));
    expect(outcome).toEqual({ kind: 'gone' });
    expect(await dump()).not.toContain('["Ann"]');
  });

  test('by what follows from an observation, or by its repair', async () => {
    const recording = exchange('slow', 'greet Ann', 'hello Ann');
    // The proxy died, or waits, before it has written the exact answer.
    await observations.record(recording);
    await deletions.purge({ scope: SCOPE });
    await deletions.purge({ project: PROJECT });
    expect(await observations.repair('slow')).toBeUndefined();
    await observations.saveExactAnswers([recording]);
    expect(await live('answers')).toEqual([]);
    expect(await observations.waiting({ limit: 9, before: 9000 })).toEqual([]);
  });

  test('out of the spool of another proxy', async () => {
    await learn();
    await deletions.purge({ scope: SCOPE });
    const spooled = exchange('spooled', 'greet Bob', 'hello Bob');
    await observations.record(spooled);
    expect(await observations.followUp([spooled])).toEqual([]);
    expect(await live('observations')).toEqual([]);
    expect(await dump()).not.toContain('Bob');
  });
});

test('what is seen afterwards is learned again; what feedback took back is not', async () => {
  await learn();
  await observations.retract(`${SCOPE}-Ann`);
  await deletions.purge({ scope: SCOPE });
  now = 9000;
  for (const name of [CANARY, 'Ann']) {
    const again = exchange(`${SCOPE}-${name}`, `greet ${name}`, `hello ${name}`, { at: 8000 });
    expect(await observations.followUp([again])).toEqual([again.observation]);
    await store(again);
  }
  expect(await live('observations')).toEqual([`${SCOPE}-${CANARY}`]);
  expect(await live('answers')).toHaveLength(2);
  expect((await observations.scopes.read(SCOPE))?.parameters).toBe('"temperature":0');
  const { childrenVersions } = await trees.readTree(SCOPE);
  const version = childrenVersions.get(SCOPE) ?? 0;
  expect(await commit(SCOPE, `${SCOPE}-${CANARY}`, version)).toBe('committed');
  expect(await live('nodes')).toHaveLength(2);
});
