/**
 * How much an answer proves, and how much a program claims; both in bits. This is the policy of synthesis.
 *
 * A false derivation is the worst fault of the product, and most programs that explain one short answer do so
 * by chance. So a program is believed only if the answers carry at least as many bits as choosing it took
 * (minimum description length), and whatever is nearly as cheap and explains them too is kept as its rival.
 * The numbers are weights of plausibility, set by hand and held by the tables in `synthesize.test.ts`.
 *
 * What follows from them, with one example:
 * - "2 + 2 = 4" keeps a + b and a * b; "4 - 2 = 2" keeps the copy and the difference.
 * - 0, 1, 10, 100 and labels such as "yes" prove next to nothing: they are defaults more often than results.
 * - Lengths, word counts, constants, squares and cut words ("english" → "en") need several examples.
 * - The more variables there are, the more an answer has to prove.
 */

import { formatDecimal, parseDecimal, type Decimal } from '../decimal.ts';

/** A program may cost so much more than the answers prove: lets `2 + 2 = 4` through, which is tight. */
export const SLACK_BITS = 0.7;
/** A rival that costs more than the cheapest program by this is 32 times less likely, and dropped. */
export const RIVAL_BITS = 5;
/** Where programs need not prove themselves, more of them are let in, so more are set against one another. */
export const DETERMINED_RIVAL_BITS = 6;
/** Then each input that varies and is not read makes a program less likely. */
export const IGNORED_BITS = 2;

/** What each choice in a program takes. */
export const COST = {
  arithmetic: 2,
  /** Rivals of sums and copies rather than programs of their own: the distance, the larger, the rest. */
  comparison: 3,
  remainder: 4,
  quotient: 5,
  /** Two decimals, as in prices. */
  decimals: 3,
  number: 3,
  /** A constant from {1, 2, 10, 100}. */
  smallConstant: 6,
  /** The same operand twice: squares and doubles. */
  sameOperand: 6,
  count: 6,
  /** A count while all answers are the same. */
  loneCount: 4,
  word: 2,
  part: 3,
  initials: 3,
  firstCharacter: 3,
  lastCharacter: 4,
  /** More for a character of a number: digits meet by chance. */
  digit: 6,
  replace: 4,
  reverse: 4,
  trim: 3,
  case: 3,
  /** A step that changed nothing in any example, but may elsewhere, as "lower" does for "Butter". */
  idle: 1,
  /** Between two places; what the places are comes on top. Dearer than a word or a part, which say the same. */
  slice: 4,
  /** A place at a fixed distance from an end, on top of the distance. */
  fixedOffset: 3,
  /** A place one character beside a run or delimiter. */
  nudge: 4,
  keep: 4,
  amount: 3,
  codeAmount: 7,
  /** A sum or a rest of hours, minutes and the like. */
  unit: 7,
  shift: 6,
  /** The two examples that a line was drawn through prove nothing. */
  line: 6,
  ordinal: 3,
  century: 4,
  plural: 4,
  absolute: 4,
  group: 3,
  round: 5,
  pad: 5,
  /** Reading a date in one pattern and writing it in another, on top of the length of the latter. */
  date: 7,
  /** A word, part or character whose place is a variable. */
  pick: 4,
  substitute: 5,
  list: 7,
  /** A choice, and a test that decides it. */
  choice: 6,
  test: 3,
  concat: 1,
  item: 1,
  /** An operand that stands in a join once more. */
  itemAgain: 3,
  literal: 1,
  repeat: 4,
} as const;

/** Cutting words short needs four examples: codes and abbreviations look like it and are not ("de", "LHR"). */
export function truncationCost(characters: number): number {
  return 12 * characters + 1;
}

/** First and last are the plain choices; counting from the end to the middle is rare. */
export function indexCost(index: number): number {
  return index >= 0 ? Math.min(index, 4) : Math.min(-1 - index, 3) * 2;
}

/** Choosing one of so many variables, and the more of them, the likelier chance. */
export function variableCost(variableCount: number): number {
  return Math.min(Math.log2(Math.max(variableCount, 1)) + 0.35 * Math.max(variableCount - 2, 0), 4);
}

/** A separator is cheap; letters and digits in it cost what they would explain. */
export function literalCost(text: string): number {
  return COST.literal + (hasLetterOrDigit(text) ? textBits(text) : text.length);
}

export function numberConstantCost(value: Decimal): number {
  return 5 + numberBits(value);
}

/** The bits of all different outputs; the same output twice proves little more than once. */
export function evidenceOf(outputs: Iterable<string>): number {
  let bits = 0;
  for (const output of new Set(outputs)) bits += outputBits(output);
  return bits;
}

/** The number that `text` is, in the one format that arithmetic writes. */
export function plainNumber(text: string): Decimal | undefined {
  const value = parseDecimal(text);
  return value !== undefined && formatDecimal(value) === text ? value : undefined;
}

export function hasLetterOrDigit(text: string): boolean {
  return /[\p{L}\p{N}]/u.test(text);
}

const LETTER_BITS = 4;
const DIGIT_BITS = 3.3;
const OTHER_BITS = 1;
/** Two for each letter: initials of two words pass, cut and upper-cased words do not. */
const CODE_LETTER_BITS = 2;
const LABEL_BITS = 1;
const LABELS: ReadonlySet<string> = new Set(
  (
    'yes no true false ok okay none null nil unknown n/a na positive negative neutral high low medium ' +
    'left right up down on off good bad success failure error done pass fail'
  ).split(' '),
);
const CODE = /^\p{Lu}{1,5}$/u;
/** Beyond this no program is in doubt for want of evidence. */
const MEASURED_CHARACTERS_MAX = 200;

function outputBits(output: string): number {
  const number = plainNumber(output);
  if (number !== undefined) return numberBits(number);
  if (LABELS.has(output.toLowerCase())) return LABEL_BITS;
  return CODE.test(output) ? output.length * CODE_LETTER_BITS : textBits(output);
}

/** Significant digits, since 4000 is no rarer than 4; a power of ten or zero is a default more often than a result. */
function numberBits(value: Decimal): number {
  const digits = (value.mantissa < 0n ? -value.mantissa : value.mantissa).toString();
  const size = digits === '0' || digits === '1' ? 1 : digits.length * DIGIT_BITS;
  return size + (value.mantissa < 0n ? 1 : 0) + (value.exponent < 0 ? 1 : 0);
}

function textBits(text: string): number {
  let bits = 0;
  for (const character of text.slice(0, MEASURED_CHARACTERS_MAX)) {
    if (/\p{L}/u.test(character)) bits += LETTER_BITS;
    else bits += /\p{N}/u.test(character) ? DIGIT_BITS : OTHER_BITS;
  }
  return bits;
}
