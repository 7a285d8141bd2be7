/** Answers in several wordings: learned side by side, confirmed together, and never taken for decisions. */
import { describe, expect, test } from '@jest/globals';
import { MemoryInducer } from '../../tests/support/memory-inducer.ts';

type Values = readonly [name: string, amount: number];

const bodyOf = ([name, amount]: Values) => ({
  messages: [
    {
      role: 'user',
      content: `The customer ${name} has paid ${String(amount)} dollars. Confirm it.`,
    },
  ],
});
const say = (content: string) => ({ role: 'assistant', content });
const WORDINGS = [
  ([name, amount]: Values) => `Dear ${name}, thank you for ${String(amount)} dollars.`,
  ([name, amount]: Values) => `We have received ${String(amount)} dollars, ${name}. Many thanks!`,
  ([name, amount]: Values) => `Hello ${name}! Your payment of ${String(amount)} dollars is in.`,
] as const;
const PEOPLE: readonly Values[] = [
  ['Ann Lee', 310],
  ['Bo Berg', 95],
  ['Cy Young', 740],
  ['Di Falk', 566],
  ['Ed Stone', 312],
  ['Flo Hart', 133],
];

describe('an answer in several wordings', () => {
  // Two confirmations of what is copied.
  const inducer = new MemoryInducer(0.001);
  const order = [0, 1, 2, 1, 2, 0];
  const outcomes = PEOPLE.map((values, index) => {
    const before = inducer.ask(bodyOf(values)).kind;
    if (before === 'miss')
      inducer.learn(bodyOf(values), say(WORDINGS[order[index] ?? 0]?.(values) ?? ''));
    return before;
  });

  test('serves once its values were confirmed in wordings that are known', () => {
    expect(outcomes).toEqual(['miss', 'miss', 'miss', 'miss', 'miss', 'hit']);
  });

  test('says all of the values, in one of the wordings that were seen', () => {
    const fresh: Values = ['Gus Winter', 487];
    const decision = inducer.ask(bodyOf(fresh));
    const served = decision.kind === 'hit' ? decision.answer.message : '';
    expect(WORDINGS.map((wording) => JSON.stringify(say(wording(fresh))))).toContain(served);
  });

  test('is not served on the strength of wordings that were seen only once', () => {
    const other = new MemoryInducer(0.001);
    for (const [index, wording] of WORDINGS.entries()) {
      const values = PEOPLE[index] ?? ['', 0];
      other.learn(bodyOf(values), say(wording(values)));
    }
    expect(other.ask(bodyOf(['Gus Winter', 487]))).toMatchObject({ kind: 'miss' });
  });
});

describe('a decision that is worded each way in other words altogether', () => {
  const decide = ([name, amount]: Values): string =>
    amount > 400
      ? `Dear ${name}, a colleague looks into your ${String(amount)} dollars.`
      : `Hello ${name}! Your payment of ${String(amount)} dollars is in.`;

  test('is not taken for two wordings where a value tells them apart', () => {
    const inducer = new MemoryInducer(0.001);
    const amounts = [310, 740, 95, 512, 266, 903, 133, 655, 21, 477];
    for (const [index, amount] of amounts.entries()) {
      const values: Values = [`Kim${'abcdefghij'[index] ?? ''} Moss`, amount];
      const decision = inducer.ask(bodyOf(values));
      if (decision.kind === 'hit')
        expect(decision.answer.message).toBe(JSON.stringify(say(decide(values))));
      else inducer.learn(bodyOf(values), say(decide(values)));
    }
  });
});
