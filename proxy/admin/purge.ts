/** Deletion for good: `POST /admin/purge`, `DELETE /admin/nodes/:id` and `DELETE /admin/scopes/:id`. */
import { z } from 'zod';
import type { PurgeFilter } from '../../adapters/mongo/deletion-store.ts';
import { invalidRequest } from '../error-response.ts';
import type { Purged } from './contract/purge.ts';
import type { AdminDeps } from './deps.ts';
import { AdminProblem, parseInput } from './problems.ts';

const name = z.string().min(1).max(200);
const FILTER = z
  .strictObject({
    project: name.exactOptional(),
    namespace: name.exactOptional(),
    scope: name.exactOptional(),
    /** With all below it. */
    node: name.exactOptional(),
    /** What is older than so many days. */
    olderThanDays: z.number().nonnegative().max(36_500).exactOptional(),
  })
  .refine((filter) => Object.keys(filter).length > 0, 'must name something');
const BODY = z.strictObject({ filter: FILTER, dryRun: z.boolean().exactOptional() });
const DAY_MS = 86_400_000;

/** Errors: AdminProblem for a filter that is not valid or names nothing at all; StoreError. */
export async function purge(deps: AdminDeps, body: unknown): Promise<Purged> {
  const { filter, dryRun = false } = parseInput(BODY, body);
  const { olderThanDays, ...rest } = filter;
  const before = olderThanDays === undefined ? undefined : deps.now() - olderThanDays * DAY_MS;
  return purgeWhere(deps, { ...rest, before }, dryRun);
}

/** `kind`: what the id is of. Errors: AdminProblem when there is no such thing; StoreError. */
export async function purgeOne(
  deps: AdminDeps,
  kind: 'node' | 'scope',
  id: string,
): Promise<Purged> {
  const filter = { [kind]: id };
  const found = await deps.deletions.count(filter);
  if (Object.values(found).every((count) => count === 0)) {
    const problem = invalidRequest('not_found', `There is no ${kind} with this id.`);
    throw new AdminProblem({ ...problem, status: 404 });
  }
  return purgeWhere(deps, filter, false);
}

async function purgeWhere(
  { deletions, log }: AdminDeps,
  filter: PurgeFilter,
  isDryRun: boolean,
): Promise<Purged> {
  if (isDryRun) return { isDryRun, ...(await deletions.count(filter)) };
  const counts = await deletions.purge(filter);
  log.info({ event: 'purged', by: Object.keys(filter), ...counts });
  return { isDryRun, ...counts };
}
