/** Programs for answers "true" and "false": one test, its opposite, or two or three with `and` and `or`. */

import type { Expression } from '../expressions/expression.ts';
import { findConditions, CONDITION_EXAMPLES_MAX, type Condition } from './conditions.ts';
import type { Budget, Example, Piece } from './task.ts';

/** Tests that are combined in pairs. */
const PAIRED_MAX = 120;
const FOUND_MAX = 40;
const NOT_COST = 2;
const BOTH_COST = 2;

/** Cheapest first; they hold on the first thirty examples. */
export function findTruths(
  examples: readonly Example[],
  constants: readonly string[],
  budget: Budget,
): readonly Piece[] {
  if (!examples.every(({ output }) => output === 'true' || output === 'false')) return [];
  const tested = examples.slice(0, CONDITION_EXAMPLES_MAX);
  const all = 2 ** tested.length - 1;
  let wanted = 0;
  for (const [index, { output }] of tested.entries()) if (output === 'true') wanted |= 1 << index;
  const tests = findConditions(tested, constants, budget).flatMap((test) => [
    test,
    opposite(test, all),
  ]);
  const pairs = tests
    .toSorted((a, b) => a.cost - b.cost)
    .slice(0, PAIRED_MAX)
    .flatMap((left, index, paired) =>
      paired.slice(index + 1).flatMap((right) => both(left, right)),
    );
  const values = tested.map(({ output }) => output);
  return [...tests, ...pairs]
    .filter((test) => test.mask === wanted)
    .toSorted((a, b) => a.cost - b.cost)
    .slice(0, FOUND_MAX)
    .map(({ expression, cost }) => ({ expression, cost, values }));
}

function opposite({ expression, cost, mask }: Condition, all: number): Condition {
  return { expression: { op: 'not', of: expression }, cost: cost + NOT_COST, mask: all & ~mask };
}

function both(left: Condition, right: Condition): readonly Condition[] {
  const cost = left.cost + right.cost + BOTH_COST;
  const join = (op: 'and' | 'or'): Expression => ({
    op,
    left: left.expression,
    right: right.expression,
  });
  return [
    { expression: join('and'), cost, mask: left.mask & right.mask },
    { expression: join('or'), cost, mask: left.mask | right.mask },
  ];
}
