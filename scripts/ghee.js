#!/usr/bin/env node
/**
 * The door: runs on any Node >= 20 straight after `git clone`, with no dependency installed.
 * It installs the locked dependencies where they are missing, then runs scripts/cli.ts under Node 24.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const MODULES = path.join(ROOT, 'node_modules');
const LOCK = path.join(ROOT, 'package-lock.json');
const STAMP = path.join(MODULES, '.ghee-lock');
const PARENT_POLL_MS = 200;
const FETCH_ATTEMPTS = 3;

await main();

async function main() {
  const [major] = process.versions.node.split('.');
  if (Number(major) < 20) {
    fail(`Ghee needs Node 20 or newer to start; this is ${process.version}. Install a newer Node.`);
  }
  if (!isInstalled()) await install();
  const node = findNode24() ?? fetchNode24();
  process.exitCode = await run(node, process.argv.slice(2));
}

/** A package installed by npm as a dependency has no lock file: npm looked after it. */
function isInstalled() {
  if (!existsSync(LOCK)) return true;
  const hash = lockHash();
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === hash) return true;
  if (!installedVersionsMatchLock()) return false;
  writeFileSync(STAMP, hash);
  return true;
}

function lockHash() {
  return createHash('sha256').update(readFileSync(LOCK)).digest('hex');
}

/** True after a developer's own `npm install`: npm notes in a hidden file what it put there. */
function installedVersionsMatchLock() {
  const hidden = path.join(MODULES, '.package-lock.json');
  if (!existsSync(hidden)) return false;
  const wanted = JSON.parse(readFileSync(LOCK, 'utf8')).packages;
  const present = JSON.parse(readFileSync(hidden, 'utf8')).packages;
  return Object.entries(wanted).every(
    ([name, { version, optional, devOptional }]) =>
      name === '' || optional || devOptional || present[name]?.version === version,
  );
}

/**
 * `npm ci`; where it refuses the lock file, `npm install` of the same locked versions. It refuses when the
 * registry that made the lock lacked packages for other platforms (a mirror), which are not needed here.
 */
async function install() {
  const stopProgress = showProgress('Installing the locked dependencies');
  // isolated-vm's install script fails on Node 20 (.npmrc says why); fetchNode24 makes up for that of `node`.
  const options = [
    '--ignore-scripts',
    '--loglevel=error',
    '--no-audit',
    '--no-fund',
    '--include=dev',
  ];
  let { code, output } = await npm(['ci', ...options]);
  if (code !== 0 && output.includes('EUSAGE')) {
    ({ code, output } = await npm(['install', '--no-save', ...options]));
  }
  stopProgress(code === 0);
  if (code !== 0) fail(installFailure(output));
  writeFileSync(STAMP, lockHash());
}

/** One paragraph: what went wrong and what to do. */
function installFailure(output) {
  if (/ENOSPC|no space left/i.test(output)) {
    return `The disk is full, so the dependencies could not be installed in ${MODULES}. They need about 700 MB: free some space, then run the same command again.`;
  }
  if (/EACCES|EPERM|EROFS/.test(output)) {
    return `The dependencies could not be written to ${MODULES}. Make that folder yours (or clone into another one), then run the same command again.`;
  }
  const said = output
    .split('\n')
    .map((line) => line.replace(/^npm error ?/, '').trim())
    .filter((line) => line !== '');
  return `npm could not install the dependencies. Check that npm reaches its registry (npm ping) and run the same command again. npm said:\n  ${said.slice(0, 8).join('\n  ')}`;
}

/** The package manager that ran us, else the one on PATH. */
function npm(args) {
  const script = process.env.npm_execpath;
  const [command, first] = script?.endsWith('npm-cli.js')
    ? [process.execPath, [script]]
    : ['npm', []];
  return new Promise((resolve) => {
    const child = spawn(command, [...first, ...args], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32',
    });
    let output = '';
    const keep = (chunk) => (output = (output + chunk).slice(-20_000));
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (error) => resolve({ code: 1, output: `${output}\n${error.message}` }));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

/** One line that counts seconds on a terminal; a plain line every ten seconds elsewhere. */
function showProgress(title) {
  const startedAt = Date.now();
  const isTerminal = process.stdout.isTTY === true;
  const seconds = () => Math.round((Date.now() - startedAt) / 1000);
  process.stdout.write(isTerminal ? `${title} …` : `${title} …\n`);
  const tick = () =>
    process.stdout.write(isTerminal ? `\r${title} … ${seconds()} s` : `  … ${seconds()} s\n`);
  const timer = setInterval(tick, isTerminal ? 1000 : 10_000);
  return (isDone) => {
    clearInterval(timer);
    const line = `${isDone ? '✔' : '✖'} ${title} (${seconds()} s)\n`;
    process.stdout.write(isTerminal ? `\r${line}` : line);
  };
}

function findNode24() {
  const resolve = createRequire(path.join(ROOT, 'package.json')).resolve;
  try {
    const folder = path.dirname(resolve('node/package.json'));
    const binary = path.join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
    return existsSync(binary) ? binary : undefined;
  } catch {
    return undefined; // The package `node` is not installed at all; fetchNode24 says so.
  }
}

/**
 * npm is told to run no install scripts: the package `node` gets its binary by its own installer, which asks
 * the registry once and gives up: so it is asked again.
 */
function fetchNode24() {
  const folder = path.join(MODULES, 'node');
  console.log('Fetching Node 24 (the npm package `node`) …');
  let said = '';
  for (let attempt = 1; attempt <= FETCH_ATTEMPTS; attempt++) {
    const { stderr } = spawnSync(process.execPath, ['installArchSpecificPackage.js'], {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const node = findNode24();
    if (node !== undefined) return node;
    said = (stderr ?? '').trim().slice(-400);
  }
  return fail(
    `Node 24 is not in ${path.join(folder, 'bin')}: npm did not run the install script of its package \`node\`. Run \`npm rebuild node --foreground-scripts --ignore-scripts=false\` here and read what it says, then run the same command again. ${said}`,
  );
}

/**
 * Runs the command line under Node 24 and gives back its exit code.
 * A Ctrl-C reaches the child both from the terminal and from here; the child takes repeats as one.
 * The IPC channel tells the child when this process is killed outright.
 */
function run(node, args) {
  const child = spawn(
    node,
    ['--disable-warning=ExperimentalWarning', path.join(ROOT, 'scripts', 'cli.ts'), ...args],
    { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] },
  );
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => child.kill(signal));
  }
  stopWithNpm(child);
  return new Promise((resolve) => {
    child.on('error', (error) => fail(`${node} could not be started: ${error.message}`));
    child.on('exit', (code, signal) => resolve(code ?? 128 + (constants.signals[signal] ?? 1)));
  });
}

/** A SIGTERM to npm ends npm and the shell between us, and reaches nobody else: so we look for it. */
function stopWithNpm(child) {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    child.kill('SIGTERM');
  }, PARENT_POLL_MS);
  timer.unref();
}

function fail(message) {
  console.error(`\n${message}`);
  process.exit(1);
}
