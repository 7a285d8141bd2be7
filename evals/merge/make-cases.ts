/**
 * Makes `evals/cases/merge.jsonl`, or with `--family NAME --lines N` prints one family; run it after a change of the events.
 * Deterministic: the file in the repository is what this prints.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { FAMILIES } from './events.ts';
import { createRandom, type Random } from './random.ts';
import type { MergeCase } from '../scorers/merge.ts';
import { VALUES } from './values.ts';

const SLOT = /\{([a-zA-Z0-9]+)\}/g;

/** `lines` messages of the events of one family, drawn by their weights. */
export function makeFamily(name: string, lines: number, seed: number): MergeCase[] {
  const events = FAMILIES[name] ?? [];
  const random = createRandom(seed);
  const total = events.reduce((sum, [weight]) => sum + weight, 0);
  return Array.from({ length: lines }, () => {
    let ticket = random.integer(1, total);
    const index = events.findIndex(([weight]) => (ticket -= weight) <= 0);
    return makeCase(`${name}/${index}`, events[index]?.[1] ?? '', random);
  });
}

function makeCase(id: string, format: string, random: Random): MergeCase {
  return {
    line: format.replace(SLOT, (_, slot: string) => VALUES[slot]?.(random) ?? ''),
    template_id: id,
    template: format.replace(SLOT, '<*>'),
  };
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { family: { type: 'string' }, lines: { type: 'string' } },
  });
  const names = values.family === undefined ? Object.keys(FAMILIES) : [values.family];
  const lines = Number(values.lines ?? 100);
  const cases = names.flatMap((name, index) => makeFamily(name, lines, index + 1));
  const text = cases.map((row) => `${JSON.stringify(row)}\n`).join('');
  if (values.family === undefined) {
    writeFileSync(new URL('../cases/merge.jsonl', import.meta.url), text);
  } else {
    process.stdout.write(text);
  }
}
