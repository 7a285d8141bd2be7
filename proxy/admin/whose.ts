/** What a reader may see: all projects, or those that the token names. */
import { LOCAL_PROJECT } from '../request/caller.ts';
import type { AdminUser } from './deps.ts';
import { AdminProblem, ownersOnly } from './problems.ts';

export function maySee({ projects }: AdminUser, project: string | undefined): boolean {
  return projects === undefined || projects.includes(project ?? LOCAL_PROJECT);
}

/** Errors: AdminProblem 403 for everybody but owners. */
export function ownersMay({ role }: AdminUser): void {
  if (role !== 'owner') throw new AdminProblem(ownersOnly());
}
