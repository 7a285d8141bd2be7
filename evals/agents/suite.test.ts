import { expect, test } from '@jest/globals';
import { agentsSuite, runBehaviour } from './suite.ts';
import { TRAJECTORIES, WRITING_TOOLS } from './trajectories.ts';

test('stored trajectories are served as stored, and nothing is written that comes from nowhere', async () => {
  const { scores } = await agentsSuite.run({
    inducer: 'symbolic',
    ...{ seed: '3', stored: '5', others: '5' },
  });
  expect(scores).toMatchObject({ unfounded: 0, wrongWrites: 0, falseHits: 0 });
  expect(scores['identical']).toBe(scores['turns']);
  expect(scores['writes']).toBeGreaterThan(10);
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

test('what a careless cache would serve counts as unfounded and wrong', () => {
  const [behaviour] = TRAJECTORIES.filter(({ name }) => name === 'hidden-key');
  if (behaviour === undefined) throw new Error('there is such a behaviour');
  const outcome = runBehaviour(behaviour, { seed: 1, stored: 3, others: 3 });
  expect(outcome).toMatchObject({ behaviour: 'hidden-key', unfounded: 0, wrongWrites: 0 });
});
