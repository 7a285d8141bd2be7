/** What well-typed templates have proved holds for those that wait as well: they need no more than new ones do. */
import { barsFor, type Trust } from '../trust/risk.ts';
import type { Evidence, NodeState, TreeNode } from '../tree/node.ts';

export interface Promotion {
  readonly evidence: Evidence;
  readonly state: NodeState;
  readonly note: string;
}

/** Undefined where the node waits for as much as before. */
export function promote(
  { answer, evidence, state }: TreeNode,
  trust: Trust,
): Promotion | undefined {
  const { confirmations, contradictions } = evidence;
  if (answer === undefined || state !== 'probation' || contradictions > 0) return undefined;
  if (!isTyped(evidence)) return undefined;
  const { requiredTyped } = barsFor(evidence.classes, true, trust);
  if (requiredTyped >= evidence.requiredTyped) return undefined;
  return {
    evidence: { ...evidence, requiredTyped },
    state: confirmations >= requiredTyped ? 'serving' : state,
    note: 'its class has proved itself',
  };
}

/** Whether the answer copies values, and something is known of the values of every free variable. */
export function isTyped({
  classes,
  seen,
  types,
}: Pick<Evidence, 'classes' | 'seen' | 'types'>): boolean {
  return (
    classes.includes('copy') && seen.every(({ name }) => types.some((type) => type.name === name))
  );
}
