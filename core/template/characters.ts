/**
 * The alphabet of the matchers: every UTF-16 unit belongs to one of a few classes, so that an automaton
 * is a small table. An ASCII unit is a class of its own; all others are told apart by what they are.
 */

/**
 * Classes above ASCII. `apostrophe` is the typographic one, part of names as the plain one is. `high` is
 * the first half of a surrogate pair: the pair is classed at its second.
 */
export const OTHER_CLASS = {
  upper: 128,
  letter: 129,
  mark: 130,
  number: 131,
  space: 132,
  apostrophe: 133,
  other: 134,
  high: 135,
} as const;

export const CLASS_COUNT = 136;

const ALL: readonly number[] = Array.from({ length: CLASS_COUNT - 1 }, (_, index) => index);

/** The classes of the ASCII characters in `characters`. */
export function ascii(characters: string): readonly number[] {
  return Array.from(characters, (character) => character.charCodeAt(0));
}

function asciiBetween(first: string, last: string): readonly number[] {
  return ALL.filter((unit) => unit >= first.charCodeAt(0) && unit <= last.charCodeAt(0));
}

const DIGITS = asciiBetween('0', '9');
const UPPERS = [...asciiBetween('A', 'Z'), OTHER_CLASS.upper];
const LETTERS = [...UPPERS, ...asciiBetween('a', 'z'), OTHER_CLASS.letter];
const BLANKS = [...ascii(' \t\v\f'), OTHER_CLASS.space];
const BREAKS = ascii('\n\r');

/** Sets of classes from which the kinds of matchers are built. */
export const CLASSES = {
  /** Any character. */
  any: ALL,
  digit: DIGITS,
  hex: [...DIGITS, ...asciiBetween('a', 'f'), ...asciiBetween('A', 'F')],
  /** `\p{Lu}`. */
  upper: UPPERS,
  /** `\p{L}`. */
  letter: LETTERS,
  /** `\p{L}` or `\p{N}`. */
  alphanumeric: [...LETTERS, ...DIGITS, OTHER_CLASS.number],
  /** `\p{L}`, `\p{M}` or `\p{N}`. */
  wordUnit: [...LETTERS, ...DIGITS, OTHER_CLASS.number, OTHER_CLASS.mark],
  /** White space that is no line break. */
  blank: BLANKS,
  /** What `\S` matches. */
  visible: without(ALL, [...BLANKS, ...BREAKS]),
} as const;

/** The classes of `classes` that are not in `removed`. */
export function without(classes: readonly number[], removed: readonly number[]): readonly number[] {
  return classes.filter((unit) => !removed.includes(unit));
}

const UNKNOWN = 255;
/** Classes of the units above ASCII, found when first met. */
const known = new Uint8Array(65_536).fill(UNKNOWN);

/** The class of the character that ends with the unit at `offset`, which lies in the text. Cost: constant. */
export function classAt(text: string, offset: number): number {
  const unit = text.charCodeAt(offset);
  if (unit < 128) return unit;
  if ((unit & 0xfc00) === 0xd800) return OTHER_CLASS.high;
  if ((unit & 0xfc00) === 0xdc00) return classOf(text.codePointAt(offset - 1) ?? unit);
  const found = known[unit] ?? UNKNOWN;
  if (found !== UNKNOWN) return found;
  return (known[unit] = classOf(unit));
}

/** Each of these decides on a single character. */
const UPPER = /^\p{Lu}$/u;
const LETTER = /^\p{L}$/u;
const MARK = /^\p{M}$/u;
const NUMBER = /^\p{N}$/u;
const SPACE = /^\s$/u;

function classOf(point: number): number {
  const character = String.fromCodePoint(point);
  if (character === '’') return OTHER_CLASS.apostrophe;
  if (UPPER.test(character)) return OTHER_CLASS.upper;
  if (LETTER.test(character)) return OTHER_CLASS.letter;
  if (MARK.test(character)) return OTHER_CLASS.mark;
  if (NUMBER.test(character)) return OTHER_CLASS.number;
  return SPACE.test(character) ? OTHER_CLASS.space : OTHER_CLASS.other;
}

/** Whether `offset` lies between the halves of a surrogate pair, where no value may begin or end. */
export function splitsPair(text: string, offset: number): boolean {
  if (offset <= 0 || offset >= text.length) return false;
  return (
    (text.charCodeAt(offset) & 0xfc00) === 0xdc00 &&
    (text.charCodeAt(offset - 1) & 0xfc00) === 0xd800
  );
}
