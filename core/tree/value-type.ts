/** What is known of the values of a variable: which were seen in its type, and which others look like those. */

/** Learned from where answers put values, fixed at commit (DESIGN §11.8). */
export interface ValueType {
  /** The variable. */
  readonly name: string;
  /** Values of the type, in lower case. */
  readonly values: readonly string[];
  /**
   * Shapes that new values of the type have. None where hardly any value is still missing, or where values of other
   * types stand in the same place of requests.
   */
  readonly shapes: readonly string[];
  /** Whether enough is known that what does not fit is suspicious, however often the template was right. */
  readonly isSettled: boolean;
}

/** Whether the value is known in the type, or looks like one where new ones are to be expected. */
export function fitsType({ values, shapes }: ValueType, value: string): boolean {
  return values.includes(value.toLowerCase()) || shapes.includes(shapeOf(value));
}

/**
 * Letters by case, each run as one, and digits one by one: `A` for `EECS`, `999` for `280`, `Aa-Aa` for
 * `Spring-Summer`. Of several words, the first and the last: `Aa … Aa` for `Philosophy of Language`.
 */
export function shapeOf(value: string): string {
  const words = value
    .replace(/\p{Lu}+/gu, 'A')
    .replace(/[\p{Ll}\p{Lo}]+/gu, 'a')
    .replace(/\d/g, '9')
    .split(' ');
  if (words.length === 1) return words.join('');
  return `${words[0] ?? ''} … ${words.at(-1) ?? ''}`;
}
