/** Puts the fragments of one streamed value together again. Linear in the fragments: each is visited once. */
import { fieldOf, isArray, isObject, type JsonObject, type JsonValue } from './completion.ts';

/**
 * Inside a fragment these name a thing and are repeated with every piece of it, so they are not
 * pieces of a text: OpenRouter's `reasoning_details` repeat `type` and `format` in each chunk.
 */
const IDENTITY_KEYS = new Set(['id', 'type', 'name', 'role', 'format']);

/**
 * One value from its fragments, in the order of arrival.
 *
 * Strings are concatenated, objects combined key by key, objects of arrays by their `index`;
 * other array items are appended, and of anything else the last wins. A null never overwrites:
 * DeepSeek sends `reasoning_content: null` with every piece of the content.
 * A single fragment is returned as it is.
 */
export function combineFragments(fragments: readonly JsonValue[]): JsonValue {
  const present = fragments.filter((fragment) => fragment !== null);
  const last = present.at(-1);
  if (last === undefined) return null;
  if (present.length === 1) return last;
  if (typeof last === 'string') return present.filter((item) => typeof item === 'string').join('');
  if (isArray(last)) return combineArrays(present.filter(isArray));
  return isObject(last) ? combineObjects(present.filter(isObject)) : last;
}

/** Keys in the order of their first appearance. */
export function combineObjects(fragments: readonly JsonObject[]): JsonObject {
  const fields = new Map<string, JsonValue[]>();
  for (const fragment of fragments) {
    for (const [key, value] of Object.entries(fragment)) collect(fields, key, value);
  }
  return Object.fromEntries(
    Array.from(fields, ([key, values]) => [
      key,
      IDENTITY_KEYS.has(key) ? firstOf(values) : combineFragments(values),
    ]),
  );
}

/** Appends to the list at `key`, which it makes where there is none. */
export function collect<Key, Value>(lists: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

/** The items of the first fragment stand for themselves; later ones continue the item of their index. */
function combineArrays(fragments: readonly (readonly JsonValue[])[]): JsonValue[] {
  const items: JsonValue[][] = [];
  const byIndex = new Map<number, JsonValue[]>();
  for (const [position, fragment] of fragments.entries()) {
    for (const item of fragment) {
      const index = isObject(item) ? fieldOf(item, 'index') : undefined;
      const known = typeof index === 'number' ? byIndex.get(index) : undefined;
      if (known !== undefined && position > 0) {
        known.push(item);
        continue;
      }
      const started = [item];
      items.push(started);
      if (typeof index === 'number' && known === undefined) byIndex.set(index, started);
    }
  }
  return items.map(combineFragments);
}

/** The first text that says something; some providers repeat an id, or send an empty one, in later pieces. */
function firstOf(values: readonly JsonValue[]): JsonValue {
  return values.find((value) => value !== null && value !== '') ?? values[0] ?? null;
}
