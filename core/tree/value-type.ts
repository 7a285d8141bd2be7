/** What is known of the values of a variable: which were seen in its type, and how others look. */

/** Learned from where answers put values, fixed at commit (DESIGN §11.8). */
export interface ValueType {
  /** The variable. */
  readonly name: string;
  /** Values of the type, in lower case. */
  readonly values: readonly string[];
  /** Shapes that values of the type have. */
  readonly shapes: readonly string[];
  /**
   * Whether new values are to be expected: not where hardly any is still missing, nor where values of other types
   * stand in the same place of requests.
   */
  readonly isOpen: boolean;
  /** Whether no value is part of another: one that holds a known one ("erie pennsylvania") then says something else. */
  readonly isWhole: boolean;
  /** Whether enough is known that what does not fit is suspicious, however often the template was right. */
  readonly isSettled: boolean;
}

/**
 * How well a value fits what is known, best first. `known`: seen. `novel`: it looks like those that were, where new
 * ones are to be expected. `odd`: the same, where they are not. `unlike`: anything else.
 */
export const FITS = ['known', 'novel', 'odd', 'unlike'] as const;

export type Fit = (typeof FITS)[number];

/** How well a value fits its type. Cost: linear in the type's values. */
export function fitOf(type: ValueType | undefined, value: string): Fit {
  if (type === undefined) return 'unlike';
  const lower = value.toLowerCase();
  if (type.values.includes(lower)) return 'known';
  if (!type.shapes.includes(shapeOf(value))) return 'unlike';
  if (type.isWhole && type.values.some((known) => holdsValue(lower, known))) return 'unlike';
  return type.isOpen ? 'novel' : 'odd';
}

/** How well the worst of several values fits the type of its variable. */
export function fitOfValues(
  types: readonly ValueType[],
  values: readonly (readonly [string, string])[],
): Fit {
  const fits = values.map(([name, value]) =>
    fitOf(
      types.find((type) => type.name === name),
      value,
    ),
  );
  return FITS.findLast((fit) => fits.includes(fit)) ?? 'known';
}

/** Whether a value of several words begins or ends with another. */
export function holdsValue(value: string, part: string): boolean {
  return value.startsWith(`${part} `) || value.endsWith(` ${part}`);
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
