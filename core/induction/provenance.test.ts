/** Risks of answers: what they cost to find in texts that nobody would write. */
import { expect, test } from '@jest/globals';
import { threadOf } from '../../tests/support/tree-builder.ts';
import { risksOf } from './provenance.ts';

const nothing = {
  ...{ placed: [], unexplained: [], vouched: false, parameters: '', unused: [], inherited: [] },
  others: [],
  ...{
    derivedCount: 0,
    isInflected: false,
    isDigitCut: false,
    isConstant: false,
    isWritten: false,
  },
};

test.each([
  ['words that never end a sentence', 'Count: ', `${'a'.repeat(100_000)}. There are 7 of them.`],
  ['words in two alphabets', 'aé'.repeat(50_000), 'There are 7 of them.'],
])('%s are read in one pass', (_, asked, answer) => {
  const { messages } = threadOf(
    { role: 'user', content: asked },
    { role: 'assistant', content: answer },
  );
  const start = answer.indexOf('7');
  const seven = { message: 1, leaf: 0, start, end: start + 1, value: '7' };
  const unexplained = [{ ...seven, kind: 'integer' as const, delimited: false }];
  const before = performance.now();
  expect(risksOf({ ...nothing, messages, unexplained }).classes).toEqual(['orphan', 'copy']);
  // Each took more than five seconds.
  expect(performance.now() - before).toBeLessThan(4500);
});

const AT = { message: 1, leaf: 0, delimited: false };

/** The classes of an exchange of which these values, in the request and in the answer, are variables of a name each. */
function classesOf(
  asked: string,
  answer: string,
  { copied, derivedCount = 0 }: { copied: readonly string[]; derivedCount?: number },
) {
  const { messages } = threadOf(
    { role: 'user', content: asked },
    { role: 'assistant', content: answer },
  );
  const kind = /^\d+$/.test(copied.join('')) ? ('integer' as const) : ('name' as const);
  const placed = [asked, answer].flatMap((text, message) =>
    copied.flatMap((value) => {
      const start = text.indexOf(value);
      const end = start + value.length;
      return start < 0 ? [] : [{ ...AT, message, kind, value, start, end, name: value }];
    }),
  );
  return risksOf({ ...nothing, messages, placed, derivedCount }).classes;
}

test('whom an answer takes for a man or a woman may be taken wrongly', () => {
  const copied = ['Robin'];
  expect(classesOf('Robin lost a badge', 'Robin lost her badge.', { copied })).toContain('claim');
  expect(classesOf('Robin lost her badge', 'Robin lost her badge.', { copied })).toEqual(['copy']);
  expect(classesOf('Robin lost a badge', 'Robin lost the badge.', { copied })).toEqual(['copy']);
});

test('a verdict on a value is a choice', () => {
  const copied = ['12755'];
  expect(classesOf('Check id 12755', 'ID 12755 is valid.', { copied })).toContain('choice');
  expect(classesOf('Check id 12755', 'ID 12755 is checked.', { copied })).toEqual(['copy']);
});

test('numbers in the order of their values are an order, computed or not', () => {
  const copied = ['93', '32', '68'];
  const options = { copied, derivedCount: 1 };
  expect(classesOf('Sort: 93, 32, 68', '32, 68, 93', options)).toContain('order');
});
