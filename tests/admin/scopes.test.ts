import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Database } from '../../adapters/mongo/connect.ts';
import { dropDatabase, freshDatabase, nodeOf } from '../../adapters/mongo/test-fixtures.ts';
import type { TreeNode } from '../../core/tree/node.ts';
import { SCOPES, TREE } from '../../proxy/admin/contract/scopes.ts';
import { listScopes, readTree } from '../../proxy/admin/scopes.ts';
import { OWNER, StoredTrees } from './fixtures.ts';

let database: Database;
let stored: StoredTrees;

beforeAll(async () => {
  database = await freshDatabase(process.env['GHEE_TEST_MONGODB_URI'], 'scopes');
  stored = new StoredTrees(database);
});

beforeEach(() => stored.clear());

afterAll(() => dropDatabase(database));

const scopes = async (query: object, user = OWNER) =>
  SCOPES.parse(await listScopes(stored, user, query));
const tree = async (query: object, user = OWNER) => TREE.parse(await readTree(stored, user, query));
const idsOf = (all: readonly { readonly id: string }[]) => all.map(({ id }) => id);

function node(id: string, parent = 's', depth = 0, more: Partial<TreeNode> = {}): TreeNode {
  return nodeOf(id, { scope: 's', parent, depth, ...more });
}

/** a ─ b ─ c, and d beside a. */
const SMALL = [node('a'), node('b', 'a', 1), node('c', 'b', 2), node('d')];

test('scopes come in pages, with their project and how many nodes they hold', async () => {
  await stored.store('shop', 's', SMALL);
  await stored.store('shop', 't', [nodeOf('x', { scope: 't', parent: 't' })]);
  await stored.store('bank', 'u', []);
  const first = await scopes({ limit: '2' });
  expect(first.scopes.map(({ id, project, nodes }) => [id, project, nodes])).toEqual([
    ['s', 'shop', 4],
    ['t', 'shop', 1],
  ]);
  expect(first.next).toBe('t');
  expect(idsOf((await scopes({ limit: '2', cursor: 't' })).scopes)).toEqual(['u']);
});

test('a viewer sees the scopes of the own projects; another one does not exist for them', async () => {
  await stored.store('shop', 's', SMALL);
  await stored.store('bank', 'u', [nodeOf('x', { scope: 'u', parent: 'u' })]);
  const viewer = { role: 'viewer', projects: ['bank'] } as const;
  expect(idsOf((await scopes({}, viewer)).scopes)).toEqual(['u']);
  await expect(tree({ scope: 's' }, viewer)).rejects.toMatchObject({ problem: { status: 404 } });
  await expect(tree({ scope: 'nobody' })).rejects.toMatchObject({ problem: { status: 404 } });
});

test('a tree is read a level at a time, with how many nodes follow each', async () => {
  await stored.store('shop', 's', SMALL);
  const top = await tree({ scope: 's' });
  expect(top.nodes.map(({ id, children }) => [id, children])).toEqual([
    ['a', 1],
    ['d', 0],
  ]);
  expect(idsOf((await tree({ scope: 's', parent: 'a' })).nodes)).toEqual(['b']);
});

test('a parent of another scope gives nothing away', async () => {
  await stored.store('shop', 's', SMALL);
  await stored.store('bank', 'u', [
    nodeOf('x', { scope: 'u', parent: 'u' }),
    nodeOf('y', { scope: 'u', parent: 'x', depth: 1 }),
  ]);
  expect((await tree({ scope: 's', parent: 'x' })).nodes).toEqual([]);
  expect((await tree({ scope: 's', path: 'y' })).nodes).toEqual([]);
});

test('all of a tree comes in pages, each node once', async () => {
  const many = Array.from({ length: 25 }, (_, index) => node(`n${String(index).padStart(2, '0')}`));
  await stored.store('shop', 's', many);
  const seen: string[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await tree({
      ...{ scope: 's', all: 'true', limit: 10 },
      ...(cursor === undefined ? {} : { cursor }),
    });
    seen.push(...idsOf(page.nodes));
    if (page.next === null) break;
    cursor = page.next;
  }
  expect(seen).toEqual(idsOf(many));
});

test('a search finds templates whatever their case, with all that is above them', async () => {
  await stored.store('shop', 's', SMALL);
  const { nodes, found } = await tree({ scope: 's', q: 'C ' });
  expect(found).toEqual(['c']);
  expect(idsOf(nodes)).toEqual(['a', 'b', 'c']);
  expect((await tree({ scope: 's', q: 'nowhere' })).found).toEqual([]);
});

test('a search tells of fifty at most', async () => {
  const many = Array.from({ length: 60 }, (_, index) => node(`same-${String(index)}`));
  await stored.store('shop', 's', many);
  expect((await tree({ scope: 's', q: 'same' })).found).toHaveLength(50);
});

test('the path to a node begins at the root; of one that is gone there is none', async () => {
  await stored.store('shop', 's', SMALL);
  expect(idsOf((await tree({ scope: 's', path: 'c' })).nodes)).toEqual(['a', 'b', 'c']);
  expect((await tree({ scope: 's', path: 'gone' })).nodes).toEqual([]);
});

test('quarantined nodes are shown, and a long template is cut', async () => {
  const text = 'x'.repeat(500);
  const template = { ...node('q').template, leaves: [[{ kind: 'literal', text }]] } as const;
  await stored.store('shop', 's', [node('q', 's', 0, { state: 'quarantined', template })]);
  const [shown] = (await tree({ scope: 's' })).nodes;
  expect(shown?.state).toBe('quarantined');
  expect(shown?.parts).toEqual([{ text: `${'x'.repeat(200)}…` }]);
});

test.each([
  {},
  { scope: '' },
  { scope: 's', limit: 1001 },
  { scope: 's', q: ' ' },
  { scope: ['s'] },
])('refuses %j', async (query) => {
  await expect(tree(query)).rejects.toMatchObject({ problem: { status: 400 } });
});
