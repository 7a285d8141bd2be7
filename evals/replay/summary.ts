/** From replayed calls to the figures that `--json`, the table and the report show. */
import type { LearnedCall } from './lessons.ts';
import type { CallValue } from './value.ts';

export interface ValuedCall extends LearnedCall {
  readonly value: CallValue;
}

export interface Figures {
  readonly calls: number;
  readonly hits: number;
  readonly misses: number;
  readonly bypasses: number;
  readonly falseHits: number;
  /** Share of the calls. */
  readonly hitRate: number;
  /** Share of the hits (DESIGN §11.21). */
  readonly falseHitRate: number;
  /** Misses and bypasses by their reason, the most frequent first. */
  readonly reasons: Readonly<Record<string, number>>;
  readonly saved: Saved;
  readonly induction: { readonly runs: number; readonly seconds: number; readonly dollars: number };
  /** What hits saved, less what induction cost. */
  readonly dollarsNet: number;
}

/** False hits save nothing. */
export interface Saved {
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly dollars: number;
  /** Of the provider's time, less that of the hits. */
  readonly seconds: number;
  /** Hits whose recording says how long the provider took; the others are not in `seconds`. */
  readonly timed: number;
  /** Hits whose price is known; the others are not in `dollars`. */
  readonly priced: number;
  /** Hits whose recording counts its tokens; for the others the length of the texts had to do. */
  readonly counted: number;
}

export interface Summary extends Figures {
  readonly byBehaviour: Readonly<Record<string, Figures>>;
  readonly secondsTotal: number;
  /** Milliseconds of the hits. */
  readonly p50: number;
  readonly p99: number;
}

export function summarise(calls: readonly ValuedCall[], secondsTotal: number): Summary {
  const groups = Map.groupBy(calls, ({ behaviour }) => behaviour);
  const times = calls
    .filter(({ cache }) => cache === 'hit')
    .map(({ ms }) => ms)
    .sort((a, b) => a - b);
  return {
    ...figuresOf(calls),
    byBehaviour: Object.fromEntries([...groups].map(([name, of]) => [name, figuresOf(of)])),
    secondsTotal,
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99),
  };
}

/** The one line of `--json` (issue 8): exactly these fields, each behaviour with all of its figures. */
export function toScores(summary: Summary) {
  const { calls, hits, misses, bypasses, falseHits } = summary;
  const { hitRate, falseHitRate, byBehaviour, secondsTotal } = summary;
  return {
    ...{ calls, hits, misses, bypasses, falseHits, hitRate, falseHitRate },
    ...{ byBehaviour, secondsTotal },
  };
}

function figuresOf(calls: readonly ValuedCall[]): Figures {
  const of = (cache: ValuedCall['cache']): readonly ValuedCall[] =>
    calls.filter((call) => call.cache === cache);
  const hits = of('hit');
  const right = hits.filter((call) => call.wrong === undefined);
  const saved = savedBy(right);
  const lessons = calls.flatMap(({ lesson }) => lesson ?? []);
  const dollars = sum(lessons, (lesson) => lesson.dollars);
  return {
    calls: calls.length,
    hits: hits.length,
    misses: of('miss').length,
    bypasses: of('bypass').length,
    falseHits: hits.length - right.length,
    hitRate: share(hits.length, calls.length),
    falseHitRate: share(hits.length - right.length, hits.length),
    reasons: countReasons(calls.filter((call) => call.cache !== 'hit')),
    saved,
    induction: {
      runs: lessons.length,
      seconds: sum(lessons, (lesson) => lesson.seconds),
      dollars,
    },
    dollarsNet: saved.dollars - dollars,
  };
}

function savedBy(hits: readonly ValuedCall[]): Saved {
  const timed = hits.filter(({ value }) => value.seconds !== undefined);
  return {
    promptTokens: sum(hits, ({ value }) => value.tokens.prompt),
    completionTokens: sum(hits, ({ value }) => value.tokens.completion),
    dollars: sum(hits, ({ value }) => value.dollars ?? 0),
    seconds: sum(timed, ({ value, ms }) => (value.seconds ?? 0) - ms / 1000),
    timed: timed.length,
    priced: hits.filter(({ value }) => value.dollars !== undefined).length,
    counted: hits.filter(({ value }) => value.isCounted).length,
  };
}

function countReasons(calls: readonly ValuedCall[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const { reason } of calls) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([, a], [, b]) => b - a));
}

function sum<T>(all: readonly T[], of: (one: T) => number): number {
  return all.reduce((total, one) => total + of(one), 0);
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

/** Of sorted values; 0 where there are none. */
function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0;
}
