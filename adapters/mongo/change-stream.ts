/** How a change stream is read, whoever follows it: in batches that leave no transaction half told. */
import {
  MongoServerError,
  type ChangeStream,
  type ChangeStreamOptions,
  type Document,
} from 'mongodb';
import type { Database } from './connect.ts';
import { withDeadline } from './deadline.ts';

/** A round that takes longer hangs: a server that accepts and never answers. */
export const ROUND_MS = 5000;
/** Far above one commit, so that a transaction comes in one batch. */
export const BATCH_EVENTS = 2000;
/** Servers also cut batches as they see fit: one of so many may end within a transaction (secantusdb: at 200 events). */
const LARGE_BATCH = 100;
/** More than the largest merge writes; a backlog of more is applied in parts. */
const EVENTS_MAX = 40_000;

/** Not from a collection that is followed, but the end of one. */
export const ENDINGS: readonly string[] = ['drop', 'dropDatabase', 'rename', 'invalidate'];

/** The stream cannot be taken up where it was left: only a new snapshot helps. */
export class FeedLost extends Error {
  override readonly name = 'FeedLost';
}

/** From the primary. `maxAwaitTimeMS`: so often a quiet stream answers. */
export function openStream(
  { db }: Database,
  pipeline: readonly Document[],
  options: ChangeStreamOptions & { readonly maxAwaitTimeMS: number },
): ChangeStream {
  return db.watch([...pipeline], {
    batchSize: BATCH_EVENTS,
    readPreference: 'primary',
    ...options,
  });
}

/** Does `work` on the stream, which is closed behind it, or when the signal says so. Errors: those of `work`. */
export async function whileOpen(
  stream: ChangeStream,
  signal: AbortSignal,
  work: () => Promise<void>,
): Promise<void> {
  const close = (): void => {
    // The server may be gone; the cursor then dies with its connection.
    stream.close().catch(() => undefined);
  };
  signal.addEventListener('abort', close, { once: true });
  try {
    await work();
  } finally {
    signal.removeEventListener('abort', close);
    close();
  }
}

/**
 * All events that came with one round trip, or none after `maxAwaitTimeMS`. Where that may be the first part of a
 * transaction the rest is heard out. Errors: FeedLost, StoreError.
 */
export async function nextBatch(stream: ChangeStream): Promise<Document[]> {
  const events: Document[] = [];
  let batch = 0;
  let mayGoOn = false;
  // Applied together, since a transaction must not be seen by halves.
  do {
    if (stream.bufferedCount() === 0) batch = 0;
    const event = await withDeadline('await changes', ROUND_MS, () => tryNext(stream));
    if (event === 'lost') throw new FeedLost();
    if (event === undefined) break;
    events.push(event);
    batch += 1;
    const isInTransaction = event['txnNumber'] !== undefined;
    mayGoOn = isInTransaction && batch >= LARGE_BATCH && events.length < EVENTS_MAX;
  } while (stream.bufferedCount() > 0 || mayGoOn);
  if (events.length === 0 && stream.closed) throw new FeedLost();
  return events;
}

/** Tells a lost stream apart here, where the driver's error is still whole. */
async function tryNext(stream: ChangeStream): Promise<Document | 'lost' | undefined> {
  try {
    const event = await stream.tryNext();
    if (event === null) return undefined;
    return ENDINGS.includes(event.operationType) ? 'lost' : event;
  } catch (error) {
    if (isFeedLost(error)) return 'lost';
    throw error;
  }
}

/** Gone from the cursor table, or an error that the server itself calls resumable. */
const CURSOR_NOT_FOUND = 43;

/**
 * Whether the server understood and refused: history lost (286), token unknown (260, 280), whatever else.
 * A new snapshot is always right, only dearer, so only what is surely a hiccup keeps the token.
 */
export function isFeedLost(error: unknown): boolean {
  if (error instanceof FeedLost) return true;
  if (!(error instanceof MongoServerError) || error.code === CURSOR_NOT_FOUND) return false;
  return !error.hasErrorLabel('ResumableChangeStreamError');
}

/** What an update wrote, by field or dotted path; nothing for other events. */
export function updateOf(event: Document): {
  readonly updated: Document;
  readonly removed: readonly string[];
} {
  const description = event['updateDescription'] as Document | undefined;
  const { updatedFields = {}, removedFields = [] } = (description ?? {}) as {
    readonly updatedFields?: Document;
    readonly removedFields?: readonly string[];
  };
  return { updated: updatedFields, removed: removedFields };
}

/** A call, since the compiler believes that a signal cannot change during an await. */
export function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
