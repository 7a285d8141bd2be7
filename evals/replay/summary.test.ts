import { expect, test } from '@jest/globals';
import { renderReport } from './report.ts';
import { summarise, toScores, type ValuedCall } from './summary.ts';

const base: ValuedCall = {
  row: {
    request: { messages: [{ role: 'user' }] },
    response: { choices: [{ message: { role: 'assistant' } }] },
  },
  behaviour: 'a',
  cache: 'hit',
  reason: 'template',
  node: 'n',
  at: 0,
  ms: 2,
  wrong: undefined,
  lesson: undefined,
  value: {
    tokens: { prompt: 1_000_000, completion: 500_000 },
    isCounted: true,
    dollars: 7,
    seconds: 1.5,
  },
};
const wrong = { question: '<script>alert(1)</script>', served: '"a" & b', recorded: 'c' };
const evil = '<img src=x onerror=alert(1)>';
const CALLS: readonly ValuedCall[] = [
  {
    ...{ ...base, cache: 'miss', reason: 'no_path' },
    lesson: { outcome: 'committed', seconds: 0.5, dollars: 0.25 },
  },
  base,
  { ...base, behaviour: evil, wrong, ms: 9 },
  { ...base, behaviour: evil, cache: 'bypass', reason: 'several_choices' },
];
const SUMMARY = summarise(CALLS, 7);

test('figures are of all calls, and of each behaviour; false hits save nothing', () => {
  expect(SUMMARY).toMatchObject({
    calls: 4,
    hits: 2,
    misses: 1,
    bypasses: 1,
    falseHits: 1,
    hitRate: 0.5,
    falseHitRate: 0.5,
    reasons: { no_path: 1, several_choices: 1 },
    saved: { promptTokens: 1_000_000, completionTokens: 500_000, dollars: 7, timed: 1, priced: 1 },
    induction: { runs: 1, seconds: 0.5, dollars: 0.25 },
    dollarsNet: 6.75,
    p50: 9,
    byBehaviour: { a: { calls: 2, falseHits: 0 }, [evil]: { calls: 2, falseHits: 1 } },
    secondsTotal: 7,
  });
  expect(SUMMARY.saved.seconds).toBeCloseTo(1.498);
});

test('the scores are the fields that are promised, and no others', () => {
  expect(Object.keys(toScores(SUMMARY))).toEqual([
    ...['calls', 'hits', 'misses', 'bypasses', 'falseHits', 'hitRate', 'falseHitRate'],
    ...['byBehaviour', 'secondsTotal'],
  ]);
});

test('no calls have no rates', () => {
  expect(summarise([], 0)).toMatchObject({ hitRate: 0, falseHitRate: 0, p50: 0 });
});

test('the report shows what the recording holds as text, asks nobody for anything and runs nothing', () => {
  const noise = [
    {
      ...{ kind: 'UUID', role: evil, example: evil },
      ...{ calls: 1, hits: 1, hitsWithout: 3 },
    },
  ];
  const html = renderReport(
    {
      title: evil,
      mode: 'live',
      summary: SUMMARY,
      noise,
      skipped: { [evil]: 2 },
      settled: undefined,
    },
    CALLS,
  );
  expect(html).toContain('&#60;script&#62;alert(1)');
  expect(html).toContain('&#60;img src=x onerror=alert(1)&#62;');
  expect(html).not.toMatch(/<script|<img|https?:|url\(/);
  expect(html).toContain("default-src 'none'");
  expect(html.match(/<svg/g)?.length).toBe(8);
  expect(html).toContain('50.0 %');
});
