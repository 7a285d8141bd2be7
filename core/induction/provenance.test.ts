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
