/** `npx ghee replay FILE`: recorded traffic through a Ghee of its own. */
import { runReplay } from '../evals/replay/run.ts';
import { explain } from './problem.ts';

try {
  process.exitCode = await runReplay(process.argv.slice(2));
} catch (error) {
  console.error(`\n${explain(error)}`);
  process.exitCode = 1;
}
