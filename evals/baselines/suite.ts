/** `npm run eval -- baselines`: Ghee beside an exact cache and embedding caches, on the same calls. */
import path from 'node:path';
import { z } from 'zod';
import { readRows } from '../jsonl.ts';
import { replayRow, type ReplayRow } from '../rows.ts';
import type { Suite } from '../suite.ts';
import { classOf } from '../workloads/classes.ts';
import { evaluate } from '../workloads/evaluate.ts';
import { generate } from '../workloads/generate.ts';
import { embeddingCache, exactCache, textOf, type Served } from './caches.ts';
import { embed } from './embed.ts';

const optionsSchema = z.object({
  data: z.string().optional(),
  seed: z.coerce.number().int(),
  calls: z.coerce.number().int().positive(),
  home: z.string(),
  embedding: z.boolean(),
});

const THRESHOLDS = [0.8, 0.9, 0.95];

export const baselinesSuite: Suite = {
  name: 'baselines',
  description: 'Ghee in memory beside an exact cache and embedding caches, on the same calls',
  configure: (command) =>
    void command
      .option('--seed <n>', 'of the workloads', '1')
      .option('--calls <n>', 'of each behaviour', '50')
      .option('--home <folder>', 'where PyTorch and the model are installed, 6 GB', '.ghee')
      .option('--no-embedding', 'only the exact cache: installs nothing'),
  run: async (given) => {
    const parsed = optionsSchema.safeParse(given);
    if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
    const { data, seed, calls, home, embedding } = parsed.data;
    const rows = data === undefined ? generate(seed, calls) : await readRows(data, replayRow);
    const results = new Map<string, readonly Served[]>([
      ['exact cache', exactCache(rows)],
      ['Ghee, in memory', ghee(rows)],
    ]);
    if (embedding) {
      const vectors = await embed(path.resolve(home), rows.map(textOf));
      for (const threshold of THRESHOLDS)
        results.set(`embedding cache, ${threshold}`, embeddingCache(rows, vectors, threshold));
    }
    const figures = [...results].flatMap(([cache, served]) => figuresOf(cache, served));
    return { scores: { figures }, table: [HEAD, ...figures.map(lineOf)] };
  },
};

interface CacheFigures {
  readonly cache: string;
  readonly class: string;
  readonly calls: number;
  readonly hits: number;
  readonly falseHits: number;
}

const HEAD = ['cache', 'class', 'calls', 'hits', 'hit %', 'false', 'false % of hits'];

function lineOf({ cache, calls, hits, falseHits, class: group }: CacheFigures): string[] {
  const percent = (part: number, whole: number): string =>
    ((100 * part) / Math.max(1, whole)).toFixed(1);
  return [
    cache,
    group,
    String(calls),
    String(hits),
    percent(hits, calls),
    String(falseHits),
    percent(falseHits, hits),
  ];
}

function figuresOf(cache: string, served: readonly Served[]): CacheFigures[] {
  const groups = [
    ...Map.groupBy(served, ({ row }) => classOf(row.behaviour ?? '')),
    ['all', served],
  ] as const;
  return groups.map(([group, of]) => ({
    cache,
    class: group,
    calls: of.length,
    hits: of.filter(({ kind }) => kind !== 'miss').length,
    falseHits: of.filter(({ kind }) => kind === 'false hit').length,
  }));
}

function ghee(rows: readonly ReplayRow[]): Served[] {
  return evaluate(rows).calls.map(({ row, outcome }) => ({
    row,
    kind: outcome.kind !== 'hit' ? 'miss' : outcome.wrong === undefined ? 'hit' : 'false hit',
  }));
}
