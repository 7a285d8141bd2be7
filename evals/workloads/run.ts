/** `npm run eval -- workloads`: how often Ghee hits on our workloads, and how often it is wrong. */
import { writeFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { showTemplate } from '../../core/template/template.ts';
import { progressBar } from '../progress.ts';
import { readRows, type ReplayRow } from '../rows.ts';
import { formatTable } from '../table.ts';
import { evaluate, type EvaluatedCall } from './evaluate.ts';
import { BEHAVIOURS, generate } from './generate.ts';
import { falseHitsOf, missClasses, tally, tallyBy, type Tally } from './tally.ts';

const HELP = `usage: npm run eval -- workloads [options]
  --seed N           of the workloads (default 1)
  --calls N          of each behaviour (default 50)
  --only A,B         behaviours or families
  --data FILE        rows of replay instead of the workloads
  --false-hits FILE  where the false hits go (default .ghee/evals/false-hits.jsonl)
  --misses N         also show the N most frequent classes of misses
  --show NAME        each call of one behaviour: what came of it and what was learned
  --json             end with one line of JSON`;

const MISSES_SHOWN = 20;

export function runWorkloads(args: readonly string[]): number {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string', default: '1' },
      calls: { type: 'string', default: '50' },
      only: { type: 'string' },
      data: { type: 'string' },
      'false-hits': { type: 'string', default: '.ghee/evals/false-hits.jsonl' },
      misses: { type: 'string' },
      show: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    print(HELP);
    return 0;
  }
  const rows =
    values.data === undefined
      ? workloadRows(Number(values.seed), Number(values.calls), values.only)
      : readRows(values.data);
  const started = performance.now();
  const { calls, phases, nodes } = evaluate(rows, progressBar(rows.length));
  const secondsTotal = (performance.now() - started) / 1000;
  const falseHits = falseHitsOf(calls);
  writeLines(values['false-hits'], falseHits);
  showTables(calls, values.data === undefined);
  if (values.misses !== undefined) showMisses(calls, Number(values.misses) || MISSES_SHOWN);
  if (values.show !== undefined) showCalls(calls.filter((call) => call.behaviour === values.show));
  print(
    `${secondsTotal.toFixed(1)} s: look-up ${(phases.lookUp / 1000).toFixed(1)} s, learning ${(phases.learn / 1000).toFixed(1)} s; ${nodes} nodes; false hits in ${values['false-hits']}`,
  );
  if (values.json) {
    const byBehaviour = Object.fromEntries(tallyBy(calls, ({ behaviour }) => behaviour));
    print(
      JSON.stringify({ ...tally(calls), classes: classesOf(calls), byBehaviour, secondsTotal }),
    );
  }
  return 0;
}

function workloadRows(seed: number, calls: number, only: string | undefined): ReplayRow[] {
  const wanted = only?.split(',');
  const behaviours = BEHAVIOURS.filter(
    ({ name, family }) => wanted === undefined || wanted.includes(name) || wanted.includes(family),
  );
  return generate(seed, calls, behaviours);
}

const TRAITS = new Map(BEHAVIOURS.map((behaviour) => [behaviour.name, behaviour]));

/** The three classes that the goals speak of. */
export function classOf({ behaviour }: EvaluatedCall): string {
  const traits = TRAITS.get(behaviour);
  if (traits === undefined) return 'other';
  if (traits.adversarial) return 'adversarial';
  return `${traits.wording} wording`;
}

function classesOf(calls: readonly EvaluatedCall[]): Readonly<Record<string, Tally>> {
  return Object.fromEntries(tallyBy(calls, classOf));
}

function showTables(calls: readonly EvaluatedCall[], named: boolean): void {
  const head = ['', 'calls', 'hits', 'exact', 'hit %', 'false', 'misses'];
  const groups: [string, Tally][] = [...tallyBy(calls, classOf), ['all', tally(calls)]];
  if (named) {
    const familyOf = ({ behaviour }: EvaluatedCall) => TRAITS.get(behaviour)?.family ?? 'other';
    showTable([head, ...[...tallyBy(calls, ({ behaviour }) => behaviour)].map(line).sort(byName)]);
    showTable([head, ...[...tallyBy(calls, familyOf)].map(line).sort(byName)]);
  }
  showTable([head, ...groups.map(line)]);
}

function line([name, of]: readonly [string, Tally]): string[] {
  const misses = Object.entries(of.misses)
    .sort(([, a], [, b]) => b - a)
    .map(([reason, count]) => `${reason} ${count}`);
  return [
    name,
    String(of.calls),
    String(of.hits),
    String(of.exactHits),
    (of.hitRate * 100).toFixed(1),
    String(of.falseHits),
    misses.join(', '),
  ];
}

function byName(a: readonly string[], b: readonly string[]): number {
  return (a[0] ?? '') < (b[0] ?? '') ? -1 : 1;
}

function showMisses(calls: readonly EvaluatedCall[], count: number): void {
  const classes = missClasses(calls.filter((call) => classOf(call) !== 'adversarial'));
  showTable([
    ['behaviour', 'misses', 'why'],
    ...classes.slice(0, count).map((each) => [each.behaviour, String(each.count), each.why]),
  ]);
}

function showCalls(calls: readonly EvaluatedCall[]): void {
  for (const { row, outcome } of calls) {
    const question = JSON.stringify(row.request.messages.at(-1)?.['content'] ?? '');
    if (outcome.kind === 'hit')
      print(`${outcome.by} hit${outcome.wrong === undefined ? '' : ', WRONG'}: ${question}`);
    if (outcome.kind === 'bypass') print(`bypass, ${outcome.reason}: ${question}`);
    if (outcome.kind !== 'miss') continue;
    print(`miss, ${outcome.reason}, then ${outcome.learned}: ${question}`);
    for (const { template, state, evidence } of outcome.nodes) {
      const bar =
        template.role === 'assistant'
          ? `, ${state}, needs ${evidence.required} (${evidence.reasons.join('; ')})`
          : '';
      print(`    ${template.role}: ${JSON.stringify(showTemplate(template))}${bar}`);
    }
  }
}

function showTable(rows: readonly (readonly string[])[]): void {
  print(`${formatTable(rows)}\n`);
}

function writeLines(file: string, rows: readonly unknown[]): void {
  mkdirSync(path.dirname(path.resolve(file)), { recursive: true });
  writeFileSync(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
