/** Reading of fields whose types nobody vouches for: whatever is stored may be old, edited or broken. */

export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

export function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** A list of [name, value]: names such as `__proto__` or `a.b` are legal there and nowhere else in BSON. */
export function isPairList(value: unknown): value is readonly (readonly [string, string])[] {
  return Array.isArray(value) && value.every((item) => isTextList(item) && item.length === 2);
}

/** Whether `fields` has a text under each of `keys`. */
export function hasTexts<K extends string>(
  fields: Fields,
  ...keys: readonly K[]
): fields is Fields & Readonly<Record<K, string>> {
  return keys.every((key) => typeof fields[key] === 'string');
}

/** The parsed items, or undefined as soon as one does not parse. */
export function parseList<T>(
  value: unknown,
  parse: (item: unknown) => T | undefined,
): T[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const items: T[] = [];
  for (const item of value as readonly unknown[]) {
    const parsed = parse(item);
    if (parsed === undefined) return undefined;
    items.push(parsed);
  }
  return items;
}
