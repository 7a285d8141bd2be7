/** Step 7: the nodes enter the tree, unless somebody else changed it since `load`. */
import { readProposal } from './proposals.ts';
import { considerChildren } from './start-merges.ts';
import { counted, openRun, runOf, type StepDeps, type StepReport } from './run.ts';

/** Outcome `conflict`: load again, and replay against what is there now. Errors: StoreError, StepFault. */
export async function commitNodes(
  deps: StepDeps,
  id: string,
): Promise<StepReport & { readonly outcome: string }> {
  const { record } = await openRun(deps, id);
  const { start, childrenVersion } = readProposal(record, 'load');
  const { nodes, exemplars } = readProposal(record, 'validate');
  const answer = nodes.at(-1)?.id ?? start.parent;
  const outcome = await deps.trees.commit({
    scope: record.observation.scope,
    parent: start.parent,
    expectedChildrenVersion: childrenVersion,
    nodes,
    observation: id,
    source: { by: 'induce', run: runOf(record.observation) },
    exemplars: exemplars.map((observation) => ({ node: answer, observation, kind: 'example' })),
  });
  const place = { project: record.observation.project, scope: record.observation.scope };
  if (outcome === 'committed' && deps.merging !== undefined) {
    await considerChildren(deps.merging, { ...place, parent: start.parent });
  }
  const note = outcome === 'committed' ? `${counted(nodes.length, 'node')} added` : outcome;
  return { note: `${note}; answer node ${answer.slice(0, 12)}`, outcome };
}
