/**
 * Reads expressions from untrusted data (database, model): shape, depth and size are checked here and nowhere else.
 * A key that is not known is refused: a later version may give it a meaning that must not be overlooked.
 */

import { isDatePattern } from './dates.ts';
import { EXPRESSION_LIMITS, shapeOf, type Expression, type FieldKind } from './expression.ts';
import { isCharacterClass } from './positions.ts';

type Fields = Readonly<Record<string, unknown>>;

const ORDERS: ReadonlySet<unknown> = new Set(['given', 'reversed', 'ascending', 'descending']);
const RESULTS: ReadonlySet<unknown> = new Set([
  ...['join', 'count', 'sum', 'minimum', 'maximum', 'average'],
]);

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
    if (json['op'] === 'concat') return this.concat(json, depth);
    const shape = shapeOf(json['op']);
    const names = shape && [...shape.operands, ...Object.keys(shape.fields)];
    if (shape === undefined || names === undefined || !hasOnly(json, names)) return undefined;
    const parsed: Record<string, unknown> = { op: json['op'] };
    for (const name of shape.operands) {
      const operand = this.expression(json[name], depth + 1);
      if (operand === undefined) return undefined;
      parsed[name] = operand;
    }
    for (const [name, kind] of Object.entries(shape.fields)) {
      const field = CHECKED[kind](json[name]);
      if (field === undefined) return undefined;
      parsed[name] = field;
    }
    // All fields of the operation are there, each checked, and no others: that is what the union says.
    return parsed as unknown as Expression;
  }

  private concat(json: Fields, depth: number): Expression | undefined {
    const list = json['items'];
    if (!hasOnly(json, ['items']) || !Array.isArray(list)) return undefined;
    if (list.length === 0 || list.length > EXPRESSION_LIMITS.itemsMax) return undefined;
    const items: Expression[] = [];
    for (const entry of list as readonly unknown[]) {
      const item = this.expression(entry, depth + 1);
      if (item === undefined) return undefined;
      items.push(item);
    }
    return { op: 'concat', items };
  }
}

const { indexMax, delimiterCharactersMax, nameCharactersMax, textCharactersMax } =
  EXPRESSION_LIMITS;

/** The field as it is, a copy where it is an object, or undefined where it is not of its kind. */
const CHECKED: Readonly<Record<FieldKind, (value: unknown) => unknown>> = {
  class: (value) => (isCharacterClass(value) ? value : undefined),
  count: (value) => integer(value, 1),
  delimiter: (value) => stringOf(value, 1, delimiterCharactersMax),
  entries: entriesOf,
  fill: (value) => stringOf(value, 1, 1),
  index: (value) => integer(value, -indexMax),
  name: (value) => stringOf(value, 1, nameCharactersMax),
  needle: (value) => stringOf(value, 1, delimiterCharactersMax),
  order: (value) => (ORDERS.has(value) ? value : undefined),
  pattern: patternOf,
  position: positionOf,
  result: (value) => (RESULTS.has(value) ? value : undefined),
  separator: (value) => stringOf(value, 0, delimiterCharactersMax),
  value: (value) => stringOf(value, 0, textCharactersMax),
};

function entriesOf(value: unknown): readonly (readonly [string, string])[] | undefined {
  if (!Array.isArray(value) || value.length > EXPRESSION_LIMITS.entriesMax) return undefined;
  const entries = new Map<string, string>();
  for (const entry of value as readonly unknown[]) {
    if (!Array.isArray(entry) || entry.length !== 2) return undefined;
    const [key, result] = (entry as readonly unknown[]).map((part) =>
      stringOf(part, 0, textCharactersMax),
    );
    if (key === undefined || result === undefined || entries.has(key)) return undefined;
    entries.set(key, result);
  }
  return entries.size === 0 ? undefined : [...entries];
}

function patternOf(value: unknown): string | undefined {
  const pattern = stringOf(value, 1, EXPRESSION_LIMITS.patternCharactersMax);
  return pattern !== undefined && isDatePattern(pattern) ? pattern : undefined;
}

/** `{at, offset}` from an end, or `{at, run | delimiter, index, offset}` beside a run or delimiter. */
function positionOf(json: unknown): Fields | undefined {
  if (!isFields(json)) return undefined;
  const { at, run, delimiter } = json;
  const offset = integer(json['offset'], -indexMax);
  if (offset === undefined) return undefined;
  if (at === 'start' || at === 'end')
    return Object.keys(json).length === 2 ? { at, offset } : undefined;
  const index = integer(json['index'], -indexMax);
  if ((at !== 'before' && at !== 'after') || index === undefined) return undefined;
  if (Object.keys(json).length !== 4) return undefined;
  if (Object.hasOwn(json, 'run'))
    return isCharacterClass(run) ? { at, run, index, offset } : undefined;
  const text = stringOf(delimiter, 1, delimiterCharactersMax);
  return text === undefined ? undefined : { at, delimiter: text, index, offset };
}

function isFields(json: unknown): json is Fields {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

/** Whether the object's own keys are `op` and `keys`, no more and no fewer. */
function hasOnly(json: Fields, keys: readonly string[]): boolean {
  return (
    Object.keys(json).length === keys.length + 1 &&
    ['op', ...keys].every((key) => Object.hasOwn(json, key))
  );
}

function integer(value: unknown, minimum: number): number | undefined {
  if (typeof value !== 'number' || !Number.isInteger(value) || Object.is(value, -0))
    return undefined;
  return value >= minimum && value <= indexMax ? value : undefined;
}

function stringOf(value: unknown, minimum: number, maximum: number): string | undefined {
  if (typeof value !== 'string' || !value.isWellFormed()) return undefined;
  return value.length >= minimum && value.length <= maximum ? value : undefined;
}
