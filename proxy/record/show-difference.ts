/** Where a message leaves a template, for people. */
import type { Difference } from '../../core/template/difference.ts';

/** `expected` and `found` of texts and values quote templates and messages. */
export function showDifference(
  difference: Difference,
  allows: { readonly content: boolean },
): object {
  if (allows.content || !('offset' in difference)) return difference;
  const { kind, leaf, path, offset } = difference;
  const place = { kind, leaf, path, offset };
  if (difference.kind === 'text') return place;
  return { ...place, variable: difference.variable, expected: difference.expected };
}
