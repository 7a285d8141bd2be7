/** Expressions as people read them: `upper(first_word(full_name))`, `(a + b) * 2`. Never parsed back. */

import { parseDecimal } from '../decimal.ts';
import {
  EXPRESSION_LIMITS,
  isArithmeticOp,
  isPlainExpression,
  type ArithmeticOp,
  type Expression,
  type UnaryExpression,
} from './expression.ts';

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
    if ('items' in expression) {
      const items = expression.items.slice(0, EXPRESSION_LIMITS.itemsMax + 1);
      return call('concat', ...items.map((item) => this.of(item, depth + 1)));
    }
    if ('left' in expression) {
      const sign = SIGNS.get(expression.op);
      const left = this.number(expression.left, depth, sign !== undefined);
      const right = this.number(expression.right, depth, sign !== undefined);
      return sign === undefined ? call(expression.op, left, right) : `${left} ${sign} ${right}`;
    }
    const operand = this.of(expression.of, depth + 1);
    if (expression.op !== 'repeat') return unary(expression, operand);
    const times = this.of(expression.times, depth + 1);
    const separator = expression.separator === '' ? [] : [quote(expression.separator)];
    return call('repeat', operand, times, ...separator);
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
  return IDENTIFIER.test(name) ? name : call('variable', quote(name));
}

function unary(expression: UnaryExpression, operand: string): string {
  if (isPlainExpression(expression)) return call(expression.op.replace('-', '_'), operand);
  switch (expression.op) {
    case 'word':
      return indexed('word', expression.index, [operand]);
    case 'part':
      return indexed('part', expression.index, [operand, quote(expression.delimiter)]);
    case 'first':
    case 'last':
      return expression.count === 1
        ? call(`${expression.op}_character`, operand)
        : call(`${expression.op}_characters`, operand, String(expression.count));
    case 'decimals':
      return call('decimals', operand, String(expression.count));
    case 'replace':
      return call('replace', operand, quote(expression.from), quote(expression.to));
  }
}

/** Shown to people, so counting starts at one. */
function indexed(name: string, index: number, operands: readonly string[]): string {
  if (index === 0) return call(`first_${name}`, ...operands);
  if (index === -1) return call(`last_${name}`, ...operands);
  return index > 0
    ? call(name, ...operands, String(index + 1))
    : call(`${name}_from_end`, ...operands, String(-index));
}

function call(name: string, ...operands: readonly string[]): string {
  return `${name}(${operands.join(', ')})`;
}

function quote(text: string): string {
  return JSON.stringify(text);
}
