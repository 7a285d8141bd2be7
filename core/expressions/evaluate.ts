/**
 * The meaning of expressions: a text, or undefined where an operand does not fit.
 * Total and bounded: at most `sizeMax` nodes, each linear in values of at most 64 Ki.
 */

import {
  add,
  difference,
  divide,
  formatDecimal,
  formatFixed,
  maximum,
  minimum,
  multiply,
  parseDecimal,
  quotient,
  remainder,
  subtract,
} from '../decimal.ts';
import {
  EXPRESSION_LIMITS,
  isPlainExpression,
  type ArithmeticOp,
  type Expression,
  type PlainOp,
  type UnaryExpression,
} from './expression.ts';

type Values = ReadonlyMap<string, string>;

const BLANKS = /\s+/u;
const BLANK = /^\s$/u;

/**
 * The value of `expression`, its variables taken from `values`.
 *
 * Errors: none. Undefined when a variable is missing, an operand does not fit (no number, index out of range,
 * text too short, delimiter absent), the result would be longer than 64 Ki, or the expression is beyond its limits.
 */
export function evaluate(expression: Expression, values: Values): string | undefined {
  return new Evaluation(values).of(expression, 0);
}

class Evaluation {
  private readonly values: Values;
  private nodes = 0;
  constructor(values: Values) {
    this.values = values;
  }

  of(expression: Expression, depth: number): string | undefined {
    this.nodes++;
    if (this.nodes > EXPRESSION_LIMITS.sizeMax || depth > EXPRESSION_LIMITS.depthMax)
      return undefined;
    if (expression.op === 'var') return within(this.values.get(expression.name));
    if (expression.op === 'text') return within(expression.value);
    if ('items' in expression) return this.concat(expression.items, depth);
    const first = this.of('left' in expression ? expression.left : expression.of, depth + 1);
    if (first === undefined) return undefined;
    if ('left' in expression) {
      const right = this.of(expression.right, depth + 1);
      return right === undefined ? undefined : applyArithmetic(expression.op, first, right);
    }
    if (expression.op !== 'repeat') return applyUnary(expression, first);
    const times = this.of(expression.times, depth + 1);
    return times === undefined ? undefined : applyRepeat(first, times, expression.separator);
  }

  private concat(items: readonly Expression[], depth: number): string | undefined {
    let text = '';
    for (const item of items) {
      const value = this.of(item, depth + 1);
      if (value === undefined) return undefined;
      text += value;
      if (text.length > EXPRESSION_LIMITS.valueCharactersMax) return undefined;
    }
    return text;
  }
}

/** The operation of `expression` on an operand that is already evaluated; `expression.of` is not looked at. */
export function applyUnary(expression: UnaryExpression, operand: string): string | undefined {
  return within(resultOf(expression, operand));
}

/** Exact decimals; the result is in plain notation. */
export function applyArithmetic(op: ArithmeticOp, left: string, right: string): string | undefined {
  const a = parseDecimal(left);
  const b = parseDecimal(right);
  if (a === undefined || b === undefined) return undefined;
  const result = ARITHMETIC[op](a, b);
  return result === undefined ? undefined : formatDecimal(result);
}

/** `text` so many times, with `separator` between; a number that is no count is undefined. */
export function applyRepeat(text: string, times: string, separator: string): string | undefined {
  if (!/^[1-9][0-9]{0,3}$/.test(times)) return undefined;
  const count = Number(times);
  if (count > EXPRESSION_LIMITS.timesMax) return undefined;
  const length = (text.length + separator.length) * count - separator.length;
  if (length > EXPRESSION_LIMITS.valueCharactersMax) return undefined;
  return text + (separator + text).repeat(count - 1);
}

const ARITHMETIC = {
  add,
  subtract,
  multiply,
  divide,
  quotient,
  remainder,
  difference,
  minimum,
  maximum,
} as const;

/** Half a surrogate pair is refused at the door, so that no operation has to think of it. */
function within(value: string | undefined): string | undefined {
  if (value === undefined || value.length > EXPRESSION_LIMITS.valueCharactersMax) return undefined;
  return value.isWellFormed() ? value : undefined;
}

function resultOf(expression: UnaryExpression, text: string): string | undefined {
  if (isPlainExpression(expression)) return PLAIN[expression.op](text);
  switch (expression.op) {
    case 'word':
      return itemAt(wordsOf(text), expression.index);
    case 'part':
      return partAt(text, expression.delimiter, expression.index);
    case 'first':
    case 'last':
      return charactersAt(expression.op, text, expression.count);
    case 'decimals':
      return withDecimals(text, expression.count);
    case 'replace':
      return expression.from === '' ? undefined : replaced(text, expression.from, expression.to);
  }
}

const PLAIN: Readonly<Record<PlainOp, (text: string) => string | undefined>> = {
  upper: (text) => text.toUpperCase(),
  lower: (text) => text.toLowerCase(),
  capitalize,
  title: (text) => text.split(/(\s+)/u).map(capitalize).join(''),
  trim: (text) => text.trim(),
  reverse: (text) => Array.from(text).reverse().join(''),
  initials: (text) => nonEmpty(wordsOf(text).map(initialOf).join('')),
  length: (text) => String(Array.from(text).length),
  'word-count': (text) => String(wordsOf(text).length),
  number: withoutLeadingZeros,
};

function wordsOf(text: string): readonly string[] {
  const trimmed = text.trim();
  return trimmed === '' ? [] : trimmed.split(BLANKS);
}

/** A text without the delimiter has no parts: the "domain" of a word that is no address must not be the word. */
function partAt(text: string, delimiter: string, index: number): string | undefined {
  if (delimiter === '') return undefined;
  const parts = text.split(delimiter);
  return parts.length < 2 ? undefined : nonEmpty(itemAt(parts, index));
}

/** All of a text that is too short is not its first so many characters, but undefined. */
function charactersAt(end: 'first' | 'last', text: string, count: number): string | undefined {
  if (!Number.isInteger(count) || count < 1) return undefined;
  const characters = Array.from(text);
  if (characters.length < count) return undefined;
  return (end === 'first' ? characters.slice(0, count) : characters.slice(-count)).join('');
}

/** The length is known before the text is made: 64 Ki delimiters of one character could grow sixteenfold. */
function replaced(text: string, from: string, to: string): string | undefined {
  const parts = text.split(from);
  const length = text.length + (parts.length - 1) * (to.length - from.length);
  return length > EXPRESSION_LIMITS.valueCharactersMax ? undefined : parts.join(to);
}

function withDecimals(text: string, count: number): string | undefined {
  const value = parseDecimal(text);
  return value === undefined ? undefined : formatFixed(value, count);
}

/** "07" is 7: the number that a run of digits is in a date, a time or a code. */
function withoutLeadingZeros(text: string): string | undefined {
  return /^[0-9]+$/.test(text) ? text.replace(/^0+(?=[0-9])/, '') : undefined;
}

function itemAt(items: readonly string[], index: number): string | undefined {
  return Number.isInteger(index) ? items.at(index) : undefined;
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
