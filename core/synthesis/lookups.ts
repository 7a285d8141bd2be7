/** What was seen at least three times for each key: the last resort, for relations that no text shows. */

import { EXPRESSION_LIMITS, type Expression } from '../expressions/expression.ts';
import type { Example, Piece } from './task.ts';

/** Fewer sightings of a key are no evidence: a table of one example each explains anything. */
const SIGHTINGS_MIN = 3;
/** What writing one entry costs beside its texts; three sightings pay for it. */
const ENTRY_COST = 4;

/** A lookup for each variable that settles the output, if every key was seen at least three times, among two or more. */
export function findLookups(examples: readonly Example[]): readonly Piece[] {
  const names = [...(examples[0]?.inputs.keys() ?? [])];
  return names.flatMap((name) => {
    const seen = new Map<string, { readonly output: string; count: number }>();
    for (const { inputs, output } of examples) {
      const key = inputs.get(name);
      if (key === undefined) return [];
      const entry = seen.get(key) ?? { output, count: 0 };
      if (entry.output !== output) return [];
      entry.count++;
      seen.set(key, entry);
    }
    const isKnown = [...seen.values()].every(({ count }) => count >= SIGHTINGS_MIN);
    if (!isKnown || seen.size < 2 || seen.size > EXPRESSION_LIMITS.entriesMax) return [];
    const entries = [...seen].map(([key, { output }]) => [key, output] as const);
    const expression: Expression = { op: 'lookup', of: { op: 'var', name }, entries };
    return [
      { expression, cost: ENTRY_COST * seen.size, values: examples.map(({ output }) => output) },
    ];
  });
}
