/** Inserts that may be repeated: what is there already stays as it is. */
import { MongoBulkWriteError, type Collection } from 'mongodb';
import { isDuplicateKey } from './store-error.ts';

const DUPLICATE_KEY = 11000;

/**
 * Inserts the documents whose ids are not there yet; the others keep what they are, and `onKnown` is told of them.
 * Resolves with the ids that the server refuses for good.
 */
export async function insertMissing<T extends { readonly _id: string }>(
  collection: Collection<T>,
  documents: readonly T[],
  onKnown?: (documents: readonly T[]) => Promise<void>,
): Promise<readonly string[]> {
  if (documents.length === 0) return [];
  const target = collection as unknown as Collection<{ _id: string }>;
  try {
    // One document travels as a plain insert, which the driver retries by itself.
    if (documents.length === 1 && documents[0] !== undefined) await target.insertOne(documents[0]);
    else await target.insertMany([...documents], { ordered: false });
    return [];
  } catch (error) {
    const isBulk = error instanceof MongoBulkWriteError;
    if (!isBulk && !isDuplicateKey(error)) throw error;
    const refused = isBulk ? refusedIds(error, documents) : [];
    const failed = isBulk ? [error.writeErrors].flat().map(({ index }) => index) : [0];
    const known = documents.filter(
      ({ _id }, index) => failed.includes(index) && !refused.includes(_id),
    );
    await onKnown?.(known);
    return refused;
  }
}

function refusedIds(
  error: MongoBulkWriteError,
  documents: readonly { readonly _id: string }[],
): readonly string[] {
  // A failed write concern leaves all in doubt: they are written, but may not survive.
  if (error.result.getWriteConcernError() !== undefined) throw error;
  const failures = [error.writeErrors].flat();
  if (failures.length === 0) throw error;
  return failures
    .filter((failure) => failure.code !== DUPLICATE_KEY)
    .map((failure) => documents[failure.index]?._id ?? '');
}
