/**
 * `/admin/projects`: tenants, their settings, and the keys that callers send as `Butter-Auth`. A key is shown once,
 * when it is made: what is kept is its keyed hash, and what names it a few characters of that.
 */
import { randomBytes } from 'node:crypto';
import type { z } from 'zod';
import { projectKeyHash } from '../../adapters/caller.ts';
import type { Project, ProjectKey } from '../../adapters/mongo/documents.ts';
import {
  NEW_KEY,
  NEW_PROJECT,
  PROJECT_CHANGE,
  type MADE_KEY,
  type MADE_PROJECT,
  type PROJECTS,
  type REVOKED_KEY,
  type ShownProject,
} from './contract/projects.ts';
import type { AdminDeps, AdminUser } from './deps.ts';
import {
  AdminProblem,
  nameTaken,
  parseInput,
  tooManyKeys,
  unknownKey,
  unknownProject,
} from './problems.ts';
import { maySee } from './whose.ts';

const KEY_BYTES = 24;
const ID_CHARACTERS = 16;
/** Each is looked at when a project's document changes. */
const KEYS_MAX = 1000;

type Deps = Pick<AdminDeps, 'projects' | 'keyedHash' | 'now'>;

export async function listProjects(
  { projects }: Deps,
  user: AdminUser,
): Promise<z.infer<typeof PROJECTS>> {
  const all = await projects.list();
  return { projects: all.filter(({ id }) => maySee(user, id)).map(showProject) };
}

export async function readProject(
  { projects }: Deps,
  user: AdminUser,
  id: string,
): Promise<ShownProject> {
  const project = await projects.read(id);
  if (project === undefined || !maySee(user, id)) throw new AdminProblem(unknownProject());
  return showProject(project);
}

/** With a first key: without one nobody could call. */
export async function createProject(
  deps: Deps,
  body: unknown,
): Promise<z.infer<typeof MADE_PROJECT>> {
  const { name, settings = {} } = parseInput(NEW_PROJECT, body);
  const { text, key } = makeKey(deps, 'first');
  const id = `project_${randomBytes(8).toString('hex')}`;
  const project = { id, name, keys: [key], settings: pairsOf(settings) };
  if ((await deps.projects.create(project)) === 'taken') throw new AdminProblem(nameTaken());
  return { project: showProject(project), key: { ...showKey(key), key: text } };
}

export async function changeProject(deps: Deps, id: string, body: unknown): Promise<ShownProject> {
  const changes = Object.entries(parseInput(PROJECT_CHANGE, body).settings);
  const changed = await deps.projects.change(id, (project) => {
    const settings = new Map(project.settings);
    for (const [name, value] of changes) {
      if (value == null) settings.delete(name);
      else settings.set(name, value);
    }
    return { ...project, settings: [...settings] };
  });
  if (changed.kind === 'gone') throw new AdminProblem(unknownProject());
  return showProject(changed.project);
}

export async function createKey(
  deps: Deps,
  id: string,
  body: unknown,
): Promise<z.infer<typeof MADE_KEY>> {
  const { text, key } = makeKey(deps, parseInput(NEW_KEY, body).label);
  const changed = await deps.projects.change(id, (project) =>
    project.keys.length < KEYS_MAX ? { ...project, keys: [...project.keys, key] } : undefined,
  );
  if (changed.kind === 'gone') throw new AdminProblem(unknownProject());
  if (changed.kind === 'unchanged') throw new AdminProblem(tooManyKeys(KEYS_MAX));
  return { ...showKey(key), key: text };
}

/** Mirrors forget it with the change event. */
export async function revokeKey(
  deps: Deps,
  id: string,
  keyId: string,
): Promise<z.infer<typeof REVOKED_KEY>> {
  const changed = await deps.projects.change(id, (project) => {
    const keys = project.keys.filter((key) => keyIdOf(key) !== keyId);
    return keys.length === project.keys.length ? undefined : { ...project, keys };
  });
  if (changed.kind === 'gone') throw new AdminProblem(unknownProject());
  if (changed.kind === 'unchanged') throw new AdminProblem(unknownKey());
  return { id: keyId, isRevoked: true };
}

function makeKey({ keyedHash, now }: Deps, label: string): { text: string; key: ProjectKey } {
  const text = `ghee_${randomBytes(KEY_BYTES).toString('base64url')}`;
  return { text, key: { hash: projectKeyHash(keyedHash, text), label, at: now() } };
}

function pairsOf(settings: Readonly<Record<string, string | undefined>>): [string, string][] {
  return Object.entries(settings).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as [string, string]],
  );
}

function showProject({ id, name, settings, keys }: Project): ShownProject {
  return { id, name, settings: Object.fromEntries(settings), keys: keys.map(showKey) };
}

function showKey(key: ProjectKey): ShownProject['keys'][number] {
  return { id: keyIdOf(key), label: key.label, createdAt: new Date(key.at).toISOString() };
}

function keyIdOf({ hash }: ProjectKey): string {
  return hash.slice(0, ID_CHARACTERS);
}
