import { expect, test } from '@jest/globals';
import { named, runBehaviour } from './suite.ts';
import { TRAJECTORIES, WRITING_TOOLS } from './trajectories.ts';

test('a stored trajectory is served as stored, and others with their own values', () => {
  const outcome = runBehaviour(named('agent-refund'), { seed: 1, stored: 8, others: 4 });
  expect(outcome).toMatchObject({
    turns: 24,
    identical: 24,
    asked: 12,
    unfounded: 0,
    falseHits: 0,
  });
  expect(outcome.writes).toBeGreaterThan(0);
});

test('every trajectory of the suite but those that only look up writes something', () => {
  const written = TRAJECTORIES.filter(({ talk }) =>
    // Some of them write in some of their conversations only.
    Array.from({ length: 20 }, (_, index) => talk(() => (index + 0.5) / 20)).some(({ calls }) =>
      calls.some(({ response }) =>
        [...WRITING_TOOLS].some((tool) => JSON.stringify(response).includes(`"${tool}"`)),
      ),
    ),
  );
  expect(written.length).toBeGreaterThanOrEqual(20);
});

test('a key that the model made up is never written again', () => {
  const outcome = runBehaviour(named('hidden-key'), { seed: 1, stored: 4, others: 4 });
  expect(outcome).toMatchObject({ identical: outcome.turns, asked: 8, writes: 0 });
});

test('two states of an order that were answered alike say nothing of a third', () => {
  for (const seed of [1, 2, 3, 4, 5, 6]) {
    const outcome = runBehaviour(named('agent-cancel-by-status'), { seed, stored: 12, others: 12 });
    expect([seed, outcome.falseHits]).toEqual([seed, 0]);
    expect(outcome.hits).toBeGreaterThan(12);
  }
});
