/** What of a tree goes when some of its answers go, and which exchanges belong to a part of it. */
import type { Exchange } from '../induction/exchange.ts';
import { ScopeTree } from './scope-tree.ts';
import type { TreeNode } from './node.ts';
import { advance, startOf, walkBudget, type WalkState } from './walk.ts';

/** As much of a node as decides whether it stays. */
export interface NodeStub {
  readonly id: string;
  readonly parent: string;
  readonly isAnswer: boolean;
  readonly isPinned: boolean;
}

export interface NodeDeletion {
  readonly remove: readonly string[];
  /** Answers that go but have messages below them: they stay as messages on the way. */
  readonly mute: readonly string[];
}

/**
 * What goes when the answers that `isDoomed` names go: these, then messages that no answer lies below, then nodes
 * whose parents are gone. What is pinned stays, with the path to it. `root`: the scope's id.
 */
export function planDeletion(
  nodes: readonly NodeStub[],
  root: string,
  isDoomed: (node: NodeStub) => boolean,
): NodeDeletion {
  const reachable = reachableFrom(root, nodes);
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const staying = new Set<string>();
  for (const node of nodes) {
    const stays = node.isPinned || (node.isAnswer && !isDoomed(node));
    if (!stays || !reachable.has(node.id)) continue;
    for (let at: NodeStub | undefined = node; at !== undefined; at = byId.get(at.parent)) {
      if (staying.has(at.id)) break;
      staying.add(at.id);
    }
  }
  const isMute = (node: NodeStub): boolean => node.isAnswer && !node.isPinned && isDoomed(node);
  return {
    remove: nodes.filter(({ id }) => !staying.has(id)).map(({ id }) => id),
    mute: nodes.filter((node) => staying.has(node.id) && isMute(node)).map(({ id }) => id),
  };
}

/** The node and all below it. */
export function subtreeOf(id: string, nodes: readonly Pick<NodeStub, 'id' | 'parent'>[]) {
  return new Set([id, ...reachableFrom(id, nodes)]);
}

function reachableFrom(
  root: string,
  nodes: readonly Pick<NodeStub, 'id' | 'parent'>[],
): ReadonlySet<string> {
  const children = Map.groupBy(nodes, (node) => node.parent);
  const found = new Set<string>();
  const waiting = [root];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    for (const { id } of children.get(at) ?? []) {
      if (found.has(id)) continue;
      found.add(id);
      waiting.push(id);
    }
  }
  return found;
}

/**
 * The part of a tree that leads to `part` and lies in it, all of it walkable: what was taken back had its exchanges, too.
 */
export function partOfTree(nodes: readonly TreeNode[], part: ReadonlySet<string>): ScopeTree {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const wanted = new Set(part);
  for (const id of part) {
    let above = byId.get(id)?.parent ?? '';
    while (!wanted.has(above)) {
      wanted.add(above);
      above = byId.get(above)?.parent ?? '';
    }
  }
  const tree = new ScopeTree();
  for (const node of nodes) {
    if (wanted.has(node.id)) tree.put({ ...node, state: 'candidate' });
  }
  return tree;
}

/** Whether a message of the exchange, its answer included, is one of the nodes of `part`. */
export function passesThrough(
  tree: ScopeTree,
  { observation, messages, known }: Exchange,
  part: ReadonlySet<string>,
): boolean {
  const budget = walkBudget();
  let states: readonly WalkState[] = [startOf(observation.scope, known)];
  for (const message of messages) {
    const next = advance(tree, states, message, budget);
    // More than can be told apart: it may belong here, and what was to be deleted must not stay.
    if (typeof next === 'string') return true;
    if (next.some(({ at }) => part.has(at))) return true;
    if (next.length === 0) return false;
    states = next;
  }
  return false;
}
