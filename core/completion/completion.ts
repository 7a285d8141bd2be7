/**
 * What Ghee keeps of a provider's answer, and the plain JSON values that it is made of.
 * Objects may own a key `__proto__`: they are only ever built from entries, never by assignment.
 */

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/** One complete, good answer. */
export interface Completion {
  /** The assistant message as received, unknown fields included. */
  readonly message: JsonObject;
  readonly finishReason: string;
  readonly model: string;
  readonly usage?: JsonObject;
  /** Unknown top-level fields, such as `system_fingerprint`. */
  readonly extras: JsonObject;
}

/** A completion on its way to a client; tool calls already carry fresh ids. */
export interface ServedCompletion extends Completion {
  readonly id: string;
  /** Seconds since the epoch. */
  readonly created: number;
}

/** Why an answer is not learned. Finish reasons of the provider stand for themselves. */
export type UnusableReason =
  | 'length'
  | 'content_filter'
  | 'function_call'
  | 'unknown_finish_reason'
  | 'missing_finish_reason'
  | 'changed_finish_reason'
  | 'missing_done'
  | 'error'
  | 'logprobs'
  | 'missing_choice'
  | 'several_choices'
  | 'unexpected_role'
  | 'missing_tool_calls'
  | 'invalid_tool_call'
  | 'invalid_tool_call_index'
  | 'changed_tool_call'
  | 'not_a_completion';

export type CompletionResult =
  | { readonly kind: 'completion'; readonly completion: Completion }
  | { readonly kind: 'unusable'; readonly reason: UnusableReason };

/** Deeper values overflow the stack of `JSON.stringify` at some depth; answers stay below 20. */
const DEPTH_MAX = 64;

/** Whether `value`, made by `JSON.parse`, is an object that is safe to walk and to write again. */
export function isJsonObject(value: unknown): value is JsonObject {
  return isPlainObject(value) && isJson(value, DEPTH_MAX);
}

/** Shallow: for values that are known to be JSON. */
export function isObject(value: JsonValue | undefined): value is JsonObject {
  return isPlainObject(value);
}

export function isArray(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** Own keys only: `constructor` and `__proto__` are names like any other. */
export function fieldOf(object: JsonObject | undefined, key: string): JsonValue | undefined {
  return object !== undefined && Object.hasOwn(object, key) ? object[key] : undefined;
}

export function stringOf(object: JsonObject | undefined, key: string): string | undefined {
  const value = fieldOf(object, key);
  return typeof value === 'string' ? value : undefined;
}

/** `object` without `keys`. */
export function without(object: JsonObject, keys: ReadonlySet<string>): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.has(key)));
}

/** Not kept among the extras: each has its own place, or, like the random padding, none. */
const KNOWN_FIELDS = new Set([
  'id',
  'object',
  'created',
  'model',
  'choices',
  'usage',
  'error',
  'obfuscation',
]);

export function extrasOf(body: JsonObject): JsonObject {
  return without(body, KNOWN_FIELDS);
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isJson(value: unknown, depth: number): value is JsonValue {
  if (typeof value === 'number') return Number.isFinite(value);
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (depth === 0 || typeof value !== 'object') return false;
  return Object.values(value).every((item) => isJson(item, depth - 1));
}
