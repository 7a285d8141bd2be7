/** Expressions as people read them: `upper(first_word(full_name))`, `(a + b) * 2`. Never parsed back. */

import { parseDecimal } from '../decimal.ts';
import {
  EXPRESSION_LIMITS,
  isArithmeticOp,
  operandsOf,
  shapeOf,
  type ArithmeticOp,
  type Expression,
} from './expression.ts';
import type { Position } from './positions.ts';

const SIGNS: ReadonlyMap<ArithmeticOp, string> = new Map([
  ['add', '+'],
  ['subtract', '-'],
  ['multiply', '*'],
  ['divide', '/'],
]);
const IDENTIFIER = /^[\p{L}_][\p{L}\p{N}_]*$/u;

/** The expression as one line; what lies deeper than an expression may is shown as "…". */
export function formatExpression(expression: Expression): string {
  return new Formatter().of(expression, 0);
}

class Formatter {
  private nodes = 0;

  of(expression: Expression, depth: number): string {
    this.nodes++;
    if (this.nodes > EXPRESSION_LIMITS.sizeMax || depth > EXPRESSION_LIMITS.depthMax) return '…';
    if (expression.op === 'var') return variable(expression.name);
    if (expression.op === 'text') return quote(expression.value);
    if (expression.op === 'if') return this.choice(expression, depth);
    if ('left' in expression && isArithmeticOp(expression.op)) {
      const sign = SIGNS.get(expression.op);
      const left = this.number(expression.left, depth, sign !== undefined);
      const right = this.number(expression.right, depth, sign !== undefined);
      return sign === undefined ? call(expression.op, [left, right]) : `${left} ${sign} ${right}`;
    }
    const operands = operandsOf(expression)
      .slice(0, EXPRESSION_LIMITS.itemsMax + 1)
      .map((operand) => this.of(operand, depth + 1));
    return withFields(expression, operands);
  }

  private choice(expression: Extract<Expression, { op: 'if' }>, depth: number): string {
    const [condition, then, other] = operandsOf(expression).map((operand) =>
      this.of(operand, depth + 1),
    );
    return `if ${condition ?? ''} then ${then ?? ''} else ${other ?? ''}`;
  }

  /** An operand of arithmetic: numbers without quotes, and sums within sums in parentheses. */
  private number(expression: Expression, depth: number, isNested: boolean): string {
    const text = this.of(expression, depth + 1);
    if (isNested && isArithmeticOp(expression.op) && SIGNS.has(expression.op)) return `(${text})`;
    return expression.op === 'text' && parseDecimal(expression.value) !== undefined
      ? expression.value
      : text;
  }
}

function variable(name: string): string {
  return IDENTIFIER.test(name) ? name : call('variable', [quote(name)]);
}

/** The operation with its operands and whatever else it holds. */
function withFields(expression: Expression, operands: readonly string[]): string {
  const name = expression.op.replace('-', '_');
  if (expression.op === 'item') return name;
  if (expression.op === 'word') return indexed('word', expression.index, operands);
  if (expression.op === 'part')
    return indexed('part', expression.index, [...operands, quote(expression.delimiter)]);
  if ((expression.op === 'first' || expression.op === 'last') && expression.count === 1)
    return call(`${expression.op}_character`, operands);
  if (expression.op === 'first' || expression.op === 'last')
    return call(`${expression.op}_characters`, [...operands, String(expression.count)]);
  if (expression.op === 'repeat' && expression.separator === '') return call(name, operands);
  const fields = expression as unknown as Readonly<Record<string, unknown>>;
  const shown = Object.keys(shapeOf(expression.op)?.fields ?? {}).map((key) => field(fields[key]));
  return call(name, [...operands, ...shown]);
}

function field(value: unknown): string {
  if (isPlace(value)) return place(value);
  return typeof value === 'number' ? String(value) : quote(value);
}

/** The only field that is an object and no list. */
function isPlace(value: unknown): value is Position {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `start`, `end-3`, `before word 2`, `after "@" 1`. */
function place(position: Position): string {
  const { offset } = position;
  const moved = offset === 0 ? '' : `${offset > 0 ? '+' : ''}${String(offset)}`;
  if (!('index' in position)) return position.at + moved;
  const what = 'run' in position ? position.run : quote(position.delimiter);
  const count = position.index >= 0 ? position.index + 1 : position.index;
  return `${position.at} ${what} ${count}${moved}`;
}

/** Shown to people, so counting starts at one. */
function indexed(name: string, index: number, operands: readonly string[]): string {
  if (index === 0) return call(`first_${name}`, operands);
  if (index === -1) return call(`last_${name}`, operands);
  return index > 0
    ? call(name, [...operands, String(index + 1)])
    : call(`${name}_from_end`, [...operands, String(-index)]);
}

function call(name: string, operands: readonly string[]): string {
  return `${name}(${operands.join(', ')})`;
}

function quote(value: unknown): string {
  return JSON.stringify(value);
}
