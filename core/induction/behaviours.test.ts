/** Two dozen behaviours, look-alikes among them, taught and asked in shuffled order: nothing wrong is served. */
import { beforeAll, expect, test } from '@jest/globals';
import { evaluate, type EvaluatedCall } from '../../evals/workloads/evaluate.ts';
import { BEHAVIOURS, generate } from '../../evals/workloads/generate.ts';
import { falseHitsOf } from '../../evals/workloads/tally.ts';

const CALLS = 20;
/** What cannot be computed from the text alone must not be served for other values at all. */
const UNSERVABLE = [
  'prime',
  'parity',
  'capital',
  'element',
  'miles',
  'sentiment',
  'like-older',
  'like-larger',
];
/** What can be, has to be served after a few observations. */
const SERVABLE = [
  'add',
  'subtract',
  'multiply',
  'sum',
  'age',
  'hello',
  'last-name',
  'mail-address',
  'initials',
  'upper',
  'reverse',
  'slug',
  'form-contact',
  'form-reservation',
];

const SEEDS = [1, 2, 3, 4, 5, 6];
const evaluated = new Map<number, readonly EvaluatedCall[]>();

beforeAll(() => {
  const some = BEHAVIOURS.filter(({ name }) => [...UNSERVABLE, ...SERVABLE].includes(name));
  for (const seed of SEEDS) evaluated.set(seed, evaluate(generate(seed, CALLS, some)).calls);
});

test.each(SEEDS)('seed %i: nothing wrong is served', (seed) => {
  expect(falseHitsOf(evaluated.get(seed) ?? [])).toEqual([]);
});

test('what can be computed is served, and what cannot be is not', () => {
  const hits = new Map<string, number>();
  for (const { behaviour, outcome } of [...evaluated.values()].flat()) {
    // Exact repeats say nothing about templates.
    if (outcome.kind !== 'hit' || outcome.by === 'exact') continue;
    hits.set(behaviour, (hits.get(behaviour) ?? 0) + 1);
  }
  const enough = (CALLS * SEEDS.length) / 3;
  expect(UNSERVABLE.filter((name) => hits.has(name))).toEqual([]);
  expect(SERVABLE.filter((name) => (hits.get(name) ?? 0) < enough)).toEqual([]);
});
