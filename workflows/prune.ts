/** Keeps the database within its limits, one project after the other. */
import type { PruneReport } from '../core/prune-report.ts';
import { Progress } from './progress.ts';
import { pruneProject, projectsToPrune } from './steps.ts';

/** Started by the Schedule `ghee-prune`, or by hand. Shape: what was removed, by project. */
export async function prune(): Promise<readonly PruneReport[]> {
  const progress = new Progress();
  const reports: PruneReport[] = [];
  for (const project of await projectsToPrune()) {
    const counts = await pruneProject(project);
    reports.push({ project, ...counts });
    const { nodes, answers, observations, tombstones } = counts;
    progress.add(
      project,
      `${nodes} nodes, ${answers} answers, ${observations} observations and ${tombstones} tombstones removed`,
    );
  }
  return reports;
}
