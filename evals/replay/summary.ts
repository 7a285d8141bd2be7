/** From replayed calls to the figures that `--json`, the table and the report show. */
import type { ReplayedCall } from './replay.ts';

export interface Figures {
  readonly calls: number;
  readonly hits: number;
  readonly misses: number;
  readonly bypasses: number;
  readonly errors: number;
  readonly falseHits: number;
  /** Share of the calls. */
  readonly hitRate: number;
  /** Share of the hits (DESIGN §11.21). */
  readonly falseHitRate: number;
  /** Misses and bypasses by their reason. */
  readonly reasons: Readonly<Record<string, number>>;
  readonly tokensSaved: { readonly prompt: number; readonly completion: number };
  readonly dollarsSaved: number;
  /** Milliseconds of the hits. */
  readonly p50: number;
  readonly p99: number;
}

export interface Summary extends Figures {
  readonly byBehaviour: Readonly<Record<string, Figures>>;
  readonly secondsTotal: number;
}

/** Dollars for a million tokens. */
export interface Prices {
  readonly input: number;
  readonly output: number;
}

export function summarise(
  calls: readonly ReplayedCall[],
  prices: Prices,
  secondsTotal: number,
): Summary {
  const groups = Map.groupBy(calls, ({ behaviour }) => behaviour);
  const byBehaviour = [...groups].map(([name, of]) => [name, figuresOf(of, prices)] as const);
  return {
    ...figuresOf(calls, prices),
    byBehaviour: Object.fromEntries(byBehaviour),
    secondsTotal,
  };
}

export function figuresOf(calls: readonly ReplayedCall[], prices: Prices): Figures {
  const of = (cache: ReplayedCall['cache']): readonly ReplayedCall[] =>
    calls.filter((call) => call.cache === cache);
  const hits = of('hit');
  const falseHits = hits.filter((call) => call.wrong !== undefined).length;
  const total = (count: (call: ReplayedCall) => number): number =>
    hits.reduce((sum, call) => sum + count(call), 0);
  const [prompt, completion] = [
    total((call) => call.tokens.prompt),
    total((call) => call.tokens.completion),
  ];
  const times = hits.map((call) => call.ms).sort((a, b) => a - b);
  return {
    calls: calls.length,
    hits: hits.length,
    misses: of('miss').length,
    bypasses: of('bypass').length,
    errors: of('error').length,
    falseHits,
    hitRate: share(hits.length, calls.length),
    falseHitRate: share(falseHits, hits.length),
    reasons: countReasons(calls.filter((call) => call.cache !== 'hit')),
    tokensSaved: { prompt, completion },
    dollarsSaved: (prompt * prices.input + completion * prices.output) / 1_000_000,
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99),
  };
}

function countReasons(calls: readonly ReplayedCall[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const { reason } of calls) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([, a], [, b]) => b - a));
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

/** Of sorted values; 0 where there are none. */
function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0;
}
