/**
 * A bounded spool on disk for what must not be lost while the database is away. `append` resolves after
 * fsync; appends that wait share one. Entries may be replayed more than once: writing them is idempotent.
 */
import { mkdir, open, readdir, stat, unlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode, isOrphan, parseSpoolName, readEntries, spoolName } from './spool-file.ts';

/** `spool_full`: over the bound. `spool_failed`: the disk refused. Never carries content. */
export class SpoolError extends Error {
  override readonly name = 'SpoolError';
  readonly code: 'spool_full' | 'spool_failed';
  readonly retryable = true;

  constructor(code: SpoolError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

export interface SpoolOptions {
  /** `<home>/spool`, on a disk of this machine: other machines' process ids mean nothing here. */
  readonly directory: string;
  readonly bytesMax: number;
  readonly pid: number;
  readonly now: () => number;
  /** A line torn by a crash was left out: it had not been acknowledged. */
  readonly onTorn?: (file: string, bytes: number) => void;
  /** Told once for each file. */
  readonly onLocked?: (locked: LockedFile) => void;
}

/** A file with entries that cannot be read here. It stays until a process that can read it drains it. */
export interface LockedFile {
  readonly file: string;
  readonly entries: number;
  readonly bytes: number;
}

/**
 * Writes entries where they belong. Resolves with how many of them are locked: sealed with a key that this process does
 * not have, and so written nowhere.
 */
export type WriteEntries = (entries: readonly unknown[]) => Promise<number>;

interface Waiting {
  readonly line: Buffer;
  readonly resolve: () => void;
  readonly reject: (error: SpoolError) => void;
}

/** What one replay step hands over: enough to be worth a round trip, little enough for memory. */
const BATCH = { entries: 200, bytes: 4 * 1024 * 1024 };

/** Makes the directory and finds what earlier processes left. Errors: SpoolError when it cannot be used. */
export async function openSpool(options: SpoolOptions): Promise<Spool> {
  try {
    await mkdir(options.directory, { recursive: true, mode: 0o700 });
    const spool = new Spool(options);
    await spool.findOrphans();
    return spool;
  } catch (error) {
    throw toSpoolError(error);
  }
}

export class Spool {
  private readonly options: SpoolOptions;
  /** Files that nobody writes to any more, with their sizes. */
  private readonly sealed = new Map<string, number>();
  /** Those of them that only another process can read. A file has one writer, and so one key. */
  private readonly lockedFiles = new Map<string, LockedFile>();
  private current:
    { readonly file: string; readonly handle: FileHandle; bytes: number } | undefined;
  private readonly waiting: Waiting[] = [];
  private waitingBytes = 0;
  private flushing: Promise<void> | undefined;
  private draining: Promise<number> | undefined;
  /** The last of the operations on files: they take turns. */
  private turn: Promise<unknown> = Promise.resolve();
  private lastStart = 0;

  constructor(options: SpoolOptions) {
    this.options = options;
  }

  /** What lies on disk or waits to, in bytes. */
  bytes(): number {
    let bytes = this.waitingBytes + (this.current?.bytes ?? 0);
    for (const size of this.sealed.values()) bytes += size;
    for (const locked of this.lockedFiles.values()) bytes += locked.bytes;
    return bytes;
  }

  locked(): readonly LockedFile[] {
    return [...this.lockedFiles.values()];
  }

  /** Resolves when the entry survives a crash of the machine. Errors: SpoolError. */
  append(entry: unknown): Promise<void> {
    const line = Buffer.from(`${JSON.stringify(entry)}\n`);
    if (this.bytes() + line.byteLength > this.options.bytesMax) {
      return Promise.reject(
        new SpoolError('spool_full', `spool: over ${this.options.bytesMax} bytes`),
      );
    }
    this.waitingBytes += line.byteLength;
    const done = new Promise<void>((resolve, reject) => {
      this.waiting.push({ line, resolve, reject });
    });
    this.flushing ??= this.flush();
    return done;
  }

  /**
   * Hands all entries to `write`, oldest files first, and deletes each file once all of it was written. One with locked
   * entries stays as it is, and is not read again.
   * Resolves with the number of entries that were written. Errors: what `write` throws; everything not deleted stays.
   */
  drain(write: WriteEntries): Promise<number> {
    this.draining ??= this.drainAll(write).finally(() => (this.draining = undefined));
    return this.draining;
  }

  /** Takes in the files of processes that have died. */
  findOrphans(): Promise<void> {
    return this.inTurn(() => this.scan());
  }

  /** Ends after what was appended is on disk. */
  async close(): Promise<void> {
    await this.flushing;
    await this.inTurn(() => this.seal());
  }

  private async scan(): Promise<void> {
    const files = await readdir(this.options.directory);
    // Drained by a process that has their key, or deleted by hand.
    for (const file of this.lockedFiles.keys()) {
      if (!files.includes(file)) this.lockedFiles.delete(file);
    }
    for (const file of files) {
      const name = parseSpoolName(file);
      if (name === undefined || file === this.current?.file) continue;
      if (this.sealed.has(file) || this.lockedFiles.has(file)) continue;
      if (!isOrphan(name, this.options)) continue;
      const info = await stat(this.path(file)).catch(() => undefined);
      if (info !== undefined) this.sealed.set(file, info.size);
    }
  }

  private async drainAll(write: WriteEntries): Promise<number> {
    await this.inTurn(() => this.seal());
    await this.findOrphans();
    let count = 0;
    for (const [file, bytes] of [...this.sealed].sort(byStart)) {
      const { written, locked } = await this.drainFile(file, write);
      count += written;
      if (locked === 0) await unlink(this.path(file)).catch(ignoreMissing);
      else this.lock({ file, entries: locked, bytes });
      this.sealed.delete(file);
    }
    return count;
  }

  private lock(locked: LockedFile): void {
    this.lockedFiles.set(locked.file, locked);
    this.options.onLocked?.(locked);
  }

  private async drainFile(
    file: string,
    write: WriteEntries,
  ): Promise<{ readonly written: number; readonly locked: number }> {
    let batch: unknown[] = [];
    let [bytes, count, locked] = [0, 0, 0];
    const flush = async (): Promise<void> => {
      if (batch.length > 0) locked += await write(batch);
      count += batch.length;
      [batch, bytes] = [[], 0];
    };
    const onTorn = (torn: number): void => this.options.onTorn?.(file, torn);
    for await (const line of readEntries(this.path(file), onTorn)) {
      batch.push(line.entry);
      bytes += line.bytes;
      if (batch.length >= BATCH.entries || bytes >= BATCH.bytes) await flush();
    }
    await flush();
    return { written: count - locked, locked };
  }

  /** Writes and syncs all that waits, then what came to wait meanwhile, and so on. */
  private async flush(): Promise<void> {
    // Appends of the same tick share the first sync.
    await Promise.resolve();
    while (this.waiting.length > 0) await this.flushGroup(this.waiting.splice(0));
    // In the same tick as the last look at the queue: what comes afterwards starts anew.
    this.flushing = undefined;
  }

  private async flushGroup(group: readonly Waiting[]): Promise<void> {
    const bytes = Buffer.concat(group.map((entry) => entry.line));
    try {
      await this.inTurn(() => this.write(bytes));
      for (const entry of group) entry.resolve();
    } catch (error) {
      // The file may end in half a line: nothing is ever appended to it again.
      await this.inTurn(() => this.seal()).catch(() => undefined);
      for (const entry of group) entry.reject(toSpoolError(error));
    } finally {
      this.waitingBytes -= bytes.byteLength;
    }
  }

  private async write(bytes: Buffer): Promise<void> {
    this.current ??= await this.begin();
    const { handle } = this.current;
    for (let offset = 0; offset < bytes.byteLength;) {
      const { bytesWritten } = await handle.write(bytes, offset);
      this.current.bytes += bytesWritten;
      offset += bytesWritten;
    }
    await handle.datasync();
  }

  private async begin(): Promise<NonNullable<Spool['current']>> {
    // Never two files of one name, however coarse the clock.
    this.lastStart = Math.max(this.options.now(), this.lastStart + 1);
    const { file } = spoolName(this.options.pid, this.lastStart);
    const handle = await open(this.path(file), 'ax', 0o600);
    await syncDirectory(this.options.directory);
    return { file, handle, bytes: 0 };
  }

  private async seal(): Promise<void> {
    const { current } = this;
    if (current === undefined) return;
    this.current = undefined;
    this.sealed.set(current.file, current.bytes);
    await current.handle.close();
  }

  /** Sealing a file under a write to it, or taking a file just begun for an orphan, would lose entries. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.turn.then(work);
    this.turn = result.catch(() => undefined);
    return result;
  }

  private path(file: string): string {
    return join(this.options.directory, file);
  }
}

/** A new file survives a crash only when its directory does. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function byStart([a]: readonly [string, number], [b]: readonly [string, number]): number {
  return (parseSpoolName(a)?.startedAt ?? 0) - (parseSpoolName(b)?.startedAt ?? 0);
}

/** Another process replayed and deleted it too: writing twice is harmless. */
function ignoreMissing(error: unknown): void {
  if (errorCode(error) !== 'ENOENT') throw error;
}

function toSpoolError(error: unknown): SpoolError {
  if (error instanceof SpoolError) return error;
  const code = errorCode(error) ?? 'unknown';
  return new SpoolError(code === 'ENOSPC' ? 'spool_full' : 'spool_failed', `spool: ${code}`);
}
