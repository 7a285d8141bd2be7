/**
 * `npm run eval -- <suite>`: a table for people, and with --json one JSON object of scores as the last line of stdout.
 * Exit code 0 unless the suite could not run: a low score is a result, not a failure.
 */
import { Command, Option } from 'commander';
import { deriveSuite } from './derive.ts';
import { identifySuite } from './identify.ts';
import type { Suite, SuiteOptions, SuiteReport } from './suite.ts';

const SUITES: readonly Suite[] = [deriveSuite, identifySuite];

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
    .action(async (options: SuiteOptions & { readonly json?: boolean }) => {
      show(await suite.run(options), options.json === true);
    });
  suite.configure(command);
}

try {
  await program.parseAsync();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

function show({ table, scores }: SuiteReport, isJson: boolean): void {
  console.log(aligned(table));
  console.log(`\n${aligned(Object.entries(scores).map(([name, value]) => [name, String(value)]))}`);
  if (isJson) console.log(JSON.stringify(scores));
}

/** Columns of one width; the last one as long as it is. */
function aligned(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
