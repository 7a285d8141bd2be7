/** `ghee project`: tenants, and the keys that their callers send as `Butter-Auth`. */
import type { Command } from 'commander';
import {
  MADE_KEY,
  MADE_PROJECT,
  PROJECT,
  PROJECTS,
  REVOKED_KEY,
  type ShownProject,
} from '../../proxy/admin/contract/projects.ts';
import { Problem } from '../problem.ts';
import { AdminClient, withAdminOptions, type AdminOptions } from './admin-client.ts';

type KeyOptions = AdminOptions & { readonly label?: string };

export function addProjectCommands(program: Command): void {
  const project = program
    .command('project')
    .description('projects, their settings and their keys, on a running Ghee')
    .enablePositionalOptions();
  withAdminOptions(
    project.command('create <name>').description('make a project and its key'),
  ).action(create);
  withAdminOptions(project.command('list').description('projects, settings and keys')).action(list);
  withAdminOptions(
    project
      .command('set <project> <settings...>')
      .description('change settings: NAME=VALUE; NAME= gives the setting back to the server'),
  ).action(set);
  const key = project.command('key').description('keys of a project');
  withAdminOptions(
    key.command('create <project>').description('make a key').option('--label <text>', 'its name'),
  ).action(createKey);
  withAdminOptions(
    key.command('list <project>').description('keys, without the keys themselves'),
  ).action(listKeys);
  withAdminOptions(
    key.command('revoke <project> <key>').description('refuse a key from now on'),
  ).action(revokeKey);
}

async function create(name: string, options: AdminOptions): Promise<void> {
  const admin = new AdminClient(options);
  const made = await admin.send('POST', '/admin/projects', { name }, MADE_PROJECT);
  print(options, made, `Project ${name} is made.\n${describeKey(made.key.key)}`);
}

async function list(options: AdminOptions): Promise<void> {
  const found = await new AdminClient(options).get('/admin/projects', PROJECTS);
  const text = found.projects.map(describe).join('\n');
  print(options, found, text === '' ? 'There are no projects.' : text);
}

async function set(
  project: string,
  settings: readonly string[],
  options: AdminOptions,
): Promise<void> {
  const admin = new AdminClient(options);
  const { id } = await find(admin, project);
  const changes = Object.fromEntries(
    settings.map((setting) => {
      const [name = '', ...value] = setting.split('=');
      if (value.length === 0) throw new Problem(`${setting} is no NAME=VALUE.`);
      return [name, value.join('=') === '' ? null : value.join('=')];
    }),
  );
  const changed = await admin.send('PATCH', pathOf(id), { settings: changes }, PROJECT);
  print(options, changed, describe(changed));
}

async function createKey(project: string, options: KeyOptions): Promise<void> {
  const admin = new AdminClient(options);
  const { id } = await find(admin, project);
  const body = options.label === undefined ? {} : { label: options.label };
  const made = await admin.send('POST', `${pathOf(id)}/keys`, body, MADE_KEY);
  print(options, made, describeKey(made.key));
}

async function listKeys(project: string, options: AdminOptions): Promise<void> {
  const { keys } = await find(new AdminClient(options), project);
  print(options, { keys }, describeKeys(keys).join('\n'));
}

async function revokeKey(project: string, key: string, options: AdminOptions): Promise<void> {
  const admin = new AdminClient(options);
  const { id } = await find(admin, project);
  const path = `${pathOf(id)}/keys/${encodeURIComponent(key)}`;
  const revoked = await admin.send('DELETE', path, undefined, REVOKED_KEY);
  print(options, revoked, `The key ${key} is refused from now on.`);
}

/** By id or by name. */
async function find(admin: AdminClient, project: string): Promise<ShownProject> {
  const { projects } = await admin.get('/admin/projects', PROJECTS);
  const found = projects.find(({ id, name }) => id === project || name === project);
  if (found === undefined)
    throw new Problem(`There is no project ${project}: see \`project list\`.`);
  return found;
}

function pathOf(id: string): string {
  return `/admin/projects/${encodeURIComponent(id)}`;
}

function describe({ id, name, settings, keys }: ShownProject): string {
  const lines = Object.entries(settings).map(([setting, value]) => `  ${setting}=${value}`);
  return [`${name}  ${id}`, ...lines, ...describeKeys(keys)].join('\n');
}

function describeKeys(keys: ShownProject['keys']): string[] {
  if (keys.length === 0) return ['  no keys'];
  return keys.map(({ id, label, createdAt }) => `  key ${id}  ${label}  ${createdAt}`);
}

function describeKey(key: string): string {
  return `Its callers send this header; the key is not shown again:\n\n  Butter-Auth: Bearer ${key}\n`;
}

function print({ json }: AdminOptions, value: object, text: string): void {
  console.log(json === true ? JSON.stringify(value) : text);
}
