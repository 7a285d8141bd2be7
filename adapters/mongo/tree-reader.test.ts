import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { TreeNode } from '../../core/tree/node.ts';
import type { Database } from './connect.ts';
import { toNodeDocument } from './node-document.ts';
import { ObservationStore } from './observation-store.ts';
import {
  dropDatabase,
  freshDatabase,
  nodeOf,
  PROJECT,
  recordingOf,
  SCOPE,
} from './test-fixtures.ts';
import { TreeReader } from './tree-reader.ts';

const OTHER = 'project-2';
let database: Database;
let reader: TreeReader;
let skipped: string[];

beforeAll(async () => {
  database = await freshDatabase(process.env['GHEE_TEST_MONGODB_URI'], 'reader');
  reader = new TreeReader(database, {
    onSkipped: (collection, id) => skipped.push(`${collection}/${id}`),
  });
});

beforeEach(async () => {
  skipped = [];
  for (const name of ['nodes', 'scopes']) await database.db.collection(name).deleteMany({});
});

afterAll(() => dropDatabase(database));

async function store(nodes: readonly TreeNode[], project = PROJECT): Promise<void> {
  await database.nodes.insertMany(
    nodes.map((node) => {
      const document = toNodeDocument(node, { project, revision: node.revision, at: 1 });
      return database.contents.seal('nodes', node.id, document);
    }),
  );
}

const idsOf = (nodes: readonly { readonly id: string }[]) => nodes.map(({ id }) => id);

test('children come in pages, in the order of their ids, and those of others never', async () => {
  const children = ['b', 'a', 'd', 'c'].map((id) => nodeOf(id));
  await store([...children, nodeOf('below', { parent: 'a', depth: 1 })]);
  const first = await reader.children(SCOPE, { limit: 3 });
  expect(idsOf(first)).toEqual(['a', 'b', 'c']);
  expect(idsOf(await reader.children(SCOPE, { limit: 3, after: 'c' }))).toEqual(['d']);
  expect(await reader.children(SCOPE, { limit: 3, after: 'd' })).toEqual([]);
  expect(await reader.children(SCOPE, { limit: 0 })).toEqual([]);
});

test('what was deleted is neither listed nor counted', async () => {
  await store([nodeOf('a'), nodeOf('b', { parent: 'a' }), nodeOf('c', { parent: 'a' })]);
  await database.nodes.updateOne({ _id: 'c' }, { $set: { deletedAt: 2 } });
  expect(idsOf(await reader.children('a', { limit: 9 }))).toEqual(['b']);
  expect(await reader.childCounts(['a', 'b', 'nobody'])).toEqual(new Map([['a', 1]]));
  expect([...(await reader.byId(['a', 'c', 'nobody'])).keys()]).toEqual(['a']);
});

test('what is no whole node is left out, and told of', async () => {
  await store([nodeOf('a'), nodeOf('b')]);
  await database.db.collection('nodes').updateOne({ _id: 'b' as never }, { $set: { template: 7 } });
  expect(idsOf(await reader.children(SCOPE, { limit: 9 }))).toEqual(['a']);
  expect(skipped).toEqual(['nodes/b']);
});

test('the newest in a state are the last that changed, of the projects that are asked for', async () => {
  await store([
    nodeOf('old', { state: 'probation', revision: 1 }),
    nodeOf('new', { state: 'probation', revision: 3 }),
    nodeOf('serves', { state: 'serving', revision: 4 }),
  ]);
  await store([nodeOf('theirs', { state: 'probation', revision: 2 })], OTHER);
  expect(idsOf(await reader.newest('probation', undefined, 9))).toEqual(['new', 'theirs', 'old']);
  expect(idsOf(await reader.newest('probation', [PROJECT], 1))).toEqual(['new']);
  expect(idsOf(await reader.newest('probation', [OTHER], 9))).toEqual(['theirs']);
  expect(await reader.newest('probation', [], 9)).toEqual([]);
});

test('scopes are those of the projects that are asked for', async () => {
  const observations = new ObservationStore(database, { now: () => 1, onSkipped: () => undefined });
  const scopeOf = (id: string, project: string) => recordingOf(id, { scope: id, project }).scope;
  await observations.scopes.save([
    scopeOf('s1', PROJECT),
    scopeOf('s2', OTHER),
    scopeOf('s3', PROJECT),
  ]);
  expect(idsOf(await reader.scopes(undefined, { limit: 9 }))).toEqual(['s1', 's2', 's3']);
  expect(idsOf(await reader.scopes([PROJECT], { limit: 9, after: 's1' }))).toEqual(['s3']);
  expect(await reader.scopes([], { limit: 9 })).toEqual([]);
});
