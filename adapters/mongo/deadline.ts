/** One deadline around every call: the driver's `timeoutMS` and the server's `maxTimeMS` do not hold here (PITFALLS §4). */
import { StoreError, toStoreError } from './store-error.ts';

/** How long a call may take. A miss is never worth more, and the request path makes none of them. */
export const DEADLINES = {
  /** One document, or a page of them. */
  readMs: 3000,
  /** A whole tree, or an index build. */
  scanMs: 60_000,
  writeMs: 5000,
  /** All attempts of one transaction together. */
  transactionMs: 15_000,
  /** One that writes thousands of documents; MongoDB itself ends transactions after 60 s. */
  mergeMs: 50_000,
} as const;

/**
 * Runs `work` and gives up on it after `deadlineMs`: reads stop through the signal, a write that is
 * given up may still happen, so every write is idempotent. Errors: only StoreError.
 */
export async function withDeadline<T>(
  operation: string,
  deadlineMs: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const error = new StoreError(
      'store_unavailable',
      `${operation}: no answer in ${deadlineMs} ms`,
    );
    late.reject(error);
    controller.abort(error);
  }, deadlineMs);
  try {
    return await Promise.race([work(controller.signal), late.promise]);
  } catch (error) {
    throw toStoreError(operation, error);
  } finally {
    clearTimeout(timer);
  }
}
