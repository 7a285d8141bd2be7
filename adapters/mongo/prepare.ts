/** What must be true of the database before it is used: one secret, one key or none, and its indexes. */
import pRetry, { AbortError } from 'p-retry';
import { claimEncryption, claimSecret, type Database } from './connect.ts';
import { ensureIndexes } from './indexes.ts';
import { StoreError } from './store-error.ts';

const RETRY = { retries: Infinity, minTimeout: 200, maxTimeout: 5000 };

/** Waits for a database that is down. Errors: StoreError that no waiting helps, such as `secret_mismatch`. */
export async function prepareDatabase(
  database: Database,
  fingerprint: string,
  onWaiting: (error: unknown) => void,
): Promise<void> {
  await pRetry(
    async () => {
      try {
        await claimSecret(database, fingerprint);
        await claimEncryption(database);
        await ensureIndexes(database);
      } catch (error) {
        if (error instanceof StoreError && !error.retryable) throw new AbortError(error);
        throw error;
      }
    },
    {
      ...RETRY,
      onFailedAttempt: ({ error, attemptNumber }) => {
        if (attemptNumber === 1) onWaiting(error);
      },
    },
  );
}
