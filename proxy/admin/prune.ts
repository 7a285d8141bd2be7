/** `POST /admin/prune`: what the hourly workflow does, now; or what it would remove. */
import { z } from 'zod';
import { describeError } from '../../adapters/logger.ts';
import type { Pruned } from './contract/prune.ts';
import type { AdminDeps } from './deps.ts';
import { AdminProblem, parseInput, temporalUnavailable } from './problems.ts';

const BODY = z.strictObject({ dryRun: z.boolean().exactOptional() });

/** Errors: AdminProblem 503 when no run ends in time; StoreError. */
export async function prune(deps: AdminDeps, body: unknown): Promise<Pruned> {
  const { dryRun = false } = parseInput(BODY, body);
  if (!dryRun) return { isDryRun: false, projects: [...(await run(deps))] };
  const projects = [];
  for (const project of await deps.prunes.projects()) {
    projects.push({ project, ...(await deps.prunes.count(project)) });
  }
  return { isDryRun: true, projects };
}

async function run({ runPrune, log }: AdminDeps) {
  try {
    return await runPrune();
  } catch (error) {
    log.warn({ event: 'prune.failed', ...describeError(error) });
    throw new AdminProblem(temporalUnavailable());
  }
}
