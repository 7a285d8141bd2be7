/** What approval by hand settles: which spans vary. The rest of an answer is no matter of opinion (DESIGN §11.5). */
import { evenBars, type RiskClass } from '../trust/risk.ts';
import type { Evidence, NodeState, TreeNode } from '../tree/node.ts';

/** Data of the answer that nothing in the conversation explains. */
const WITHOUT_ORIGIN: ReadonlySet<RiskClass> = new Set<RiskClass>(['literal', 'orphan', 'claim']);

/**
 * A request message is walked again. An answer serves at once, and for values never seen; where data of it has no
 * origin in the conversation it stays in probation until that has been confirmed.
 */
export function approve({ answer, evidence, state, template }: TreeNode): {
  readonly evidence: Evidence;
  readonly state: NodeState;
} {
  if (answer === undefined) {
    return { evidence, state: template.role === 'assistant' ? 'candidate' : 'serving' };
  }
  const isUnproven =
    evidence.classes.some((riskClass) => WITHOUT_ORIGIN.has(riskClass)) &&
    evidence.confirmations < evidence.required;
  if (isUnproven) return { evidence, state: state === 'serving' ? state : 'probation' };
  return { evidence: { ...evidence, ...evenBars(0) }, state: 'serving' };
}
