/** Keeps the database within its limits, one project after the other. */
import { Progress } from './progress.ts';
import { pruneProject, projectsToPrune } from './steps.ts';

/** Started by the Schedule `ghee-prune`, or by hand. */
export async function prune(): Promise<string> {
  const progress = new Progress();
  const projects = await projectsToPrune();
  for (const project of projects) {
    const { nodes, answers, observations, tombstones } = await pruneProject(project);
    progress.add(
      project,
      `${nodes} nodes, ${answers} answers, ${observations} observations and ${tombstones} tombstones removed`,
    );
  }
  return `${projects.length} projects pruned`;
}
