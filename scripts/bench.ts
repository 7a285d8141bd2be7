/** `npm run bench -- <proxy|match>`: what is measured lives in scripts/bench/, one file for each. */
import { Command, Option } from 'commander';
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
await program.parseAsync();
