/** The `ghee` command line; scripts/ghee.js runs it under Node 24. */
import { Command } from 'commander';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { CONFIG_HELP, loadConfig } from '../adapters/config.ts';
import { buildWeb } from './build-web.ts';
import { check } from './check.ts';
import { addArchive } from './commands/archive.ts';
import { addDemoCommand } from './commands/demo.ts';
import { addLookCommands } from './commands/look.ts';
import { addNode } from './commands/node.ts';
import { addPrune } from './commands/prune.ts';
import { addPurge } from './commands/purge.ts';
import { addMergeCommands } from './commands/merge.ts';
import { addOverviewCommands } from './commands/overview.ts';
import { addProjectCommands } from './commands/project.ts';
import { explain, Problem } from './problem.ts';
import { runNode } from './run-node.ts';
import { start } from './start.ts';
import { runTests } from './test.ts';

const program = new Command('ghee')
  .description('Ghee, a behaviour cache for LLM applications')
  .enablePositionalOptions()
  .showHelpAfterError();

program.commandsGroup('Run:');
program
  .command('start')
  .description('start MongoDB, Temporal, the worker and the proxy; Ctrl-C stops them')
  .addHelpText('after', () => configurationHelp())
  .action(() => finishWith(start()));
addDemoCommand(program);

program.commandsGroup('Look:');
addLookCommands(program);
addOverviewCommands(program);

program.commandsGroup('Decide and change:');
addNode(program);
addMergeCommands(program);
addProjectCommands(program);
addPurge(program);
addPrune(program);
addArchive(program);

program.commandsGroup('Measure:');
passThrough('replay', 'replay <file>: what Ghee would save on recorded traffic', (args) =>
  runScript('../evals/run.ts', ['replay', ...args]),
);
passThrough('eval', 'eval <suite>: measure a part of Ghee on rows of data', (args) =>
  runScript('../evals/run.ts', args),
);
passThrough('bench', 'measure latency and throughput', (args) => runScript('bench.ts', args));

program.commandsGroup('Develop:');
passThrough('test', 'run the tests; further arguments go to jest', runTests);
passThrough('test-browser', 'run the dashboard in a real browser; installs Chromium', (args) =>
  runScript('test-browser.ts', args),
);
passThrough('test-clients', 'run the official OpenAI clients against Ghee', (args) =>
  runScript('test-clients.ts', args),
);
passThrough('chaos', 'kill proxies under load and break networks, for some minutes', (args) =>
  runScript('chaos.ts', args),
);
passThrough('check', 'format, lint, types, cycles and tests', check);
program
  .command('build-web')
  .description('build the dashboard, if its sources changed')
  .action(() => finishWith(buildAndTell()));
passThrough('screenshots', 'take the pictures of docs/screenshots', (args) =>
  runScript('screenshots.ts', args),
);

try {
  await program.parseAsync();
} catch (error) {
  console.error(`\n${explain(error)}`);
  process.exitCode = 1;
}
process.exit();

async function buildAndTell(): Promise<number> {
  const built = await buildWeb(loadConfig(process.env).home);
  console.log(built.kind === 'built' ? built.folder : built.why);
  return built.kind === 'built' ? 0 : 1;
}

function passThrough(
  name: string,
  description: string,
  run: (args: string[]) => Promise<number>,
): void {
  program
    .command(name)
    .description(description)
    .argument('[args...]')
    .passThroughOptions()
    .allowUnknownOption()
    .action((args: string[]) => finishWith(run(args)));
}

/** Each of these scripts reads its own arguments and has a --help of its own. */
async function runScript(file: string, args: readonly string[]): Promise<number> {
  const script = path.join(import.meta.dirname, file);
  if (!existsSync(script)) throw new Problem(`this version of Ghee has no scripts/${file}`);
  return runNode(['--disable-warning=ExperimentalWarning', script, ...args]);
}

/** The IPC channel to the launcher, and libraries' handles, must not keep a finished command alive. */
async function finishWith(work: Promise<number>): Promise<never> {
  try {
    process.exit((await work) || process.exitCode);
  } catch (error) {
    console.error(`\n${explain(error)}`);
    process.exit(1);
  }
}

function configurationHelp(): string {
  const width = Math.max(...CONFIG_HELP.map(({ name }) => name.length)) + 2;
  const lines = CONFIG_HELP.map(
    (entry) =>
      `  ${entry.name.padEnd(width)}${entry.what}${entry.default === '' ? '' : ` (default ${entry.default})`}`,
  );
  return ['', 'Settings, as environment variables:', ...lines].join('\n');
}
