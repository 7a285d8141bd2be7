/** What a budget affords: confirmations by class and fit, and who is to blame for a wrong prediction. */
import { describe, expect, it, test } from '@jest/globals';
import { barsFor, nextWrong, requiredConfirmations, RISK_CLASSES, TYPED_FITS } from './risk.ts';
import { countFirst } from './trust-counts.ts';

const BUDGETS = [0.001, 0.005, 0.01, 0.02, 0.05];

test.each(RISK_CLASSES)('a larger budget never asks more of %s', (riskClass) => {
  const bars = BUDGETS.map((budget) => barsFor([riskClass], { counts: new Map(), budget }));
  for (const fit of TYPED_FITS) {
    const needed = bars.map(({ requiredTyped }) => requiredTyped[fit]);
    expect(needed).toEqual(needed.toSorted((a, b) => b - a));
  }
});

test.each(RISK_CLASSES)(
  'the next answer of %s is the less in doubt, the more were right',
  (one) => {
    const risks = [0, 1, 2, 5, 10].map((confirmations) => nextWrong(one, confirmations, new Map()));
    expect(risks).toEqual(risks.toSorted((a, b) => b - a));
  },
);

describe('a value that may be of another type', () => {
  const barAt = (budget: number): number =>
    barsFor(['copy'], { counts: new Map(), budget }).requiredTyped.rivalled;

  it('is served at once where the budget affords it, and hardly ever by default', () => {
    expect(barAt(0.02)).toBe(0);
    expect(barAt(0.005)).toBeGreaterThan(10);
  });
});

it('tries a constant of code twice by default, also where the first forty were right', () => {
  // After one, the column of cities was served for states as well (workloads, seed 4).
  const counts = new Map([['constant' as const, { right: 40, wrong: 0 }]]);
  expect(requiredConfirmations(['constant'], counts, 0.005)).toBeGreaterThanOrEqual(2);
});

it('blames how code is written only where nothing riskier is to blame', () => {
  const counts = countFirst(new Map(), ['literal', 'odd'], 'wrong');
  expect(counts.get('odd')).toEqual({ right: 0, wrong: 1 });
  expect(counts.has('literal')).toBe(false);
});
