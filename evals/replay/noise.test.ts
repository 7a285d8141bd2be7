import { expect, test } from '@jest/globals';
import type { ReplayRow } from '../rows.ts';
import { describeNoise, noiseCosts } from './noise.ts';

function row(index: number, prefix: string, answer = 'The large one.'): ReplayRow {
  const messages = [
    { role: 'system', content: `${prefix}Be short.` },
    { role: 'user', content: 'Which plan is the best?' },
  ];
  return {
    request: { model: 'm', messages },
    response: { choices: [{ message: { role: 'assistant', content: answer } }] },
    behaviour: String(index % 2),
  };
}

test('a timestamp that makes every call new costs all hits but the first', () => {
  const rows = [1, 2, 3, 4].map((minute) => row(minute, `Now: 2026-01-01T10:0${minute}:00Z. `));
  const costs = noiseCosts(rows, 0);
  expect(costs).toEqual([
    {
      ...{ kind: 'timestamp', role: 'system', example: 'Now: 2026-01-01T10:01:00Z' },
      ...{ calls: 4, hits: 0, hitsWithout: 3 },
    },
  ]);
  expect(costs.map(describeNoise)).toEqual([
    'the timestamp in system messages ("Now: 2026-01-01T10:01:00Z") costs 100 % of your hits (3 of 3); it stands in 4 calls',
  ]);
});

test('an answer that repeats the noise repeats the constant', () => {
  const rows = [1, 2, 3].map((minute) => {
    const now = `2026-01-01T10:0${minute}:00Z`;
    return row(minute, `${now} `, `It is ${now}.`);
  });
  expect(noiseCosts(rows, 0)).toMatchObject([{ hitsWithout: 2 }]);
});

test('traffic without noise has no costs', () => {
  expect(
    noiseCosts(
      [1, 2, 3].map((index) => row(index, 'Hello. ')),
      0,
    ),
  ).toEqual([]);
});
