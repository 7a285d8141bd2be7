import { expect, test } from '@jest/globals';
import type { ReplayRow } from '../rows.ts';
import { describeNoise, noiseCosts } from './noise.ts';

function row(index: number, prefix: string): ReplayRow {
  const messages = [{ role: 'user', content: `${prefix}Which plan is the best?` }];
  return {
    request: { model: 'm', messages },
    response: { choices: [{ message: { role: 'assistant', content: 'The large one.' } }] },
    behaviour: String(index % 2),
  };
}

test('a timestamp that makes every call new costs all hits but the first', () => {
  const rows = [1, 2, 3, 4].map((minute) => row(minute, `[2026-01-01T10:0${minute}:00Z] `));
  const [cost] = noiseCosts(rows);
  expect(cost).toEqual({ kind: 'timestamps', calls: 4, hits: 0, hitsWithout: 3 });
  expect(cost && describeNoise(cost)).toBe('timestamps stand in 4 calls and cost 3 hits');
});

test('traffic without noise has no costs', () => {
  expect(noiseCosts([1, 2, 3].map((index) => row(index, 'Hello. ')))).toEqual([]);
});
