/**
 * Bundles the workflows ahead of time, since that takes seconds; reused while no source changes.
 * Run by `npm start` and the tests.
 */
import { execa } from 'execa';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { WORKFLOW_INTERCEPTORS } from '../adapters/tracing/workflow-interceptors.ts';
import { Problem } from './problem.ts';

const ROOT = path.resolve(import.meta.dirname, '..');
export const WORKFLOWS_ENTRY = path.join(ROOT, 'workflows', 'bundle.ts');
const WRITER = path.join(import.meta.dirname, 'write-workflow-bundle.ts');
const SOURCES = ['workflows', 'core'];
/** Older ones may still be wanted: a branch away and back, a second Ghee with the same home's cache. */
const BUNDLES_KEPT = 5;

/**
 * Shape: the path of the bundle for the sources as they are now. `isTraced`: with what brings spans of workflows
 * into traces, which costs every run a little.
 */
export async function ensureWorkflowBundle(home: string, isTraced = false): Promise<string> {
  const cache = path.join(home, 'cache');
  const kind = isTraced ? 'traced-' : '';
  const file = path.join(cache, `workflow-bundle-${kind}${sourcesHash()}.js`);
  if (existsSync(file)) return file;
  mkdirSync(cache, { recursive: true });
  // In a child: webpack and the native SDK would stay in the supervisor's memory.
  const { failed, all } = await execa(
    process.execPath,
    [WRITER, WORKFLOWS_ENTRY, file, ...(isTraced ? [WORKFLOW_INTERCEPTORS] : [])],
    {
      reject: false,
      all: true,
    },
  );
  if (failed) throw new Problem(`The workflows could not be bundled:\n${all.slice(-2000)}`);
  dropOldBundles(cache);
  return file;
}

function sourcesHash(): string {
  const hash = createHash('sha256');
  const files = SOURCES.flatMap((folder) =>
    readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
      .map((file) => path.join(folder, file)),
  );
  for (const file of [...files.sort(), 'package-lock.json']) {
    hash
      .update(file)
      .update('\0')
      .update(readFileSync(path.join(ROOT, file)))
      .update('\0');
  }
  return hash.digest('hex').slice(0, 16);
}

function dropOldBundles(cache: string): void {
  const bundles = readdirSync(cache)
    .filter((name) => /^workflow-bundle-.*\.js$/.test(name))
    .map((name) => path.join(cache, name));
  const newestFirst = bundles.sort((a, b) => mtime(b) - mtime(a));
  for (const file of newestFirst.slice(BUNDLES_KEPT)) rmSync(file, { force: true });
}

function mtime(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
