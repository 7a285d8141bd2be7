/** From evaluated calls to figures: hits, misses with their reasons, false hits, by whatever group. */
import type { EvaluatedCall, FalseHit } from './evaluate.ts';

export interface Tally {
  readonly calls: number;
  readonly hits: number;
  readonly exactHits: number;
  readonly misses: Readonly<Record<string, number>>;
  readonly bypasses: number;
  readonly falseHits: number;
  /** Share of the calls. */
  readonly hitRate: number;
  /** Share of the hits (DESIGN §11.21). */
  readonly falseHitRate: number;
}

export function tally(calls: readonly EvaluatedCall[]): Tally {
  const misses: Record<string, number> = {};
  let [hits, exactHits, falseHits, bypasses] = [0, 0, 0, 0];
  for (const { outcome } of calls) {
    if (outcome.kind === 'bypass') bypasses++;
    if (outcome.kind === 'miss') misses[outcome.reason] = (misses[outcome.reason] ?? 0) + 1;
    if (outcome.kind !== 'hit') continue;
    hits++;
    if (outcome.by === 'exact') exactHits++;
    if (outcome.wrong !== undefined) falseHits++;
  }
  return {
    calls: calls.length,
    hits,
    exactHits,
    misses,
    bypasses,
    falseHits,
    hitRate: share(hits, calls.length),
    falseHitRate: share(falseHits, hits),
  };
}

/** Calls by group, in the order of their first call. */
export function tallyBy(
  calls: readonly EvaluatedCall[],
  groupOf: (call: EvaluatedCall) => string,
): ReadonlyMap<string, Tally> {
  return new Map([...Map.groupBy(calls, groupOf)].map(([group, of]) => [group, tally(of)]));
}

export function falseHitsOf(calls: readonly EvaluatedCall[]): FalseHit[] {
  return calls.flatMap(({ outcome }) => (outcome.kind === 'hit' ? (outcome.wrong ?? []) : []));
}

/** Misses by behaviour, reason and what was learned from them, most frequent first. */
export function missClasses(
  calls: readonly EvaluatedCall[],
): { readonly behaviour: string; readonly why: string; readonly count: number }[] {
  const counts = new Map<string, { behaviour: string; why: string; count: number }>();
  for (const { behaviour, row, outcome } of calls) {
    if (outcome.kind !== 'miss') continue;
    const why = `turn ${row.request.messages.length}: ${outcome.reason}, then ${outcome.learned}`;
    const entry = counts.get(`${behaviour} ${why}`) ?? { behaviour, why, count: 0 };
    entry.count++;
    counts.set(`${behaviour} ${why}`, entry);
  }
  return [...counts.values()].sort((a, b) => b.count - a.count);
}

/** By group: of the first calls of all its behaviours, the second ones and so on, how many there are and how many hit. */
export function hitsByOrdinal(
  calls: readonly EvaluatedCall[],
  groupOf: (call: EvaluatedCall) => string,
): ReadonlyMap<string, readonly { readonly calls: number; readonly hits: number }[]> {
  const seen = new Map<string, number>();
  const groups = new Map<string, { calls: number; hits: number }[]>();
  for (const call of calls) {
    const ordinal = seen.get(call.behaviour) ?? 0;
    seen.set(call.behaviour, ordinal + 1);
    const group = groups.get(groupOf(call)) ?? [];
    groups.set(groupOf(call), group);
    const counts = (group[ordinal] ??= { calls: 0, hits: 0 });
    counts.calls++;
    counts.hits += Number(call.outcome.kind === 'hit');
  }
  return groups;
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
