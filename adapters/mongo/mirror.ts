/**
 * The proxy's copy of trees, exact answers and projects: a snapshot, then the change stream from there on.
 * A hit reads only this. It never throws into its caller; what it knows of itself it says in `status`.
 */
import PQueue from 'p-queue';
import { Timestamp, type ChangeStreamOptions, type Document } from 'mongodb';
import type { ExactAnswer } from '../../core/observation.ts';
import type { ScopeTree } from '../../core/tree/scope-tree.ts';
import {
  BATCH_EVENTS,
  ENDINGS,
  FeedLost,
  isAborted,
  isFeedLost,
  nextBatch,
  openStream,
  ROUND_MS,
  whileOpen,
} from './change-stream.ts';
import type { Database } from './connect.ts';
import { DEADLINES, withDeadline } from './deadline.ts';
import type { OnSkipped, Project } from './documents.ts';
import { isMirrored, MIRRORED, MirrorState, OF_SCOPES, type Change } from './mirror-state.ts';
import { StoreError, toStoreError } from './store-error.ts';

/** `stale`: no round trip to the stream for a while; whether to serve then is the caller's to decide. */
export type MirrorStatus =
  | { readonly kind: 'loading' }
  | { readonly kind: 'live' }
  | { readonly kind: 'stale'; readonly seconds: number; readonly reachable: boolean };

export interface MirrorOptions {
  readonly now: () => number;
  readonly onSkipped: OnSkipped;
  /** So many nodes, answers and vetoes are held; scopes beyond them are read when they are asked for. */
  readonly entriesMax: number;
  /** The stream ended, and is being taken up again. */
  readonly onInterrupted?: (error: StoreError) => void;
  /** A snapshot was read as a whole: at the start, and when the stream could not be resumed. */
  readonly onLoaded?: (counts: ReturnType<MirrorState['counts']>) => void;
}

/** One snapshot and how far the stream after it has been applied. */
interface Feed {
  readonly state: MirrorState;
  /** The snapshot was read then. */
  readonly readAt: Timestamp;
  resumeToken: unknown;
  /** Nothing came after the snapshot yet. */
  isFresh: boolean;
}

/** One round trip to the stream. */
interface Round {
  /** Counts them. */
  readonly startedAt: number;
  /** It brought nothing. */
  readonly isQuiet: boolean;
  /** Of its last event. */
  readonly time: unknown;
}

/** A quiet stream answers this often: the heartbeat, and how long a scope that is read may have to wait. */
const AWAIT_MS = 250;
const STALE_MS = 10_000;
const PING_MS = 2000;
const RETRY_MS = { first: 50, max: 2000 };

/** Scopes that are read at the same time; and those that wait for it, of which a later call asks again. */
const SCOPE_READS = { atOnce: 8, waitingMax: 1000 };

const PIPELINE = [
  { $match: { $or: [{ 'ns.coll': { $in: [...MIRRORED] } }, { operationType: { $in: ENDINGS } }] } },
];

export class TreeMirror {
  private readonly database: Database;
  private readonly options: MirrorOptions;
  /** What is served: undefined until the first snapshot has caught up. */
  private current: MirrorState | undefined;
  /** What is being followed: the same state, or its successor while that catches up. */
  private feed: Feed | undefined;
  private heartbeatAt = 0;
  private changes = 0;
  private rounds = 0;
  private reachable = true;
  private retryMs = RETRY_MS.first;
  private stopping = new AbortController();
  private running: Promise<void> | undefined;
  private waiters: (() => void)[] = [];
  private readonly scopeReads = new PQueue({ concurrency: SCOPE_READS.atOnce });
  private readonly scopesWanted = new Map<string, Promise<void>>();
  /** Told after each round of the stream; `isQuiet`: nothing had happened when the server answered. */
  private readonly roundWaiters = new Set<(round: Round) => void>();

  constructor(database: Database, options: MirrorOptions) {
    this.database = database;
    this.options = options;
  }

  /** Begins to load and to follow, in the background and until `stop`. */
  start(): void {
    this.stopping = new AbortController();
    this.running ??= this.run(this.stopping.signal);
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
    this.running = undefined;
  }

  /** Resolves with whether the mirror was live within `timeoutMs`. */
  async whenLive(timeoutMs: number): Promise<boolean> {
    if (this.status().kind === 'live') return true;
    const live = new Promise<void>((resolve) => this.waiters.push(resolve));
    await Promise.race([live, pause(timeoutMs, this.stopping.signal)]);
    return this.status().kind === 'live';
  }

  /** Whether all of a scope is in memory. If not, it is read, and will be; until then nothing is known of it. */
  holds(scope: string): boolean {
    if (this.current === undefined || this.current.holds(scope)) return true;
    void this.want(scope);
    return false;
  }

  /** Resolves when the scope is in memory, cannot be read, or the time is over. For those who may wait. */
  async whenHeld(scope: string, timeoutMs: number): Promise<void> {
    if (this.holds(scope)) return;
    await Promise.race([this.want(scope), pause(timeoutMs, this.stopping.signal)]);
  }

  tree(scope: string): ScopeTree | undefined {
    return this.current?.tree(scope);
  }

  exact(scope: string, thread: string): ExactAnswer | undefined {
    return this.current?.exact(scope, thread);
  }

  project(keyHash: string): Project | undefined {
    return this.current?.project(keyHash);
  }

  projectOf(id: string): Project | undefined {
    return this.current?.projectOf(id);
  }

  vetoed(scope: string): ReadonlySet<string> | undefined {
    return this.current?.vetoed(scope);
  }

  auditsOf(node: string): number {
    return this.current?.auditsOf(node) ?? 0;
  }

  agreedAt(node: string): number | undefined {
    return this.current?.agreedAt(node);
  }

  /** How much is in memory, and how many changes the stream has brought since the start. */
  counts() {
    const none = { nodes: 0, answers: 0, projects: 0, scopes: 0, isComplete: false };
    return { ...(this.current?.counts() ?? none), changes: this.changes };
  }

  /** This proxy serves what it just recorded, before the stream brings it. The first answer stays. */
  putExact(answer: ExactAnswer, options: { readonly replace?: boolean } = {}): void {
    for (const state of new Set([this.current, this.feed?.state])) {
      const known = state?.exact(answer.scope, answer.thread);
      if (known === undefined || options.replace === true) state?.putExact(answer);
    }
  }

  status(): MirrorStatus {
    if (this.current === undefined) return { kind: 'loading' };
    const silentMs = this.options.now() - this.heartbeatAt;
    if (silentMs < STALE_MS) return { kind: 'live' };
    return { kind: 'stale', seconds: Math.floor(silentMs / 1000), reachable: this.reachable };
  }

  private async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.follow(signal);
      } catch (error) {
        if (isAborted(signal)) return;
        if (isFeedLost(error)) this.feed = undefined;
        this.options.onInterrupted?.(toStoreError('follow changes', error));
        await pause(this.retryMs, signal);
        this.retryMs = Math.min(2 * this.retryMs, RETRY_MS.max);
      }
    }
  }

  /** One stretch of following, to the next error. */
  private async follow(signal: AbortSignal): Promise<void> {
    this.feed ??= await this.load(signal);
    const feed = this.feed;
    const caughtUpAt = await this.ping();
    // Nothing happened while the snapshot was read: it is complete without the stream.
    if (feed.isFresh && caughtUpAt.equals(feed.readAt)) this.beat(feed);
    const stream = this.open({ maxAwaitTimeMS: AWAIT_MS, resumeAfter: feed.resumeToken });
    await whileOpen(stream, signal, async () => {
      let isCaughtUp = false;
      while (!signal.aborted) {
        const round = { startedAt: ++this.rounds };
        const events = await nextBatch(stream);
        const last = events.at(-1);
        for (const event of events) apply(feed.state, event);
        this.changes += events.length;
        feed.resumeToken = stream.resumeToken ?? last?.['_id'] ?? feed.resumeToken;
        feed.isFresh = false;
        isCaughtUp ||= last === undefined || isAtOrAfter(last['clusterTime'], caughtUpAt);
        if (isCaughtUp) this.beat(feed);
        const time: unknown = last?.['clusterTime'];
        for (const tell of this.roundWaiters) tell({ ...round, isQuiet: last === undefined, time });
      }
    });
  }

  /**
   * Reads all mirrored collections after the place where the stream will go on: it repairs what changed meanwhile.
   * A place in the stream, not a time: writes in flight may have an earlier time than what is already to be seen.
   */
  private async load(signal: AbortSignal): Promise<Feed> {
    const resumeToken = await this.placeInStream();
    const readAt = await this.ping();
    const state = new MirrorState(
      this.database.contents,
      this.options.onSkipped,
      this.options.entriesMax,
    );
    const session = this.database.client.startSession({ causalConsistency: true });
    try {
      // Causal and majority: no read may miss what `readAt` says has happened.
      session.advanceOperationTime(readAt);
      for (const name of MIRRORED) {
        const cursor = this.database.db
          .collection<Document & { _id: string }>(name)
          .find(
            {},
            { session, signal, readConcern: { level: 'majority' }, batchSize: BATCH_EVENTS },
          );
        for await (const document of cursor)
          state.put({ collection: name, id: document._id, document });
      }
      state.endSnapshot();
    } finally {
      await session.endSession();
    }
    return { state, readAt, resumeToken, isFresh: true };
  }

  /** The resume token of now. */
  private async placeInStream(): Promise<unknown> {
    const stream = this.open({ maxAwaitTimeMS: 1 });
    try {
      await withDeadline('open the change stream', ROUND_MS, () => stream.tryNext());
      // Without one the stream would go on from later, and what happened between would be missed.
      if (stream.resumeToken == null) throw new FeedLost();
      return stream.resumeToken;
    } finally {
      stream.close().catch(() => undefined);
    }
  }

  private want(scope: string): Promise<void> {
    const wanted = this.scopesWanted.get(scope);
    if (wanted !== undefined) return wanted;
    if (this.scopeReads.size >= SCOPE_READS.waitingMax) return Promise.resolve();
    const reading = this.scopeReads
      .add(() => this.readScope(scope))
      .catch((error: unknown) => {
        this.options.onInterrupted?.(toStoreError('read a scope', error));
      })
      .finally(() => this.scopesWanted.delete(scope));
    this.scopesWanted.set(scope, reading);
    return reading;
  }

  /** Reads a scope, and holds it once the stream has brought all that the reading may have seen. */
  private async readScope(scope: string): Promise<void> {
    const state = this.current;
    if (state === undefined || state !== this.feed?.state || !state.beginLoading(scope)) return;
    try {
      const documents: Change[] = [];
      for (const collection of OF_SCOPES) {
        const found = await withDeadline('read a scope', DEADLINES.scanMs, (signal) =>
          this.database.db
            .collection<Document & { _id: string }>(collection)
            .find({ scope: { $eq: scope } }, { signal, readConcern: { level: 'majority' } })
            .toArray(),
        );
        for (const document of found) documents.push({ collection, id: document._id, document });
      }
      await this.heardAll(await this.ping());
      if (this.current === state) state.endLoading(scope, documents);
    } finally {
      state.abandonLoading(scope);
    }
  }

  /** Resolves when the stream has passed `time`. Errors: StoreError when it does not for long. */
  private heardAll(time: Timestamp): Promise<void> {
    const asked = this.rounds;
    return withDeadline('hear of changes', STALE_MS, (signal) => {
      const heard = Promise.withResolvers<undefined>();
      const listen = (round: Round): void => {
        // One that began before may have been answered before.
        const isAfter = round.isQuiet && round.startedAt > asked;
        if (isAfter || isAtOrAfter(round.time, time)) heard.resolve(undefined);
      };
      this.roundWaiters.add(listen);
      signal.addEventListener('abort', () => heard.resolve(undefined), { once: true });
      return heard.promise.finally(() => this.roundWaiters.delete(listen));
    });
  }

  private open(options: Pick<ChangeStreamOptions, 'resumeAfter'> & { maxAwaitTimeMS: number }) {
    return openStream(this.database, PIPELINE, { fullDocument: 'updateLookup', ...options });
  }

  /** The server's logical time, and by the way whether there is a server. */
  private async ping(): Promise<Timestamp> {
    const session = this.database.client.startSession();
    try {
      await withDeadline('ping', PING_MS, (signal) =>
        this.database.db.command({ ping: 1 }, { session, signal }),
      );
      this.reachable = true;
      const time = session.operationTime ?? session.clusterTime?.clusterTime;
      if (time !== undefined) return time;
    } catch (error) {
      this.reachable = false;
      throw error;
    } finally {
      await session.endSession();
    }
    throw new StoreError('store_rejected', 'change streams need a replica set; see MONGODB_URI');
  }

  /** The stream was heard and all that it had is applied. */
  private beat(feed: Feed): void {
    this.heartbeatAt = this.options.now();
    this.retryMs = RETRY_MS.first;
    if (this.current === feed.state) {
      if (this.waiters.length > 0) this.release();
      return;
    }
    this.current = feed.state;
    this.options.onLoaded?.(feed.state.counts());
    this.release();
  }

  private release(): void {
    for (const resolve of this.waiters.splice(0)) resolve();
  }
}

function apply(state: MirrorState, event: Document): void {
  const collection = (event['ns'] as { coll?: string } | undefined)?.coll;
  const id = (event['documentKey'] as { _id?: unknown } | undefined)?._id;
  if (!isMirrored(collection) || typeof id !== 'string') return;
  // An update whose document cannot be looked up any more: its deletion follows.
  const isGone = event['operationType'] === 'delete' || event['fullDocument'] == null;
  state.put({ collection, id, document: isGone ? undefined : event['fullDocument'] });
}

function isAtOrAfter(time: unknown, reference: Timestamp): boolean {
  return time instanceof Timestamp && time.greaterThanOrEqual(reference);
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end, { once: true });
  });
}
