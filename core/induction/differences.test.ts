import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { align, counterpart, joined } from './differences.ts';

function differing(text: string, other: string): [string, string][] {
  const { differences } = align(text, other) ?? { differences: [] };
  return joined(text, differences).map(({ start, end, otherStart, otherEnd }) => [
    text.slice(start, end),
    other.slice(otherStart, otherEnd),
  ]);
}

test.each([
  ['say hello to Erik', 'say hello to Ann', [['Erik', 'Ann']]],
  ['a table at Blue Note tonight', 'a table at Red Lion tonight', [['Blue Note', 'Red Lion']]],
  [
    '3 of 5 apples',
    '7 of 5 pears',
    [
      ['3', '7'],
      ['apples', 'pears'],
    ],
  ],
  ['on 2025-01-02 at noon', 'on 2026-03-04 at noon', [['2025-01-02', '2026-03-04']]],
  ['the same', 'the same', []],
  ['say hello', 'say hello to Ann', [['', ' to Ann']]],
])('%j beside %j', (text, other, expected) => {
  expect(differing(text, other)).toEqual(expected);
});

const words = fc
  .array(fc.constantFrom('a', 'bb', 'Ann', '7', '-', '.', ' ', ' ', '\n', 'é'), { maxLength: 24 })
  .map((parts) => parts.join(''));

test('what lies between differences is equal, and differences come in order', () => {
  fc.assert(
    fc.property(words, words, (text, other) => {
      const found = align(text, other);
      let [at, otherAt] = [0, 0];
      for (const { start, end, otherStart, otherEnd } of found?.differences ?? []) {
        expect(text.slice(at, start)).toBe(other.slice(otherAt, otherStart));
        expect(end - start + otherEnd - otherStart).toBeGreaterThan(0);
        [at, otherAt] = [end, otherEnd];
      }
      expect(text.slice(at)).toBe(other.slice(otherAt));
      expect(found?.similarity).toBeGreaterThanOrEqual(0);
      expect(found?.similarity).toBeLessThanOrEqual(1);
    }),
    { seed: 11, numRuns: 2000 },
  );
});

test('a counterpart is a stretch of the other text, and what is common is its own counterpart', () => {
  fc.assert(
    fc.property(words, words, fc.nat(24), fc.nat(24), (text, other, a, b) => {
      const [start, end] = [Math.min(a, b, text.length), Math.min(Math.max(a, b), text.length)];
      const found = align(text, other);
      const place = found === undefined ? undefined : counterpart(found, start, end);
      if (place === undefined) return;
      expect(place.start).toBeGreaterThanOrEqual(0);
      expect(place.end).toBeLessThanOrEqual(other.length);
      const isCommon = found?.differences.every(
        (difference) => difference.end < start || difference.start > end,
      );
      if (isCommon === true && end > start)
        expect(other.slice(place.start, place.end)).toBe(text.slice(start, end));
    }),
    { seed: 12, numRuns: 3000 },
  );
});

test('texts whose alignment would cost too much are not aligned', () => {
  const long = (word: string) => Array.from({ length: 1500 }, (_, i) => `${word}${i}`).join(' ');
  expect(align(long('a'), long('b'))).toBeUndefined();
});
