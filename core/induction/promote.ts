/** What well-typed templates have proved holds for those that wait as well: they need no more than new ones do. */
import { barsFor, type Trust } from '../trust/risk.ts';
import type { Evidence, NodeState, TreeNode } from '../tree/node.ts';
import { leastBar } from './evidence.ts';

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
  const { confirmations, contradictions, requiredTyped: old } = evidence;
  if (answer === undefined || (state !== 'probation' && state !== 'serving')) return undefined;
  // What was vouched for, or narrowed, has bars of its own.
  if (evidence.required === 0 || contradictions > 0 || evidence.types.length === 0)
    return undefined;
  const { requiredTyped: now } = barsFor(evidence.classes, trust);
  const requiredTyped = {
    known: Math.min(old.known, now.known),
    novel: Math.min(old.novel, now.novel),
    odd: Math.min(old.odd, now.odd),
  };
  const isLower =
    requiredTyped.known < old.known ||
    requiredTyped.novel < old.novel ||
    requiredTyped.odd < old.odd;
  if (!isLower) return undefined;
  const next = { ...evidence, requiredTyped };
  return {
    evidence: next,
    state: confirmations >= leastBar(next) ? 'serving' : state,
    note: 'its class has proved itself',
  };
}
