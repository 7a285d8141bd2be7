import { describe, expect, test } from '@jest/globals';
import { compare, measure, readBaseline, type Baseline } from './compare.ts';

/** `npm run eval -- compare --update` writes evals/baseline.json anew, after a look at why a figure changed. */
test('no figure of the quick suites is worse than in evals/baseline.json', async () => {
  const comparisons = compare(await readBaseline(), await measure());
  expect(comparisons.length).toBeGreaterThan(10);
  expect(comparisons.filter(({ verdict }) => verdict === 'worse' || verdict === 'new')).toEqual([]);
}, 240_000);

describe('a comparison', () => {
  const baseline: Baseline = {
    derive: { solved: 90, wrong: 0, tables: 0 },
    identify: { f1: 0.9, precision: 0.9, recall: 0.9 },
  };
  const verdicts = (measured: Baseline): Record<string, string> =>
    Object.fromEntries(
      compare(baseline, measured)
        .filter(({ suite }) => suite in measured)
        .map(({ figure, verdict }) => [figure, verdict]),
    );

  test('tells better from worse by what the figure is', () => {
    expect(verdicts({ derive: { solved: 91, wrong: 1, tables: 0 } })).toEqual({
      ...{ solved: 'better', wrong: 'worse', tables: 'same' },
    });
  });

  test('lets a share move a little, and no more', () => {
    expect(verdicts({ identify: { f1: 0.895, precision: 0.88, recall: Number.NaN } })).toEqual({
      ...{ f1: 'within slack', precision: 'worse', recall: 'worse' },
    });
  });

  test('knows what the baseline does not', () => {
    expect(verdicts({ merge: { groupingAccuracy: 1, parsingAccuracy: 1 } })).toEqual({
      ...{ groupingAccuracy: 'new', parsingAccuracy: 'new' },
    });
  });
});
