/** The end of a run: its outcome is stored, and an answer that stays exact may be one of many alike. */
import { isUnexplained } from '../adapters/mongo/outcomes.ts';
import { StepFault } from './failure.ts';
import { openRun, type Run, type StepDeps } from './run.ts';
import { considerSibling, type Place } from './start-merges.ts';

/** Errors: StoreError. */
export async function finish(deps: StepDeps, id: string, outcome: string): Promise<void> {
  const { observations, merging, scopes } = deps;
  const run = isUnexplained(outcome) ? await unlessGone(openRun(deps, id)) : undefined;
  const endedAt = await observations.finish(id, outcome);
  scopes?.histories.conclude(id, isUnexplained(outcome) ? endedAt : undefined);
  const place = run && placeOf(run);
  if (merging !== undefined && run !== undefined && place !== undefined)
    await considerSibling(merging, place, run.exchange, scopes?.histories);
  deps.memory?.end(id);
}

/** Where its path left the tree; undefined when a run that died had said so already. */
function placeOf(run: Run): Place | undefined {
  const { project, scope } = run.observation;
  try {
    return { project, scope, parent: run.proposal('load').start.parent };
  } catch (error) {
    if (error instanceof StepFault) return undefined;
    throw error;
  }
}

async function unlessGone(opening: Promise<Run>): Promise<Run | undefined> {
  try {
    return await opening;
  } catch (error) {
    if (error instanceof StepFault) return undefined;
    throw error;
  }
}
