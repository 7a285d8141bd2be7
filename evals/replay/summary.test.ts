import { expect, test } from '@jest/globals';
import type { ReplayedCall } from './replay.ts';
import { renderReport } from './report.ts';
import { summarise } from './summary.ts';

const base: ReplayedCall = {
  behaviour: 'a',
  cache: 'hit',
  reason: 'template',
  node: 'n',
  ms: 2,
  tokens: { prompt: 1_000_000, completion: 500_000 },
  wrong: undefined,
};
const wrong = { question: '<script>alert(1)</script>', served: '"a" & b', recorded: 'c' };
const CALLS: readonly ReplayedCall[] = [
  { ...base, cache: 'miss', reason: 'no_path' },
  base,
  { ...base, behaviour: 'b', wrong, ms: 9 },
  { ...base, behaviour: 'b', cache: 'bypass', reason: 'several_choices' },
];
const SUMMARY = summarise(CALLS, { input: 2, output: 10 }, 7);

test('figures are of all calls, and of each behaviour', () => {
  expect(SUMMARY).toMatchObject({
    calls: 4,
    hits: 2,
    misses: 1,
    bypasses: 1,
    falseHits: 1,
    hitRate: 0.5,
    falseHitRate: 0.5,
    reasons: { no_path: 1, several_choices: 1 },
    tokensSaved: { prompt: 2_000_000, completion: 1_000_000 },
    dollarsSaved: 14,
    p50: 9,
    byBehaviour: { a: { calls: 2, falseHits: 0 }, b: { calls: 2, falseHits: 1 } },
    secondsTotal: 7,
  });
});

test('no calls have no rates', () => {
  expect(summarise([], { input: 2, output: 10 }, 0)).toMatchObject({
    hitRate: 0,
    falseHitRate: 0,
    p50: 0,
  });
});

test('the report shows what the recording holds as text, and asks nobody for anything', () => {
  const html = renderReport({ title: '<log>.jsonl', summary: SUMMARY, noise: [] }, CALLS);
  expect(html).toContain('&#60;script&#62;alert(1)');
  expect(html).not.toMatch(/<script|<log>|https?:|src=/);
  expect(html).toContain('50.0 %');
});
