/** What templates have shown of their class holds for those that were there before as well. */
import { barsFor, TYPED_FITS, type Trust } from '../trust/risk.ts';
import type { Evidence, NodeState, TreeNode } from '../tree/node.ts';
import { leastBar } from './evidence.ts';

export interface Promotion {
  readonly evidence: Evidence;
  readonly state: NodeState;
  readonly note: string;
}

/** Undefined where the node needs as much as before. */
export function promote(
  { answer, evidence, state }: TreeNode,
  trust: Trust,
): Promotion | undefined {
  const { confirmations, contradictions, requiredTyped: old } = evidence;
  if (answer === undefined || (state !== 'probation' && state !== 'serving')) return undefined;
  // What was vouched for, or narrowed, has bars of its own.
  if (evidence.required === 0 || contradictions > 0 || evidence.types.length === 0)
    return undefined;
  const { requiredTyped } = barsFor(evidence.classes, trust);
  if (TYPED_FITS.every((fit) => requiredTyped[fit] === old[fit])) return undefined;
  const next = { ...evidence, requiredTyped };
  return {
    evidence: next,
    state: confirmations >= leastBar(next) ? 'serving' : state,
    note:
      requiredTyped.known < old.known ? 'its class has proved itself' : 'its class fared otherwise',
  };
}
