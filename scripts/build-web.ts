/**
 * Builds the dashboard when its sources changed. Run by `npm start` and the tests; a build that fails is told
 * of and stops nothing. `npx ghee build-web` runs it alone.
 */
import { execa } from 'execa';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { ROOT, toolsFolder } from './servers/tools.ts';

export type WebBuild =
  | { readonly kind: 'built'; readonly folder: string; readonly isNew: boolean }
  | { readonly kind: 'failed'; readonly why: string };

const SOURCES = ['web', 'proxy/admin/contract'];
const FILES = ['package-lock.json', 'scripts/build-web.ts'];
const PATIENCE_MS = 120_000;
const BUILDS_KEPT = 3;

/** Errors: none. */
export async function buildWeb(home: string): Promise<WebBuild> {
  try {
    // Beside the tools: in the clone, or in the home where the clone is read-only.
    const cache = path.join(path.dirname(toolsFolder(home)), 'cache', 'web');
    const folder = path.join(cache, sourcesHash());
    if (existsSync(path.join(folder, 'index.html'))) return { kind: 'built', folder, isNew: false };
    mkdirSync(cache, { recursive: true });
    const draft = `${folder}.${process.pid}`;
    await runVite(draft);
    moveInto(folder, draft);
    dropOldBuilds(cache, folder);
    return { kind: 'built', folder, isNew: true };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return { kind: 'failed', why: text.slice(-2000) };
  }
}

/** In a child: the bundler would stay in the supervisor's memory. */
async function runVite(folder: string): Promise<void> {
  const vite = path.join(ROOT, 'node_modules', 'vite', 'bin', 'vite.js');
  const args = ['build', path.join(ROOT, 'web'), '--outDir', folder, '--logLevel', 'warn'];
  const { failed, all } = await execa(process.execPath, [vite, ...args], {
    reject: false,
    all: true,
    timeout: PATIENCE_MS,
    env: { NODE_ENV: 'production' },
  });
  if (!failed) return;
  rmSync(folder, { recursive: true, force: true });
  throw new Error(all);
}

/** Another process may have built the same meanwhile: then that one stays. */
function moveInto(folder: string, draft: string): void {
  try {
    renameSync(draft, folder);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(path.join(folder, 'index.html'))) throw error;
  }
}

function sourcesHash(): string {
  const hash = createHash('sha256');
  const sources = SOURCES.flatMap((folder) =>
    readdirSync(path.join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(ROOT, path.join(entry.parentPath, entry.name))),
  );
  for (const file of [...sources.sort(), ...FILES]) {
    hash
      .update(file)
      .update('\0')
      .update(readFileSync(path.join(ROOT, file)))
      .update('\0');
  }
  return hash.digest('hex').slice(0, 16);
}

/** A Ghee that runs may still serve an older one. */
function dropOldBuilds(cache: string, current: string): void {
  const others = readdirSync(cache)
    .map((name) => path.join(cache, name))
    .filter((folder) => folder !== current);
  for (const folder of others.slice(0, Math.max(0, others.length - BUILDS_KEPT))) {
    rmSync(folder, { recursive: true, force: true });
  }
}
