/**
 * `npm run eval -- <suite>`: a table for people, and with --json one JSON object of scores as the last line of stdout.
 * Exit code 0 unless the suite could not run: a low score is a result, not a failure, but to `compare`.
 */
import { Command, Option } from 'commander';
import { agentsSuite } from './agents/suite.ts';
import { baselinesSuite } from './baselines/suite.ts';
import { budgetsSuite } from './budgets.ts';
import { compare, measure, readBaseline, writeBaseline } from './compare.ts';
import { deriveSuite } from './derive.ts';
import { identifySuite } from './identify.ts';
import { mergeSuite } from './merge.ts';
import { writePlots } from './plots.ts';
import { replaySuite } from './replay/suite.ts';
import type { Suite, SuiteOptions, SuiteReport } from './suite.ts';
import { formatTable } from './table.ts';
import { trustSuite } from './trust/suite.ts';
import { workloadsSuite } from './workloads/suite.ts';

const SUITES: readonly Suite[] = [
  deriveSuite,
  identifySuite,
  mergeSuite,
  workloadsSuite,
  agentsSuite,
  trustSuite,
  replaySuite,
  baselinesSuite,
  budgetsSuite,
];

const program = new Command('eval')
  .description('measure a part of Ghee on rows of data')
  .showHelpAfterError();

for (const suite of SUITES) {
  const command = program
    .command(suite.name)
    .description(suite.description)
    .option('--data <file>', "JSONL rows instead of the suite's own cases")
    .option('--json', 'end with one JSON object of scores')
    .addOption(
      new Option('--inducer <kind>', 'who proposes')
        .choices(['symbolic', 'llm', 'auto'])
        .default('symbolic'),
    )
    .argument('[file]', 'the same as --data')
    .action(async (file: string | undefined, given: SuiteOptions & { readonly json?: boolean }) => {
      const options = file === undefined ? given : { ...given, data: file };
      show(await suite.run(options), given.json === true);
    });
  suite.configure(command);
}

program
  .command('compare')
  .description('run the quick suites and hold their figures against evals/baseline.json')
  .option('--update', 'write the baseline anew')
  .option('--json', 'end with one JSON list of comparisons')
  .action(async (given: { readonly update?: boolean; readonly json?: boolean }) => {
    const baseline = await readBaseline();
    const measured = await measure();
    const comparisons = compare(baseline, measured);
    const lines = comparisons.map(({ suite, figure, baseline: before, now, verdict }) => [
      ...[suite, figure, before === undefined ? '' : String(before), String(now), verdict],
    ]);
    console.log(formatTable([['suite', 'figure', 'baseline', 'now', ''], ...lines]));
    if (given.json === true) console.log(JSON.stringify(comparisons));
    if (given.update === true) await writeBaseline(measured);
    else if (comparisons.some(({ verdict }) => verdict === 'worse')) process.exitCode = 1;
  });

program
  .command('plots')
  .description('draw the plots of docs/quality.md from outputs of runs with --json')
  .argument('<runs...>', 'files; a plot is named after its run')
  .option('--out <folder>', 'where the SVG files go', 'docs/plots')
  .action(async (runs: string[], { out }: { readonly out: string }) => {
    console.log((await writePlots(runs, out)).join('\n'));
  });

try {
  await program.parseAsync();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

function show({ table, scores }: SuiteReport, isJson: boolean): void {
  const numbers = Object.entries(scores).filter(([, value]) => typeof value === 'number');
  console.log(formatTable(table));
  console.log(`\n${formatTable(numbers.map(([name, value]) => [name, String(value)]))}`);
  if (isJson) console.log(JSON.stringify(scores));
}
