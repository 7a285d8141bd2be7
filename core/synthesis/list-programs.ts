/** Programs on lists: split, keep some items, change each, put in order, then join, count or sum. Enumerated. */

import { evaluate } from '../expressions/evaluate.ts';
import type { Expression, ListOrder } from '../expressions/expression.ts';
import { COST, literalCost } from './evidence.ts';
import type { Budget, Piece, Task } from './task.ts';

const DELIMITERS = [', ', ',', '; ', ';', ' | ', '|', '\n', ' ', '/', '-'] as const;
const SEPARATORS = [...DELIMITERS, ' and ', ' & ', '', '\n- '] as const;
const ITEM: Expression = { op: 'item' };
const ALL: Expression = { op: 'text', value: 'true' };
/** Longer texts are documents, not lists. */
const CHARACTERS_MAX = 2000;

type Choice<T> = readonly [value: T, cost: number];
type Listed = Extract<Expression, { readonly op: 'list' }>;

const EACH: readonly Choice<Expression>[] = [
  [ITEM, 0],
  [{ op: 'first', of: ITEM, count: 1 }, 3],
  [{ op: 'upper', of: ITEM }, 3],
  [{ op: 'lower', of: ITEM }, 3],
  [{ op: 'capitalize', of: ITEM }, 3],
  [{ op: 'title', of: ITEM }, 3],
  [{ op: 'upper', of: { op: 'first', of: ITEM, count: 1 } }, 5],
  [{ op: 'reverse', of: ITEM }, 4],
  [{ op: 'length', of: ITEM }, 4],
  [{ op: 'word', of: ITEM, index: 0 }, 4],
  [{ op: 'word', of: ITEM, index: -1 }, 4],
  [{ op: 'amount', of: ITEM }, 4],
  [{ op: 'multiply', left: ITEM, right: { op: 'text', value: '2' } }, 6],
  [{ op: 'multiply', left: ITEM, right: ITEM }, 6],
  [{ op: 'plural', of: ITEM }, 5],
  [{ op: 'singular', of: ITEM }, 5],
];
const KEEP: readonly Choice<Expression>[] = [
  [ALL, 0],
  [{ op: 'has', of: ITEM, class: 'digit' }, 5],
  [{ op: 'not', of: { op: 'has', of: ITEM, class: 'digit' } }, 6],
  [{ op: 'is', of: ITEM, class: 'digit' }, 5],
  [{ op: 'has', of: ITEM, class: 'upper' }, 6],
  [{ op: 'not', of: { op: 'equals', left: ITEM, right: { op: 'text', value: '' } } }, 6],
];
const ORDERS: readonly Choice<ListOrder>[] = [
  ['given', 0],
  ['ascending', 3],
  ['descending', 3],
  ['reversed', 3],
];

/** Whatever `isWanted` accepts. */
export function findListPrograms(
  task: Task,
  budget: Budget,
  isWanted: (values: readonly string[]) => boolean,
): readonly Piece[] {
  return task.variables.flatMap((variable) =>
    delimitersOf(variable).flatMap((delimiter) =>
      EACH.flatMap(([each, eachCost]) =>
        KEEP.flatMap(([keep, keepCost]) => {
          const start: Candidate = {
            listed: {
              ...{ op: 'list', of: variable.expression, keep, each, delimiter },
              ...{ order: 'given', result: 'join', separator: ', ' },
            },
            cost: variable.cost + COST.list + eachCost + keepCost,
          };
          return ends(start, task).flatMap((candidate) => tried(candidate, task, budget, isWanted));
        }),
      ),
    ),
  );
}

interface Candidate {
  readonly listed: Listed;
  readonly cost: number;
}

function tried(
  { listed, cost }: Candidate,
  task: Task,
  budget: Budget,
  isWanted: (values: readonly string[]) => boolean,
): readonly Piece[] {
  if (!budget.take()) return [];
  const values: string[] = [];
  for (const [index, example] of task.examples.entries()) {
    const value = evaluate(listed, example.inputs);
    // The first example settles nearly all.
    if (value === undefined || (index === 0 && task.outputs[0]?.includes(value) !== true))
      return [];
    values.push(value);
  }
  return isWanted(values) ? [{ expression: listed, cost, values }] : [];
}

/** The ways to make one value of the items: with numbers for outputs, what counts; else what joins. */
function ends({ listed, cost }: Candidate, task: Task): readonly Candidate[] {
  const isNumber = task.outputs.every((output) => /^-?[0-9.]+$/.test(output));
  const measured = (['count', 'sum', 'minimum', 'maximum', 'average'] as const).map((result) => ({
    listed: { ...listed, result },
    cost: cost + (result === 'count' ? 3 : 1),
  }));
  const separators = [...new Set([...SEPARATORS, ...task.constants])].filter((separator) =>
    task.outputs.every((output) => output.includes(separator)),
  );
  const joined = ORDERS.flatMap(([order, orderCost]) =>
    separators
      .filter((separator) => separator.length <= 16)
      .map((separator) => ({
        listed: { ...listed, order, separator },
        cost: cost + orderCost + literalCost(separator) / 2,
      })),
  );
  return isNumber ? [...measured, ...joined] : joined;
}

function delimitersOf(variable: Piece): readonly string[] {
  if (variable.values.some((value) => value.length > CHARACTERS_MAX || value === '')) return [];
  if (variable.values.every((value) => value.startsWith('['))) return [''];
  const inAll = DELIMITERS.filter((delimiter) =>
    variable.values.some((value) => value.includes(delimiter)),
  );
  // "a, b" is split at ", ", never at "," or " ".
  return inAll.filter(
    (delimiter) => !inAll.some((other) => other !== delimiter && other.includes(delimiter)),
  );
}
