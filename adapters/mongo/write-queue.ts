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
}

export interface QueueCounts {
  readonly written: number;
  readonly dropped: number;
  readonly waiting: number;
}

const EVERY_MS = 200;
/** Ten seconds at the most rows that are written in a second. */
const WAITING_MAX = 10_000;
const BATCH = 500;
const RETRY_MS = 1000;

export class WriteQueue<T> {
  private readonly options: WriteQueueOptions<T>;
  private waiting: T[] = [];
  private writing: Promise<boolean> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private written = 0;
  private dropped = 0;
  private isFailing = false;

  constructor(options: WriteQueueOptions<T>) {
    this.options = options;
  }

  add(item: T): void {
    if (this.waiting.length >= (this.options.waitingMax ?? WAITING_MAX)) {
      this.dropped++;
      return;
    }
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
    }
    return true;
  }
}
