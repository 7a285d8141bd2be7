/** Whether the database is one for these settings: better told here, in a sentence, than by processes that die. */
import { createKeyedHash, readOrMakeSecret, secretFingerprint } from '../adapters/caller.ts';
import type { Config } from '../adapters/config.ts';
import { claimEncryption, claimSecret, connectConfigured } from '../adapters/mongo/connect.ts';
import { StoreError } from '../adapters/mongo/store-error.ts';
import { Problem } from './problem.ts';

/** Errors: Problem when it belongs to another secret or key. One that is away is waited for by whoever needs it. */
export async function checkDatabase(config: Config): Promise<void> {
  const { mongodbDatabase, secret, home } = config;
  const keyedHash = createKeyedHash(secret?.reveal() ?? readOrMakeSecret(home));
  const database = connectConfigured(config);
  try {
    await claimSecret(database, secretFingerprint(keyedHash));
    await claimEncryption(database);
  } catch (error) {
    if (error instanceof StoreError && !error.retryable)
      throw new Problem(`Database \`${mongodbDatabase}\`: ${error.message}.`);
  } finally {
    await database.close();
  }
}
