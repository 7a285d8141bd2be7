/** `Butter-Auth: Bearer <project key>` → project. Without the header a call belongs to the local project. */
import type { IncomingHttpHeaders } from 'node:http';
import { projectKeyHash } from '../../adapters/caller.ts';
import type { Project } from '../../adapters/mongo/documents.ts';
import { projectKeyRequired, unknownProjectKey, type Problem } from '../error-response.ts';
import type { ProxyDeps } from '../deps.ts';

export type Authentication =
  | { readonly kind: 'local' }
  | { readonly kind: 'project'; readonly project: Project }
  /** Projects are not known yet: the call passes, and nothing is read or stored for it. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'refused'; readonly problem: Problem };

const LOCAL: Authentication = { kind: 'local' };
const BEARER = /^bearer +(\S.*)$/i;

/** Keys are found by a keyed hash: how long that takes says nothing about the keys that there are. */
export function authenticate(
  { mirror, keyedHash, settings }: Pick<ProxyDeps, 'mirror' | 'keyedHash' | 'settings'>,
  headers: IncomingHttpHeaders,
): Authentication {
  const header = headers['butter-auth'];
  if (header === undefined) {
    return settings.isOpen ? refused(projectKeyRequired()) : LOCAL;
  }
  const key = typeof header === 'string' ? BEARER.exec(header.trim())?.[1] : undefined;
  if (key === undefined) return refused(unknownProjectKey());
  if (mirror.status().kind === 'loading') return { kind: 'unknown' };
  const project = mirror.project(projectKeyHash(keyedHash, key));
  return project === undefined ? refused(unknownProjectKey()) : { kind: 'project', project };
}

function refused(problem: Problem): Authentication {
  return { kind: 'refused', problem };
}
