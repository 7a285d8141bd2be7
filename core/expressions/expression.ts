/**
 * The language of derivations: expressions over strings, as JSON data.
 * Every value is a string, numbers too ("42"), so one variable can be read as a text and as a number.
 * `evaluate.ts` gives the meaning, `parse-expression.ts` the check of untrusted data.
 */

/** Operations that need nothing but their operand. */
const PLAIN_OPS = [
  'upper',
  'lower',
  'capitalize',
  'title',
  'trim',
  'reverse',
  'initials',
  'length',
  'word-count',
  'number',
] as const;
const ARITHMETIC_OPS = [
  'add',
  'subtract',
  'multiply',
  'divide',
  'quotient',
  'remainder',
  'difference',
  'minimum',
  'maximum',
] as const;

export type PlainOp = (typeof PLAIN_OPS)[number];
export type ArithmeticOp = (typeof ARITHMETIC_OPS)[number];

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
  | { readonly op: 'first' | 'last' | 'decimals'; readonly of: Expression; readonly count: number }
  | {
      readonly op: 'replace';
      readonly of: Expression;
      readonly from: string;
      readonly to: string;
    };

export type Expression =
  | { readonly op: 'var'; readonly name: string }
  | { readonly op: 'text'; readonly value: string }
  | UnaryExpression
  | { readonly op: 'concat'; readonly items: readonly Expression[] }
  | {
      readonly op: 'repeat';
      readonly of: Expression;
      readonly times: Expression;
      readonly separator: string;
    }
  | { readonly op: ArithmeticOp; readonly left: Expression; readonly right: Expression };

const PLAIN: ReadonlySet<unknown> = new Set(PLAIN_OPS);
const ARITHMETIC: ReadonlySet<unknown> = new Set(ARITHMETIC_OPS);

export function isPlainOp(op: unknown): op is PlainOp {
  return PLAIN.has(op);
}

export function isPlainExpression(expression: UnaryExpression): expression is PlainExpression {
  return isPlainOp(expression.op);
}

export function isArithmeticOp(op: unknown): op is ArithmeticOp {
  return ARITHMETIC.has(op);
}

export const EXPRESSION_LIMITS = {
  /** UTF-16 units of any value, read or made: 64 Ki. */
  valueCharactersMax: 65_536,
  /** Nodes of one expression; synthesis makes fewer than 20. */
  sizeMax: 64,
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
} as const;

/** The direct operands, in reading order. */
export function operandsOf(expression: Expression): readonly Expression[] {
  if (expression.op === 'var' || expression.op === 'text') return [];
  if ('items' in expression) return expression.items;
  if ('left' in expression) return [expression.left, expression.right];
  return 'times' in expression ? [expression.of, expression.times] : [expression.of];
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
function nodesOf(root: Expression): readonly Expression[] {
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
