/** The one error of this adapter, and how the driver's errors become it. */
import { BSON, MongoError, MongoInvalidArgumentError, MongoServerError } from 'mongodb';
import { isFields } from './untrusted.ts';

/**
 * `store_unavailable`: nothing is wrong with what was asked, ask again later.
 * `store_rejected`: the server refuses this very document or setting, and would again.
 * `secret_mismatch`: the database belongs to a Ghee with another GHEE_SECRET.
 * `encryption_key_mismatch`: or to one with another GHEE_ENCRYPTION_KEY, or with none.
 */
export type StoreErrorCode =
  'store_unavailable' | 'store_rejected' | 'secret_mismatch' | 'encryption_key_mismatch';

/** Never carries content: drivers put documents and keys in their errors, so not even `cause` is kept. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly code: StoreErrorCode;
  readonly retryable: boolean;

  constructor(code: StoreErrorCode, message: string) {
    super(message);
    this.code = code;
    this.retryable = code === 'store_unavailable';
  }
}

/** BadValue, FailedToParse, TypeMismatch, DocumentValidationFailure, BSONObjectTooLarge, key too large. */
const REJECTING_CODES = new Set<number | string>([2, 9, 14, 121, 10334, 17280]);
const DUPLICATE_KEY = 11000;

/** Whether the document is there already: success for an idempotent write. */
export function isDuplicateKey(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === DUPLICATE_KEY;
}

/** Translates whatever the driver threw; `operation` says in our words what was tried. */
export function toStoreError(operation: string, error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const code = error instanceof MongoError ? error.code : undefined;
  const kind = error instanceof Error ? error.name : 'unknown';
  const message = `${operation}: ${kind}${code === undefined ? '' : ` ${code}`}`;
  return new StoreError(isRejection(error, code) ? 'store_rejected' : 'store_unavailable', message);
}

function isRejection(error: unknown, code: number | string | undefined): boolean {
  if (error instanceof BSON.BSONError || error instanceof MongoInvalidArgumentError) return true;
  // How the driver says that a document is larger than its buffer of 17 MB.
  if (isFields(error) && error['code'] === 'ERR_OUT_OF_RANGE') return true;
  return error instanceof MongoServerError && code !== undefined && REJECTING_CODES.has(code);
}
