/** `npx ghee replay FILE`, `npm run eval -- replay`: what would Ghee save on this traffic, and would it be right? */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { RunningGhee } from '../../tests/support/ghee.ts';
import { runEval } from '../braintrust.ts';
import { readRows } from '../jsonl.ts';
import { progressBar } from '../progress.ts';
import { replayRow, type ReplayRow } from '../rows.ts';
import type { Suite, SuiteReport } from '../suite.ts';
import { generate } from '../workloads/generate.ts';
import { describeNoise, noiseCosts } from './noise.ts';
import { startRecordedProvider } from './recorded-provider.ts';
import { Replayer, type ReplayedCall } from './replay.ts';
import { renderReport } from './report.ts';
import { summarise, type Figures, type Summary } from './summary.ts';

const optionsSchema = z.object({
  data: z.string().optional(),
  inducer: z.literal('symbolic', 'replay runs the symbolic inducer'),
  report: z.string().optional(),
  settle: z.boolean(),
  inputPrice: z.coerce.number().nonnegative(),
  outputPrice: z.coerce.number().nonnegative(),
});
type Options = z.infer<typeof optionsSchema>;

/** Without a recording: 3,000 calls or so of our workloads. */
const OWN_CALLS = 22;
const BEHAVIOURS_SHOWN = 150;

export const replaySuite: Suite = {
  name: 'replay',
  description: 'recorded traffic through a real Ghee: what it would save, and whether it is right',
  configure: (command) =>
    void command
      .option('--report <file>', 'write an HTML report')
      .option('--no-settle', 'do not wait for the run after a miss')
      .option('--input-price <dollars>', 'of a million prompt tokens', '2.5')
      .option('--output-price <dollars>', 'of a million completion tokens', '10'),
  run: async (given) => {
    const parsed = optionsSchema.safeParse(given);
    if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
    const options = parsed.data;
    const rows =
      options.data === undefined ? generate(1, OWN_CALLS) : await readRows(options.data, replayRow);
    const started = performance.now();
    const calls = await replayAll(rows, options.settle);
    const secondsTotal = (performance.now() - started) / 1000;
    const prices = { input: options.inputPrice, output: options.outputPrice };
    const summary = summarise(calls, prices, secondsTotal);
    const noise = noiseCosts(rows);
    for (const cost of noise) console.log(describeNoise(cost));
    if (options.report !== undefined) {
      const title = options.data === undefined ? 'workloads' : path.basename(options.data);
      writeFileSync(options.report, renderReport({ title, summary, noise }, calls));
    }
    return {
      scores: { ...summary, noise },
      table: tableOf(summary),
    };
  },
};

/** Errors: rejects when Ghee does not start or a run does not end. */
async function replayAll(
  rows: readonly ReplayRow[],
  settle: Options['settle'],
): Promise<readonly ReplayedCall[]> {
  const provider = await startRecordedProvider();
  const env = { UPSTREAM_BASE_URL: `${provider.url}/v1`, LOG_LEVEL: 'warn' };
  const ghee = await RunningGhee.start(env);
  const replayer = new Replayer({ ghee, provider, settle });
  const progress = progressBar(rows.length);
  try {
    return await runEval(
      {
        suite: 'replay',
        cases: rows.map((row, index) => ({
          id: String(index),
          input: row,
          expected: row.response,
        })),
        task: async (row) => {
          const call = await replayer.call(row);
          progress(replayer.count);
          return call;
        },
        scorers: {
          hit: ({ cache }) => Number(cache === 'hit'),
          right: ({ wrong }) => Number(wrong === undefined),
        },
      },
      process.env['BRAINTRUST_API_KEY'],
    );
  } finally {
    await ghee.stop();
    await provider.close();
  }
}

function tableOf(summary: Summary): SuiteReport['table'] {
  const behaviours = Object.entries(summary.byBehaviour).sort(([, a], [, b]) => b.calls - a.calls);
  const more = Math.max(0, behaviours.length - BEHAVIOURS_SHOWN);
  return [
    ['', 'calls', 'hits', 'hit %', 'false', '$ saved', 'misses and bypasses'],
    ...behaviours.slice(0, BEHAVIOURS_SHOWN).map(([name, of]) => lineOf(name, of)),
    ...(more > 0 ? [[`… and ${more} more behaviours`]] : []),
    lineOf('all', summary),
  ];
}

function lineOf(name: string, of: Figures): string[] {
  const reasons = Object.entries(of.reasons).map(([reason, count]) => `${reason} ${count}`);
  return [
    name,
    String(of.calls),
    String(of.hits),
    (of.hitRate * 100).toFixed(1),
    String(of.falseHits),
    of.dollarsSaved.toFixed(4),
    reasons.join(', '),
  ];
}
