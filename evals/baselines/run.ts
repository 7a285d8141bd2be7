/** Ghee beside an exact cache and embedding caches, on the same calls. Optional: installs several GB of Python. */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { readRows, type ReplayRow } from '../rows.ts';
import { formatTable } from '../table.ts';
import { classOf } from '../workloads/classes.ts';
import { evaluate } from '../workloads/evaluate.ts';
import { generate } from '../workloads/generate.ts';
import { embeddingCache, exactCache, textOf, type Served } from './caches.ts';
import { embed } from './embed.ts';

const HELP = `usage: npm run eval -- baselines [options]
  --seed N      of the workloads (default 1)
  --calls N     of each behaviour (default 50)
  --data FILE   rows of replay instead of the workloads
  --home FOLDER where Python and the model are installed (default .ghee)
  --exact-only  without the embedding model
  --json        end with one line of JSON`;

const THRESHOLDS = [0.8, 0.9, 0.95];

export async function runBaselines(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string', default: '1' },
      calls: { type: 'string', default: '50' },
      data: { type: 'string' },
      home: { type: 'string', default: '.ghee' },
      'exact-only': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(`${HELP}\n`);
    return 0;
  }
  const rows =
    values.data === undefined
      ? generate(Number(values.seed), Number(values.calls))
      : readRows(values.data);
  const results = new Map<string, readonly Served[]>([
    ['exact cache', exactCache(rows)],
    ['Ghee, in memory', ghee(rows)],
  ]);
  if (!values['exact-only']) {
    const vectors = await embed(path.resolve(values.home), rows.map(textOf));
    for (const threshold of THRESHOLDS)
      results.set(`embedding cache, ${threshold}`, embeddingCache(rows, vectors, threshold));
  }
  const figures = [...results].flatMap(([cache, served]) => figuresOf(cache, served));
  process.stdout.write(`${formatTable([HEAD, ...figures.map(line)])}\n`);
  if (values.json) process.stdout.write(`${JSON.stringify(figures)}\n`);
  return 0;
}

interface CacheFigures {
  readonly cache: string;
  readonly class: string;
  readonly calls: number;
  readonly hits: number;
  readonly falseHits: number;
}

const HEAD = ['cache', 'calls', 'hits', 'hit %', 'false', 'false % of hits', 'class'];

function line({ cache, calls, hits, falseHits, class: group }: CacheFigures): string[] {
  const percent = (part: number, whole: number): string =>
    ((100 * part) / Math.max(1, whole)).toFixed(1);
  return [
    cache,
    String(calls),
    String(hits),
    percent(hits, calls),
    String(falseHits),
    percent(falseHits, hits),
    group,
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
