/** Step 7: the nodes enter the tree, unless somebody else changed it since `load`. */
import { considerChildren } from './start-merges.ts';
import { counted, openRun, runOf, type StepDeps, type StepReport } from './run.ts';

/** Outcome `conflict`: load again, and replay against what is there now. Errors: StoreError, StepFault. */
export async function commitNodes(
  deps: StepDeps,
  id: string,
): Promise<StepReport & { readonly outcome: string }> {
  const run = await openRun(deps, id);
  const { observation } = run;
  const { start, childrenVersion } = run.proposal('load');
  const { nodes, exemplars } = run.proposal('validate');
  const answer = nodes.at(-1)?.id ?? start.parent;
  const outcome = await deps.trees.commit({
    scope: observation.scope,
    parent: start.parent,
    expectedChildrenVersion: childrenVersion,
    nodes,
    observation: id,
    source: { by: 'induce', run: runOf(observation) },
    exemplars: exemplars.map((one) => ({ node: answer, observation: one, kind: 'example' })),
  });
  const { project, scope } = observation;
  const kept = deps.scopes?.trees;
  if (outcome === 'conflict') kept?.forget(scope);
  if (outcome === 'committed') {
    const { parent } = start;
    kept?.committed(scope, { parent, version: childrenVersion + 1, nodes });
    const children = kept?.countChildren(scope, parent);
    if (deps.merging !== undefined)
      await considerChildren(deps.merging, { project, scope, parent }, children);
  }
  const note = outcome === 'committed' ? `${counted(nodes.length, 'node')} added` : outcome;
  return { note: `${note}; answer node ${answer.slice(0, 12)}`, outcome };
}
