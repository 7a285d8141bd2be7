/** Which old nodes below the parent the new answers make superfluous. */
import { compareWith } from '../induction/load.ts';
import { isWithin } from '../template/within.ts';
import type { NodeState, TreeNode } from '../tree/node.ts';
import type { ScopeTree } from '../tree/scope-tree.ts';
import type { ReachedAnswer } from '../tree/walk.ts';
import type { Replay } from './check-merge.ts';

export interface RetireQuestion {
  readonly tree: ScopeTree;
  readonly parent: string;
  readonly path: readonly TreeNode[];
}

export interface Replays {
  readonly before: readonly Replay[];
  readonly after: readonly Replay[];
  /** Whether the node is part of the merge. */
  readonly isFresh: (id: string) => boolean;
}

const RANKS: Readonly<Record<NodeState, number>> = {
  ...{ quarantined: 0, retired: 0, candidate: 1, probation: 2, serving: 3 },
};
/** Steps that comparing one template with another may take. */
const STEPS_MAX = 16_384;

/**
 * Old nodes all of whose exemplars new answers answer as well, and the nodes that led only to them. One of which no
 * exemplar is left stays: nothing says that it is covered.
 */
export function findRetired(question: RetireQuestion, replays: Replays): Set<string> {
  const { tree, path } = question;
  const below = [...descendantsOf(question)].filter(({ id }) => !replays.isFresh(id));
  const covering = coveringAnswers(path.length, replays);
  const retired = new Set<string>();
  // From the leaves up.
  for (const node of below.toSorted((a, b) => b.depth - a.depth)) {
    if (node.pinned === true) continue;
    const children = [...tree.childrenOf(node.id)];
    if (!children.every(({ id }) => retired.has(id))) continue;
    const isCovered = covering.get(node.id) === true;
    const isLeftOver = node.answer === undefined && children.length > 0;
    if (isCovered || isLeftOver) retired.add(node.id);
  }
  return retired;
}

function* descendantsOf({ tree, parent }: RetireQuestion): Generator<TreeNode> {
  const waiting = [parent];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    for (const node of tree.childrenOf(at)) {
      waiting.push(node.id);
      yield node;
    }
  }
}

/** Old answer → whether each of its exemplars, and there is one, has a new answer that is served as well. */
function coveringAnswers(depth: number, { before, after, isFresh }: Replays): Map<string, boolean> {
  const covered = new Map<string, boolean>();
  for (const [index, { exchange, answers }] of before.entries()) {
    const fresh = (after[index]?.answers ?? []).filter(
      (answer) => isFresh(answer.node.id) && compareWith(answer, exchange) === 'agree',
    );
    for (const old of answers) {
      if (isFresh(old.node.id)) continue;
      const isCovered = fresh.some((answer) => isServedAsWell(old, answer, depth));
      covered.set(old.node.id, isCovered && covered.get(old.node.id) !== false);
    }
  }
  return covered;
}

/** What serves whatever its values are, since a client or a person vouched for it, is only replaced by what does too. */
function isServedAsWell(old: ReachedAnswer, fresh: ReachedAnswer, depth: number): boolean {
  if (RANKS[fresh.node.state] < RANKS[old.node.state]) return false;
  const isVouched = old.node.evidence.required === 0 && old.node.state === 'serving';
  if (!isVouched) return true;
  const budget = { steps: STEPS_MAX };
  return (
    fresh.node.evidence.seen.every(({ values }) => values.length !== 1) &&
    old.path.length === fresh.path.length &&
    old.path.slice(depth, -1).every((node, index) => {
      const other = fresh.path[depth + index];
      return other !== undefined && isWithin(node.template, other.template, budget);
    }) &&
    fresh.node.guards.length === 0
  );
}
