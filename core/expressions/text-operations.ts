/** The operations on one text and constants. Each is linear in the text, and undefined where the text does not fit. */

import {
  ceiling,
  floor,
  formatDecimal,
  formatFixed,
  groupDigits,
  maximum,
  negate,
  parseDecimal,
  round,
  type Decimal,
} from '../decimal.ts';
import { isDatePattern, readDate, writeDate } from './dates.ts';
import {
  cardinalOf,
  centuryOf,
  ordinalOf,
  pluralOf,
  singularOf,
  spelledNumber,
  unspelledNumber,
} from './english.ts';
import {
  EXPRESSION_LIMITS,
  isPlainExpression,
  type PlainOp,
  type UnaryExpression,
} from './expression.ts';
import {
  findPosition,
  isOfClass,
  placesOf,
  runsOf,
  type CharacterClass,
  type Position,
} from './positions.ts';

const BLANKS = /\s+/u;
const BLANK = /^\s$/u;
/** "$1,234.50", "1,234 km", "EUR 12": one number with signs or letters around it. */
const AMOUNT =
  /^[^0-9]{0,8}?(-?)[^0-9.-]{0,8}([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(\.[0-9]+)?[^0-9]{0,16}$/u;

/** Without the check of the result's length and form, which `evaluate.ts` makes. */
export function unaryResult(expression: UnaryExpression, text: string): string | undefined {
  if (isPlainExpression(expression)) return PLAIN[expression.op](text);
  if (isMeasure(expression)) return measured(expression, text);
  switch (expression.op) {
    case 'word':
      return itemAt(wordsOf(text), expression.index);
    case 'part':
      return partAt(text, expression.delimiter, expression.index);
    case 'first':
    case 'last':
      return charactersAt(expression.op, text, expression.count);
    case 'replace':
      return replaced(text, expression.from, expression.to);
    case 'replace-first':
      return replacedFirst(text, expression.from, expression.to);
    case 'slice':
      return sliced(text, expression.start, expression.end);
    case 'keep':
    case 'remove':
      return filtered(text, expression.class, expression.op === 'keep');
    case 'lookup':
      return expression.entries.find(([key]) => key === text)?.[1];
    case 'date':
      return redated(text, expression.pattern, expression.written);
  }
}

const MEASURES = [
  ...([
    'decimals',
    'round',
    'group',
    'occurrences',
    'runs',
    'is',
    'has',
    'pad-start',
    'pad-end',
  ] as const),
] as const;
const MEASURE: ReadonlySet<string> = new Set(MEASURES);
type Measure = Extract<UnaryExpression, { readonly op: (typeof MEASURES)[number] }>;

function isMeasure(expression: UnaryExpression): expression is Measure {
  return MEASURE.has(expression.op);
}

function measured(expression: Measure, text: string): string | undefined {
  switch (expression.op) {
    case 'decimals':
      return numeric(text, (value) => formatFixed(value, expression.count));
    case 'round':
      return numeric(text, (value) => {
        const rounded = round(value, expression.count);
        return rounded && formatFixed(rounded, expression.count);
      });
    case 'group':
      return groupDigits(text, expression.separator);
    case 'occurrences':
      return String(placesOf(text, expression.needle).length);
    case 'runs':
      return String(runsOf(text, expression.class).length);
    case 'has':
      return String(Array.from(text).some((character) => isOfClass(character, expression.class)));
    case 'is':
      return String(
        text !== '' &&
          Array.from(text).every((character) => isOfClass(character, expression.class)),
      );
    case 'pad-start':
    case 'pad-end':
      return padded(expression.op, text, expression);
  }
}

const PLAIN: Readonly<Record<PlainOp, (text: string) => string | undefined>> = {
  upper: (text) => text.toUpperCase(),
  lower: (text) => text.toLowerCase(),
  capitalize,
  title: titleOf,
  trim: (text) => text.trim(),
  squeeze: (text) => wordsOf(text).join(' '),
  reverse: (text) => Array.from(text).reverse().join(''),
  initials: (text) => nonEmpty(wordsOf(text).map(initialOf).join('')),
  length: (text) => String(Array.from(text).length),
  'word-count': (text) => String(wordsOf(text).length),
  number: withoutLeadingZeros,
  amount: amountOf,
  absolute: (text) => numeric(text, (value) => formatDecimal(maximum(value, negate(value)))),
  floor: (text) => numeric(text, (value) => formatted(floor(value))),
  ceiling: (text) => numeric(text, (value) => formatted(ceiling(value))),
  ordinal: ordinalOf,
  cardinal: cardinalOf,
  century: centuryOf,
  spell: spelledNumber,
  unspell: unspelledNumber,
  plural: pluralOf,
  singular: singularOf,
  not: (text) => (isTruth(text) ? String(text === 'false') : undefined),
};

function titleOf(text: string): string {
  if (!BLANKS.test(text)) return capitalize(text);
  return text.split(/(\s+)/u).map(capitalize).join('');
}

export function isTruth(text: string): boolean {
  return text === 'true' || text === 'false';
}

export function wordsOf(text: string): readonly string[] {
  const trimmed = text.trim();
  return trimmed === '' ? [] : trimmed.split(BLANKS);
}

/** A text without the delimiter has no parts: the "domain" of a word that is no address must not be the word. */
export function partAt(text: string, delimiter: string, index: number): string | undefined {
  if (delimiter === '') return undefined;
  const parts = text.split(delimiter);
  return parts.length < 2 ? undefined : nonEmpty(itemAt(parts, index));
}

export function itemAt(items: readonly string[], index: number): string | undefined {
  return Number.isInteger(index) ? items.at(index) : undefined;
}

/** The length is known before the text is made: 64 Ki delimiters of one character could grow thirtyfold. */
export function replaced(text: string, from: string, to: string): string | undefined {
  if (from === '') return undefined;
  const parts = text.split(from);
  const length = text.length + (parts.length - 1) * (to.length - from.length);
  return length > EXPRESSION_LIMITS.valueCharactersMax ? undefined : parts.join(to);
}

/** A text that lacks `from` stays as it is. */
export function replacedFirst(text: string, from: string, to: string): string | undefined {
  if (from === '') return undefined;
  const start = text.indexOf(from);
  return start < 0 ? text : text.slice(0, start) + to + text.slice(start + from.length);
}

/** All of a text that is too short is not its first so many characters, but undefined. */
function charactersAt(end: 'first' | 'last', text: string, count: number): string | undefined {
  if (!Number.isInteger(count) || count < 1) return undefined;
  const characters = Array.from(text);
  if (characters.length < count) return undefined;
  return (end === 'first' ? characters.slice(0, count) : characters.slice(-count)).join('');
}

function sliced(text: string, start: Position, end: Position): string | undefined {
  const [from, to] = [findPosition(text, start), findPosition(text, end)];
  return from === undefined || to === undefined || from > to ? undefined : text.slice(from, to);
}

function filtered(text: string, kind: CharacterClass, isKept: boolean): string {
  return Array.from(text)
    .filter((character) => isOfClass(character, kind) === isKept)
    .join('');
}

function redated(text: string, pattern: string, written: string): string | undefined {
  if (!isDatePattern(pattern) || !isDatePattern(written)) return undefined;
  const date = readDate(text, pattern);
  return date && writeDate(date, written);
}

function padded(
  op: 'pad-start' | 'pad-end',
  text: string,
  { count, fill }: { readonly count: number; readonly fill: string },
): string | undefined {
  if (!Number.isInteger(count) || count > EXPRESSION_LIMITS.indexMax) return undefined;
  return op === 'pad-start' ? text.padStart(count, fill) : text.padEnd(count, fill);
}

/** "$1,234.50" is 1234.5; a text with two numbers is undefined. */
function amountOf(text: string): string | undefined {
  const parts = text.length > 64 ? null : AMOUNT.exec(text);
  if (parts === null) return undefined;
  const [, sign = '', whole = '', fraction = ''] = parts;
  const digits = whole.replaceAll(',', '').replace(/^0+(?=[0-9])/, '');
  return numeric(sign + digits + fraction, (value) => formatDecimal(value));
}

function numeric(text: string, change: (value: Decimal) => string | undefined): string | undefined {
  const value = parseDecimal(text);
  return value && change(value);
}

function formatted(value: Decimal | undefined): string | undefined {
  return value && formatDecimal(value);
}

/** "07" is 7: the number that a run of digits is in a date, a time or a code. */
function withoutLeadingZeros(text: string): string | undefined {
  return /^[0-9]+$/.test(text) ? text.replace(/^0+(?=[0-9])/, '') : undefined;
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

function capitalize(text: string): string {
  const initial = initialOf(text);
  return BLANK.test(initial) ? text : initial.toUpperCase() + text.slice(initial.length);
}

function initialOf(text: string): string {
  const point = text.codePointAt(0);
  return point === undefined ? '' : String.fromCodePoint(point);
}
