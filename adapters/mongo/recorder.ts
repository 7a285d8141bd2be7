/**
 * Keeps what the proxy observed, whatever happens to the database: MongoDB first, else the spool, and only
 * after either is the observation acknowledged. What follows from it comes after, and can be repaired.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ObservationRef } from '../../core/observation.ts';
import type { Recording } from './documents.ts';
import type { ObservationStore } from './observation-store.ts';
import { StoreError, toStoreError } from './store-error.ts';
import { hasTexts, isFields } from './untrusted.ts';

/** The part of adapters/spool that is needed here: adapters do not import one another. */
export interface RecordingSpool {
  append(entry: unknown): Promise<void>;
  /** `write` resolves with how many of the entries are locked: those stay. */
  drain(write: (entries: readonly unknown[]) => Promise<number>): Promise<number>;
  bytes(): number;
}

export type RecordResult =
  | { readonly kind: 'acknowledged'; readonly by: 'mongodb' | 'spool' }
  /** Neither took it: the exchange is not learned from. `code` is the spool's or the store's. */
  | { readonly kind: 'lost'; readonly code: string };

export interface RecorderOptions {
  readonly store: ObservationStore;
  readonly spool: RecordingSpool;
  /** An observation that wants to be learned from is in MongoDB: start its run. Must not throw. */
  readonly onStored: (observation: ObservationRef) => void;
  readonly onProblem?: (problem: RecorderProblem) => void;
  /** Between attempts to empty the spool. */
  readonly drainEveryMs?: number;
}

/** For logs and counters: codes and counts, never content. */
export type RecorderProblem =
  | { readonly kind: 'spooling'; readonly error: StoreError }
  | { readonly kind: 'drained'; readonly observations: number }
  | { readonly kind: 'drain-failed'; readonly error: StoreError }
  /** Observations are stored, but what follows from them is not; the sweep repairs it. */
  | { readonly kind: 'follow-up-failed'; readonly error: StoreError; readonly observations: number }
  | { readonly kind: 'refused'; readonly observations: number };

export interface ObservationRecorder {
  /** Resolves when the observation survives a crash. Errors: none, see `lost`. */
  record(recording: Recording): Promise<RecordResult>;
  /** Empties the spool now of all that can be opened. Resolves with whether it is. */
  drain(): Promise<boolean>;
  /** Waits for what is under way; nothing is recorded afterwards. */
  close(): Promise<void>;
}

/** An answered client waits for nothing, but its recording occupies memory until it is somewhere. */
const RECORD_MS = 2000;
const DRAIN_EVERY_MS = 1000;
/** As many recordings travel in one insert: the embedded server does about 350 single writes a second. */
const BATCH_RECORDINGS = 100;
/** Templates may come this much later, and other proxies hear so much later of an exact answer. */
const GATHER_MS = 25;

/** Starts to empty what an earlier process left at once. */
export function createObservationRecorder(options: RecorderOptions): ObservationRecorder {
  const recorder = new Recorder(options);
  recorder.start();
  return recorder;
}

interface Waiting {
  readonly recording: Recording;
  readonly settle: (result: RecordResult) => void;
}

class Recorder implements ObservationRecorder {
  private readonly options: RecorderOptions;
  private readonly waiting: Waiting[] = [];
  private inserting: Promise<void> | undefined;
  private stored: Recording[] = [];
  private following: Promise<void> | undefined;
  /** MongoDB failed, and nothing has succeeded since: do not wait for it again with every recording. */
  private isDown = false;
  private draining: Promise<boolean> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private isClosing = false;

  constructor(options: RecorderOptions) {
    this.options = options;
  }

  start(): void {
    const tick = (): void => {
      if (this.isDown || this.options.spool.bytes() > 0) void this.drain();
    };
    this.timer = setInterval(tick, this.options.drainEveryMs ?? DRAIN_EVERY_MS);
    this.timer.unref();
    tick();
  }

  record(recording: Recording): Promise<RecordResult> {
    const { promise, resolve } = Promise.withResolvers<RecordResult>();
    this.waiting.push({ recording, settle: resolve });
    this.inserting ??= this.insertWaiting();
    return promise;
  }

  drain(): Promise<boolean> {
    this.draining ??= this.drainSpool().finally(() => (this.draining = undefined));
    return this.draining;
  }

  async close(): Promise<void> {
    this.isClosing = true;
    clearInterval(this.timer);
    await this.inserting;
    await this.following;
    await this.draining;
  }

  /** One insert at a time; what comes meanwhile goes with the next. */
  private async insertWaiting(): Promise<void> {
    try {
      while (this.waiting.length > 0) {
        await this.insertGroup(this.waiting.splice(0, BATCH_RECORDINGS));
      }
    } finally {
      // In the same tick as the last look at the queue: what comes afterwards starts anew.
      this.inserting = undefined;
    }
  }

  private async insertGroup(group: readonly Waiting[]): Promise<void> {
    const recordings = group.map((entry) => entry.recording);
    const stored = this.isDown ? undefined : await this.insert(recordings);
    if (stored === undefined) {
      await Promise.all(group.map((entry) => this.toSpool(entry)));
      return;
    }
    const ids = new Set(stored.map((recording) => recording.observation.id));
    for (const { recording, settle } of group) {
      const isStored = ids.has(recording.observation.id);
      settle(
        isStored
          ? { kind: 'acknowledged', by: 'mongodb' }
          : { kind: 'lost', code: 'store_rejected' },
      );
    }
    this.followUpLater(stored);
  }

  private async insert(recordings: readonly Recording[]): Promise<Recording[] | undefined> {
    try {
      return await this.insertAccepted(recordings, RECORD_MS);
    } catch (error) {
      this.isDown = true;
      const translated = toStoreError('record observations', error);
      this.options.onProblem?.({ kind: 'spooling', error: translated });
      return undefined;
    }
  }

  /** Stores the observations; those that the server refuses for good are reported and left out. */
  private async insertAccepted(
    recordings: readonly Recording[],
    deadlineMs?: number,
  ): Promise<Recording[]> {
    const refused = await this.insertSome(recordings, deadlineMs);
    if (refused.size > 0) this.options.onProblem?.({ kind: 'refused', observations: refused.size });
    return recordings.filter((recording) => !refused.has(recording.observation.id));
  }

  private async insertSome(
    recordings: readonly Recording[],
    deadlineMs?: number,
  ): Promise<ReadonlySet<string>> {
    try {
      return new Set(await this.options.store.recordMany(recordings, deadlineMs));
    } catch (error) {
      if (!(error instanceof StoreError) || error.retryable) throw error;
      const [only, ...others] = recordings;
      if (only !== undefined && others.length === 0) return new Set([only.observation.id]);
    }
    // The driver refused the batch as a whole for one that is too large: find it.
    const half = Math.ceil(recordings.length / 2);
    const first = await this.insertSome(recordings.slice(0, half), deadlineMs);
    return first.union(await this.insertSome(recordings.slice(half), deadlineMs));
  }

  private async toSpool({ recording, settle }: Waiting): Promise<void> {
    try {
      await this.options.spool.append(this.options.store.sealed(recording));
      settle({ kind: 'acknowledged', by: 'spool' });
    } catch (error) {
      const code = isFields(error) && hasTexts(error, 'code') ? error.code : 'spool_failed';
      settle({ kind: 'lost', code });
    }
  }

  private followUpLater(recordings: readonly Recording[]): void {
    this.stored.push(...recordings);
    if (this.stored.length > 0) this.following ??= this.followUpStored();
  }

  /**
   * One group at a time, after a moment for others to join it, since it is three calls whether of one or of a hundred: with
   * them for each miss, a database on the same machine takes as long again as all that a miss does.
   */
  private async followUpStored(): Promise<void> {
    while (this.stored.length > 0) {
      await sleep(this.isClosing ? 0 : GATHER_MS);
      const group = this.stored.splice(0, BATCH_RECORDINGS);
      try {
        await this.followUp(group);
      } catch (error) {
        const translated = toStoreError('follow up', error);
        const observations = group.length;
        this.options.onProblem?.({ kind: 'follow-up-failed', error: translated, observations });
      }
    }
    this.following = undefined;
  }

  /** What follows from stored observations: scopes, exact answers, runs. */
  private async followUp(stored: readonly Recording[]): Promise<void> {
    const { store, onStored } = this.options;
    for (const { id, scope, project } of await store.followUp(stored))
      onStored({ observation: id, scope, project, isFollowedUp: true });
  }

  private async drainSpool(): Promise<boolean> {
    const { spool, onProblem } = this.options;
    try {
      const observations = await spool.drain((entries) => this.replay(entries));
      // Nothing to write proves nothing: then the next recording finds out.
      this.isDown = false;
      if (observations > 0) onProblem?.({ kind: 'drained', observations });
      return true;
    } catch (error) {
      onProblem?.({ kind: 'drain-failed', error: toStoreError('drain spool', error) });
      return false;
    }
  }

  /** Resolves with how many can be opened only with another key. */
  private async replay(entries: readonly unknown[]): Promise<number> {
    const recordings: Recording[] = [];
    let [locked, refused] = [0, 0];
    for (const entry of entries) {
      const opened = this.options.store.unsealed(entry);
      if (opened === 'locked') locked++;
      else if (opened === undefined) refused++;
      else recordings.push(opened);
    }
    if (refused > 0) this.options.onProblem?.({ kind: 'refused', observations: refused });
    await this.followUp(await this.insertAccepted(recordings));
    return locked;
  }
}
