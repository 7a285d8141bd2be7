/** Work that is written as a whole or not at all. */
import { MongoError, type ClientSession } from 'mongodb';
import type { Database } from './connect.ts';
import { DEADLINES, withDeadline } from './deadline.ts';
import { isDuplicateKey } from './store-error.ts';

export type TransactionResult<T> = { readonly keep: boolean; readonly value: T };

/** Ends a transaction's work: its writes are committed. */
export function keep<T>(value: T): TransactionResult<T> {
  return { keep: true, value };
}

/** Ends a transaction's work: nothing of it was written. */
export function rollback<T>(value: T): TransactionResult<T> {
  return { keep: false, value };
}

/** Backoff between attempts: conflicts last as long as the rival's few round trips. */
const RETRY_MS = { first: 2, max: 100 };

/**
 * Runs `work` in one transaction and again for as long as it collides with others: `work` must not
 * have effects of its own. Own loop, since the driver's goes on for 120 s. Errors: only StoreError.
 */
export async function inTransaction<T>(
  database: Database,
  operation: string,
  work: (session: ClientSession) => Promise<TransactionResult<T>>,
  deadlineMs: number = DEADLINES.transactionMs,
): Promise<T> {
  return withDeadline(operation, deadlineMs, async (signal) => {
    const session = database.client.startSession();
    try {
      for (let pauseMs = RETRY_MS.first; ; pauseMs = Math.min(2 * pauseMs, RETRY_MS.max)) {
        signal.throwIfAborted();
        try {
          return await attempt(session, work, signal);
        } catch (error) {
          if (session.inTransaction()) await session.abortTransaction();
          if (!isCollision(error)) throw error;
        }
        await pause(pauseMs * (0.5 + Math.random()));
      }
    } finally {
      await session.endSession();
    }
  });
}

async function attempt<T>(
  session: ClientSession,
  work: (session: ClientSession) => Promise<TransactionResult<T>>,
  signal: AbortSignal,
): Promise<T> {
  // The write concern is the client's: majority and journaled.
  session.startTransaction({ readConcern: { level: 'snapshot' }, readPreference: 'primary' });
  const result = await work(session);
  if (!result.keep) {
    await session.abortTransaction();
    return result.value;
  }
  for (;;) {
    try {
      await session.commitTransaction();
      return result.value;
    } catch (error) {
      // Unknown whether it was committed: committing again is idempotent, running the work again is not.
      if (signal.aborted || !hasLabel(error, 'UnknownTransactionCommitResult')) throw error;
      await pause(RETRY_MS.max);
    }
  }
}

/** Two upserts of one id are either a write conflict or, from a real server, a duplicate key. */
function isCollision(error: unknown): boolean {
  return hasLabel(error, 'TransientTransactionError') || isDuplicateKey(error);
}

function hasLabel(error: unknown, label: string): boolean {
  return error instanceof MongoError && error.hasErrorLabel(label);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
