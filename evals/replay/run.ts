/** `npx ghee replay FILE`: what would Ghee save on this traffic, and would it be right? */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { RunningGhee } from '../../tests/support/ghee.ts';
import { progressBar } from '../progress.ts';
import { readRows } from '../rows.ts';
import { formatTable } from '../table.ts';
import { startRecordedProvider } from './recorded-provider.ts';
import { replay } from './replay.ts';
import { renderReport } from './report.ts';
import { summarise, type Figures, type Summary } from './summary.ts';

export const REPLAY_HELP = `usage: npx ghee replay FILE [options]
  FILE                 JSON lines: {request, response, behaviour?, headers?}
  --report FILE        write an HTML report
  --no-settle          do not wait for the run after a miss
  --input-price N      dollars for a million prompt tokens (default 2.5)
  --output-price N     dollars for a million completion tokens (default 10)
  --json               end with one line of JSON`;

const BEHAVIOURS_SHOWN = 40;

/** Errors: RowsError; rejects when Ghee does not start. Gives back the exit code. */
export async function runReplay(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      data: { type: 'string' },
      report: { type: 'string' },
      'no-settle': { type: 'boolean', default: false },
      'input-price': { type: 'string', default: '2.5' },
      'output-price': { type: 'string', default: '10' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const file = positionals[0] ?? values.data;
  if (values.help || file === undefined) {
    print(REPLAY_HELP);
    return values.help ? 0 : 1;
  }
  const rows = readRows(file);
  const provider = await startRecordedProvider();
  const ghee = await RunningGhee.start({
    UPSTREAM_BASE_URL: `${provider.url}/v1`,
    LOG_LEVEL: 'warn',
  });
  try {
    const started = performance.now();
    const settle = !values['no-settle'];
    const calls = await replay(rows, {
      ghee,
      provider,
      settle,
      progress: progressBar(rows.length),
    });
    const prices = { input: Number(values['input-price']), output: Number(values['output-price']) };
    const summary = summarise(calls, prices, (performance.now() - started) / 1000);
    print(table(summary));
    if (values.report !== undefined) {
      writeFileSync(values.report, renderReport(path.basename(file), summary, calls));
      print(`report: ${values.report}`);
    }
    if (values.json) print(JSON.stringify(summary));
    return 0;
  } finally {
    await ghee.stop();
    await provider.close();
  }
}

function table(summary: Summary): string {
  const behaviours = Object.entries(summary.byBehaviour).sort(([, a], [, b]) => b.calls - a.calls);
  const shown = behaviours.slice(0, BEHAVIOURS_SHOWN).map(([name, of]) => line(name, of));
  const more = behaviours.length - shown.length;
  return formatTable([
    ['', 'calls', 'hits', 'hit %', 'false', '$ saved', 'misses and bypasses'],
    ...shown,
    ...(more > 0 ? [[`… and ${more} more`, '', '', '', '', '', '']] : []),
    line('all', summary),
  ]);
}

function line(name: string, of: Figures): string[] {
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

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
