/**
 * Writes in batches, off the request path, in bounded memory: what does not fit or cannot be written is
 * dropped and counted. Nothing here throws into its caller or makes it wait.
 */
import { toStoreError, type StoreError } from './store-error.ts';

export interface WriteQueueOptions<T> {
  /** Must be idempotent: a batch that seemed to fail is written again. */
  readonly write: (batch: readonly T[]) => Promise<void>;
  /** Told at most once for a row of failures. */
  readonly onFailed?: (error: StoreError) => void;
  /** Between the first item and its batch. */
  readonly everyMs?: number;
  readonly waitingMax?: number;
  /** What an item may weigh in memory, about. */
  readonly bytesOf?: (item: T) => number;
}

export interface QueueCounts {
  readonly written: number;
  readonly dropped: number;
  readonly waiting: number;
}

const EVERY_MS = 200;
/** Ten seconds at the most rows that are written in a second. */
const WAITING_MAX = 10_000;
const WAITING_BYTES_MAX = 33_554_432;
const BATCH = 500;
const RETRY_MS = 1000;

export class WriteQueue<T> {
  private readonly options: WriteQueueOptions<T>;
  private waiting: T[] = [];
  private waitingBytes = 0;
  private writing: Promise<boolean> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private written = 0;
  private dropped = 0;
  private isFailing = false;

  constructor(options: WriteQueueOptions<T>) {
    this.options = options;
  }

  add(item: T): void {
    const bytes = this.waitingBytes + this.bytesOf(item);
    const isFull = this.waiting.length >= (this.options.waitingMax ?? WAITING_MAX);
    if (isFull || bytes > WAITING_BYTES_MAX) {
      this.dropped++;
      return;
    }
    this.waitingBytes = bytes;
    this.waiting.push(item);
    this.later(this.options.everyMs ?? EVERY_MS);
  }

  counts(): QueueCounts {
    return { written: this.written, dropped: this.dropped, waiting: this.waiting.length };
  }

  /** Writes all that waits. Resolves with whether it is written. Errors: none. */
  async flush(): Promise<boolean> {
    await this.writing;
    this.writing ??= this.writeAll().finally(() => (this.writing = undefined));
    return this.writing;
  }

  async close(): Promise<void> {
    clearTimeout(this.timer);
    await this.flush();
    clearTimeout(this.timer);
  }

  private bytesOf(item: T): number {
    return this.options.bytesOf?.(item) ?? 0;
  }

  private later(ms: number): void {
    if (this.timer !== undefined) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      void this.flush();
    }, ms);
    this.timer.unref();
  }

  private async writeAll(): Promise<boolean> {
    while (this.waiting.length > 0) {
      const batch = this.waiting.slice(0, BATCH);
      try {
        await this.options.write(batch);
        this.written += batch.length;
        this.isFailing = false;
      } catch (error) {
        const translated = toStoreError('write a batch', error);
        if (!this.isFailing) this.options.onFailed?.(translated);
        this.isFailing = true;
        if (translated.retryable) {
          this.later(RETRY_MS);
          return false;
        }
        this.dropped += batch.length;
      }
      this.waiting = this.waiting.slice(batch.length);
      for (const item of batch) this.waitingBytes -= this.bytesOf(item);
    }
    return true;
  }
}
