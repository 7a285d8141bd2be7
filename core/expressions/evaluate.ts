/**
 * The meaning of expressions: a text, or undefined where an operand does not fit.
 * Total and bounded: at most `sizeMax` nodes, each linear in values of at most 64 Ki, and in all at most
 * `charactersReadMax` characters, however often a list repeats an operation.
 */

import {
  add,
  compare,
  difference,
  divide,
  formatDecimal,
  maximum,
  minimum,
  multiply,
  parseDecimal,
  quotient,
  remainder,
  subtract,
} from '../decimal.ts';
import { readDate, shiftDate, writeDate } from './dates.ts';
import {
  EXPRESSION_LIMITS,
  isArithmeticOp,
  type ArithmeticOp,
  type Expression,
  type TestOp,
  type UnaryExpression,
} from './expression.ts';
import { aggregate, itemsOf, sorted } from './lists.ts';
import { placesOf, standsInWord } from './positions.ts';
import {
  isTruth,
  itemAt,
  partAt,
  replaced,
  replacedFirst,
  unaryResult,
  wordsOf,
} from './text-operations.ts';

type Values = ReadonlyMap<string, string>;
type Of<O extends Expression['op']> = Extract<Expression, { readonly op: O }>;

const SEVERAL_OPS = [
  ...([
    'repeat',
    'pick',
    'cut',
    'position',
    'shift-date',
    'substitute',
    'substitute-first',
  ] as const),
] as const;
const SEVERAL: ReadonlySet<string> = new Set(SEVERAL_OPS);
/** Operations on a text with further operands. */
type Several = Of<(typeof SEVERAL_OPS)[number]>;

function isSeveral(expression: Several | UnaryExpression): expression is Several {
  return SEVERAL.has(expression.op);
}

/** What a node costs beside its characters, so that many small ones are counted too. */
const NODE_CHARACTERS = 16;
/** A sought text that is longer is no word or delimiter, and would make the scan quadratic. */
const SOUGHT_CHARACTERS_MAX = 256;
/** Days that a date may move: a century. */
const DAYS = /^-?[0-9]{1,5}$/;

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
  private charactersLeft: number = EXPRESSION_LIMITS.charactersReadMax;
  private item: string | undefined;
  constructor(values: Values) {
    this.values = values;
  }

  of(expression: Expression, depth: number): string | undefined {
    this.nodes++;
    this.charactersLeft -= NODE_CHARACTERS;
    if (this.nodes > EXPRESSION_LIMITS.sizeMax || depth > EXPRESSION_LIMITS.depthMax)
      return undefined;
    return this.charactersLeft < 0 ? undefined : within(this.resultOf(expression, depth + 1));
  }

  private resultOf(expression: Expression, depth: number): string | undefined {
    if (expression.op === 'var') return this.values.get(expression.name);
    if (expression.op === 'text') return expression.value;
    if (expression.op === 'item') return this.item;
    if (expression.op === 'concat') return this.concat(expression.items, depth);
    if (expression.op === 'if') return this.choose(expression, depth);
    if (expression.op === 'list') return this.list(expression, depth);
    if ('left' in expression) return this.binary(expression, depth);
    if (isSeveral(expression)) return this.several(expression, depth);
    return this.read(expression.of, depth, (text) => unaryResult(expression, text));
  }

  /** Evaluates an operand, counts its characters, and goes on where it has a value. */
  private read(
    operand: Expression,
    depth: number,
    then: (text: string) => string | undefined,
  ): string | undefined {
    const text = this.of(operand, depth);
    if (text === undefined) return undefined;
    this.charactersLeft -= text.length;
    return this.charactersLeft < 0 ? undefined : then(text);
  }

  private concat(items: readonly Expression[], depth: number): string | undefined {
    let text = '';
    for (const item of items) {
      const value = this.of(item, depth);
      if (value === undefined) return undefined;
      text += value;
      if (text.length > EXPRESSION_LIMITS.valueCharactersMax) return undefined;
    }
    return text;
  }

  private binary(expression: Of<ArithmeticOp | TestOp>, depth: number): string | undefined {
    const { op, left, right } = expression;
    return this.read(left, depth, (a) =>
      this.read(right, depth, (b) =>
        isArithmeticOp(op) ? applyArithmetic(op, a, b) : applyTest(op, a, b),
      ),
    );
  }

  private choose({ condition, then, else: other }: Of<'if'>, depth: number): string | undefined {
    return this.read(condition, depth, (truth) =>
      isTruth(truth) ? this.of(truth === 'true' ? then : other, depth) : undefined,
    );
  }

  private several(expression: Several, depth: number): string | undefined {
    return this.read(expression.of, depth, (text) => {
      switch (expression.op) {
        case 'repeat':
          return this.read(expression.times, depth, (times) =>
            applyRepeat(text, times, expression.separator),
          );
        case 'pick':
          return this.read(expression.nth, depth, (nth) =>
            pickedFrom(text, nth, expression.delimiter),
          );
        case 'cut':
          return this.read(expression.begin, depth, (begin) =>
            this.read(expression.size, depth, (size) =>
              cutFrom(text, [begin, size], expression.delimiter),
            ),
          );
        case 'position':
          return this.read(expression.sought, depth, (sought) =>
            this.read(expression.nth, depth, (nth) => positionIn(text, sought, nth)),
          );
        case 'shift-date':
          return this.read(expression.days, depth, (days) =>
            shifted(text, days, expression.pattern),
          );
        case 'substitute':
        case 'substitute-first':
          return this.read(expression.sought, depth, (sought) =>
            this.read(expression.by, depth, (by) => substituted(expression.op, [text, sought, by])),
          );
      }
    });
  }

  /** Lists within lists see their own items; the outer item comes back afterwards. */
  private list(expression: Of<'list'>, depth: number): string | undefined {
    return this.read(expression.of, depth, (text) => {
      const items = itemsOf(text, expression.delimiter);
      if (items === undefined) return undefined;
      const outer = this.item;
      const made = this.eachOf(items, expression, depth);
      this.item = outer;
      const ordered = made && sorted(made, expression.order);
      return ordered && aggregate(ordered, expression.result, expression.separator);
    });
  }

  private eachOf(
    items: readonly string[],
    { keep, each }: Of<'list'>,
    depth: number,
  ): readonly string[] | undefined {
    const made: string[] = [];
    const nodes = this.nodes;
    for (const item of items) {
      this.item = item;
      // Size is a matter of the expression, not of the number of items.
      this.nodes = nodes;
      const isKept = this.of(keep, depth);
      if (isKept === undefined || !isTruth(isKept)) return undefined;
      if (isKept === 'false') continue;
      const value = this.read(each, depth, (text) => text);
      if (value === undefined) return undefined;
      made.push(value);
    }
    return made;
  }
}

/** The operation of `expression` on an operand that is already evaluated; `expression.of` is not looked at. */
export function applyUnary(expression: UnaryExpression, operand: string): string | undefined {
  return within(unaryResult(expression, operand));
}

/** Exact decimals; the result is in plain notation. */
export function applyArithmetic(op: ArithmeticOp, left: string, right: string): string | undefined {
  const a = parseDecimal(left);
  const b = parseDecimal(right);
  if (a === undefined || b === undefined) return undefined;
  const result = ARITHMETIC[op](a, b);
  return result === undefined ? undefined : formatDecimal(result);
}

/** "true" or "false"; undefined where `less` has no numbers, or `and` and `or` no truths. */
export function applyTest(op: TestOp, left: string, right: string): string | undefined {
  switch (op) {
    case 'contains':
      return right.length > SOUGHT_CHARACTERS_MAX ? undefined : String(left.includes(right));
    case 'starts-with':
      return String(left.startsWith(right));
    case 'ends-with':
      return String(left.endsWith(right));
    case 'equals':
      return String(left === right);
    case 'less': {
      const [a, b] = [parseDecimal(left), parseDecimal(right)];
      return a === undefined || b === undefined ? undefined : String(compare(a, b) < 0);
    }
    case 'and':
    case 'or': {
      if (!isTruth(left) || !isTruth(right)) return undefined;
      const decisive = op === 'or' ? 'true' : 'false';
      return left === decisive ? left : right;
    }
  }
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

/** A place that is counted from 1, or from the end where it is negative. */
function pickedFrom(text: string, nth: string, delimiter: string): string | undefined {
  if (!/^-?[1-9][0-9]{0,3}$/.test(nth)) return undefined;
  const index = Number(nth) > 0 ? Number(nth) - 1 : Number(nth);
  return delimiter === ' ' ? itemAt(wordsOf(text), index) : partAt(text, delimiter, index);
}

/** So many characters, or parts between delimiters, from the place `begin`; fewer at the end of the text. */
function cutFrom(
  text: string,
  [begin, size]: readonly [string, string],
  delimiter: string,
): string | undefined {
  if (!/^[1-9][0-9]{0,4}$/.test(begin) || !/^(0|[1-9][0-9]{0,4})$/.test(size)) return undefined;
  const start = Number(begin) - 1;
  const items = delimiter === '' ? Array.from(text) : text.split(delimiter);
  return start > items.length
    ? undefined
    : items.slice(start, start + Number(size)).join(delimiter);
}

function positionIn(text: string, sought: string, nth: string): string | undefined {
  if (!/^[1-9][0-9]{0,3}$/.test(nth) || sought.length > SOUGHT_CHARACTERS_MAX) return undefined;
  const place = placesOf(text, sought)[Number(nth) - 1];
  return place && String(Array.from(text.slice(0, place.start)).length + 1);
}

function substituted(
  op: 'substitute' | 'substitute-first',
  [text, sought, by]: readonly [string, string, string],
): string | undefined {
  if (sought.length > SOUGHT_CHARACTERS_MAX || standsInWord(text, sought)) return undefined;
  return op === 'substitute' ? replaced(text, sought, by) : replacedFirst(text, sought, by);
}

function shifted(text: string, days: string, pattern: string): string | undefined {
  const date = DAYS.test(days) ? readDate(text, pattern) : undefined;
  const moved = date && shiftDate(date, Number(days));
  return moved && writeDate(moved, pattern);
}
