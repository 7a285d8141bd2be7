/** Counting how the first fresh predictions of templates came out, by class of risk. */
import type { RiskClass, TrustCounts } from './risk.ts';

/** The counts with one more first prediction of a template of these classes. */
export function countFirst(
  counts: TrustCounts,
  classes: readonly RiskClass[],
  first: 'right' | 'wrong',
): TrustCounts {
  const next = new Map(counts);
  for (const riskClass of classes) {
    const { right, wrong } = next.get(riskClass) ?? { right: 0, wrong: 0 };
    next.set(
      riskClass,
      first === 'right' ? { right: right + 1, wrong } : { right, wrong: wrong + 1 },
    );
  }
  return next;
}
