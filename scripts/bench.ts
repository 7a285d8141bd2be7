/** `npm run bench -- <proxy|match|dashboard>`: what is measured lives in scripts/bench/, one file for each. */
import { Command, Option } from 'commander';
import { benchDashboard, type DashboardBenchOptions } from './bench/dashboard.ts';
import { benchMatch } from './bench/match.ts';
import { benchProxy, type ProxyBenchOptions } from './bench/proxy.ts';

const numbers = (text: string) => text.split(',').map(Number);

const program = new Command('bench').description('measure Ghee').showHelpAfterError();
program
  .command('proxy', { isDefault: true })
  .description('what calls cost, beside the least that a cache or a proxy costs in Node')
  .addOption(new Option('--only <part>', 'one half of it').choices(['hits', 'misses']))
  .option('--rounds <count>', 'rounds of each kind; medians are shown', Number, 5)
  .option('--round-ms <ms>', 'how long a round takes', Number, 1000)
  .option('--connections <list>', 'how many at once', numbers, [1, 16, 128])
  .option('--json', 'one JSON object on the last line', false)
  .action((options: ProxyBenchOptions) => benchProxy(options));
program
  .command('match')
  .description('finding the templates that fit a message, beside a naive scan')
  .option('--quick', 'at most 1,000 siblings', false)
  .option('--json', 'one JSON object on the last line', false)
  .action((options: { quick: boolean; json: boolean }) => benchMatch(options));
program
  .command('dashboard')
  .description('the dashboard in a real Chromium: first load, a large tree, a long log')
  .option('--nodes <count>', 'of the tree', Number, 5000)
  .option('--calls <count>', 'in the log', Number, 100_000)
  .option('--pages <count>', 'of the log that are turned, 200 calls each', Number, 300)
  .option('--json', 'one JSON object on the last line', false)
  .action((options: DashboardBenchOptions) => benchDashboard(options));
await program.parseAsync();
process.exit();
