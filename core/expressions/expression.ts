/**
 * The language of derivations: expressions over strings, as JSON data (docs/expressions.md lists the operations).
 * Every value is a string, numbers and "true"/"false" too, so one variable can be read as a text and as a number.
 * `evaluate.ts` gives the meaning, `parse-expression.ts` the check of untrusted data.
 */

import type { CharacterClass, Position } from './positions.ts';

/** Operations that need nothing but their operand. */
const PLAIN_OPS = [
  ...(['upper', 'lower', 'capitalize', 'title', 'trim', 'squeeze', 'reverse', 'initials'] as const),
  ...(['length', 'word-count', 'number', 'amount', 'absolute', 'floor', 'ceiling'] as const),
  ...(['ordinal', 'cardinal', 'century', 'spell', 'unspell', 'plural', 'singular', 'not'] as const),
] as const;
const ARITHMETIC_OPS = [
  ...(['add', 'subtract', 'multiply', 'divide', 'quotient', 'remainder'] as const),
  ...(['difference', 'minimum', 'maximum'] as const),
] as const;
/** Their value is "true" or "false". */
const TEST_OPS = [
  ...(['contains', 'starts-with', 'ends-with', 'equals', 'less', 'and', 'or'] as const),
] as const;

export type PlainOp = (typeof PLAIN_OPS)[number];
export type ArithmeticOp = (typeof ARITHMETIC_OPS)[number];
export type TestOp = (typeof TEST_OPS)[number];
export type ListOrder = 'given' | 'reversed' | 'ascending' | 'descending';
export type ListResult = 'join' | 'count' | 'sum' | 'minimum' | 'maximum' | 'average';

export interface PlainExpression {
  readonly op: PlainOp;
  readonly of: Expression;
}

/** An `index` counts from 0 at the start and from -1 at the end. */
export type UnaryExpression =
  | PlainExpression
  | { readonly op: 'word'; readonly of: Expression; readonly index: number }
  | {
      readonly op: 'part';
      readonly of: Expression;
      readonly delimiter: string;
      readonly index: number;
    }
  | {
      readonly op: 'first' | 'last';
      readonly of: Expression;
      readonly count: number;
    }
  | {
      readonly op: 'decimals' | 'round';
      readonly of: Expression;
      readonly count: number;
    }
  | {
      readonly op: 'pad-start' | 'pad-end';
      readonly of: Expression;
      readonly count: number;
      readonly fill: string;
    }
  | {
      readonly op: 'replace' | 'replace-first';
      readonly of: Expression;
      readonly from: string;
      readonly to: string;
    }
  | {
      readonly op: 'slice';
      readonly of: Expression;
      readonly start: Position;
      readonly end: Position;
    }
  | {
      readonly op: 'keep' | 'remove';
      readonly of: Expression;
      readonly class: CharacterClass;
    }
  | {
      readonly op: 'runs' | 'is' | 'has';
      readonly of: Expression;
      readonly class: CharacterClass;
    }
  | { readonly op: 'occurrences'; readonly of: Expression; readonly needle: string }
  | { readonly op: 'group'; readonly of: Expression; readonly separator: string }
  | {
      readonly op: 'date';
      readonly of: Expression;
      readonly pattern: string;
      readonly written: string;
    }
  | {
      readonly op: 'lookup';
      readonly of: Expression;
      readonly entries: readonly (readonly [string, string])[];
    };

export type Expression =
  | { readonly op: 'var'; readonly name: string }
  | { readonly op: 'text'; readonly value: string }
  /** The item at hand, inside `list`. */
  | { readonly op: 'item' }
  | UnaryExpression
  | { readonly op: 'concat'; readonly items: readonly Expression[] }
  | {
      readonly op: 'repeat';
      readonly of: Expression;
      readonly times: Expression;
      readonly separator: string;
    }
  | { readonly op: ArithmeticOp | TestOp; readonly left: Expression; readonly right: Expression }
  /** Places are numbers and count from 1; the word or part is counted from the end where `nth` is negative. */
  | {
      readonly op: 'pick';
      readonly of: Expression;
      readonly nth: Expression;
      readonly delimiter: string;
    }
  | {
      readonly op: 'cut';
      readonly of: Expression;
      readonly begin: Expression;
      readonly size: Expression;
      /** What is counted: the parts between delimiters, or characters where it is empty. */
      readonly delimiter: string;
    }
  | {
      readonly op: 'position';
      readonly of: Expression;
      readonly sought: Expression;
      readonly nth: Expression;
    }
  | {
      readonly op: 'substitute' | 'substitute-first';
      readonly of: Expression;
      readonly sought: Expression;
      readonly by: Expression;
    }
  | {
      readonly op: 'shift-date';
      readonly of: Expression;
      readonly days: Expression;
      readonly pattern: string;
    }
  | {
      readonly op: 'if';
      readonly condition: Expression;
      readonly then: Expression;
      readonly else: Expression;
    }
  /** Items between delimiters, or of a JSON array where `delimiter` is empty: those with `keep`, each as `each`. */
  | {
      readonly op: 'list';
      readonly of: Expression;
      readonly keep: Expression;
      readonly each: Expression;
      readonly delimiter: string;
      readonly order: ListOrder;
      readonly result: ListResult;
      readonly separator: string;
    };

export type Op = Expression['op'];

/** What a field that is no expression may hold; `parse-expression.ts` checks each kind. */
export type FieldKind =
  | 'class'
  | 'count'
  | 'delimiter'
  | 'entries'
  | 'fill'
  | 'index'
  | 'name'
  | 'needle'
  | 'order'
  | 'pattern'
  | 'position'
  | 'result'
  | 'separator'
  | 'value';

interface Shape {
  /** Fields that are expressions, in reading order. */
  readonly operands: readonly string[];
  readonly fields: Readonly<Record<string, FieldKind>>;
}

const OF = ['of'];
const CLASSED: Shape = { operands: OF, fields: { class: 'class' } };
const COUNTED: Shape = { operands: OF, fields: { count: 'count' } };
const PADDED: Shape = { operands: OF, fields: { count: 'count', fill: 'fill' } };
const REPLACED: Shape = { operands: OF, fields: { from: 'needle', to: 'separator' } };
const BINARY: Shape = { operands: ['left', 'right'], fields: {} };
const SUBSTITUTED: Shape = { operands: ['of', 'sought', 'by'], fields: {} };

/** The fields of every operation; `concat` alone has a list of operands, its `items`. */
const SHAPES: ReadonlyMap<unknown, Shape> = new Map<Op, Shape>([
  ['var', { operands: [], fields: { name: 'name' } }],
  ['text', { operands: [], fields: { value: 'value' } }],
  ['item', { operands: [], fields: {} }],
  ...PLAIN_OPS.map((op) => [op, { operands: OF, fields: {} }] as const),
  ...[...ARITHMETIC_OPS, ...TEST_OPS].map((op) => [op, BINARY] as const),
  ...(['first', 'last', 'decimals', 'round'] as const).map((op) => [op, COUNTED] as const),
  ...(['keep', 'remove', 'runs', 'has', 'is'] as const).map((op) => [op, CLASSED] as const),
  ...(['pad-start', 'pad-end'] as const).map((op) => [op, PADDED] as const),
  ...(['replace', 'replace-first'] as const).map((op) => [op, REPLACED] as const),
  ...(['substitute', 'substitute-first'] as const).map((op) => [op, SUBSTITUTED] as const),
  ['word', { operands: OF, fields: { index: 'index' } }],
  ['part', { operands: OF, fields: { delimiter: 'delimiter', index: 'index' } }],
  ['slice', { operands: OF, fields: { start: 'position', end: 'position' } }],
  ['occurrences', { operands: OF, fields: { needle: 'needle' } }],
  ['group', { operands: OF, fields: { separator: 'separator' } }],
  ['date', { operands: OF, fields: { pattern: 'pattern', written: 'pattern' } }],
  ['lookup', { operands: OF, fields: { entries: 'entries' } }],
  ['concat', { operands: [], fields: {} }],
  ['repeat', { operands: ['of', 'times'], fields: { separator: 'separator' } }],
  ['pick', { operands: ['of', 'nth'], fields: { delimiter: 'delimiter' } }],
  ['cut', { operands: ['of', 'begin', 'size'], fields: { delimiter: 'separator' } }],
  ['position', { operands: ['of', 'sought', 'nth'], fields: {} }],
  ['shift-date', { operands: ['of', 'days'], fields: { pattern: 'pattern' } }],
  ['if', { operands: ['condition', 'then', 'else'], fields: {} }],
  [
    'list',
    {
      operands: ['of', 'keep', 'each'],
      fields: { delimiter: 'separator', order: 'order', result: 'result', separator: 'separator' },
    },
  ],
]);

const PLAIN: ReadonlySet<unknown> = new Set(PLAIN_OPS);
const ARITHMETIC: ReadonlySet<unknown> = new Set(ARITHMETIC_OPS);

export function shapeOf(op: unknown): Shape | undefined {
  return SHAPES.get(op);
}

export function isPlainOp(op: unknown): op is PlainOp {
  return PLAIN.has(op);
}

export function isPlainExpression(expression: Expression): expression is PlainExpression {
  return isPlainOp(expression.op);
}

export function isArithmeticOp(op: unknown): op is ArithmeticOp {
  return ARITHMETIC.has(op);
}

export const EXPRESSION_LIMITS = {
  /** UTF-16 units of any value, read or made: 64 Ki. */
  valueCharactersMax: 65_536,
  /** Nodes of one expression; synthesis makes fewer than 40. */
  sizeMax: 96,
  /** Levels; far from where recursion would hurt. */
  depthMax: 16,
  /** Operands of one `concat`. */
  itemsMax: 16,
  /** Text constants: a longer text belongs to the template. */
  textCharactersMax: 1024,
  /** Delimiters, separators and both sides of `replace`. */
  delimiterCharactersMax: 16,
  /** Variable names. */
  nameCharactersMax: 256,
  /** Words and parts are counted to here, from either end. */
  indexMax: 1024,
  /** Repetitions. */
  timesMax: 1000,
  /** Items of a list. */
  listItemsMax: 1000,
  /** Entries of a lookup. */
  entriesMax: 64,
  /** Patterns of dates. */
  patternCharactersMax: 64,
  /** Characters read by one evaluation, all operations together; about 20 ms at the very worst. */
  charactersReadMax: 4_000_000,
} as const;

/** The direct operands, in reading order. */
export function operandsOf(expression: Expression): readonly Expression[] {
  if (expression.op === 'concat') return expression.items;
  // Each name is a field of this very operation, by SHAPES.
  const fields = expression as unknown as Readonly<Record<string, Expression>>;
  const names = SHAPES.get(expression.op)?.operands ?? [];
  return names.flatMap((name) => fields[name] ?? []);
}

/** The number of nodes; counting ends just beyond `sizeMax`. */
export function expressionSize(expression: Expression): number {
  return nodesOf(expression).length;
}

/** The names of the variables that the expression reads, in reading order, each once. */
export function variablesOf(expression: Expression): readonly string[] {
  const names = new Set<string>();
  for (const node of nodesOf(expression)) if (node.op === 'var') names.add(node.name);
  return [...names];
}

/** All nodes, parents first. Ends beyond `sizeMax` nodes, so that no shape of data can hang it. */
export function nodesOf(root: Expression): readonly Expression[] {
  const nodes: Expression[] = [];
  const open: Expression[] = [root];
  while (nodes.length <= EXPRESSION_LIMITS.sizeMax) {
    const node = open.pop();
    if (node === undefined) break;
    nodes.push(node);
    const room = EXPRESSION_LIMITS.sizeMax + 1;
    open.push(...operandsOf(node).slice(0, room).toReversed());
  }
  return nodes;
}
