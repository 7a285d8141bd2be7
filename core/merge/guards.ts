/**
 * Conditions that tell the siblings of one branch from all others. They hold only where values were seen: between two
 * branches there may be values for which no condition holds, and those are a miss.
 */
import { compare, parseDecimal, type Decimal } from '../decimal.ts';
import type { Condition } from '../template/condition.ts';
import type { Guard } from '../tree/node.ts';
import type { Variable } from './frames.ts';

/** Conditions that all separate the branches hold together: which one is meant is not known. */
const GUARDS_MAX = 3;
/** A value that decides alone was seen so often, each time with the same branch. */
const SIGHTINGS_MIN = 3;
const VALUES_MAX = 32;
/** Bits by which a separation is less likely by chance. */
const BITS_MIN = 4.5;

/** Guards that hold for the siblings `inside` and for none `outside`; undefined where no value tells. */
export function findGuards(
  variables: readonly Variable[],
  inside: readonly number[],
  outside: readonly number[],
): readonly Guard[] | undefined {
  if (outside.length === 0) return [];
  const choices = Math.log2(2 * variables.length);
  const guards = variables.flatMap(({ name, values }): Guard[] => {
    const [own, others] = [inside, outside].map((list) => list.map((index) => values[index] ?? ''));
    if (own === undefined || others === undefined) return [];
    const condition = rangeOf(own, others, choices) ?? oneOf(own, others, choices);
    return condition === undefined ? [] : [{ name, condition }];
  });
  return guards.length === 0 ? undefined : guards.slice(0, GUARDS_MAX);
}

interface NumberText {
  readonly text: string;
  readonly value: Decimal;
}

/** The range of the numbers seen inside, open to the side on which nothing was seen outside. */
function rangeOf(
  own: readonly string[],
  others: readonly string[],
  choices: number,
): Condition | undefined {
  const [inside, outside] = [own.flatMap(numberOf), others.flatMap(numberOf)];
  if (own.length === 0 || inside.length < own.length || outside.length < others.length)
    return undefined;
  const least = inside.reduce((a, b) => (compare(b.value, a.value) < 0 ? b : a));
  const most = inside.reduce((a, b) => (compare(b.value, a.value) > 0 ? b : a));
  const below = outside.filter(({ value }) => compare(value, least.value) < 0).length;
  const above = outside.filter(({ value }) => compare(value, most.value) > 0).length;
  if (below + above < outside.length) return undefined;
  const bits = chooseBits(own.length + others.length, Math.min(own.length, others.length));
  if (bits - choices * (below > 0 && above > 0 ? 2 : 1) < BITS_MIN) return undefined;
  if (compare(least.value, most.value) === 0)
    return { kind: 'compare', comparison: '=', number: least.text };
  const from: Condition = { kind: 'compare', comparison: '>=', number: least.text };
  const upTo: Condition = { kind: 'compare', comparison: '<=', number: most.text };
  if (below > 0 && above > 0) return { kind: 'all', conditions: [from, upTo] };
  return below > 0 ? from : upTo;
}

function numberOf(text: string): NumberText[] {
  const value = parseDecimal(text);
  return value === undefined ? [] : [{ text, value }];
}

/** The values seen inside, if each was seen several times and none outside. */
function oneOf(
  own: readonly string[],
  others: readonly string[],
  choices: number,
): Condition | undefined {
  const counts = new Map<string, number>();
  for (const value of own) counts.set(value, (counts.get(value) ?? 0) + 1);
  if (counts.size > VALUES_MAX || others.some((value) => counts.has(value))) return undefined;
  if ([...counts.values()].some((count) => count < SIGHTINGS_MIN)) return undefined;
  const kinds = counts.size + new Set(others).size;
  const bits = chooseBits(own.length + others.length, Math.min(own.length, others.length));
  if (bits - kinds - choices < BITS_MIN) return undefined;
  return { kind: 'one-of', values: [...counts.keys()].toSorted() };
}

/** The bits of choosing `some` of `all`. */
function chooseBits(all: number, some: number): number {
  let bits = 0;
  for (let index = 1; index <= some; index++) bits += Math.log2((all - some + index) / index);
  return bits;
}
