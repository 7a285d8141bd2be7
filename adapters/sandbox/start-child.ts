/** Starts the child process with no permission but to read its own three files, and no environment. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { SANDBOX_LIMITS } from './limits.ts';

const FOLDER = path.dirname(fileURLToPath(import.meta.url));
const ENTRY = path.join(FOLDER, 'child.mjs');
const REALM = path.join(FOLDER, 'realm.mjs');
/**
 * Errors: throws where isolated-vm has no prebuilt binary (macOS on Intel, a Node that is neither 24 nor 26)
 * or where no process can be made. Cost: 1-5 ms of this thread.
 */
export function startChild(): ChildProcess {
  const addon = findAddon();
  const options = [
    '--permission',
    ...[ENTRY, REALM, addon].map((file) => `--allow-fs-read=${file}`),
    '--allow-addons',
    // isolated-vm's own demand since Node 20.
    '--no-node-snapshot',
    '--max-old-space-size=64',
    // Derivations are small, and most holes found in V8 need its compilers.
    '--jitless',
  ];
  return spawn(process.execPath, [...options, ENTRY, addon, childLimits()], {
    env: {},
    stdio: ['pipe', 'pipe', 'ignore'],
    windowsHide: true,
  });
}

function childLimits(): string {
  const { isolateMegabytes, residentBytesMax, pollMs } = SANDBOX_LIMITS;
  const { resultCharactersMax, outputCharactersMax } = SANDBOX_LIMITS;
  return JSON.stringify({
    isolateMegabytes,
    residentBytesMax,
    pollMs,
    resultCharactersMax,
    outputCharactersMax,
  });
}

/** The prebuilt binary itself, so that the child need not search the file system for it. */
function findAddon(): string {
  const entry = createRequire(import.meta.url).resolve('isolated-vm');
  const build = createRequire(entry)('node-gyp-build') as { path: (folder: string) => string };
  return build.path(path.dirname(entry));
}
