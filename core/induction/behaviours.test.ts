/** Two dozen behaviours, look-alikes among them, taught and asked in shuffled order: nothing wrong is served. */
import { expect, test } from '@jest/globals';
import { evaluate } from '../../evals/workloads/evaluate.ts';
import { BEHAVIOURS, generate } from '../../evals/workloads/generate.ts';
import { falseHitsOf } from '../../evals/workloads/tally.ts';

const CALLS = 30;
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

test.each([1, 2, 3, 4, 5, 6])('seed %i', (seed) => {
  const names = [...UNSERVABLE, ...SERVABLE];
  const rows = generate(
    seed,
    CALLS,
    BEHAVIOURS.filter(({ name }) => names.includes(name)),
  );
  const { calls } = evaluate(rows);
  const hits = new Map<string, number>();
  for (const { behaviour, outcome } of calls) {
    // Exact repeats say nothing about templates.
    if (outcome.kind !== 'hit' || outcome.by === 'exact') continue;
    hits.set(behaviour, (hits.get(behaviour) ?? 0) + 1);
  }
  expect(falseHitsOf(calls)).toEqual([]);
  expect(UNSERVABLE.filter((name) => hits.has(name))).toEqual([]);
  expect(SERVABLE.filter((name) => (hits.get(name) ?? 0) < CALLS / 3)).toEqual([]);
});
