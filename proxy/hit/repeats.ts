/**
 * Requests that come again byte for byte (DESIGN §11.17): what follows from their bytes alone is worked out once.
 * Whether there is an answer, and which, is looked up each time, so nothing here can be out of date.
 */
import { LRUCache } from 'lru-cache';
import { crc32 } from 'node:zlib';
import type { Project } from '../../adapters/mongo/documents.ts';
import type { Asked } from '../request/plan.ts';
import type { LookUp } from './look-up.ts';
import { fillHit, prepareHit, type Prepared } from './prepare-hit.ts';
import { bodyOf, type HitBody, type HitContext, type HitForm } from './serve-hit.ts';

/** The parts of a call that an `Asked` follows from. */
export interface RepeatKey {
  readonly body: Buffer;
  /** Names and values alternate. */
  readonly rawHeaders: readonly string[];
  readonly path: string;
  readonly query: string;
  /** As it is now: another object when its settings changed. */
  readonly project: Project | undefined;
}

export interface Repeat {
  readonly asked: Asked;
  /** The answer that was rendered last. */
  prepared: Prepared | undefined;
}

interface Entry extends Repeat {
  readonly key: RepeatKey;
}

const BYTES_MAX = 64 * 1024 * 1024;
/** The bytes themselves, the text, and what was parsed from it (an estimate: eight times the bytes). */
const WEIGHT_OF_A_BYTE = 8;
const ENTRY_BYTES = 2048;
const SAMPLE_BYTES = 1024;
const SAMPLES = 4;

/** New in each call of some clients, and read by nothing that a plan depends on. */
const IDS_OF_CALLS = new Set([
  'traceparent',
  'tracestate',
  'x-request-id',
  'x-client-request-id',
  'x-correlation-id',
  'idempotency-key',
  'x-stainless-retry-count',
  // Of the body, which is compared itself.
  'content-length',
]);

export class Repeats {
  private readonly entries = new LRUCache<number, Entry>({
    maxSize: BYTES_MAX,
    sizeCalculation: ({ key }) => ENTRY_BYTES + key.body.byteLength * WEIGHT_OF_A_BYTE,
  });

  find(key: RepeatKey): Repeat | undefined {
    const entry = this.entries.get(placeOf(key));
    return entry !== undefined && isSame(entry.key, key) ? entry : undefined;
  }

  /** `key.body` is copied: it may be a part of a much larger buffer. */
  keep(key: RepeatKey, asked: Asked): void {
    const body = Buffer.from(key.body);
    this.entries.set(placeOf(key), { key: { ...key, body }, asked, prepared: undefined });
  }
}

/** Undefined for calls that are no repeats, and for answers that cannot be prepared. Errors: StoredAnswerError. */
export function renderRepeat(
  repeat: Repeat | undefined,
  found: Extract<LookUp, { kind: 'found' }>,
  form: HitForm,
  context: HitContext,
): HitBody | undefined {
  if (repeat === undefined || found.reached !== undefined) return undefined;
  // By identity: another answer is another object.
  if (repeat.prepared?.answer !== found.answer) {
    repeat.prepared = prepareHit(found.answer, form, context);
  }
  return repeat.prepared && bodyOf(form, fillHit(repeat.prepared, context));
}

/**
 * Of the bytes only samples, since a whole body takes as long as everything else here. Collisions only cost time:
 * see `isSame`.
 */
function placeOf({ body }: RepeatKey): number {
  const { byteLength } = body;
  if (byteLength <= SAMPLE_BYTES) return crc32(body, byteLength);
  let sum = byteLength;
  const step = Math.max(SAMPLE_BYTES, Math.floor((byteLength - SAMPLE_BYTES) / SAMPLES));
  for (let start = 0; start < byteLength; start += step) {
    sum = crc32(body.subarray(start, start + SAMPLE_BYTES), sum);
  }
  return sum;
}

function isSame(a: RepeatKey, b: RepeatKey): boolean {
  return areSameCallers(a, b) && a.body.equals(b.body);
}

/** Whether two calls differ in nothing that a plan depends on but their bodies. */
export function areSameCallers(a: RepeatKey, b: RepeatKey): boolean {
  return (
    a.project === b.project &&
    a.path === b.path &&
    a.query === b.query &&
    areSameHeaders(a.rawHeaders, b.rawHeaders)
  );
}

function areSameHeaders(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) {
    if (a[index] === b[index]) continue;
    const isValue = index % 2 === 1;
    if (!isValue || !IDS_OF_CALLS.has((a[index - 1] ?? '').toLowerCase())) return false;
  }
  return true;
}
