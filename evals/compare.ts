/**
 * `npm run eval -- compare`: the quick suites, whose figures are the same on every machine, held against
 * evals/baseline.json. CI fails on a figure that got worse; `--update` writes the file anew.
 */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { agentsSuite } from './agents/suite.ts';
import { deriveSuite } from './derive.ts';
import { identifySuite } from './identify.ts';
import { mergeSuite } from './merge.ts';
import type { Suite, SuiteOptions } from './suite.ts';
import { workloadsSuite } from './workloads/suite.ts';

const FILE = path.join(import.meta.dirname, 'baseline.json');

interface QuickRun {
  readonly suite: Suite;
  readonly options: Readonly<Record<string, unknown>>;
  /** Figure → by how much it may get worse. `more` is better, or `fewer` is. */
  readonly figures: Readonly<
    Record<string, { readonly better: 'more' | 'fewer'; readonly slack: number }>
  >;
}

const NONE_MORE = { better: 'fewer', slack: 0 } as const;
/** A change of the inducer moves a call here and there; a regression moves more of them. */
const share = { better: 'more', slack: 0.01 } as const;

/** About half a minute in all on one core. */
const RUNS: readonly QuickRun[] = [
  {
    suite: deriveSuite,
    options: { train: '3' },
    figures: { solved: { better: 'more', slack: 1 }, wrong: NONE_MORE, tables: NONE_MORE },
  },
  {
    suite: identifySuite,
    options: {},
    figures: { precision: share, recall: share, f1: share },
  },
  {
    suite: mergeSuite,
    options: {},
    figures: { groupingAccuracy: share, parsingAccuracy: share },
  },
  {
    suite: workloadsSuite,
    options: {
      seed: '1',
      calls: '12',
      falseHits: '.ghee/evals/compare-false-hits.jsonl',
      misses: '0',
    },
    figures: { hitRate: share, falseHits: NONE_MORE },
  },
  {
    suite: agentsSuite,
    options: { seed: '1', stored: '5', others: '5' },
    figures: {
      identical: { better: 'more', slack: 0 },
      hitRate: { better: 'more', slack: 0.02 },
      falseHits: NONE_MORE,
      unfounded: NONE_MORE,
      wrongWrites: NONE_MORE,
    },
  },
];

const baselineSchema = z.record(z.string(), z.record(z.string(), z.number()));
export type Baseline = z.infer<typeof baselineSchema>;

export interface Comparison {
  readonly suite: string;
  readonly figure: string;
  readonly baseline: number | undefined;
  readonly now: number;
  readonly verdict: 'same' | 'better' | 'within slack' | 'worse' | 'new';
}

/** Errors: rejects where a suite cannot run, or the baseline cannot be read. */
export async function readBaseline(): Promise<Baseline> {
  return baselineSchema.parse(JSON.parse(await readFile(FILE, 'utf8')));
}

/** Runs the quick suites one after the other. */
export async function measure(): Promise<Baseline> {
  const measured: Record<string, Record<string, number>> = {};
  for (const { suite, options, figures } of RUNS) {
    const { scores } = await suite.run({ inducer: 'symbolic', ...options } satisfies SuiteOptions);
    measured[suite.name] = Object.fromEntries(
      Object.keys(figures).map((figure) => [figure, rounded(Number(scores[figure]))]),
    );
  }
  return measured;
}

/** Each figure beside its baseline, in the order of the suites. */
export function compare(baseline: Baseline, measured: Baseline): Comparison[] {
  return RUNS.flatMap(({ suite, figures }) =>
    Object.entries(figures).map(([figure, { better, slack }]) => {
      const now = measured[suite.name]?.[figure] ?? Number.NaN;
      const before = baseline[suite.name]?.[figure];
      const gain = before === undefined ? 0 : better === 'more' ? now - before : before - now;
      const verdict = before === undefined ? 'new' : verdictOf(gain, slack);
      return { suite: suite.name, figure, baseline: before, now, verdict };
    }),
  );
}

/** A figure that is no number at all is worse than any. */
function verdictOf(gain: number, slack: number): Comparison['verdict'] {
  if (gain === 0) return 'same';
  if (gain > 0) return 'better';
  return gain >= -slack ? 'within slack' : 'worse';
}

export async function writeBaseline(measured: Baseline): Promise<void> {
  await writeFile(FILE, `${JSON.stringify(measured, null, 2)}\n`);
}

function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
