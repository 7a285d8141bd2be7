/**
 * The `merge` suite: log lines as sibling messages, merged all at once by the code that merges siblings of a tree, with one
 * configuration. `--train N`: learn from the first N lines only and match the rest, as a tree would.
 */
import path from 'node:path';
import { z } from 'zod';
import { runEval } from './braintrust.ts';
import { readRows } from './jsonl.ts';
import { learnGroups, predictRest } from './merge/learn.ts';
import {
  groupingAccuracy,
  parsingAccuracy,
  type MergeCase,
  type PredictedGroup,
} from './scorers/merge.ts';
import type { Suite } from './suite.ts';

const CASES = path.join(import.meta.dirname, 'cases', 'merge.jsonl');

const rowSchema = z.object({
  line: z.string(),
  template_id: z.union([z.string(), z.number()]).transform(String),
  template: z.string(),
});
const optionsSchema = z.object({
  data: z.string().default(CASES),
  inducer: z.literal('symbolic', 'only the symbolic merge learns from bare lines'),
  train: z.coerce.number().int().positive().optional(),
});

export interface MergeOutcome {
  readonly groups: readonly PredictedGroup[];
  readonly seconds: number;
}

export const mergeSuite: Suite = {
  name: 'merge',
  description: 'templates of many sibling messages, judged by labelled log lines',
  configure: (command) =>
    void command.option('--train <n>', 'also learn from the first n lines and match the rest'),
  run: async (given) => {
    const options = optionsSchema.safeParse(given);
    if (!options.success) throw new Error(z.prettifyError(options.error));
    const { data, train } = options.data;
    const rows = await readRows(data, rowSchema);
    const [outcome] = await runEval(
      {
        suite: 'merge',
        cases: [{ id: path.basename(data), input: rows, expected: rows }],
        task: merge,
        scorers: {
          groupingAccuracy: ({ groups }, expected) => groupingAccuracy(expected, groups),
          parsingAccuracy: ({ groups }, expected) => parsingAccuracy(expected, groups),
        },
      },
      process.env['BRAINTRUST_API_KEY'],
    );
    const { groups, seconds } = outcome ?? { groups: [], seconds: 0 };
    return {
      scores: {
        lines: rows.length,
        templates: groups.length,
        groupingAccuracy: groupingAccuracy(rows, groups),
        parsingAccuracy: parsingAccuracy(rows, groups),
        seconds: Math.round(seconds * 1000) / 1000,
        ...(train === undefined ? {} : trainScores(rows, train)),
      },
      table: [
        ['lines', 'template'],
        ...groups
          .toSorted((a, b) => b.members.length - a.members.length)
          .map(({ members, template }) => [String(members.length), template]),
      ],
    };
  },
};

/** Merges all lines. Seconds of this alone: reading and scoring are not part of merging. */
export function merge(rows: readonly MergeCase[]): MergeOutcome {
  const startedAt = performance.now();
  const groups = learnGroups(rows);
  return { groups, seconds: (performance.now() - startedAt) / 1000 };
}

/** The hit rate is a share of the lines after the first `train` ones, the rate of false hits one of the hits. */
function trainScores(rows: readonly MergeCase[], train: number): Readonly<Record<string, number>> {
  const { trained, lines, hits, falseHits } = predictRest(rows, train);
  return {
    trained,
    hitRate: lines === 0 ? 0 : hits / lines,
    falseHitRate: hits === 0 ? 0 : falseHits / hits,
  };
}
