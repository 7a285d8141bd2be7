/** `npm run eval -- workloads`: how often Ghee hits on our workloads in memory, and how often it is wrong. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { showTemplate } from '../../core/template/template.ts';
import { readRows } from '../jsonl.ts';
import { progressBar } from '../progress.ts';
import { replayRow, type ReplayRow } from '../rows.ts';
import type { Suite, SuiteReport } from '../suite.ts';
import { formatTable } from '../table.ts';
import { classOf, familyOf } from './classes.ts';
import { evaluate, type EvaluatedCall, type Evaluation } from './evaluate.ts';
import { BEHAVIOURS, generate } from './generate.ts';
import { falseHitsOf, hitsByOrdinal, missClasses, tally, tallyBy, type Tally } from './tally.ts';

const optionsSchema = z.object({
  data: z.string().optional(),
  inducer: z.literal('symbolic', 'in memory there are no models'),
  seed: z.coerce.number().int(),
  calls: z.coerce.number().int().positive(),
  only: z.string().optional(),
  falseHits: z.string(),
  misses: z.coerce.number().int().nonnegative(),
  show: z.string().optional(),
});

export const workloadsSuite: Suite = {
  name: 'workloads',
  description: 'our own workloads through induction in memory, or replay rows with --data',
  configure: (command) =>
    void command
      .option('--seed <n>', 'of the workloads', '1')
      .option('--calls <n>', 'of each behaviour', '50')
      .option('--only <names>', 'behaviours or families, with commas between')
      .option('--false-hits <file>', 'where the false hits go', '.ghee/evals/false-hits.jsonl')
      .option('--misses <n>', 'show the n most frequent classes of avoidable misses', '0')
      .option('--show <name>', 'show each call of one behaviour and what was learned from it'),
  run: async (given) => {
    const parsed = optionsSchema.safeParse(given);
    if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
    const options = parsed.data;
    const rows =
      options.data === undefined ? workloadRows(options) : await readRows(options.data, replayRow);
    const started = performance.now();
    const evaluation = evaluate(rows, progressBar(rows.length));
    const secondsTotal = (performance.now() - started) / 1000;
    const { calls } = evaluation;
    writeLines(options.falseHits, falseHitsOf(calls));
    if (options.misses > 0) showMisses(calls, options.misses);
    if (options.show !== undefined)
      showCalls(calls.filter(({ behaviour }) => behaviour === options.show));
    return reportOf(evaluation, secondsTotal);
  },
};

function workloadRows({ seed, calls, only }: z.infer<typeof optionsSchema>): readonly ReplayRow[] {
  const wanted = only?.split(',');
  const behaviours = BEHAVIOURS.filter(
    ({ name, family }) => wanted === undefined || wanted.includes(name) || wanted.includes(family),
  );
  return generate(seed, calls, behaviours);
}

const HEAD = ['', 'calls', 'hits', 'exact', 'hit %', 'false', 'misses'];
/** Recordings name more behaviours than anybody reads. */
const BEHAVIOURS_SHOWN = 200;

function reportOf({ calls, phases, nodes }: Evaluation, secondsTotal: number): SuiteReport {
  const byBehaviour = tallyBy(calls, ({ behaviour }) => behaviour);
  const classes = tallyBy(calls, ({ behaviour }) => classOf(behaviour));
  const families = tallyBy(calls, ({ behaviour }) => familyOf(behaviour));
  const lines = (groups: ReadonlyMap<string, Tally>): string[][] =>
    [...groups].map(lineOf).sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
  return {
    scores: {
      ...tally(calls),
      classes: Object.fromEntries(classes),
      byBehaviour: Object.fromEntries(byBehaviour),
      ordinals: Object.fromEntries(hitsByOrdinal(calls, ({ behaviour }) => classOf(behaviour))),
      secondsTotal,
      secondsLookUp: phases.lookUp / 1000,
      secondsLearn: phases.learn / 1000,
      nodes,
    },
    table: [
      HEAD,
      ...(byBehaviour.size <= BEHAVIOURS_SHOWN ? [...lines(byBehaviour), ['']] : []),
      ...lines(families),
      [''],
      ...lines(classes),
      lineOf(['all', tally(calls)]),
    ],
  };
}

function lineOf([name, of]: readonly [string, Tally]): string[] {
  const misses = Object.entries(of.misses)
    .sort(([, a], [, b]) => b - a)
    .map(([reason, count]) => `${reason} ${count}`);
  return [
    name,
    String(of.calls),
    String(of.hits),
    String(of.exactHits),
    (of.hitRate * 100).toFixed(1),
    String(of.falseHits),
    misses.join(', '),
  ];
}

function showMisses(calls: readonly EvaluatedCall[], count: number): void {
  const classes = missClasses(
    calls.filter(({ behaviour }) => classOf(behaviour) !== 'adversarial'),
  );
  const lines = classes
    .slice(0, count)
    .map((each) => [each.behaviour, String(each.count), each.why]);
  console.log(`${formatTable([['behaviour', 'misses', 'why'], ...lines])}\n`);
}

function showCalls(calls: readonly EvaluatedCall[]): void {
  for (const { row, outcome } of calls) {
    const question = JSON.stringify(row.request.messages.at(-1)?.['content'] ?? '');
    if (outcome.kind === 'hit')
      console.log(`${outcome.by} hit${outcome.wrong === undefined ? '' : ', WRONG'}: ${question}`);
    if (outcome.kind === 'bypass') console.log(`bypass, ${outcome.reason}: ${question}`);
    if (outcome.kind !== 'miss') continue;
    console.log(`miss, ${outcome.reason}, then ${outcome.learned}: ${question}`);
    for (const { template, state, evidence } of outcome.nodes) {
      const bar = `, ${state}, needs ${evidence.required} (${evidence.reasons.join('; ')})`;
      const isAnswer = template.role === 'assistant';
      console.log(
        `    ${template.role}: ${JSON.stringify(showTemplate(template))}${isAnswer ? bar : ''}`,
      );
    }
  }
}

function writeLines(file: string, rows: readonly unknown[]): void {
  mkdirSync(path.dirname(path.resolve(file)), { recursive: true });
  writeFileSync(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
}
