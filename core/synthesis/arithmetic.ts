/** Programs that compute: sums of numbers and constants, counts, and sums of three. */

import {
  add,
  divide,
  formatDecimal,
  multiply,
  parseDecimal,
  subtract,
  type Decimal,
} from '../decimal.ts';
import { applyArithmetic } from '../expressions/evaluate.ts';
import type { ArithmeticOp, Expression } from '../expressions/expression.ts';
import { COST, literalCost, numberConstantCost, plainNumber } from './evidence.ts';
import { extend } from './pieces.ts';
import { hasValues, isNumeric, type Budget, type Piece, type Task } from './task.ts';

/** Something, one number, something. */
const FORMED = /^([^0-9-]{0,16})(-?[0-9][0-9,]{0,20}(?:\.[0-9]{1,12})?)([^0-9]{0,16})$/u;
const OPS = ['add', 'multiply', 'subtract', 'divide'] as const;
const LINE_POINTS_MIN = 3;
const LINE_DECIMALS_MAX = 3;
const UNITS = ['60', '3600', '24', '7', '12', '10', '100', '1000'] as const;
const SMALL_CONSTANTS = ['1', '2', '10', '100'] as const;
/** Sums of three are tried over variables only, and only so many. */
const NESTED_MAX = 6;
/** A longer constant is no small correction but an answer of its own. */
const CONSTANT_CHARACTERS_MAX = 12;

/** All programs of numbers that give the outputs, whatever they cost. */
export function findArithmetic(
  task: Task,
  numbers: readonly Piece[],
  budget: Budget,
): readonly Piece[] {
  if (task.outputs.every((output) => /^-?[0-9]+\.[0-9]{2}$/.test(output)))
    return findPrices(task, numbers, budget);
  return findSums(task, numbers, budget);
}

/**
 * The same inside a form that all outputs share: "$1,234.50", "45%", "12 km". What stands around the number is the
 * same in all outputs, so it is known only where outputs differ.
 */
export function findFormedArithmetic(
  task: Task,
  numbers: readonly Piece[],
  budget: Budget,
): readonly Piece[] {
  const parts = task.outputs.map((output) => FORMED.exec(output));
  const [, prefix = '', , suffix = ''] = parts[0] ?? [];
  const digits = parts.map((part) => part?.[2] ?? '');
  const isShared = parts.every((part) => part?.[1] === prefix && part[3] === suffix);
  const isGrouped = digits.some((text) => text.includes(','));
  if (!task.isVaried || !isShared || (prefix + suffix === '' && !isGrouped)) return [];
  const outputs = digits.map((text) => text.replaceAll(',', ''));
  return findArithmetic({ ...task, outputs }, numbers, budget).flatMap((piece) => {
    const grouped = isGrouped
      ? extend(piece, { op: 'group', of: piece.expression, separator: ',' }, COST.group)
      : piece;
    if (grouped === undefined || !hasValues(grouped, digits)) return [];
    const around = (value: string): Expression[] => (value === '' ? [] : [{ op: 'text', value }]);
    const items = [...around(prefix), grouped.expression, ...around(suffix)];
    const cost = grouped.cost + COST.concat + literalCost(prefix) + literalCost(suffix);
    return [
      {
        expression: items.length === 1 ? grouped.expression : { op: 'concat' as const, items },
        cost,
        values: task.outputs,
      },
    ];
  });
}

/** Every output has two decimals: sums that are written so, and sums that happen to be. */
function findPrices(task: Task, numbers: readonly Piece[], budget: Budget): readonly Piece[] {
  const outputs = task.outputs.map((output) => withoutPadding(output));
  return findSums({ ...task, outputs }, numbers, budget).flatMap((piece) => {
    const written = extend(
      piece,
      { op: 'decimals', of: piece.expression, count: 2 },
      COST.decimals,
    );
    return [piece, ...(written === undefined ? [] : [written])].filter((found) =>
      hasValues(found, task.outputs),
    );
  });
}

function withoutPadding(output: string): string {
  const value = parseDecimal(output);
  return value === undefined ? output : formatDecimal(value);
}

function findSums(task: Task, numbers: readonly Piece[], budget: Budget): readonly Piece[] {
  if (!task.outputs.every((output) => plainNumber(output) !== undefined)) return [];
  const pairs = combine(numbers, numbers, budget);
  const operands = numbers.filter((piece) => piece.expression.op === 'var').slice(0, NESTED_MAX);
  const nested =
    operands.length < 3 ? [] : combine(combine(operands, operands, budget), operands, budget);
  const constant = numbers.flatMap((piece) => withConstants(piece, task, numbers));
  const linear = task.isVaried ? numbers.flatMap((piece) => withLine(piece, task)) : [];
  const shares = task.isVaried ? pairs.flatMap((pair) => byTheHundred(pair, task)) : [];
  const solutions = [...constant, ...linear, ...pairs, ...nested, ...shares, ...counts(task)];
  return solutions.filter((piece) => hasValues(piece, task.outputs));
}

/** "30% of 1740": the hundredth of a product. */
function byTheHundred(pair: Piece, task: Task): readonly Piece[] {
  if (pair.expression.op !== 'multiply') return [];
  const values = task.outputs.map(() => '100');
  const expression = { op: 'text', value: '100' } as const;
  const share = compute('divide', pair, { expression, cost: COST.smallConstant, values }, 0);
  return share === undefined ? [] : [share];
}

/** Each operation between each two, both ways round where that differs; within one list each pair once. */
function combine(
  lefts: readonly Piece[],
  rights: readonly Piece[],
  budget: Budget,
): readonly Piece[] {
  return lefts.flatMap((left, index) =>
    rights
      .slice(lefts === rights ? index : 0)
      .filter((right) => left === right || !uses(left.expression, right.expression))
      .flatMap((right) => (budget.take() ? between(left, right) : [])),
  );
}

function between(left: Piece, right: Piece): readonly Piece[] {
  const more = left === right || isTwin(left, right) ? COST.sameOperand : 0;
  const found = [compute('add', left, right, more), compute('multiply', left, right, more)];
  if (left !== right) {
    found.push(compute('subtract', left, right, 0), compute('subtract', right, left, 0));
    found.push(compute('divide', left, right, 0), compute('divide', right, left, 0));
    found.push(
      ...(['difference', 'minimum', 'maximum'] as const).map((op) => compute(op, left, right, 0)),
    );
    found.push(
      ...(['quotient', 'remainder'] as const).flatMap((op) => [
        compute(op, left, right, 0),
        compute(op, right, left, 0),
      ]),
    );
  }
  return found.filter((piece) => piece !== undefined);
}

/** Two ways to the same part of a text; two variables with the same value are two things all the same. */
function isTwin(left: Piece, right: Piece): boolean {
  const areVariables = left.expression.op === 'var' && right.expression.op === 'var';
  return !areVariables && hasValues(left, right.values);
}

function compute(op: ArithmeticOp, left: Piece, right: Piece, more: number): Piece | undefined {
  const values: string[] = [];
  for (const [index, value] of left.values.entries()) {
    const result = applyArithmetic(op, value, right.values[index] ?? '');
    if (result === undefined) return undefined;
    values.push(result);
  }
  const expression: Expression = { op, left: left.expression, right: right.expression };
  return { expression, cost: left.cost + right.cost + costOf(op) + more, values };
}

function costOf(op: ArithmeticOp): number {
  if (op === 'quotient' || op === 'remainder') return COST[op];
  return op === 'difference' || op === 'minimum' || op === 'maximum'
    ? COST.comparison
    : COST.arithmetic;
}

/**
 * The number with a constant. One output allows 1, 2, 10 and 100; different outputs allow whatever
 * constant the first two numbers need. A constant that another number has is that number: `84 / 2`
 * with a variable 2 is a quotient of variables.
 */
function withConstants(piece: Piece, task: Task, numbers: readonly Piece[]): readonly Piece[] {
  const constants = new Map<string, number>();
  for (const text of task.isVaried ? neededConstants(piece, task) : []) {
    const value = plainNumber(text);
    if (value !== undefined) constants.set(text, numberConstantCost(value));
  }
  for (const text of SMALL_CONSTANTS)
    constants.set(text, Math.min(constants.get(text) ?? Infinity, COST.smallConstant));
  return [...constants].flatMap(([text, cost]) => {
    const values = task.outputs.map(() => text);
    if (numbers.some((other) => other !== piece && hasValues(other, values))) return [];
    const constant: Piece = { expression: { op: 'text', value: text }, cost, values };
    const right = OPS.map((op) => (isIdle(op, text) ? undefined : compute(op, piece, constant, 0)));
    const left = [compute('subtract', constant, piece, 0), compute('divide', constant, piece, 0)];
    return [...right, ...left].filter((found) => found !== undefined);
  });
}

/** `x * a + b`, the line through two examples: any two fit one, so a third has to lie on it. */
function withLine(piece: Piece, task: Task): readonly Piece[] {
  if (new Set(task.outputs).size < LINE_POINTS_MIN) return [];
  const [x1, x2] = piece.values.map(plainNumber);
  const [y1, y2] = task.outputs.map(plainNumber);
  const rise = y1 && y2 && subtract(y2, y1);
  const run = x1 && x2 && subtract(x2, x1);
  const slope = rise && run && divide(rise, run);
  const product = slope && multiply(slope, x1);
  const rest = product && subtract(y1, product);
  return slope && rest ? lines(piece, task, [slope, rest]) : [];
}

function lines(
  piece: Piece,
  task: Task,
  [slope, rest]: readonly [Decimal, Decimal],
): readonly Piece[] {
  if (slope.mantissa === 0n || rest.mantissa === 0n) return [];
  // Longer decimals come from rounded outputs, which only look like a line.
  if (Math.min(slope.exponent, rest.exponent) < -LINE_DECIMALS_MAX) return [];
  const scaled = compute('multiply', piece, constantPiece(slope, task), 0);
  const line = scaled && compute('add', scaled, constantPiece(rest, task), COST.line);
  return line === undefined ? [] : [line];
}

function constantPiece(value: Decimal, task: Task): Piece {
  const text = formatDecimal(value);
  return {
    expression: { op: 'text', value: text },
    cost: numberConstantCost(value),
    values: task.outputs.map(() => text),
  };
}

function isIdle(op: ArithmeticOp, constant: string): boolean {
  return constant === '1' && (op === 'multiply' || op === 'divide');
}

/** What the first example needs: the difference, the ratio, and what is left of a whole. */
function neededConstants(piece: Piece, task: Task): readonly string[] {
  const value = plainNumber(piece.values[0] ?? '');
  const output = plainNumber(task.outputs[0] ?? '');
  if (value === undefined || output === undefined) return [];
  const needed: readonly (Decimal | undefined)[] = [
    subtract(output, value),
    subtract(value, output),
    add(value, output),
    divide(output, value),
    divide(value, output),
    multiply(value, output),
  ];
  return needed.flatMap((constant) => {
    if (constant === undefined || constant.mantissa <= 0n) return [];
    const text = formatDecimal(constant);
    return text.length > CONSTANT_CHARACTERS_MAX ? [] : [text];
  });
}

/**
 * Quotients and remainders by what people count in: seconds, minutes, hours, days, dozens, hundreds. Parts of joins,
 * such as "2h 15m".
 */
export function findUnits(
  task: Task,
  numbers: readonly Piece[],
  isWanted: (values: readonly string[]) => boolean,
): readonly Piece[] {
  return numbers.flatMap((piece) =>
    UNITS.flatMap((text) => {
      const constant: Piece = {
        expression: { op: 'text', value: text },
        cost: COST.unit,
        values: task.outputs.map(() => text),
      };
      const found = (['quotient', 'remainder'] as const).map((op) =>
        compute(op, piece, constant, 0),
      );
      return found.flatMap((made) => (made !== undefined && isWanted(made.values) ? [made] : []));
    }),
  );
}

/** How often a sign stands in a text, and how many parts it makes. */
export function findOccurrences(task: Task): readonly Piece[] {
  if (!task.outputs.every((output) => /^[0-9]{1,4}$/.test(output))) return [];
  return task.variables.flatMap((piece) => {
    const signs = piece.values.join('').match(/[^\p{L}\p{N}]/gu) ?? [];
    const needles = [...new Set([...task.constants, ...signs])].filter(
      (needle) => needle !== '' && needle.length <= 16,
    );
    return needles.slice(0, 12).flatMap((needle) => {
      const counted = extend(
        piece,
        { op: 'occurrences', of: piece.expression, needle },
        COST.count,
      );
      if (counted === undefined) return [];
      const more = withConstants(counted, { ...task, isVaried: false }, []);
      return [counted, ...more].filter((found) => hasValues(found, task.outputs));
    });
  });
}

/** Lengths and word counts of texts. */
function counts(task: Task): readonly Piece[] {
  const cost = COST.count + (task.isVaried ? 0 : COST.loneCount);
  return task.variables
    .filter((piece) => !isNumeric(piece))
    .flatMap((piece) => {
      const of = piece.expression;
      // Whether blanks count is open until a text has one.
      const letters = extend(piece, { op: 'replace', of, from: ' ', to: '' }, COST.replace);
      const found = [
        extend(piece, { op: 'word-count', of }, cost),
        extend(piece, { op: 'length', of }, cost),
        letters && extend(letters, { op: 'length', of: letters.expression }, cost),
      ];
      return found.filter((entry) => entry !== undefined);
    });
}

/** Whether `operand` is part of the sum `expression`: its numbers are used once each. */
function uses(expression: Expression, operand: Expression): boolean {
  return (
    expression === operand ||
    ('left' in expression && (uses(expression.left, operand) || uses(expression.right, operand)))
  );
}
