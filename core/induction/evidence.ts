/** What an observation says about an answer node: the rules of probation (DESIGN §4, §11.10). */
import type { Evidence, NodeState } from '../tree/node.ts';
import { fitOfValues } from '../tree/value-type.ts';
import { evenBars, fittingClasses, type RiskClass } from '../trust/risk.ts';
import type { Verdict } from './compare-answers.ts';

export interface Judgement {
  readonly evidence: Evidence;
  readonly state: NodeState;
  /** For the node's history; undefined where nothing changed. */
  readonly note: string | undefined;
  /** How the first fresh prediction of the node came out, where this was it: `classes` learn from it. */
  readonly first: FirstPrediction | undefined;
}

export interface FirstPrediction {
  readonly outcome: 'right' | 'wrong';
  readonly classes: readonly RiskClass[];
}

export type Values = readonly (readonly [string, string])[];

/** Values kept for each variable: enough to count twenty different confirmations. */
export const SEEN_MAX = 32;

export function initialEvidence(
  required: number,
  reasons: readonly string[],
  values: Values,
): Evidence {
  return {
    confirmations: 0,
    contradictions: 0,
    ...evenBars(required),
    types: [],
    classes: [],
    reasons,
    seen: values.map(([name, value]) => ({ name, values: [value] })),
  };
}

/** What an observation says about an answer. */
export interface Finding {
  readonly verdict: Verdict;
  readonly values: Values;
  /** Confirmations of all known wordings of the answer, this observation's included, where it was given in one of them. */
  readonly together?: number | undefined;
}

/**
 * Counts one verdict. A contradiction quarantines. An agreement counts as a confirmation only if some
 * variable took a value never seen; each variable is only served with values that were seen until as many
 * new ones of its own were right as the answer needs confirmations (see `decide`). Of answers that may be
 * right by chance, every other variable must have taken a new value too, or have never varied at all.
 */
export function judge(
  evidence: Evidence,
  state: NodeState,
  { verdict, values, together = 0 }: Finding,
): Judgement {
  if (verdict === 'unsettled') return unsettled(evidence, state, together);
  if (verdict === 'contradict') {
    const next = { ...evidence, contradictions: evidence.contradictions + 1 };
    const ends = state === 'probation' || state === 'serving' || state === 'candidate';
    return {
      evidence: next,
      state: ends ? 'quarantined' : state,
      note: 'contradicted by an observation',
      first: firstOf(evidence, values, 'wrong'),
    };
  }
  const byName = new Map(values);
  const fresh = evidence.seen.filter((entry) => !isKnown(entry, byName.get(entry.name)));
  const stale = evidence.seen.filter(
    (entry) => entry.values.length > 1 && isKnown(entry, byName.get(entry.name)),
  );
  const counts = fresh.length > 0 && (stale.length === 0 || isPlain(evidence));
  const confirmations = evidence.confirmations + (counts ? 1 : 0);
  const seen = evidence.seen.map((entry) => remember(entry, byName.get(entry.name)));
  const serves = state === 'probation' && Math.max(confirmations, together) >= leastBar(evidence);
  return {
    evidence: { ...evidence, confirmations, seen },
    state: serves ? 'serving' : state,
    note: serves
      ? `serves after ${confirmations} confirmation(s)`
      : counts
        ? 'confirmed'
        : undefined,
    first: counts ? firstOf(evidence, values, 'right') : undefined,
  };
}

/** Other words say nothing, unless they are known for this answer: then its wordings serve together. */
function unsettled(evidence: Evidence, state: NodeState, together: number): Judgement {
  const serves = state === 'probation' && together > 0 && together >= leastBar(evidence);
  return {
    evidence,
    state: serves ? 'serving' : state,
    note: serves ? 'serves: confirmed in several wordings' : 'answered in other words',
    first: undefined,
  };
}

/** What copies and programs say holds for known values as for new ones: a log level is one of four in all. */
const PLAIN_CLASSES: ReadonlySet<RiskClass> = new Set(['copy', 'typed', 'derived', 'literal']);

function isPlain({ classes }: Evidence): boolean {
  return classes.length > 0 && classes.every((riskClass) => PLAIN_CLASSES.has(riskClass));
}

/** How many confirmations the template needs before it serves anything. */
export function leastBar({ required, requiredTyped, seen, types }: Evidence): number {
  const isTyped =
    seen.length > 0 && seen.every(({ name }) => types.some((type) => type.name === name));
  return isTyped ? requiredTyped.known : required;
}

function firstOf(
  { confirmations, contradictions, classes, types }: Evidence,
  values: Values,
  outcome: FirstPrediction['outcome'],
): FirstPrediction | undefined {
  if (confirmations > 0 || contradictions > 0) return undefined;
  const fit = fitOfValues(types, values);
  // Such an answer is never served: how it came out says nothing of those that are.
  return fit === 'mixed' ? undefined : { outcome, classes: fittingClasses(classes, fit) };
}

type Seen = Evidence['seen'][number];

/** Stands for a value that is not known any more: the template came from a file that holds no values. */
const FORGOTTEN = '\u0000';

/** The same with a number of values instead of them. Inverse of nothing: the values are gone. */
export function forgetSeen({ name, values }: Seen): Seen {
  return { name, values: forgottenValues(values.length) };
}

export function forgottenValues(count: number): readonly string[] {
  return Array<string>(Math.min(count, SEEN_MAX)).fill(FORGOTTEN);
}

/** Whether the value was seen, or may have been: any could be the forgotten one. */
function isKnown({ values }: Seen, value: string | undefined): boolean {
  return values.includes(value ?? '') || values.includes(FORGOTTEN);
}

function remember(entry: Seen, value: string | undefined): Seen {
  if (value === undefined || entry.values.includes(value)) return entry;
  const forgotten = entry.values.indexOf(FORGOTTEN);
  if (forgotten >= 0) return { name: entry.name, values: entry.values.with(forgotten, value) };
  return { name: entry.name, values: [...entry.values, value].slice(-SEEN_MAX) };
}
