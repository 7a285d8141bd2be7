import { expect, test } from '@jest/globals';
import { estimateClasses, isOpenClass } from './openness.ts';

test.each<[string, readonly number[], number]>([
  ['nothing seen', [], 0],
  ['each value often: no more to come', [40, 30, 9], 3],
  ['all values once: as many as pairs of them more', [1, 1, 1, 1], 10],
  ['values seen twice speak against it', [1, 1, 1, 1, 2, 2], 8],
])('%s', (_, counts, expected) => {
  expect(estimateClasses(counts)).toBe(expected);
});

test('half a dozen words that come again are closed; one more, or four that never came again, are open', () => {
  expect(isOpenClass([9, 9, 9, 9, 9, 9])).toBe(false);
  expect(isOpenClass([9, 9, 9, 9, 9, 9, 9])).toBe(true);
  expect(isOpenClass([1, 1, 1])).toBe(false);
  expect(isOpenClass([1, 1, 1, 1])).toBe(true);
  expect(isOpenClass([1, 1, 1, 1], 2)).toBe(false);
});
