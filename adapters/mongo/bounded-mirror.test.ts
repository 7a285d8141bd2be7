/** A mirror that may hold less than there is: whole scopes, always right, never more than its bound. */
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Database } from './connect.ts';
import { toAnswerDocument } from './documents.ts';
import { TreeMirror } from './mirror.ts';
import { toNodeDocument } from './node-document.ts';
import { dropDatabase, freshDatabase, nodeOf, recordingOf } from './test-fixtures.ts';
import { until } from '../../tests/support/until.ts';

const SCOPES = 40;
const NODES = 8;
/** Nodes and the one answer. */
const SIZE = NODES + 1;
const HELD = 5;
const ENTRIES_MAX = HELD * SIZE;

let database: Database;
let mirror: TreeMirror;

beforeAll(async () => {
  database = await freshDatabase(process.env['GHEE_TEST_MONGODB_URI'], 'bounded');
  await Promise.all(Array.from({ length: SCOPES }, (_, index) => fill(`scope-${index}`)));
}, 60_000);
afterEach(() => mirror.stop());
afterAll(() => dropDatabase(database));

async function fill(scope: string): Promise<void> {
  const nodes = Array.from({ length: NODES }, (_, index) => toDocument(scope, index, 'serving'));
  await database.nodes.insertMany(nodes);
  const { exactAnswer } = recordingOf(`o-${scope}`, { scope });
  await database.answers.insertOne(
    database.contents.seal('answers', exactAnswer.id, toAnswerDocument(exactAnswer)),
  );
}

function toDocument(scope: string, index: number, state: 'serving' | 'quarantined') {
  const node = nodeOf(`${scope}-n${index}`, { scope, parent: scope, state });
  const document = toNodeDocument(node, { project: 'p', at: 1, revision: 1 });
  return database.contents.seal('nodes', node.id, document);
}

async function start(entriesMax = ENTRIES_MAX): Promise<void> {
  mirror = new TreeMirror(database, {
    ...{ now: Date.now, entriesMax },
    onSkipped: (collection, id) => {
      throw new Error(`${collection} ${id} does not parse`);
    },
  });
  mirror.start();
  expect(await mirror.whenLive(20_000)).toBe(true);
}

/** What is known of a scope, once it is known. */
async function look(scope: string) {
  await until(`${scope} is held`, async () => {
    await mirror.whenHeld(scope, 5000);
    return mirror.holds(scope);
  });
  const states = [...(mirror.tree(scope)?.all() ?? [])].map(({ state }) => state);
  return { states, answer: mirror.exact(scope, `thread-o-${scope}`)?.id };
}

const held = () =>
  Array.from({ length: SCOPES }, (_, index) => `scope-${index}`).filter(
    (scope) => mirror.tree(scope) !== undefined,
  );
const whole = (scope: string) => ({
  states: Array<string>(NODES).fill('serving'),
  answer: `exact-${scope}-thread-o-${scope}`,
});

test('within the bound everything is held from the start, and nothing is ever asked for', async () => {
  await start(SCOPES * SIZE);
  expect(mirror.counts()).toMatchObject({ scopes: SCOPES, isComplete: true });
  expect(mirror.holds('a scope that there is not')).toBe(true);
  expect(held()).toHaveLength(SCOPES);
});

test('beyond the bound scopes come when they are asked for, whole, and the least used go', async () => {
  await start();
  const { nodes, answers, isComplete } = mirror.counts();
  expect(isComplete).toBe(false);
  expect(nodes + answers).toBeLessThanOrEqual(ENTRIES_MAX);
  // A scope is held as a whole, or not at all.
  for (const scope of held()) expect(await look(scope)).toEqual(whole(scope));
  for (let round = 0; round < 2; round++) {
    for (let index = 0; index < SCOPES; index += 3) {
      const scope = `scope-${index}`;
      expect(await look(scope)).toEqual(whole(scope));
      const counts = mirror.counts();
      expect(counts.nodes + counts.answers).toBeLessThanOrEqual(ENTRIES_MAX);
    }
  }
  // What is read often stays.
  await look('scope-1');
  for (const index of [2, 4, 5, 7, 8]) {
    await look(`scope-${index}`);
    expect(mirror.holds('scope-1')).toBe(true);
    mirror.tree('scope-1');
  }
}, 240_000);

test('a scope that there is not is known to be empty, and learned when it comes', async () => {
  await start();
  expect(mirror.holds('new')).toBe(false);
  expect(await look('new')).toEqual({ states: [], answer: undefined });
  await fill('new');
  await until('it is there', () => mirror.tree('new')?.size === NODES);
  await until('its answer, too', () => mirror.exact('new', 'thread-o-new') !== undefined);
}, 60_000);

test('changes reach a scope that is held, is not, or is being read', async () => {
  await start();
  const [scope, away] = ['scope-10', 'scope-20'];
  await look(scope);
  await database.nodes.updateOne({ _id: `${scope}-n0` }, { $set: { state: 'quarantined' } });
  await until('it is told', () => mirror.tree(scope)?.get(`${scope}-n0`)?.state === 'quarantined');
  // Of one that is away nothing is kept, and all of it is there when it is read.
  expect(mirror.holds(away)).toBe(false);
  await database.nodes.updateOne({ _id: `${away}-n1` }, { $set: { state: 'quarantined' } });
  await database.nodes.updateOne({ _id: `${away}-n2` }, { $set: { deletedAt: 5 } });
  await look(away);
  // The reading began when it was asked for: the stream may bring what happened since.
  await until('it is told, too', () => {
    const tree = mirror.tree(away);
    return tree?.get(`${away}-n1`)?.state === 'quarantined' && tree.size === NODES - 1;
  });
  for (let index = 30; index < 36; index++) {
    const reading = look(`scope-${index}`);
    await database.nodes.updateOne({ _id: `scope-${index}-n3` }, { $set: { deletedAt: 5 } });
    await database.answers.deleteOne({ scope: `scope-${index}` });
    await reading;
    await until('nothing of what went is left', () => {
      const tree = mirror.tree(`scope-${index}`);
      return (
        tree?.size === NODES - 1 &&
        mirror.exact(`scope-${index}`, `thread-o-scope-${index}`) === undefined
      );
    });
  }
}, 120_000);
