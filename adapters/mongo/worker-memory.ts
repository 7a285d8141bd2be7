/**
 * What a worker keeps of scopes between runs, so that a run need not read its scope again: trees and histories, which the
 * change stream keeps up to date. It begins with nothing; when the stream breaks, all is forgotten and read again.
 *
 * Reading hundreds of observations for each run is slow everywhere. The embedded server stops for half a minute at a
 * time: each document on a page that is being written waits for it, under a lock that the writers wait for.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Document } from 'mongodb';
import { isAborted, nextBatch, openStream, whileOpen } from './change-stream.ts';
import type { Database } from './connect.ts';
import type { OnSkipped } from './documents.ts';
import { HistoryCache } from './history-cache.ts';
import { toStoreError, type StoreError } from './store-error.ts';
import { TreeMemory } from './tree-memory.ts';
import type { TreeStore } from './tree-store.ts';

/** A quiet stream answers this often. */
const AWAIT_MS = 1000;
const RETRY_MS = 500;

/** Not every commit of an observation: what it says, how its run ended, and that it is gone. */
const PIPELINE = [
  {
    $match: {
      $or: [
        { 'ns.coll': { $in: ['nodes', 'scopes'] } },
        {
          'ns.coll': 'observations',
          $or: [
            { operationType: { $ne: 'update' } },
            { 'updateDescription.updatedFields.induction': { $exists: true } },
            { 'updateDescription.updatedFields.deletedAt': { $exists: true } },
            {
              'updateDescription.removedFields': { $in: ['deletedAt', 'induction.unexplained'] },
            },
          ],
        },
      ],
    },
  },
];

export type KeptScopes = Pick<WorkerMemory, 'trees' | 'histories'>;

export class WorkerMemory {
  readonly trees: TreeMemory;
  readonly histories: HistoryCache;
  private readonly database: Database;
  private readonly onInterrupted: (error: StoreError) => void;
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;

  constructor(
    database: Database,
    options: {
      readonly trees: Pick<TreeStore, 'readTree'>;
      readonly onSkipped: OnSkipped;
      readonly onInterrupted: (error: StoreError) => void;
    },
  ) {
    this.database = database;
    this.onInterrupted = options.onInterrupted;
    this.trees = new TreeMemory(database, options);
    this.histories = new HistoryCache(database, options);
  }

  /** Begins to follow, in the background and until `stop`. Until then everything is read from the primary. */
  start(): void {
    this.running ??= this.run(this.stopping.signal);
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.follow(signal);
      } catch (error) {
        this.forgetAll();
        if (isAborted(signal)) return;
        this.onInterrupted(toStoreError('follow changes', error));
        await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  private async follow(signal: AbortSignal): Promise<void> {
    const stream = openStream(this.database, PIPELINE, { maxAwaitTimeMS: AWAIT_MS });
    await whileOpen(stream, signal, async () => {
      await this.hear(await nextBatch(stream));
      // The stream has its place now: from here on nothing is missed.
      this.trees.follow();
      this.histories.follow();
      while (!signal.aborted) await this.hear(await nextBatch(stream));
    });
  }

  private async hear(events: readonly Document[]): Promise<void> {
    const isObservation = (event: Document): boolean =>
      (event['ns'] as Document)['coll'] === 'observations';
    await this.histories.hear(events.filter(isObservation));
    await this.trees.hear(events.filter((event) => !isObservation(event)));
  }

  private forgetAll(): void {
    this.trees.forgetAll();
    this.histories.forgetAll();
  }
}
