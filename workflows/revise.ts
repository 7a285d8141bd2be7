/** One template that evidence spoke against: narrowed, split, or left out of service. */
import { log, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { NodeRef } from '../core/tree/node.ts';
import { Progress } from './progress.ts';
import { GHEE_OUTCOME, GHEE_PROJECT, GHEE_SCOPE } from './search-attributes.ts';
import { reviseTemplate } from './steps.ts';

/** Each loss means that another run under the same parent won. */
const ATTEMPTS_MAX = 5;

/** Gives back the outcome, which is also in GheeOutcome and in the history of the node. */
export async function revise(ref: NodeRef): Promise<string> {
  upsertSearchAttributes([
    { key: GHEE_PROJECT, value: ref.project },
    { key: GHEE_SCOPE, value: ref.scope },
  ]);
  const progress = new Progress();
  for (let attempt = 1; ; attempt++) {
    const { outcome, note } = await reviseTemplate(ref, workflowInfo().workflowId);
    progress.add('revise', note);
    if (outcome === 'conflict' && attempt < ATTEMPTS_MAX) {
      log.info('another run changed the tree first', { node: ref.node, attempt });
      continue;
    }
    upsertSearchAttributes([{ key: GHEE_OUTCOME, value: outcome }]);
    return outcome;
  }
}
