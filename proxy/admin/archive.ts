/** `GET /admin/export` and `POST /admin/import`: trees as a file (adapters/tree-file). */
import { z } from 'zod';
import { checkSource } from '../../adapters/sandbox/check-source.ts';
import { readTrees, type FileProblem } from '../../adapters/tree-file/read.ts';
import { writeTrees } from '../../adapters/tree-file/write.ts';
import { invalidRequest } from '../error-response.ts';
import type { ImportReport } from './contract/archive.ts';
import type { AdminDeps } from './deps.ts';
import { AdminProblem, parseInput } from './problems.ts';

/** A file of trees is the longest thing that is sent to the admin API. */
export const IMPORT_BYTES_MAX = 67_108_864;

const QUERY = z.strictObject({
  project: z.string().min(1).max(200).exactOptional(),
  scope: z.string().min(1).max(200).exactOptional(),
  include: z.enum(['templates', 'answers', 'exemplars']).exactOptional(),
});
const BODY = z.strictObject({ file: z.string().min(1), dryRun: z.boolean().exactOptional() });

/** YAML text. Errors: AdminProblem for a query that is not valid; StoreError. */
export async function exportTrees(deps: AdminDeps, query: unknown): Promise<string> {
  const { project, scope, include = 'templates' } = parseInput(QUERY, query);
  return writeTrees(await deps.archives.read({ project, scope }, include));
}

/** Errors: AdminProblem 400 with the line and place of what is wrong with the file; StoreError. */
export async function importTrees(deps: AdminDeps, body: unknown): Promise<ImportReport> {
  const { file, dryRun: isDryRun = false } = parseInput(BODY, body);
  const read = readTrees(file, { refuseCode });
  if (read.kind === 'problems') {
    const message = `The file cannot be imported: ${read.problems.map(describe).join('; ')}.`;
    throw new AdminProblem(invalidRequest('invalid_file', message, 'file'));
  }
  const imported = await deps.archives.write(read.archive, isDryRun);
  const { conflicts, ...counts } = imported;
  if (!isDryRun) deps.log.info({ event: 'imported', ...counts, conflicts: conflicts.length });
  return { isDryRun, ...imported };
}

function refuseCode(source: string): string | undefined {
  const checked = checkSource(source);
  return checked.kind === 'allowed' ? undefined : `is no code that may run: ${checked.reason}`;
}

function describe({ line, path, message }: FileProblem): string {
  return `line ${line}${path === '' ? '' : `, ${path}`}: ${message}`;
}
