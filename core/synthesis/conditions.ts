/**
 * Tests on the inputs, as conditions of choices and as answers of their own: contains, begins, ends, equals, classes
 * of characters, counts, lengths and numbers compared. Tests that say the same of all examples are one.
 */

import type { Expression } from '../expressions/expression.ts';
import { evaluate } from '../expressions/evaluate.ts';
import { COST, literalCost, plainNumber } from './evidence.ts';
import type { Budget, Example } from './task.ts';

export interface Condition {
  readonly expression: Expression;
  readonly cost: number;
  /** Bit i is set where the test is true of example i. */
  readonly mask: number;
}

/** One bit an example, in a number that bit operations keep exact. */
export const CONDITION_EXAMPLES_MAX = 30;
/** Words, signs and named texts that a test may look for. */
const CONSTANTS_MAX = 60;
const CONSTANT_CHARACTERS_MAX = 24;
const VARIABLES_MAX = 6;
const RIVALS_MAX = 3;
const THRESHOLDS_MAX = 8;
const CLASSES = ['digit', 'letter', 'lower', 'upper', 'blank', 'sign'] as const;

type Candidate = Omit<Condition, 'mask'>;

/** Tests that are true of some examples and false of others, cheapest first; at most three that say the same. */
export function findConditions(
  examples: readonly Example[],
  constants: readonly string[],
  budget: Budget,
): readonly Condition[] {
  const names = [...(examples[0]?.inputs.keys() ?? [])]
    .filter((name) => examples.every((example) => example.inputs.has(name)))
    .slice(0, VARIABLES_MAX);
  const all = 2 ** examples.length - 1;
  const byMask = new Map<number, Condition[]>();
  const candidates = [
    ...names.flatMap((name) => aboutOne(name, examples, constants)),
    ...names.flatMap((name) => names.flatMap((other) => aboutTwo(name, other, examples))),
  ];
  for (const candidate of candidates) {
    const mask = budget.take() ? maskOf(candidate.expression, examples) : undefined;
    if (mask === undefined || mask === 0 || mask === all) continue;
    const same = byMask.get(mask);
    if (same === undefined) byMask.set(mask, [{ ...candidate, mask }]);
    else same.push({ ...candidate, mask });
  }
  return [...byMask.values()]
    .flatMap((same) => same.toSorted((a, b) => a.cost - b.cost).slice(0, RIVALS_MAX))
    .toSorted((a, b) => a.cost - b.cost);
}

/** Which examples the test is true of; undefined where it has no value in one. */
export function maskOf(test: Expression, examples: readonly Example[]): number | undefined {
  let mask = 0;
  for (const [index, { inputs }] of examples.entries()) {
    const truth = evaluate(test, inputs);
    if (truth === 'true') mask |= 1 << index;
    else if (truth !== 'false') return undefined;
  }
  return mask;
}

function aboutOne(
  name: string,
  examples: readonly Example[],
  constants: readonly string[],
): readonly Candidate[] {
  const of: Expression = { op: 'var', name };
  const values = examples.map((example) => example.inputs.get(name) ?? '');
  const sought = soughtIn(values, constants).flatMap((value) => {
    const right: Expression = { op: 'text', value };
    const cost = COST.test + (constants.includes(value) ? 2 : literalCost(value) / 2);
    return [
      { expression: { op: 'contains' as const, left: of, right }, cost },
      { expression: { op: 'starts-with' as const, left: of, right }, cost: cost + 1 },
      { expression: { op: 'ends-with' as const, left: of, right }, cost: cost + 1 },
      { expression: { op: 'equals' as const, left: of, right }, cost: cost + 1 },
    ];
  });
  const classes = CLASSES.flatMap((kind) => [
    { expression: { op: 'has' as const, of, class: kind }, cost: COST.test + 1 },
    { expression: { op: 'is' as const, of, class: kind }, cost: COST.test + 2 },
    {
      expression: {
        op: 'is' as const,
        of: { op: 'first' as const, of, count: 1 },
        class: kind,
      },
      cost: COST.test + 4,
    },
  ]);
  const [first = ''] = values;
  const signs = [...new Set(values.join('').match(/[^\p{L}\p{N}\s]/gu) ?? [])].slice(0, 8);
  const measures: readonly (readonly [Expression, number])[] = [
    [of, 0],
    [{ op: 'word-count', of }, 3],
    [{ op: 'length', of }, 5],
    [{ op: 'runs', of, class: 'digit' }, 5],
    ...signs.map((needle) => [{ op: 'occurrences' as const, of, needle }, 4] as const),
  ];
  const compared = measures
    .filter(([measure]) => measure !== of || plainNumber(first) !== undefined)
    .flatMap(([measure, cost]) => thresholds(measure, cost, examples));
  return [...sought, ...classes, ...compared];
}

/** Less than each value that occurs, but for the least. */
function thresholds(
  measure: Expression,
  more: number,
  examples: readonly Example[],
): readonly Candidate[] {
  const values = new Set(examples.map(({ inputs }) => evaluate(measure, inputs) ?? ''));
  const numbers = [...values].filter((value) => plainNumber(value) !== undefined);
  if (numbers.length < values.size) return [];
  const sorted = numbers.toSorted((a, b) => Number(a) - Number(b));
  // Both ends of the gap between two values: what lies in it was never seen.
  return sorted.slice(1, THRESHOLDS_MAX + 1).flatMap((value, index) => {
    const [below, above] = [sorted[index] ?? '', value].map((text): Expression => ({
      op: 'text',
      value: text,
    }));
    const cost = COST.test + more + 3;
    return [
      { expression: { op: 'less' as const, left: measure, right: above as Expression }, cost },
      { expression: { op: 'less' as const, left: below as Expression, right: measure }, cost },
    ];
  });
}

function aboutTwo(name: string, other: string, examples: readonly Example[]): readonly Candidate[] {
  if (name === other) return [];
  const left: Expression = { op: 'var', name };
  const right: Expression = { op: 'var', name: other };
  const isNumber = examples.every(
    ({ inputs }) =>
      plainNumber(inputs.get(name) ?? '') !== undefined &&
      plainNumber(inputs.get(other) ?? '') !== undefined,
  );
  if (isNumber) {
    return (['less', 'equals'] as const).map((op) => ({
      expression: { op, left, right },
      cost: COST.test,
    }));
  }
  return (['contains', 'starts-with', 'ends-with', 'equals'] as const).map((op) => ({
    expression: { op, left, right },
    cost: COST.test + (op === 'contains' || op === 'equals' ? 1 : 2),
  }));
}

/** Named texts, then signs and words, those of most examples first. */
function soughtIn(values: readonly string[], constants: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const value of values) {
    const parts = [
      ...(value.match(/[^\p{L}\p{N}]/gu) ?? []),
      ...(value.match(/[\p{L}\p{N}]+/gu) ?? []),
    ];
    for (const part of new Set(parts)) counts.set(part, (counts.get(part) ?? 0) + 1);
  }
  const named = constants.filter((constant) => values.some((value) => value.includes(constant)));
  const seen = [...counts].toSorted((a, b) => b[1] - a[1]).map(([part]) => part);
  return [...new Set([...named.filter((constant) => constant !== ''), ...seen])]
    .filter((part) => part.length <= CONSTANT_CHARACTERS_MAX)
    .slice(0, CONSTANTS_MAX);
}
