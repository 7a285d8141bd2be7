/** Counting how the first fresh predictions of templates came out, by class of risk. */
import { estimatedRisk, type RiskClass, type TrustCounts } from './risk.ts';

/** How values fit, and how code is written, is what is wrong only where nothing riskier is. */
const MINOR: ReadonlySet<RiskClass> = new Set([
  'typed',
  'novel',
  'odd',
  'rivalled',
  'literal',
  'constant',
]);

/** The counts with one more first prediction of a template of these classes. */
export function countFirst(
  counts: TrustCounts,
  classes: readonly RiskClass[],
  first: 'right' | 'wrong',
): TrustCounts {
  const next = new Map(counts);
  const most = Math.max(...classes.map((one) => estimatedRisk(one, 0, counts)));
  for (const riskClass of classes) {
    const { right, wrong } = next.get(riskClass) ?? { right: 0, wrong: 0 };
    if (first === 'right') next.set(riskClass, { right: right + 1, wrong });
    else if (!MINOR.has(riskClass) || estimatedRisk(riskClass, 0, counts) >= most)
      next.set(riskClass, { right, wrong: wrong + 1 });
  }
  return next;
}
