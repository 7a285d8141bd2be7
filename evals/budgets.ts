/**
 * `npm run eval -- budgets`: the curve that ERROR_BUDGET moves along, in memory. For each budget, how many calls hit, how many
 * of the hits are wrong, and how many the product itself took to be wrong, in all and by the riskiest class of each hit.
 */
import { z } from 'zod';
import { readRecording } from './recordings/recording.ts';
import type { Suite } from './suite.ts';
import { evaluate, type EvaluatedCall } from './workloads/evaluate.ts';
import { generate } from './workloads/generate.ts';
import { tally } from './workloads/tally.ts';

const budgets = z
  .string()
  .transform((text) => text.split(',').map(Number))
  .pipe(z.array(z.number().min(0).max(1)).min(1));
const optionsSchema = z.object({
  data: z.string().optional(),
  inducer: z.literal('symbolic', 'in memory there are no models'),
  seed: z.coerce.number().int(),
  calls: z.coerce.number().int().positive(),
  limit: z.coerce.number().int().positive().optional(),
  budgets,
});

/** One point of the curve. */
export interface BudgetPoint {
  readonly budget: number;
  readonly calls: number;
  readonly hits: number;
  readonly falseHits: number;
  readonly hitRate: number;
  readonly falseHitRate: number;
  /** Mean risk of the hits, as it was estimated when they were served. */
  readonly estimated: number;
  readonly classes: Readonly<Record<string, ClassPoint>>;
}

type ClassPoint = Pick<BudgetPoint, 'hits' | 'falseHits' | 'falseHitRate' | 'estimated'>;

export const budgetsSuite: Suite = {
  name: 'budgets',
  description: 'hits and wrong hits over error budgets, in memory',
  configure: (command) =>
    void command
      .option('--seed <n>', 'of the workloads', '1')
      .option('--calls <n>', 'of each behaviour', '50')
      .option('--limit <n>', 'only the first n rows of a file')
      .option('--budgets <list>', 'with commas between', '0.001,0.0025,0.005,0.01,0.02,0.05'),
  run: async (given) => {
    const parsed = optionsSchema.safeParse(given);
    if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
    const { data, seed, calls, limit = Infinity, budgets: wanted } = parsed.data;
    const rows = data === undefined ? generate(seed, calls) : (await readRecording(data)).rows;
    const points = wanted.map((budget) => pointOf(rows.slice(0, limit), budget));
    return {
      scores: { points },
      table: [
        ['budget', 'calls', 'hits', 'hit %', 'false', 'false % of hits', 'estimated %'],
        ...points.flatMap((point) => [
          [
            ...[String(point.budget), String(point.calls), String(point.hits)],
            ...[percent(point.hitRate), ...wrongOf(point)],
          ],
          ...Object.entries(point.classes).map(([name, of]) => [
            ...[`  ${name}`, '', String(of.hits), '', ...wrongOf(of)],
          ]),
        ]),
      ],
    };
  },
};

function pointOf(rows: Parameters<typeof evaluate>[0], budget: number): BudgetPoint {
  const { calls } = evaluate(rows, undefined, budget);
  const byClass = Map.groupBy(calls, ({ outcome }) =>
    outcome.kind === 'hit' ? (outcome.riskiest ?? 'exact') : 'miss',
  );
  byClass.delete('miss');
  const classes = [...byClass].sort(([, a], [, b]) => b.length - a.length);
  return {
    ...{ budget, calls: calls.length, hitRate: tally(calls).hitRate, ...classPoint(calls) },
    classes: Object.fromEntries(classes.map(([name, of]) => [name, classPoint(of)])),
  };
}

function classPoint(calls: readonly EvaluatedCall[]): ClassPoint {
  const { hits, falseHits, falseHitRate } = tally(calls);
  const risk = calls.reduce(
    (sum, { outcome }) => sum + (outcome.kind === 'hit' ? outcome.risk : 0),
    0,
  );
  return { hits, falseHits, falseHitRate, estimated: hits === 0 ? 0 : risk / hits };
}

function wrongOf({ falseHits, falseHitRate, estimated }: ClassPoint): string[] {
  return [String(falseHits), percent(falseHitRate), percent(estimated)];
}

function percent(share: number): string {
  return (share * 100).toFixed(2);
}
