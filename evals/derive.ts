/**
 * The `derive` suite: programs from examples. A row is a task; its distinct examples come in file order, the first k
 * teach (or all), and the others are predicted, or all where none is left. Nothing of an unseen row is looked at.
 */
import path from 'node:path';
import { z } from 'zod';
import { derive } from '../core/expressions/derivation.ts';
import type { Expression } from '../core/expressions/expression.ts';
import { formatExpression } from '../core/expressions/format-expression.ts';
import { synthesize, type Example } from '../core/synthesis/synthesize.ts';
import { runEval } from './braintrust.ts';
import { readRows } from './jsonl.ts';
import { isTable, rightShare, verdictOf, type Verdict } from './scorers/derive.ts';
import type { Suite, SuiteReport } from './suite.ts';

const CASES = path.join(import.meta.dirname, 'cases', 'derive.jsonl');
const TRAIN_DEFAULT = 3;

const value = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const rowSchema = z
  .object({
    id: z.string(),
    inputs: z.array(z.array(value)).min(1),
    outputs: z.array(value),
    constants: z.array(z.string()).optional(),
    consistent: z.boolean().optional(),
  })
  .refine((row) => row.inputs.length === row.outputs.length, 'as many outputs as inputs');
const optionsSchema = z.object({
  data: z.string().default(CASES),
  inducer: z.literal('symbolic', 'only the symbolic deriver learns from bare examples'),
  train: z.union([z.literal('all'), z.coerce.number().int().positive()]),
});

/** Plain data, since Braintrust stores it. */
export interface DeriveRow {
  readonly inputs: readonly string[];
  readonly output: string;
}

export interface DeriveTask {
  readonly taught: readonly DeriveRow[];
  readonly asked: readonly DeriveRow[];
  readonly constants: readonly string[];
}

export interface DeriveOutcome {
  readonly programs: readonly Expression[];
  readonly served: readonly (string | undefined)[];
  readonly isTable: boolean;
  readonly seconds: number;
}

export const deriveSuite: Suite = {
  name: 'derive',
  description: 'programs from examples, judged on rows they did not see',
  configure: (command) =>
    void command.option(
      '--train <k>',
      'rows to learn from: a number or "all"',
      String(TRAIN_DEFAULT),
    ),
  run: async (given) => {
    const options = optionsSchema.safeParse(given);
    if (!options.success) throw new Error(z.prettifyError(options.error));
    const { data, train } = options.data;
    const rows = await readRows(data, rowSchema);
    const cases = rows.map((row, index) => {
      const input = toTask(row, train);
      return { id: `${index}:${row.id}`, input, expected: input.asked.map(({ output }) => output) };
    });
    const outcomes = await runEval(
      {
        suite: 'derive',
        cases,
        task: solve,
        scorers: {
          solved: (outcome, expected) => Number(verdictOf(outcome.served, expected) === 'solved'),
          notWrong: (outcome, expected) => Number(verdictOf(outcome.served, expected) !== 'wrong'),
          rightRows: (outcome, expected) => rightShare(outcome.served, expected),
        },
      },
      process.env['BRAINTRUST_API_KEY'],
    );
    return reportOf(
      rows.map((row, index) => ({
        id: row.id,
        outcome: outcomes[index],
        verdict: verdictOf(outcomes[index]?.served ?? [], cases[index]?.expected ?? []),
      })),
    );
  },
};

/** Distinct rows in file order; a row that is there twice is one. */
export function toTask(row: z.infer<typeof rowSchema>, train: 'all' | number): DeriveTask {
  const distinct = new Map<string, DeriveRow>();
  for (const [index, inputs] of row.inputs.entries()) {
    const output = row.outputs[index] ?? '';
    distinct.set(JSON.stringify([inputs, output]), { inputs, output });
  }
  const examples = [...distinct.values()];
  const taught = train === 'all' ? examples : examples.slice(0, train);
  const rest = examples.slice(taught.length);
  return { taught, asked: rest.length > 0 ? rest : examples, constants: row.constants ?? [] };
}

/** Learns, then serves as the product does: only where all kept programs agree. */
export function solve({ taught, asked, constants }: DeriveTask): DeriveOutcome {
  const startedAt = performance.now();
  const programs = synthesize(taught.map(toExample), { constants, isDetermined: true });
  const served = asked.map((row) => {
    const result = derive({ kind: 'programs', programs }, toExample(row).inputs);
    return result.kind === 'value' ? result.value : undefined;
  });
  const [first] = programs;
  const outputs = taught.map(({ output }) => output);
  return {
    programs,
    served,
    isTable: first !== undefined && isTable(first, outputs),
    seconds: (performance.now() - startedAt) / 1000,
  };
}

function toExample({ inputs, output }: DeriveRow): Example {
  return { inputs: new Map(inputs.map((text, place) => [`arg${place + 1}`, text])), output };
}

interface Line {
  readonly id: string;
  readonly outcome: DeriveOutcome | undefined;
  readonly verdict: Verdict;
}

function reportOf(lines: readonly Line[]): SuiteReport {
  const count = (verdict: Verdict): number =>
    lines.filter((line) => line.verdict === verdict).length;
  const seconds = lines.reduce((sum, { outcome }) => sum + (outcome?.seconds ?? 0), 0);
  return {
    scores: {
      tasks: lines.length,
      solved: count('solved'),
      abstained: count('abstained'),
      partial: count('partial'),
      wrong: count('wrong'),
      tables: lines.filter(({ outcome, verdict }) => verdict === 'solved' && outcome?.isTable)
        .length,
      secondsTotal: Math.round(seconds * 1000) / 1000,
    },
    table: [
      ['task', 'verdict', 'seconds', 'rivals', 'program'],
      ...lines.map(({ id, outcome, verdict }) => {
        const [first] = outcome?.programs ?? [];
        return [
          id,
          outcome?.isTable === true ? `${verdict} (table)` : verdict,
          (outcome?.seconds ?? 0).toFixed(3),
          String(Math.max((outcome?.programs.length ?? 0) - 1, 0)),
          first === undefined ? '' : formatExpression(first),
        ];
      }),
    ],
  };
}
