/** The end of a run: its outcome is stored, and an answer that stays exact may be one of many alike. */
import { readExchange } from '../core/induction/exchange.ts';
import type { InductionRecord } from '../adapters/mongo/observation-store.ts';
import { isUnexplained } from '../adapters/mongo/outcomes.ts';
import { StepFault } from './failure.ts';
import { readProposal } from './proposals.ts';
import type { StepDeps } from './run.ts';
import { considerSibling, type Place } from './start-merges.ts';

/** Errors: StoreError. */
export async function finish(deps: StepDeps, id: string, outcome: string): Promise<void> {
  const { observations, merging } = deps;
  const record = isUnexplained(outcome) ? await observations.readForInduction(id) : undefined;
  await observations.finish(id, outcome);
  const exchange = record === undefined ? undefined : readExchange(record.observation);
  const place = record === undefined ? undefined : placeOf(record);
  if (merging === undefined || exchange === undefined || place === undefined) return;
  await considerSibling(merging, place, exchange);
}

/** Where its path left the tree; undefined when a run that died had said so already. */
function placeOf(record: InductionRecord): Place | undefined {
  const { project, scope } = record.observation;
  try {
    return { project, scope, parent: readProposal(record, 'load').start.parent };
  } catch (error) {
    if (error instanceof StepFault) return undefined;
    throw error;
  }
}
