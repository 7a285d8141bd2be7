/**
 * The folder of pid files that makes one supervisor the owner of a home, and lets the next one
 * end what a crashed one left behind. A process is only ended if it is verifiably the one recorded:
 * pid and start time agree (a pid alone may since belong to somebody else).
 */
import { execa } from 'execa';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ProcessRecord {
  readonly name: string;
  readonly pid: number;
  /** When the process started, in the words of its system; no two processes share it and the pid. */
  readonly startedAt: string;
}

export type ClaimResult =
  | { readonly kind: 'claimed'; readonly ended: readonly string[] }
  | { readonly kind: 'taken'; readonly pid: number };

const OWNER = 'supervisor';
const END_GRACE_MS = 5000;

/** Undefined: there is no such process (a zombie counts as gone). */
export async function startTimeOf(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') return startTimeOnLinux(pid);
  const { stdout, exitCode } = await execa('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
    reject: false,
  });
  const [state = 'Z', ...startedAt] = stdout.trim().split(/\s+/);
  return exitCode === 0 && !state.startsWith('Z') ? startedAt.join(' ') : undefined;
}

/** Field 22 of /proc/<pid>/stat counts ticks since the boot; with the boot's id it is unique. */
function startTimeOnLinux(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command's name is in parentheses and may itself hold blanks and parentheses.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z') return undefined;
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}:${fields[19] ?? ''}`;
  } catch {
    return undefined; // No such process.
  }
}

/**
 * Makes this process the owner of `folder`; leftovers of a dead owner are ended first.
 * Shape: `taken` when another live process owns it.
 */
export async function claimRunFolder(folder: string): Promise<ClaimResult> {
  mkdirSync(folder, { recursive: true });
  const owner = readRecord(path.join(folder, `${OWNER}.json`));
  if (owner !== undefined && owner.pid !== process.pid && (await isAlive(owner))) {
    return { kind: 'taken', pid: owner.pid };
  }
  const ended = await endLeftovers(folder);
  await recordProcess(folder, OWNER, process.pid);
  return { kind: 'claimed', ended };
}

export async function recordProcess(folder: string, name: string, pid: number): Promise<void> {
  const startedAt = await startTimeOf(pid);
  if (startedAt === undefined) return; // Died already: nothing to remember.
  const record: ProcessRecord = { name, pid, startedAt };
  writeFileSync(path.join(folder, `${name}.json`), JSON.stringify(record));
}

export function forgetProcess(folder: string, name: string): void {
  rmSync(path.join(folder, `${name}.json`), { force: true });
}

export function releaseRunFolder(folder: string): void {
  forgetProcess(folder, OWNER);
}

/** Ends the recorded processes that still live, all at once; gives back their names. */
async function endLeftovers(folder: string): Promise<string[]> {
  const names = readdirSync(folder).filter((file) => file.endsWith('.json'));
  const ended = await Promise.all(
    names.map(async (file) => {
      const record = readRecord(path.join(folder, file));
      const wasAlive =
        record !== undefined &&
        record.pid !== process.pid &&
        (await isAlive(record)) &&
        (await endProcess(record));
      rmSync(path.join(folder, file), { force: true });
      return wasAlive ? [record.name] : [];
    }),
  );
  return ended.flat();
}

async function endProcess(record: ProcessRecord): Promise<boolean> {
  signalGroup(record.pid, 'SIGTERM');
  const until = Date.now() + END_GRACE_MS;
  while (Date.now() < until) {
    if (!(await isAlive(record))) return true;
    await sleep(50);
  }
  signalGroup(record.pid, 'SIGKILL');
  while (await isAlive(record)) await sleep(20);
  return true;
}

/**
 * Our children lead process groups of their own, so that their children end with them.
 * Only the group is signalled: when the leader is gone its pid may be somebody else's, the group not.
 */
export function signalGroup(leaderPid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-leaderPid, signal);
  } catch {
    // The whole group has ended: nothing to signal.
  }
}

async function isAlive(record: ProcessRecord): Promise<boolean> {
  return (await startTimeOf(record.pid)) === record.startedAt;
}

/** Undefined for a file that is absent or was cut short by a crash. */
function readRecord(file: string): ProcessRecord | undefined {
  try {
    const record = JSON.parse(readFileSync(file, 'utf8')) as Partial<ProcessRecord>;
    const { name, pid, startedAt } = record;
    if (typeof name !== 'string' || typeof pid !== 'number' || typeof startedAt !== 'string') {
      return undefined;
    }
    return { name, pid, startedAt };
  } catch {
    return undefined;
  }
}
