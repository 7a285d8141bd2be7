/** What is known of the values of a variable: which were seen in its type, and how others look. */

/** Learned from where answers put values, fixed at commit (DESIGN §11.8). */
export interface ValueType {
  /** The variable. */
  readonly name: string;
  /** Values of the type, in lower case. */
  readonly values: readonly string[];
  /** Shapes that values of the type have. */
  readonly shapes: readonly string[];
  /** How much of what is new in this place is to be expected: whether new values, and of which looks. */
  readonly expects: Expectation;
  /** Shapes that values of other types have which stand in the same place: only known values tell which is meant. */
  readonly rivalled: readonly string[];
  /** Words, in lower case, of values of other types, where too little is known of the type to tell that it has none of them. */
  readonly doubtful: readonly string[];
  /** Whether no value is part of another: one that holds a known one ("erie pennsylvania") then says something else. */
  readonly isWhole: boolean;
}

/**
 * `any`: so few values are known that others may look otherwise. `new`: new ones are common. `telling`: they are rare,
 * so that only looks which words of requests do not have tell one.
 */
export const EXPECTATIONS = ['any', 'new', 'telling'] as const;

export type Expectation = (typeof EXPECTATIONS)[number];

/**
 * How well a value fits what is known, best first. `known`: seen. `novel`: it looks like one that is to be expected.
 * `untyped`: nothing is known of others. `odd`: it is not what was to be expected. `rivalled`: it may as well be of another
 * type. `mixed`: it holds a known value and more, where values are whole.
 */
export const FITS = ['known', 'novel', 'untyped', 'odd', 'rivalled', 'mixed'] as const;

export type Fit = (typeof FITS)[number];

/** How well a value fits its type. Cost: linear in the type's values. */
export function fitOf(type: ValueType | undefined, value: string): Fit {
  if (type === undefined || isUnknown(type)) return 'untyped';
  const lower = value.toLowerCase();
  if (type.values.includes(lower)) return 'known';
  if (type.isWhole && type.values.some((known) => holdsValue(lower, known))) return 'mixed';
  const { expects, shapes } = type;
  const shape = shapeOf(value);
  if (isRivalled(type, lower, shape)) return 'rivalled';
  // Capitals and digits mark a value in whatever words stand around it.
  const isTelling = value !== lower || /\d/.test(value);
  if (expects === 'any' && isTelling) {
    const isAlike = shapes.some((known) => beginningOf(known) === beginningOf(shape));
    return isAlike ? 'novel' : 'untyped';
  }
  if (!shapes.includes(shape)) return 'odd';
  return isTelling || expects !== 'telling' ? 'novel' : 'odd';
}

/** Runs of letters and digits. */
export function wordsOf(value: string): readonly string[] {
  return value.match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** Whether the value may as well be of another type. Where there are rivals, what looks like none of its own may be of any. */
function isRivalled(
  { shapes, rivalled, doubtful }: ValueType,
  lower: string,
  shape: string,
): boolean {
  if (rivalled.length > 0 && (rivalled.includes(shape) || !shapes.includes(shape))) return true;
  return wordsOf(lower).some((word) => doubtful.includes(word));
}

function isUnknown({ values, shapes }: ValueType): boolean {
  return values.length === 0 && shapes.length === 0;
}

/** Capitals, a capital and small letters, small letters, digits, or a sign. */
function beginningOf(shape: string): string {
  return /^(?:Aa|.)/u.exec(shape)?.[0] ?? '';
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
