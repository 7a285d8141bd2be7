import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Database } from './connect.ts';
import { DeletionStore } from './deletion-store.ts';
import { ObservationStore } from './observation-store.ts';
import { ProjectStore } from './project-store.ts';
import { PruneStore, type PruneLimits } from './prune-store.ts';
import {
  answerOf,
  dropDatabase,
  freshDatabase,
  nodeOf,
  PROJECT,
  recordingOf,
} from './test-fixtures.ts';
import { TreeStore } from './tree-store.ts';
import { UseTracker } from './use-tracker.ts';

const DAY_MS = 86_400_000;
const NO_LIMITS: PruneLimits = {
  ...{ answerTtlDays: 0, answersMax: 0, templatesMax: 0, observationsMax: 0, leftoverDays: 30 },
};
let now = 100 * DAY_MS;
let database: Database;
let trees: TreeStore;
let observations: ObservationStore;

beforeAll(async () => {
  database = await freshDatabase(process.env['GHEE_TEST_MONGODB_URI'], 'prune');
  const options = { now: () => now, onSkipped: () => undefined };
  trees = new TreeStore(database, options);
  observations = new ObservationStore(database, options);
});

afterAll(() => dropDatabase(database));

/** A dry run first: it says what goes. */
const prune = async (limits: Partial<PruneLimits>) => {
  const deletions = new DeletionStore(database, { now: () => now });
  const all = { ...NO_LIMITS, ...limits };
  const store = new PruneStore(database, { deletions, limits: all, now: () => now });
  const counted = await store.count(PROJECT);
  expect(await store.count(PROJECT)).toEqual(counted);
  const pruned = await store.prune(PROJECT);
  expect(pruned).toEqual(counted);
  return pruned;
};

/** A question with two answers below it in a scope of its own, learned from an observation of that age. */
async function learn(scope: string, days: number): Promise<void> {
  const recording = recordingOf(`o-${scope}`, { scope, at: now - days * DAY_MS });
  await observations.record(recording);
  await observations.scopes.save([recording.scope]);
  await observations.saveExactAnswers([recording]);
  const below = { scope, parent: `${scope}-ask`, depth: 1, state: 'serving' } as const;
  const nodes = [
    nodeOf(`${scope}-ask`, { scope, parent: scope, state: 'serving' }),
    nodeOf(`${scope}-a`, { ...below, answer: answerOf('a') }),
    nodeOf(`${scope}-b`, { ...below, answer: answerOf('b') }),
  ];
  const commit = {
    scope,
    parent: scope,
    expectedChildrenVersion: 0,
    nodes,
    observation: `o-${scope}`,
  };
  const exemplars = [{ node: `${scope}-a`, observation: `o-${scope}`, kind: 'example' as const }];
  expect(await trees.commit({ ...commit, exemplars })).toBe('committed');
}

async function live(name: string): Promise<string[]> {
  const found = database.db.collection(name).find({ deletedAt: { $exists: false } });
  return (await found.toArray()).map((document) => String(document._id)).sort();
}

test('limits of a project: age, use, leftovers; what is pinned stays', async () => {
  for (const [scope, days] of [
    ['old', 20],
    ['mid', 10],
    ['new', 1],
  ] as const)
    await learn(scope, days);
  expect(await prune({})).toEqual({ nodes: 0, answers: 0, observations: 0, tombstones: 0 });

  // Pinned, and with it the message that leads to it; its sibling goes with its age.
  await trees.changeNode('old-a', ({ evidence, state }) => ({
    evidence,
    state,
    note: 'pinned',
    pinned: true,
  }));
  expect(await prune({ answerTtlDays: 15 })).toMatchObject({
    nodes: 1,
    answers: 1,
    observations: 1,
  });
  expect(await live('nodes')).toEqual([
    'mid-a',
    'mid-ask',
    'mid-b',
    'new-a',
    'new-ask',
    'new-b',
    'old-a',
    'old-ask',
  ]);

  // Used since, it is younger than what was made later.
  const uses = new UseTracker(database, { now: () => now });
  uses.note(PROJECT, 'mid-a');
  await uses.flush();
  expect(await prune({ templatesMax: 4 })).toMatchObject({ nodes: 1 });
  expect(await live('nodes')).toEqual([
    'mid-a',
    'mid-ask',
    'new-a',
    'new-ask',
    'new-b',
    'old-a',
    'old-ask',
  ]);

  // Of exact answers the project itself wants one.
  await new ProjectStore(database, { onSkipped: () => undefined }).create({
    id: PROJECT,
    name: 'p',
    keys: [],
    settings: [['answers_max', '1']],
  });
  expect(await prune({})).toMatchObject({ answers: 1 });
  expect(await live('answers')).toEqual(['exact-new-thread-o-new']);

  // A quarantined answer is kept for a time, and then goes with the question that only led to it.
  await trees.setState('mid-a', 'quarantined', 'by hand');
  expect(await prune({})).toMatchObject({ nodes: 0 });
  now += 31 * DAY_MS;
  const last = await prune({});
  expect(last.nodes).toBe(2);
  expect(last.tombstones).toBeGreaterThan(0);
  expect(await live('nodes')).not.toContain('mid-ask');
  expect(await live('nodes')).toContain('old-a');
}, 60_000);

test('observations that nothing needs go beyond their limit, the oldest first', async () => {
  for (const [id, days] of [
    ['x', 3],
    ['y', 2],
    ['z', 1],
  ] as const) {
    await observations.record(recordingOf(id, { at: now - days * DAY_MS }));
  }
  const before = await live('observations');
  const { observations: removed } = await prune({ observationsMax: before.length - 2 });
  expect(removed).toBe(2);
  // What was evidence for a pruned template only is needed by nothing any more.
  expect(await live('observations')).toEqual(before.filter((id) => id !== 'o-mid' && id !== 'x'));
});
