/** `Butter-Auth: Bearer <project key>` → project. Without the header a call belongs to the local project. */
import type { IncomingHttpHeaders } from 'node:http';
import { projectKeyHash, type KeyedHash } from '../adapters/caller.ts';
import { unknownProjectKey, type Problem } from './error-response.ts';
import type { MirrorView } from './deps.ts';

export type Authentication =
  | { readonly kind: 'local' }
  | { readonly kind: 'project'; readonly id: string }
  /** Projects are not known yet: the call passes, and nothing is read or stored for it. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'refused'; readonly problem: Problem };

const BEARER = /^bearer +(\S.*)$/i;

export function authenticate(
  mirror: MirrorView,
  keyedHash: KeyedHash,
  headers: IncomingHttpHeaders,
): Authentication {
  const header = headers['butter-auth'];
  if (header === undefined) return { kind: 'local' };
  const key = typeof header === 'string' ? BEARER.exec(header.trim())?.[1] : undefined;
  if (key === undefined) return { kind: 'refused', problem: unknownProjectKey() };
  if (mirror.status().kind === 'loading') return { kind: 'unknown' };
  const project = mirror.project(projectKeyHash(keyedHash, key));
  return project === undefined
    ? { kind: 'refused', problem: unknownProjectKey() }
    : { kind: 'project', id: project.id };
}
