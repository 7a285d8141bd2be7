/** `GET /admin/scopes`: the trees. `GET /admin/tree`: one of them, a parent's children at a time, or what a search finds. */
import { z } from 'zod';
import { showTemplate } from '../../core/template/template.ts';
import type { ScopeTree } from '../../core/tree/scope-tree.ts';
import type { TreeNode } from '../../core/tree/node.ts';
import { TREE_WAIT_MS, type AdminDeps, type AdminUser } from './deps.ts';
import { AdminProblem, parseInput, unknownScope } from './problems.ts';
import { showTreeNodes } from './show-tree.ts';
import { maySee } from './whose.ts';

const PAGE_MAX = 1000;
const FOUND_MAX = 50;
/** A search gives way to calls this often; a tree of 100,000 nodes takes a fraction of a second. */
const NODES_PER_TURN = 500;
const PARAMETER_CHARACTERS = 1000;

const ID = z.string().min(1).max(128);
const SCOPES_QUERY = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: ID.exactOptional(),
});

interface ScopesDeps {
  readonly reader: Pick<AdminDeps['reader'], 'scopes' | 'children'>;
  readonly observations: Pick<AdminDeps['observations'], 'scopes'>;
  readonly mirror: Pick<AdminDeps['mirror'], 'tree' | 'whenHeld'>;
}

/** Errors: AdminProblem 400; StoreError. */
export async function listScopes(
  deps: ScopesDeps,
  user: AdminUser,
  query: unknown,
): Promise<object> {
  const { limit, cursor } = parseInput(SCOPES_QUERY, query);
  const found = await deps.reader.scopes(user.projects, { limit: limit + 1, after: cursor });
  const page = found.slice(0, limit);
  return {
    scopes: page.map(({ parameters, ...scope }) => ({
      ...scope,
      parameters: parameters.slice(0, PARAMETER_CHARACTERS),
      nodes: deps.mirror.tree(scope.id)?.size ?? 0,
    })),
    next: found.length > limit ? (page.at(-1)?.id ?? null) : null,
  };
}

const TREE_QUERY = z.strictObject({
  scope: ID,
  /** Whose children; the scope's root, where it is left out. */
  parent: ID.exactOptional(),
  /** All nodes of the scope instead, in pages. */
  all: z.literal('true').exactOptional(),
  /** Nodes whose template has this text, with all that is above them. */
  q: z.string().trim().min(1).max(200).exactOptional(),
  /** The nodes from the root down to this one. */
  path: ID.exactOptional(),
  limit: z.coerce.number().int().min(1).max(PAGE_MAX).default(100),
  cursor: ID.exactOptional(),
});

/** Errors: AdminProblem 400, 404; StoreError. */
export async function readTree(deps: ScopesDeps, user: AdminUser, query: unknown): Promise<object> {
  const { scope, parent, all, q, path, limit, cursor } = parseInput(TREE_QUERY, query);
  const known = await deps.observations.scopes.read(scope);
  if (known === undefined || !maySee(user, known.project)) throw new AdminProblem(unknownScope());
  await deps.mirror.whenHeld(scope, TREE_WAIT_MS);
  const tree = deps.mirror.tree(scope);
  if (q !== undefined) {
    const { nodes, found } = await search(tree, q);
    return { scope, nodes: showTreeNodes(deps, nodes), found, next: null };
  }
  if (path !== undefined) {
    return { scope, nodes: showTreeNodes(deps, pathTo(tree, path)), next: null };
  }
  const page = { limit: limit + 1, after: cursor };
  const found = await (all === undefined
    ? deps.reader.children(parent ?? scope, page)
    : allOf(tree, page));
  const nodes = found.slice(0, limit).filter((node) => node.scope === scope);
  const next = found.length > limit ? (found[limit - 1]?.id ?? null) : null;
  return { scope, nodes: showTreeNodes(deps, nodes), next };
}

/** A page of a whole tree, in the order of its ids, as this proxy knows it. */
function allOf(
  tree: ScopeTree | undefined,
  { limit, after = '' }: { readonly limit: number; readonly after: string | undefined },
): readonly TreeNode[] {
  const rest = [...(tree?.all() ?? [])].filter(({ id }) => id > after);
  return rest.sort((a, b) => (a.id < b.id ? -1 : 1)).slice(0, limit);
}

/** Found nodes, and those above them, so that they can be drawn. */
async function search(tree: ScopeTree | undefined, text: string) {
  const nodes = new Map<string, TreeNode>();
  const found: string[] = [];
  for await (const node of matching(tree, text)) {
    for (const one of pathTo(tree, node.id)) nodes.set(one.id, one);
    found.push(node.id);
    if (found.length >= FOUND_MAX) break;
  }
  return { nodes: [...nodes.values()], found };
}

/** Nodes of a tree whose template has the text, whatever its case. Gives way to other work now and then. */
export async function* matching(
  tree: ScopeTree | undefined,
  text: string,
): AsyncGenerator<TreeNode> {
  const wanted = text.toLowerCase();
  let seen = 0;
  // A copy, since the tree may change between two turns.
  for (const node of [...(tree?.all() ?? [])]) {
    if (++seen % NODES_PER_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
    if (showTemplate(node.template).toLowerCase().includes(wanted)) yield node;
  }
}

/** From the root down; empty for a node that is not there. */
export function pathTo(tree: ScopeTree | undefined, id: string): TreeNode[] {
  const path: TreeNode[] = [];
  let node = tree?.get(id);
  while (node !== undefined) {
    path.unshift(node);
    node = tree?.get(node.parent);
  }
  return path;
}
