/**
 * Waits for runs of induction, told by MongoDB's change stream: polling would cost the run that it waits for more
 * time than the run takes.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChangeStream, Document } from 'mongodb';
import type { OwnGhee } from '../../scripts/own-ghee.ts';

/** An answer that Ghee does not learn from leaves no observation behind: then there is nothing to wait for. */
const RECORDED_MS = 1000;
/** Runs of a second are slow; a minute is a fault. */
const RUN_MS = 60_000;
/** The commit's change events reach the proxy's mirror within a few milliseconds of the run's end. */
const MIRROR_MS = 10;

/** What begins a run, and what ends it: `induction` is set as a whole. Steps in between change other fields. */
const PIPELINE = [
  {
    $match: {
      'ns.coll': 'observations',
      $or: [
        { operationType: 'insert' },
        { 'updateDescription.updatedFields.induction': { $exists: true } },
      ],
    },
  },
  { $project: { operationType: 1, documentKey: 1 } },
];

export class Settler {
  private readonly stream: ChangeStream;
  private readonly recorded: string[] = [];
  private readonly running = new Set<string>();
  private failure: Error | undefined;
  private wake: () => void = () => undefined;

  private constructor(stream: ChangeStream) {
    this.stream = stream;
  }

  /** Begins to listen. Errors: rejects when MongoDB does not answer. */
  static async listen(ghee: OwnGhee): Promise<Settler> {
    const stream = ghee.database().watch(PIPELINE, { maxAwaitTimeMS: 1000 });
    const settler = new Settler(stream);
    // The stream begins with its first question to the server.
    await stream.tryNext();
    void settler.follow();
    return settler;
  }

  async close(): Promise<void> {
    await this.stream.close();
  }

  /** The observation of the call that was just answered; undefined where there is none. Errors: rejects when the stream breaks. */
  async nextRun(): Promise<string | undefined> {
    await this.until(RECORDED_MS, () => this.recorded.length > 0);
    return this.recorded.shift();
  }

  /** Errors: rejects when a run does not end within a minute, or the stream breaks. */
  async waitFor(runs: readonly string[]): Promise<void> {
    if (runs.length === 0) return;
    if (!(await this.until(RUN_MS, () => runs.every((run) => !this.running.has(run)))))
      throw new Error('a run of induction did not end within a minute');
    await sleep(MIRROR_MS);
  }

  private async follow(): Promise<void> {
    try {
      for await (const event of this.stream) this.note(event);
    } catch (error) {
      if (!this.stream.closed) this.failure = error as Error;
    }
    this.wake();
  }

  private note(event: Document): void {
    const id = String((event['documentKey'] as Document)['_id']);
    if (event['operationType'] === 'insert') {
      this.recorded.push(id);
      this.running.add(id);
    } else this.running.delete(id);
    this.wake();
  }

  /** Whether it came true in time. */
  private async until(ms: number, isTrue: () => boolean): Promise<boolean> {
    const late = AbortSignal.timeout(ms);
    late.addEventListener('abort', () => this.wake());
    while (!isTrue() && !late.aborted) {
      if (this.failure !== undefined) throw this.failure;
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
    return isTrue();
  }
}
