/** The row of a call by the id that its client knows. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { RequestEntry } from '../../adapters/mongo/request-store.ts';
import type { AdminDeps, AdminUser } from './deps.ts';
import { AdminProblem, unknownRequest } from './problems.ts';
import { maySee } from './whose.ts';

/** Another proxy writes its rows this often at the latest, unless MongoDB is slow. */
const WAIT_MS = 250;
const ATTEMPTS = 3;

/** Errors: AdminProblem 404, StoreError. */
export async function findRequest(
  deps: Pick<AdminDeps, 'requests' | 'flush'>,
  requestId: string,
  user: AdminUser,
): Promise<RequestEntry> {
  await deps.flush();
  for (let attempt = 1; ; attempt++) {
    const entry = await deps.requests.find(requestId);
    if (entry !== undefined && maySee(user, entry.project)) return entry;
    if (attempt === ATTEMPTS) throw new AdminProblem(unknownRequest());
    await sleep(WAIT_MS);
  }
}
