/**
 * `eval merge --data FILE [--train N] [--json]`: each line of the data is a sibling message. Standalone until the
 * shared runner takes it in: `mergeReport` is all that a suite needs.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { groupingAccuracy, parsingAccuracy, type MergeCase } from '../scorers/merge.ts';
import { learnGroups, predictRest } from './learn.ts';

export interface MergeReport {
  readonly lines: number;
  readonly templates: number;
  readonly groupingAccuracy: number;
  readonly parsingAccuracy: number;
  readonly seconds: number;
}

/** Merges all lines at once and scores the groups and their templates. */
export function mergeReport(cases: readonly MergeCase[]): MergeReport {
  const startedAt = performance.now();
  const groups = learnGroups(cases);
  const seconds = (performance.now() - startedAt) / 1000;
  return {
    lines: cases.length,
    templates: groups.length,
    groupingAccuracy: groupingAccuracy(cases, groups),
    parsingAccuracy: parsingAccuracy(cases, groups),
    seconds: Math.round(seconds * 1000) / 1000,
  };
}

/** What `--train N` adds to the scores: shares of the lines after the first N. */
export function trainReport(
  cases: readonly MergeCase[],
  count: number,
): { readonly trained: number; readonly hitRate: number; readonly falseHitRate: number } {
  const { trained, lines, hits, falseHits } = predictRest(cases, count);
  return {
    trained,
    hitRate: lines === 0 ? 0 : hits / lines,
    falseHitRate: hits === 0 ? 0 : falseHits / hits,
  };
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { data: { type: 'string' }, train: { type: 'string' }, json: { type: 'boolean' } },
  });
  const file = values.data ?? new URL('../cases/merge.jsonl', import.meta.url);
  const cases = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as MergeCase);
  const report = {
    ...mergeReport(cases),
    ...(values.train === undefined ? {} : trainReport(cases, Number(values.train))),
  };
  for (const [name, score] of Object.entries(report)) console.log(`${name.padEnd(17)} ${score}`);
  if (values.json === true) console.log(JSON.stringify(report));
}
