/** `npx ghee replay FILE`, `npm run eval -- replay`: what would Ghee save on this traffic, and would it be right? */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { Option } from 'commander';
import { z } from 'zod';
import { loadConfig } from '../../adapters/config.ts';
import { OwnGhee } from '../../scripts/own-ghee.ts';
import { trajectoryRows } from '../agents/rows.ts';
import { runEval } from '../braintrust.ts';
import { progressBar } from '../progress.ts';
import { readRecording, type Recording } from '../recordings/recording.ts';
import type { ReplayRow } from '../rows.ts';
import type { Suite, SuiteReport } from '../suite.ts';
import { generate } from '../workloads/generate.ts';
import { createJudge, settleWording, type Settled } from './judge.ts';
import { readLessons, type LearnedCall } from './lessons.ts';
import { describeNoise, noiseCosts, type NoiseCost } from './noise.ts';
import { startRecordedProvider } from './recorded-provider.ts';
import { Replayer, REPLAY_MODES, type ReplayedCall } from './replay.ts';
import { renderReport } from './report.ts';
import { summarise, toScores, type Figures, type Summary } from './summary.ts';
import { createAppraiser } from './value.ts';

const price = z
  .string()
  .regex(/^\d+(\.\d+)?\/\d+(\.\d+)?$/, 'must be two amounts such as 2.5/10')
  .transform((text) => {
    const [input = 0, output = 0] = text.split('/').map(Number);
    return { input, output };
  });
const optionsSchema = z.object({
  data: z.string().optional(),
  agents: z.boolean().optional(),
  inducer: z.enum(['symbolic', 'llm', 'auto']),
  mode: z.enum(REPLAY_MODES),
  report: z.string().optional(),
  settle: z.boolean(),
  limit: z.coerce.number().int().positive().optional(),
  prices: price.optional(),
});
type Options = z.infer<typeof optionsSchema>;

/** Without a recording: 3,000 calls or so of our workloads, or 1,900 of our agents' trajectories. */
const OWN_CALLS = 22;
const OWN_TRAJECTORIES = { seed: 1, stored: 12, others: 12 };
const BEHAVIOURS_SHOWN = 150;
const NAME_CHARACTERS = 70;

export const replaySuite: Suite = {
  name: 'replay',
  description: 'recorded traffic through a real Ghee: what it would save, and whether it is right',
  configure: (command) =>
    void command
      .addOption(
        new Option('--mode <mode>', 'observe: all calls are forwarded, would-be hits compared')
          .choices(REPLAY_MODES)
          .default('live'),
      )
      .option('--agents', "without a file: our agents' trajectories, the same again, and others")
      .option('--report <file>', 'write an HTML report')
      .option('--no-settle', 'do not wait for the run after a miss')
      .option('--limit <n>', 'replay only the first n calls')
      .option('--prices <in/out>', 'USD for a million tokens, such as 2.5/10; else a price table')
      .addHelpText('after', HELP),
  run: async (given) => {
    const parsed = optionsSchema.safeParse(given);
    if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
    const options = parsed.data;
    const { rows, skipped } = await readRows(options);
    const started = performance.now();
    const { calls, settled } = await settleAll(await replayAll(rows, options));
    const appraise = createAppraiser(options.prices);
    const valued = calls.map((call) => ({ ...call, value: appraise(call.row) }));
    const summary = summarise(valued, (performance.now() - started) / 1000);
    const noise = noiseCosts(rows, summary.hits - summary.falseHits);
    const { data, mode } = options;
    if (options.report !== undefined) {
      const title = data === undefined ? 'workloads' : path.basename(data);
      const input = { title, mode, summary, noise, skipped, settled };
      writeFileSync(options.report, renderReport(input, valued));
    }
    console.log(notesOf({ summary, noise, skipped, settled }).join('\n'));
    return { scores: toScores(summary), table: tableOf(summary) };
  },
};

const HELP = `
FILE holds calls: rows {"request", "response", "headers"?, "behaviour"?} as JSONL, stored completions of OpenAI's API
with their messages, or logs of LiteLLM. See docs/replay.md.`;

async function readRows({ data, agents, limit = Infinity }: Options): Promise<Recording> {
  const { rows, skipped } =
    data === undefined
      ? { rows: ownRows(agents === true), skipped: {} }
      : await readRecording(data);
  return { rows: rows.slice(0, limit), skipped };
}

function ownRows(isOfAgents: boolean): readonly ReplayRow[] {
  return isOfAgents ? trajectoryRows(OWN_TRAJECTORIES) : generate(1, OWN_CALLS);
}

/** Errors: rejects when Ghee does not start or a run does not end. */
async function replayAll(
  rows: readonly ReplayRow[],
  { settle, mode, inducer }: Options,
): Promise<readonly LearnedCall[]> {
  const provider = await startRecordedProvider();
  const ghee = await OwnGhee.start({
    // Nothing of a replay gets into databases that are in use.
    MONGODB_URI: '',
    TEMPORAL_ADDRESS: '',
    UPSTREAM_BASE_URL: `${provider.url}/v1`,
    GHEE_MODE: 'live',
    INDUCER: inducer,
    INDUCER_BASE_URL: loadConfig(process.env).inducer.baseUrl,
    LOG_LEVEL: 'warn',
  });
  const interrupt = (): void => void ghee.stop().finally(() => process.exit(130));
  process.once('SIGINT', interrupt);
  const replayer = await Replayer.start({ ghee, provider, mode, settle });
  try {
    const calls = await replayEach(replayer, rows).finally(() => replayer.close());
    return await readLessons(ghee, calls);
  } finally {
    process.off('SIGINT', interrupt);
    await ghee.stop();
    await provider.close();
  }
}

function replayEach(
  replayer: Replayer,
  rows: readonly ReplayRow[],
): Promise<readonly ReplayedCall[]> {
  const progress = progressBar(rows.length);
  return runEval(
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
}

async function settleAll(
  calls: readonly LearnedCall[],
): Promise<{ calls: readonly LearnedCall[]; settled: Settled | undefined }> {
  const judge = createJudge(loadConfig(process.env));
  if (judge === undefined) return { calls, settled: undefined };
  return settleWording(calls, judge);
}

/** What the table has no place for. */
function notesOf({
  summary,
  noise,
  skipped,
  settled,
}: {
  readonly summary: Summary;
  readonly noise: readonly NoiseCost[];
  readonly skipped: Recording['skipped'];
  readonly settled: Settled | undefined;
}): string[] {
  const { saved, induction, hits, falseHits, dollarsNet } = summary;
  const right = hits - falseHits;
  return [
    `saved: $${saved.dollars.toFixed(4)}, ${saved.promptTokens} prompt and ${saved.completionTokens} completion tokens`,
    saved.timed === 0
      ? 'time saved: unknown, the recording does not say how long calls took'
      : `time saved: ${saved.seconds.toFixed(1)} s over ${saved.timed} of ${right} hits`,
    `induction: ${induction.runs} runs, ${induction.seconds.toFixed(1)} s in the background, $${induction.dollars.toFixed(4)}; net $${dollarsNet.toFixed(4)}`,
    `a hit takes ${summary.p50.toFixed(1)} ms, the slowest 1 % ${summary.p99.toFixed(1)} ms or more`,
    ...(saved.priced < right
      ? [`${right - saved.priced} hits have no known price: give --prices`]
      : []),
    ...(saved.counted < right
      ? [`${right - saved.counted} hits have no counted tokens: estimated`]
      : []),
    ...Object.entries(skipped).map(([reason, count]) => `${count} entries left out: ${reason}`),
    ...(settled === undefined
      ? []
      : [`the judge settled ${settled.same} of ${settled.asked} other wordings as right`]),
    ...noise.map(describeNoise),
    '',
  ];
}

function tableOf(summary: Summary): SuiteReport['table'] {
  const behaviours = Object.entries(summary.byBehaviour).sort(([, a], [, b]) => b.calls - a.calls);
  const more = Math.max(0, behaviours.length - BEHAVIOURS_SHOWN);
  return [
    ['', 'calls', 'hits', 'hit %', 'false', '$ net', 's saved', 'misses and bypasses'],
    ...behaviours.slice(0, BEHAVIOURS_SHOWN).map(([name, of]) => lineOf(name, of)),
    ...(more > 0 ? [[`… and ${more} more behaviours`]] : []),
    lineOf('all', summary),
  ];
}

function lineOf(name: string, of: Figures): string[] {
  const reasons = Object.entries(of.reasons).map(([reason, count]) => `${reason} ${count}`);
  return [
    name.length <= NAME_CHARACTERS ? name : `${name.slice(0, NAME_CHARACTERS - 1)}…`,
    String(of.calls),
    String(of.hits),
    (of.hitRate * 100).toFixed(1),
    String(of.falseHits),
    of.dollarsNet.toFixed(4),
    of.saved.timed === 0 ? '' : of.saved.seconds.toFixed(1),
    reasons.join(', '),
  ];
}
