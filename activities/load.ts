/** Step 0: is there anything to learn, and below which node? Predictions are counted on the way. */
import { judge } from '../core/induction/evidence.ts';
import { loadObservation, type Prediction } from '../core/induction/load.ts';
import type { ExemplarKind } from '../adapters/mongo/documents.ts';
import { counted, saveProposal, type StepDeps, type StepReport } from './run.ts';

/** Also writes what the proxy may have died before writing. Errors: StoreError, StepFault. */
export async function load(deps: StepDeps, id: string): Promise<StepReport> {
  const { observations, trees } = deps;
  if ((await observations.repair(id)) === 'gone') return gone();
  const observation = await observations.read(id);
  if (observation === undefined) return gone();
  const { tree, childrenVersions } = await trees.readTree(observation.scope);
  const loaded = loadObservation(tree, observation);
  for (const prediction of loaded.predictions) await countPrediction(deps, id, prediction);
  const known = `${counted(tree.size, 'node')} in the tree, ${describe(loaded.predictions)}`;
  if (loaded.kind === 'finish') return { note: known, outcome: loaded.outcome };
  const { start } = loaded;
  const childrenVersion = childrenVersions.get(start.parent) ?? 0;
  await saveProposal(deps, id, 'load', { start, childrenVersion });
  return { note: `${known}; ${counted(start.depth, 'message')} of the thread matched` };
}

function gone(): StepReport {
  return { note: 'the observation was deleted', outcome: 'gone' };
}

const EXEMPLAR_KINDS: Readonly<Record<Prediction['verdict'], ExemplarKind>> = {
  agree: 'example',
  contradict: 'counter',
  unsettled: 'unsettled',
};

/** Idempotent: an observation counts once for a node, however often its run is repeated. */
async function countPrediction(
  { trees }: StepDeps,
  observation: string,
  { node, verdict, values }: Prediction,
): Promise<void> {
  await trees.addEvidence({ node, observation, kind: EXEMPLAR_KINDS[verdict] }, (before, state) => {
    const { note = 'agreed, with values seen before', ...judged } = judge(
      before,
      state,
      verdict,
      values,
    );
    return { ...judged, note };
  });
}

function describe(predictions: readonly Prediction[]): string {
  if (predictions.length === 0) return 'nothing predicted';
  const of = (verdict: Prediction['verdict']): number =>
    predictions.filter((prediction) => prediction.verdict === verdict).length;
  return `predicted ${of('agree')} right, ${of('contradict')} wrong, ${of('unsettled')} in other words`;
}
