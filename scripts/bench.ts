/** `npm run bench -- <proxy|match>`: what is measured lives in scripts/bench/, one file for each. */
import { Command } from 'commander';
import { benchMatch } from './bench/match.ts';
import { benchProxy } from './bench/proxy.ts';

const program = new Command('bench').description('measure Ghee').showHelpAfterError();
program
  .command('proxy', { isDefault: true })
  .description('what Ghee adds to a call, beside the least that any proxy costs')
  .action(() => benchProxy());
program
  .command('match')
  .description('finding the templates that fit a message, beside a naive scan')
  .option('--quick', 'at most 1,000 siblings', false)
  .option('--json', 'one JSON object on the last line', false)
  .action((options: { quick: boolean; json: boolean }) => benchMatch(options));
await program.parseAsync();
