import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkPorts } from './ports.ts';
import { Problem } from './problem.ts';
import { claimRunFolder, recordProcess, startTimeOf } from './run-folder.ts';
import { Supervisor, type Service } from './supervisor.ts';

const SAYS_READY = `process.send({kind: 'ready'}); process.on('disconnect', () => process.exit());`;
const STAYS = 'setInterval(() => undefined, 1000);';
const DEAF = `process.on('SIGTERM', () => undefined);`;

let home: string;
let lines: string[];
let supervisor: Supervisor;

beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), 'ghee-supervisor-'));
  lines = [];
  supervisor = new Supervisor({
    home,
    report: (line) => lines.push(line),
    stopGraceMs: 300,
  });
});

afterEach(async () => {
  await supervisor.stop();
  rmSync(home, { recursive: true, force: true });
});

const service = (name: string, program: string, more: Partial<Service> = {}): Service => ({
  name,
  command: process.execPath,
  args: ['-e', program],
  hasIpc: true,
  layer: 0,
  ready: (child) => new Promise((resolve) => child.once('message', () => resolve())),
  ...more,
});

/** Waits for what another process does; the deadline turns a wrong wait into a failure. */
async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`waited in vain for: ${what}; ${lines.join('; ')}`);
    await sleep(10);
  }
}

const isGone = async (pid: number) => (await startTimeOf(pid)) === undefined;
const pidOf = (name: string): number => {
  const pid = supervisor.pidOf(name);
  if (pid === undefined) throw new Error(`${name} does not run`);
  return pid;
};

describe('a supervised process', () => {
  test('that is killed outright runs again at once, under another pid', async () => {
    await supervisor.start(service('proxy', SAYS_READY + STAYS));
    const before = pidOf('proxy');
    process.kill(before, 'SIGKILL');
    await until('the restart', () => lines.some((line) => line.startsWith('proxy is back')));
    expect(pidOf('proxy')).not.toBe(before);
    expect(lines[0]).toBe('proxy stopped (SIGKILL); starting it again');
  });

  test('that keeps dying is started ever more slowly', async () => {
    await supervisor.start(service('proxy', `${SAYS_READY} setTimeout(() => process.exit(7), 20)`));
    await until('a pause', () => lines.some((line) => line.includes('again in 0.1 s')));
    expect(lines[0]).toBe('proxy stopped (exit code 7); starting it again');
  });

  test('that dies before it is ready is a problem that shows its log', async () => {
    const broken = service('worker', `console.error('no such setting'); process.exit(3)`);
    const started = supervisor.start(broken);
    await expect(started).rejects.toThrow(Problem);
    await expect(started).rejects.toThrow(
      /worker did not start: it ended with exit code 3[^]*no such setting/,
    );
    expect(supervisor.pidOf('worker')).toBeUndefined();
  });

  test('that dies once before it is ready, as when an inner port was taken, is started again', async () => {
    const marker = JSON.stringify(path.join(home, 'was-here'));
    const unlucky = `const fs = require('fs');
      if (!fs.existsSync(${marker})) { fs.writeFileSync(${marker}, ''); process.exit(1); }`;
    await supervisor.start(service('temporal', unlucky + SAYS_READY + STAYS));
    expect(lines).toEqual([
      'temporal did not start (it ended with exit code 1); starting it again',
    ]);
    expect(await isGone(pidOf('temporal'))).toBe(false);
  });

  test('that hangs at its start is a problem', async () => {
    const impatient = new Supervisor({ home, report: () => undefined, readyTimeoutMs: 300 });
    const hanging = impatient.start(service('worker', STAYS));
    await expect(hanging).rejects.toThrow(/worker did not start: not ready after 0.3 s/);
  });

  test('that cannot be run at all is a problem too', async () => {
    const absent = service('temporal', '', { command: '/no/such/program', hasIpc: false });
    await expect(supervisor.start(absent)).rejects.toThrow(/temporal did not start/);
  });
});

describe('stopping', () => {
  test('ends the highest layer first, the deaf by force, and leaves no pid file', async () => {
    const note = (name: string) =>
      `process.on('exit', () => require('fs').appendFileSync('${home}/order', '${name} '));
       process.on('SIGTERM', () => process.exit());`;
    await supervisor.start(service('mongodb', note('mongodb') + SAYS_READY + STAYS));
    await supervisor.start(service('deaf', DEAF + SAYS_READY + STAYS, { layer: 1 }));
    await supervisor.start(service('proxy', note('proxy') + SAYS_READY + STAYS, { layer: 2 }));
    const pids = ['mongodb', 'deaf', 'proxy'].map(pidOf);
    expect(readdirSync(supervisor.runFolder)).toHaveLength(3);
    await supervisor.stop();
    expect(await Promise.all(pids.map(isGone))).toEqual([true, true, true]);
    const { readFileSync } = await import('node:fs');
    expect(readFileSync(`${home}/order`, 'utf8')).toBe('proxy mongodb ');
    expect(readdirSync(supervisor.runFolder)).toEqual([]);
    expect(lines).toEqual([]);
  });

  test('ends the children of a process with it', async () => {
    const file = path.join(home, 'grandchild');
    const parent = `const { spawn } = require('child_process');
      const child = spawn(process.execPath, ['-e', "${STAYS}"]);
      require('fs').writeFileSync('${file}', String(child.pid));
      ${DEAF} ${SAYS_READY} ${STAYS}`;
    await supervisor.start(service('worker', parent));
    const { readFileSync } = await import('node:fs');
    const grandchild = Number(readFileSync(file, 'utf8'));
    await supervisor.stop();
    await until('the grandchild to end', () => isGone(grandchild));
  });
});

describe('a run folder', () => {
  const strays: ChildProcess[] = [];
  const stray = (program = STAYS): number => {
    const child = spawn(process.execPath, ['-e', program], { detached: true, stdio: 'ignore' });
    strays.push(child);
    return child.pid ?? -1;
  };
  afterEach(() => {
    for (const child of strays.splice(0)) child.kill('SIGKILL');
  });

  test('of a crashed run gives up the processes that it recorded', async () => {
    const folder = path.join(home, 'run');
    const pid = stray();
    await recordProcess(folder, 'temporal', pid);
    const claim = await claimRunFolder(folder);
    expect(claim).toEqual({ kind: 'claimed', ended: ['temporal'] });
    expect(await isGone(pid)).toBe(true);
    expect(existsSync(path.join(folder, 'temporal.json'))).toBe(false);
  });

  test('never costs a process its life that only has the same pid', async () => {
    const folder = path.join(home, 'run');
    const pid = stray();
    const record = { name: 'temporal', pid, startedAt: 'another boot:123' };
    writeFileSync(path.join(folder, 'temporal.json'), JSON.stringify(record));
    writeFileSync(path.join(folder, 'cut.json'), '{"name":"mong');
    expect(await claimRunFolder(folder)).toEqual({ kind: 'claimed', ended: [] });
    expect(await isGone(pid)).toBe(false);
  });

  test('of a live owner is not taken', async () => {
    const folder = path.join(home, 'run');
    const pid = stray();
    await recordProcess(folder, 'supervisor', pid);
    expect(await claimRunFolder(folder)).toEqual({ kind: 'taken', pid });
    expect(await isGone(pid)).toBe(false);
  });
});

test('a taken port is named with the variable that moves it', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const use = { port, host: '127.0.0.1', variable: 'MONGODB_PORT', what: 'MongoDB' };
  await expect(checkPorts([use])).rejects.toThrow(
    `port ${port} for MongoDB is taken by another program (MONGODB_PORT)`,
  );
  await new Promise((resolve) => server.close(resolve));
  await expect(checkPorts([use])).resolves.toBeUndefined();
});
