/**
 * Reads expressions from untrusted data (database, model): shape, depth and size are checked here and nowhere else.
 * A key that is not known is refused: a later version may give it a meaning that must not be overlooked.
 */

import {
  EXPRESSION_LIMITS,
  isArithmeticOp,
  isPlainOp,
  type ArithmeticOp,
  type Expression,
} from './expression.ts';

type Fields = Readonly<Record<string, unknown>>;

/** The expression that `json` is, as fresh objects, or undefined. */
export function parseExpression(json: unknown): Expression | undefined {
  return new Parser().expression(json, 0);
}

class Parser {
  private nodes = 0;

  expression(json: unknown, depth: number): Expression | undefined {
    this.nodes++;
    if (this.nodes > EXPRESSION_LIMITS.sizeMax || depth > EXPRESSION_LIMITS.depthMax)
      return undefined;
    if (!isFields(json)) return undefined;
    switch (json['op']) {
      case 'var':
        return variable(json);
      case 'text':
        return text(json);
      case 'concat':
        return this.concat(json, depth);
      case 'repeat':
        return this.repeat(json, depth);
      default:
        return isArithmeticOp(json['op'])
          ? this.arithmetic(json, json['op'], depth)
          : unary(json, this.expression(json['of'], depth + 1));
    }
  }

  private arithmetic(json: Fields, op: ArithmeticOp, depth: number): Expression | undefined {
    if (!hasOnly(json, 'left', 'right')) return undefined;
    const left = this.expression(json['left'], depth + 1);
    const right = left && this.expression(json['right'], depth + 1);
    return left && right && { op, left, right };
  }

  private concat(json: Fields, depth: number): Expression | undefined {
    const list = json['items'];
    if (!hasOnly(json, 'items') || !Array.isArray(list)) return undefined;
    if (list.length === 0 || list.length > EXPRESSION_LIMITS.itemsMax) return undefined;
    const items: Expression[] = [];
    for (const entry of list as readonly unknown[]) {
      const item = this.expression(entry, depth + 1);
      if (item === undefined) return undefined;
      items.push(item);
    }
    return { op: 'concat', items };
  }

  private repeat(json: Fields, depth: number): Expression | undefined {
    if (!hasOnly(json, 'of', 'times', 'separator')) return undefined;
    const separator = delimiterOf(json['separator'], 0);
    const of = this.expression(json['of'], depth + 1);
    const times = of && this.expression(json['times'], depth + 1);
    if (separator === undefined || times === undefined) return undefined;
    return of && { op: 'repeat', of, times, separator };
  }
}

function unary(json: Fields, of: Expression | undefined): Expression | undefined {
  if (of === undefined) return undefined;
  const op = json['op'];
  if (isPlainOp(op)) return hasOnly(json, 'of') ? { op, of } : undefined;
  if (op === 'first' || op === 'last' || op === 'decimals') {
    const count = integer(json['count'], 1);
    return hasOnly(json, 'of', 'count') && count !== undefined ? { op, of, count } : undefined;
  }
  if (op === 'replace') return replace(json, of);
  return op === 'word' || op === 'part' ? indexed(json, op, of) : undefined;
}

function indexed(json: Fields, op: 'word' | 'part', of: Expression): Expression | undefined {
  const index = integer(json['index'], -EXPRESSION_LIMITS.indexMax);
  if (index === undefined) return undefined;
  if (op === 'word') return hasOnly(json, 'of', 'index') ? { op, of, index } : undefined;
  const delimiter = delimiterOf(json['delimiter'], 1);
  if (delimiter === undefined || !hasOnly(json, 'of', 'delimiter', 'index')) return undefined;
  return { op, of, delimiter, index };
}

function replace(json: Fields, of: Expression): Expression | undefined {
  const from = delimiterOf(json['from'], 1);
  const to = delimiterOf(json['to'], 0);
  if (from === undefined || to === undefined || !hasOnly(json, 'of', 'from', 'to'))
    return undefined;
  return { op: 'replace', of, from, to };
}

function variable(json: Fields): Expression | undefined {
  const name = stringOf(json['name'], 1, EXPRESSION_LIMITS.nameCharactersMax);
  return hasOnly(json, 'name') && name !== undefined ? { op: 'var', name } : undefined;
}

function text(json: Fields): Expression | undefined {
  const value = stringOf(json['value'], 0, EXPRESSION_LIMITS.textCharactersMax);
  return hasOnly(json, 'value') && value !== undefined ? { op: 'text', value } : undefined;
}

function isFields(json: unknown): json is Fields {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

/** Whether the object's own keys are `op` and `keys`, no more and no fewer. */
function hasOnly(json: Fields, ...keys: readonly string[]): boolean {
  return (
    Object.keys(json).length === keys.length + 1 &&
    ['op', ...keys].every((key) => Object.hasOwn(json, key))
  );
}

function integer(value: unknown, minimum: number): number | undefined {
  if (typeof value !== 'number' || !Number.isInteger(value) || Object.is(value, -0))
    return undefined;
  return value >= minimum && value <= EXPRESSION_LIMITS.indexMax ? value : undefined;
}

function delimiterOf(value: unknown, minimum: number): string | undefined {
  return stringOf(value, minimum, EXPRESSION_LIMITS.delimiterCharactersMax);
}

function stringOf(value: unknown, minimum: number, maximum: number): string | undefined {
  if (typeof value !== 'string' || !value.isWellFormed()) return undefined;
  return value.length >= minimum && value.length <= maximum ? value : undefined;
}
