/** Programs for answers "true" and "false": one test, its opposite, or two or three with `and` and `or`. */

import type { Expression } from '../expressions/expression.ts';
import { findTests, TESTED_MAX, type Test } from './tests-of.ts';
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
  const tested = examples.slice(0, TESTED_MAX);
  const all = 2 ** tested.length - 1;
  let wanted = 0;
  for (const [index, { output }] of tested.entries()) if (output === 'true') wanted |= 1 << index;
  const tests = findTests(tested, constants, budget).flatMap((test) => [test, opposite(test, all)]);
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

function opposite({ expression, cost, mask }: Test, all: number): Test {
  return { expression: { op: 'not', of: expression }, cost: cost + NOT_COST, mask: all & ~mask };
}

function both(left: Test, right: Test): readonly Test[] {
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
