/**
 * How likely a template is to be wrong, and how often it must have been right before it serves. A template
 * has the risk of its riskiest class; a class starts with a shipped prior and learns from how its templates fared.
 */
import type { Fit } from '../tree/value-type.ts';

/**
 * What makes an answer risky. `copy`: nothing but values that stand in the conversation. `typed`: the same, where
 * all values are known in their types; `novel`, `odd` and `rivalled`, where they are not (tree/value-type.ts). `derived`: a value
 * is computed. `inflected`: by a rule of English, which has exceptions. `written`: by a model's code, which may
 * claim to know the world. `orphan`: a value of the answer has no origin; `literal`:
 * a number of code, where most are how it is written; `constant`: any value of code. `claim`: such a value is a number said
 * of a variable. `order`: values of one kind stand in another order than in the request. `selection`: one of
 * several values of a kind is taken. `comparison`: the request compares.
 * `echo`: the answer is nothing but a number of the request. `choice`: the answer is one of few.
 */
export const RISK_CLASSES = [
  'copy',
  'typed',
  'novel',
  'odd',
  'rivalled',
  'derived',
  'inflected',
  'written',
  'literal',
  'constant',
  'orphan',
  'claim',
  'order',
  'selection',
  'comparison',
  'echo',
  'choice',
] as const;

export type RiskClass = (typeof RISK_CLASSES)[number];

/** How the first fresh predictions of a class's templates came out. */
export interface ClassCount {
  readonly right: number;
  readonly wrong: number;
}

export type TrustCounts = ReadonlyMap<RiskClass, ClassCount>;

/** What decides when templates of a project serve. */
export interface Trust {
  readonly counts: TrustCounts;
  /** The share of served answers that may be wrong. */
  readonly budget: number;
}

export interface ClassPrior {
  /** The share of templates of the class that are wrong. */
  readonly wrong: number;
  /** How likely a wrong template is to predict a fresh exchange correctly, by coincidence. */
  readonly survives: number;
  /** How many templates' experience the prior is worth. */
  readonly weight: number;
  /** Confirmations without which no template of the class serves, whatever the experience. */
  readonly least: number;
  /** The share of a template's answers that are of the class; all, if not given. The budget is a mean over answers. */
  readonly share?: number;
}

/**
 * Near what `npm run eval -- trust` fits to our workloads (half of the behaviours fits, the other half judges), with
 * bounds from below by DESIGN §11.5 and §11.10. Wrong copies and computed values survive less often here than in
 * the fit: what contradicts them later there is answers in other words that the comparison takes for other answers.
 */
export const SHIPPED_PRIOR: Readonly<Record<RiskClass, ClassPrior>> = {
  copy: { wrong: 0.05, survives: 0.08, weight: 40, least: 0 },
  typed: { wrong: 0.003, survives: 0.3, weight: 40, least: 0 },
  novel: { wrong: 0.008, survives: 0.5, weight: 40, least: 0 },
  odd: { wrong: 0.2, survives: 0.65, weight: 100, least: 0, share: 0.07 },
  // Half of such places take values of both types, one new value in ten is then of the other; a quarter of the answers.
  rivalled: { wrong: 0.5, survives: 0.9, weight: 100, least: 0, share: 0.025 },
  derived: { wrong: 0.05, survives: 0.08, weight: 40, least: 1 },
  // Not fitted: no model writes code in the workloads. Two confirmations at the default budget.
  inflected: { wrong: 0.4, survives: 0.7, weight: 20, least: 8 },
  written: { wrong: 0.3, survives: 0.1, weight: 20, least: 2 },
  literal: { wrong: 0.015, survives: 0.1, weight: 40, least: 0 },
  // Some are said of the value ("kind = 'city'"), and hold for the next one as often as not.
  constant: { wrong: 0.1, survives: 0.4, weight: 40, least: 1, share: 0.3 },
  orphan: { wrong: 0.3, survives: 0.3, weight: 20, least: 2 },
  claim: { wrong: 0.7, survives: 0.75, weight: 20, least: 5 },
  order: { wrong: 0.4, survives: 0.3, weight: 20, least: 2 },
  selection: { wrong: 0.6, survives: 0.5, weight: 20, least: 5 },
  comparison: { wrong: 0.6, survives: 0.6, weight: 20, least: 20 },
  // Not fitted: what gives some numbers back as they are (rounding, counting off, limits) does so by chance quite often.
  echo: { wrong: 0.3, survives: 0.8, weight: 20, least: 3 },
  choice: { wrong: 0.8, survives: 0.75, weight: 20, least: 20 },
};

/** More confirmations than this are not waited for: such an answer is only served exactly. */
const CONFIRMATIONS_MAX = 40;

/**
 * The probability that a template of the class is wrong after so many fresh confirmations and no contradiction.
 * A wrong template survives each with probability `survives`, a right one always (Bayes' rule).
 */
export function estimatedRisk(
  riskClass: RiskClass,
  confirmations: number,
  counts: TrustCounts,
): number {
  const { survives } = SHIPPED_PRIOR[riskClass];
  return riskAfter({ wrong: wrongShare(riskClass, counts), survives }, confirmations);
}

/** How likely the next answer of the class is to be wrong: its template is, and coincidence does not help it this time. */
export function nextWrong(
  riskClass: RiskClass,
  confirmations: number,
  counts: TrustCounts,
): number {
  const { survives } = SHIPPED_PRIOR[riskClass];
  return estimatedRisk(riskClass, confirmations, counts) * (1 - survives);
}

/** The probability that a template is wrong after so many confirmations, by Bayes' rule. */
export function riskAfter(
  { wrong, survives }: Pick<ClassPrior, 'wrong' | 'survives'>,
  confirmations: number,
): number {
  const surviving = wrong * survives ** confirmations;
  return surviving / (surviving + 1 - wrong);
}

/** How many fresh confirmations bring every class's risk within `budget`, the share of served answers that may be wrong. */
export function requiredConfirmations(
  classes: readonly RiskClass[],
  counts: TrustCounts,
  budget: number,
): number {
  let required = 0;
  for (const riskClass of classes) {
    const { least, share = 1 } = SHIPPED_PRIOR[riskClass];
    required = Math.max(required, least);
    const isOver = (): boolean => estimatedRisk(riskClass, required, counts) * share > budget;
    while (required < CONFIRMATIONS_MAX && isOver()) required++;
  }
  return required;
}

/** Fits that have a bar of their own. */
export const TYPED_FITS = ['known', 'novel', 'odd', 'rivalled'] as const satisfies readonly Fit[];

/** Confirmations needed as long as all values fit their types so well. */
export type TypedBars = Readonly<Record<(typeof TYPED_FITS)[number], number>>;

export interface Bars {
  /** Confirmations needed where nothing is known of values. */
  readonly required: number;
  readonly requiredTyped: TypedBars;
}

/** What an answer of these classes needs before it serves. */
export function barsFor(classes: readonly RiskClass[], { counts, budget }: Trust): Bars {
  const needed = (fit: Fit): number =>
    requiredConfirmations(fittingClasses(classes, fit), counts, budget);
  return {
    required: needed('untyped'),
    requiredTyped: {
      ...{ known: needed('known'), novel: needed('novel') },
      ...{ odd: needed('odd'), rivalled: needed('rivalled') },
    },
  };
}

/** The same, however well values fit. */
export function evenBars(required: number): Bars {
  return {
    required,
    requiredTyped: { known: required, novel: required, odd: required, rivalled: required },
  };
}

/** How many confirmations an answer needs whose values fit so well. */
export function barOf({ required, requiredTyped }: Bars, fit: Fit): number {
  if (fit === 'mixed') return Infinity;
  return fit === 'untyped' ? required : requiredTyped[fit];
}

const FITTING_COPY: Readonly<Record<Fit, RiskClass>> = {
  known: 'typed',
  novel: 'novel',
  odd: 'odd',
  rivalled: 'rivalled',
  untyped: 'copy',
  mixed: 'odd',
};

/** The classes of an answer whose values fit their types so well. */
export function fittingClasses(classes: readonly RiskClass[], fit: Fit): readonly RiskClass[] {
  return classes.map((riskClass) => (riskClass === 'copy' ? FITTING_COPY[fit] : riskClass));
}

/** Of the wrong templates the first fresh prediction shows only those that do not survive it by coincidence. */
function wrongShare(riskClass: RiskClass, counts: TrustCounts): number {
  const { wrong, survives, weight } = SHIPPED_PRIOR[riskClass];
  const seen = counts.get(riskClass) ?? { right: 0, wrong: 0 };
  const shown = weight * wrong * (1 - survives) + seen.wrong;
  return Math.min(0.99, shown / (weight + seen.right + seen.wrong) / (1 - survives));
}

export function isRiskClass(value: unknown): value is RiskClass {
  return RISK_CLASSES.some((riskClass) => riskClass === value);
}
