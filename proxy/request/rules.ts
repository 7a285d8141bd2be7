/**
 * By which rules a call is handled. What the request asks for comes first, then its project's settings, then the
 * server's; of two ages the smaller one holds.
 */
import type { Project } from '../../adapters/mongo/documents.ts';
import { permissionsOf, type Permissions } from './permissions.ts';
import { MODES, type Mode, type Trust, type Wishes } from './wishes.ts';

export interface Rules {
  readonly mode: Mode;
  /** Whether the provider may be asked at all. */
  readonly mayForward: boolean;
  /** Seconds; older answers are not served. */
  readonly maxAge: number | undefined;
  /** How templates learned from this call come to serve, if not as usual. */
  readonly trust: Trust | undefined;
  /** Whether callers of a project are kept apart by their credentials. */
  readonly separate: boolean;
  readonly allows: Permissions;
}

/** What holds where neither the request nor its project says otherwise. */
export interface ServerRules {
  readonly mode: Mode;
  readonly ttlSeconds: number | undefined;
  readonly allows: Permissions;
  /** A file of trees is served: whatever a request says, nobody else is asked, and answers do not grow old. */
  readonly isLocked?: boolean;
}

/** `project`: undefined for calls without one, and where projects are not known. */
export function rulesOf(wishes: Wishes, project: Project | undefined, server: ServerRules): Rules {
  const settings = new Map(project?.settings);
  const isLocked = server.isLocked === true;
  const mode = isLocked ? 'frozen' : (wishes.mode ?? modeOf(settings.get('mode')) ?? server.mode);
  const { cacheControl, trust } = wishes;
  const ages = [cacheControl.maxAge, ttlOf(settings.get('ttl_seconds')) ?? server.ttlSeconds];
  const known = ages.filter((age) => age !== undefined);
  const mayForward = mode !== 'frozen' && !cacheControl.onlyIfCached;
  const allows = permissionsOf(project, server.allows);
  return {
    mode,
    mayForward,
    maxAge: isLocked || known.length === 0 ? undefined : Math.min(...known),
    // Only a project may let templates serve unproven (DESIGN §11.24).
    trust: trust === 'immediate' && settings.get('immediate_trust') !== 'on' ? undefined : trust,
    separate: settings.get('separate_by_credential') === 'on',
    // An audit is a call to the provider, too.
    allows: { ...allows, audits: allows.audits && mayForward },
  };
}

function modeOf(value: string | undefined): Mode | undefined {
  return MODES.find((mode) => mode === value);
}

function ttlOf(value: string | undefined): number | undefined {
  return value !== undefined && /^\d{1,10}$/.test(value) ? Number(value) : undefined;
}
