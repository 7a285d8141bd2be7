/**
 * Why a thread was a miss, and what would have made it a hit: for people, after the answer. Holds texts of
 * messages and templates, so callers show it only where content may be shown.
 */
import type { Thread } from '../messages/message.ts';
import { firstDifference, literalShare, type Difference } from '../template/difference.ts';
import type { MissReason } from './decide.ts';
import type { TreeNode } from './node.ts';
import type { ScopeTree } from './scope-tree.ts';
import { knownBindings, type Walk, type WalkState } from './walk.ts';

export interface Explanation {
  readonly reason: MissReason;
  /** How many messages fitted. */
  readonly depth: number;
  /** The deepest node that fitted; undefined at the root. */
  readonly node: string | undefined;
  /** Of what could have come next, the template nearest to the message, and where the message leaves it. */
  readonly nearest: Nearest | undefined;
  /** What would have made it a hit, in words without content. */
  readonly remedy: string;
}

export interface Nearest {
  readonly node: string;
  /** Undefined where a guard or a derivation of the node forbids it. */
  readonly difference: Difference | undefined;
}

/** Of more siblings the oldest are compared: an explanation must not hold up a proxy. */
const SIBLINGS_MAX = 2000;

/** Explains the miss that `reason` names. Cost: up to `SIBLINGS_MAX` comparisons. */
export function explainMiss(
  tree: ScopeTree,
  walk: Walk,
  thread: Thread,
  reason: MissReason,
): Explanation {
  const state = walk.states.toSorted((a, b) => b.path.length - a.path.length)[0];
  const depth = walk.kind === 'reached' ? thread.messages.length : walk.depth;
  const nearest =
    walk.kind === 'diverged' ? nearestOf(tree, walk.states, thread, depth) : undefined;
  return {
    reason,
    depth,
    node: state?.path.at(-1)?.id,
    nearest,
    remedy: remedyFor(reason, walk, nearest),
  };
}

function nearestOf(
  tree: ScopeTree,
  states: readonly WalkState[],
  thread: Thread,
  depth: number,
): Nearest | undefined {
  const message = thread.messages[depth];
  if (message === undefined) return undefined;
  let best: { node: TreeNode; state: WalkState; share: number } | undefined;
  let compared = 0;
  for (const state of states) {
    for (const node of tree.childrenOf(state.at)) {
      if (++compared > SIBLINGS_MAX) break;
      const share = literalShare(node.template, message);
      if (best === undefined || isNearer(node, share, best)) best = { node, state, share };
    }
  }
  if (best === undefined) return undefined;
  const known = knownBindings(best.node, best.state.bindings);
  const difference =
    typeof known === 'string' ? undefined : firstDifference(best.node.template, message, known);
  return { node: best.node.id, difference };
}

function isNearer(node: TreeNode, share: number, best: { node: TreeNode; share: number }): boolean {
  if (share !== best.share) return share > best.share;
  return node.revision < best.node.revision;
}

function remedyFor(reason: MissReason, walk: Walk, nearest: Nearest | undefined): string {
  switch (reason) {
    case 'no_path':
      return nearest === undefined
        ? 'Nothing was learned here yet: send the request once more with other values.'
        : remedyForDifference(nearest.difference);
    case 'no_answer':
      return 'The conversation is known up to here, but no answer was learned at this place yet.';
    case 'probation':
      return probationRemedy(walk);
    case 'derivation_abstains':
      return 'The answer is computed from the values, and the programs that explain the examples do not agree on these: more examples settle it.';
    case 'ambiguous':
      return 'Several answers are possible: name the values with Butter-Bindings, or quarantine the node that is wrong.';
    case 'too_many_candidates':
    case 'over_budget':
      return 'Too many templates come near: merge them, or make their fixed texts longer.';
  }
}

function remedyForDifference(difference: Difference | undefined): string {
  switch (difference?.kind) {
    case undefined:
      return 'The nearest template is bound to another value than this conversation has.';
    case 'role':
      return `The nearest template has a ${difference.expected} message here.`;
    case 'shape':
      return 'The nearest message has other fields, other tool calls or JSON of another shape.';
    case 'text':
      return `The text leaves the nearest template at offset ${String(difference.offset)} of ${difference.path.join('/')}: with the same text there it would match.`;
    case 'value':
      return `The value of ${difference.variable} would have to be a ${difference.expected}.`;
    case 'contradiction':
      return `The value of ${difference.variable} contradicts what is known of it.`;
    case 'ambiguous':
      return `The values of ${difference.variables.join(', ')} can be read in several ways: name them with Butter-Bindings.`;
  }
}

function probationRemedy(walk: Walk): string {
  const evidence = walk.kind === 'reached' ? walk.answers[0]?.node.evidence : undefined;
  const missing = Math.max(0, (evidence?.required ?? 0) - (evidence?.confirmations ?? 0));
  return missing > 0
    ? `The template needs ${String(missing)} more confirmation(s) with other values, or approval by hand.`
    : 'A variable of the template was only seen with one value so far: it serves only that one.';
}
