/** One file of the spool: how it is named, whether its process is dead, and how its lines are read. */
import { readFileSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';

/** `<pid>-<start>.jsonl`: whose it is, and when it was begun. */
export interface SpoolName {
  readonly file: string;
  readonly pid: number;
  readonly startedAt: number;
}

const NAME = /^(\d{1,10})-(\d{1,16})\.jsonl$/;

export function spoolName(pid: number, startedAt: number): SpoolName {
  return { file: `${pid}-${startedAt}.jsonl`, pid, startedAt };
}

export function parseSpoolName(file: string): SpoolName | undefined {
  const parts = NAME.exec(file);
  return parts === null ? undefined : { file, pid: Number(parts[1]), startedAt: Number(parts[2]) };
}

/** The code of what Node's `fs` and `process` throw. */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** Clock ticks of /proc are coarse and the boot time is rounded to a second. */
const START_MARGIN_MS = 3000;

/**
 * Whether nobody writes to the file any more. A process id may have been given to somebody else since
 * (in a container it is always the same): a process that began after the file is not its owner.
 */
export function isOrphan(name: SpoolName, own: { readonly pid: number }): boolean {
  if (name.pid === own.pid) return true;
  if (!isAlive(name.pid)) return true;
  const begun = processStart(name.pid);
  return begun !== undefined && begun > name.startedAt + START_MARGIN_MS;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: alive, and somebody else's.
    return errorCode(error) === 'EPERM';
  }
}

const TICKS_PER_SECOND = 100;
const START_FIELD = 19;

/** When a process began, in milliseconds since the epoch; undefined where there is no /proc. */
function processStart(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command's name is in brackets and may hold blanks; the numbers come after it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const boot = /^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1];
    const ticks = Number(fields[START_FIELD]);
    if (boot === undefined || !Number.isFinite(ticks)) return undefined;
    return Number(boot) * 1000 + (ticks * 1000) / TICKS_PER_SECOND;
  } catch {
    // Not Linux, or the process ended meanwhile: the caller keeps the file for another time.
    return undefined;
  }
}

/**
 * The entries of a file, none where it is gone: another process has written and deleted it. A line that is not whole
 * (torn by a crash) goes to `onTorn`.
 */
export async function* readEntries(
  path: string,
  onTorn: (bytes: number) => void,
): AsyncGenerator<{ readonly entry: unknown; readonly bytes: number }> {
  for await (const line of readLines(path)) {
    const entry = parseLine(line.toString('utf8'));
    if (entry !== undefined) yield { entry, bytes: line.byteLength };
    else onTorn(line.byteLength);
  }
}

const NEWLINE = 0x0a;

/** Not `node:readline`: that also breaks lines at U+2028, which JSON texts may contain. */
async function* readLines(path: string): AsyncGenerator<Buffer> {
  const file = await openExisting(path);
  if (file === undefined) return;
  let pieces: Buffer[] = [];
  for await (const chunk of file.createReadStream() as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      pieces.push(chunk.subarray(start, end));
      yield Buffer.concat(pieces);
      pieces = [];
      start = end + 1;
    }
    pieces.push(chunk.subarray(start));
  }
  const rest = Buffer.concat(pieces);
  if (rest.byteLength > 0) yield rest;
}

async function openExisting(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    // Half a line: its append was never acknowledged.
    return undefined;
  }
}
