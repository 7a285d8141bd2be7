/**
 * Waits for runs of induction, told by MongoDB's change stream: polling would cost the run that it waits for more
 * time than the run takes.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChangeStream, Document } from 'mongodb';
import { z } from 'zod';
import { MIRRORED } from '../../adapters/mongo/mirror-state.ts';
import type { OwnGhee } from '../../scripts/own-ghee.ts';

/** An answer that Ghee does not learn from leaves no observation behind: then there is nothing to wait for. */
const RECORDED_MS = 1000;
/** Runs of a second are slow; a minute is a fault. */
const RUN_MS = 60_000;
/** A mirror that lost its stream reads everything again, and counts otherwise: then this has to do. */
const MIRROR_MS = 1000;
const POLL_MS = 4;

/** What begins a run and what ends it (`induction` is set as a whole), and all that mirrors hear of. */
const PIPELINE = [
  {
    $match: {
      $or: [
        { 'ns.coll': { $in: [...MIRRORED] } },
        { 'ns.coll': 'observations', operationType: 'insert' },
        {
          'ns.coll': 'observations',
          'updateDescription.updatedFields.induction': { $exists: true },
        },
      ],
    },
  },
  { $project: { operationType: 1, documentKey: 1, ns: 1 } },
];

const statusSchema = z.looseObject({ mirror: z.looseObject({ changes: z.number() }) });

export class Settler {
  private readonly ghee: OwnGhee;
  private readonly stream: ChangeStream;
  /** Changes that the proxy's mirror had heard of when the stream began. */
  private readonly changesBefore: number;
  private changes = 0;
  private readonly recorded: string[] = [];
  private readonly running = new Set<string>();
  private failure: Error | undefined;
  private wake: () => void = () => undefined;

  private constructor(ghee: OwnGhee, stream: ChangeStream, changesBefore: number) {
    this.ghee = ghee;
    this.stream = stream;
    this.changesBefore = changesBefore;
  }

  /** Begins to listen. Errors: rejects when MongoDB does not answer. */
  static async listen(ghee: OwnGhee): Promise<Settler> {
    const stream = ghee.database().watch(PIPELINE, { maxAwaitTimeMS: 1000 });
    // The stream begins with its first question to the server.
    await stream.tryNext();
    const settler = new Settler(ghee, stream, await changesOf(ghee));
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
    await this.waitForMirror();
  }

  /** What the run committed must have come to the proxy before the next call does. */
  private async waitForMirror(): Promise<void> {
    const wanted = this.changesBefore + this.changes;
    const end = performance.now() + MIRROR_MS;
    while ((await changesOf(this.ghee)) < wanted && performance.now() < end) await sleep(POLL_MS);
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
    if ((event['ns'] as Document)['coll'] !== 'observations') {
      this.changes++;
      return;
    }
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

async function changesOf(ghee: OwnGhee): Promise<number> {
  const response = await fetch(`${ghee.adminUrl}/status`);
  return statusSchema.parse(await response.json()).mirror.changes;
}
