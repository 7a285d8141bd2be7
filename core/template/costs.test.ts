/** Texts and templates that repeat themselves: whatever they are, the budget ends the work and nothing overflows. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { TestTree, userMessage, userTemplate } from '../../tests/support/tree-builder.ts';
import { LIMITS } from '../limits.ts';
import { firstPlace, lastPlace } from './find-literal.ts';
import { foldText } from './fold.ts';
import { matchMessage } from './match.ts';
import type { Matcher } from './matcher.ts';
import { isWithin } from './within.ts';

const repeated = (pattern: string, times: number) => Array.from({ length: times }, () => pattern);

test('places of literals are those that a native search finds', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 200 });
  const literal = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(text, literal, text, fc.nat(200), (before, sought, after, at) => {
      const whole = before + sought + after;
      const from = Math.min(at, whole.length);
      const budget = { steps: LIMITS.matchStepsMax };
      expect(firstPlace(whole, sought, from, budget)).toBe(whole.indexOf(sought, from));
      expect(lastPlace(whole, sought, from, budget)).toBe(whole.lastIndexOf(sought, from));
    }),
    { seed: 11, numRuns: 2000 },
  );
});

test('a search whose places nearly fit ends with the budget', () => {
  const text = 'a'.repeat(LIMITS.leafCharactersMax);
  const [ahead, back] = [{ steps: 1000 }, { steps: 1000 }];
  const half = 'a'.repeat(2500);
  expect(firstPlace(text, `${half}b${half}`, 0, ahead)).toBe(-1);
  expect(lastPlace(text, `${half}b${half}`, text.length, back)).toBe(-1);
  expect([ahead.steps < 0, back.steps < 0]).toEqual([true, true]);
});

test('more places of variables than recursion can follow are over the limit', () => {
  const template = userTemplate(`go ${repeated('{{x}}', 9000).join(' ')}`);
  const only = userMessage(`go ${repeated('a', 9000).join(' ')}`);
  expect(matchMessage(template, only, new Map()).kind).toBe('match');
  const several = userMessage(`go ${repeated('a', 9001).join(' ')}`);
  expect(matchMessage(template, several, new Map()).kind).toBe('over-limit');
});

test('thousands of bindings are not copied for each way to read a text', () => {
  const known = new Map(repeated('', 20_000).map((_, index) => [`$call_${String(index)}`, 'id']));
  const message = userMessage(repeated('a', 100).join(' '));
  expect(matchMessage(userTemplate('{{a}} {{b}} {{c}}'), message, known).kind).toBe('over-limit');
});

test('blanks are folded in one pass', () => {
  const text = 'a \n'.repeat(80_000);
  const start = performance.now();
  expect(foldText(text, 'blanks').text).toBe('a '.repeat(80_000));
  // It took eight seconds.
  expect(performance.now() - start).toBeLessThan(2000);
});

test('inclusion is given up where reading the values takes too long', () => {
  const matchers = { a: { kind: 'line' }, b: { kind: 'line' } } as const;
  const budget = { steps: 4096 };
  const outer = userTemplate('{{a}}{{b}}!', { matchers });
  expect(isWithin(userTemplate('q'.repeat(4000)), outer, budget)).toBe(false);
  expect(budget.steps).toBeLessThan(0);
});

test('a conversation whose every message is slow to read is a miss, however long it is', () => {
  const tree = new TestTree();
  let parent = 'root';
  const said = { role: 'user', content: `${'w end '.repeat(340)}x!` };
  for (let depth = 0; depth < 60; depth++) {
    const [a, b] = [`a${String(depth)}`, `b${String(depth)}`];
    const line: Matcher = { kind: 'line' };
    const matchers = { [a]: line, [b]: line };
    parent = tree.user(parent, `{{${a}}} end {{${b}}}!`, { matchers });
  }
  tree.answer(parent, 'ok');
  const walk = (times: number) => tree.walk(Array.from({ length: times }, () => said));
  expect(walk(10).kind).toBe('reached');
  expect(walk(60)).toMatchObject({ kind: 'overflow', reason: 'over_budget' });
});
