/** Counting how the first fresh predictions of templates came out, by class of risk. */
import { estimatedRisk, type RiskClass, type TrustCounts } from './risk.ts';

/**
 * The counts with one more first prediction of a template of these classes. A right one speaks for all of them, a wrong
 * one against the riskiest: that is the likeliest to be to blame.
 */
export function countFirst(
  counts: TrustCounts,
  classes: readonly RiskClass[],
  first: 'right' | 'wrong',
): TrustCounts {
  const next = new Map(counts);
  const riskOf = (one: RiskClass): number => estimatedRisk(one, 0, counts);
  const riskiest = classes.toSorted((a, b) => riskOf(b) - riskOf(a)).slice(0, 1);
  for (const riskClass of first === 'right' ? classes : riskiest) {
    const { right, wrong } = next.get(riskClass) ?? { right: 0, wrong: 0 };
    next.set(
      riskClass,
      first === 'right' ? { right: right + 1, wrong } : { right, wrong: wrong + 1 },
    );
  }
  return next;
}
