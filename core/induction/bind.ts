/**
 * Step 1: values that are already known stand for themselves. Explicit and inherited bindings and the
 * ids of tool calls are substituted wherever they stand, longest first, at token boundaries.
 */
import { kindOf } from './recognise.ts';
import { isTokenBoundary, type Span } from './span.ts';
import type { Leaf, Message } from '../messages/message.ts';

/** A span whose variable is known. */
export interface BoundSpan extends Span {
  readonly name: string;
}

/** Binds the messages from `from` on. A value of several names takes the first of them. */
export function bind(
  messages: readonly Message[],
  from: number,
  bindings: readonly (readonly [string, string])[],
): BoundSpan[] {
  const ordered = bindings
    .filter(([, value]) => value !== '')
    .toSorted((a, b) => b[1].length - a[1].length);
  return messages.slice(from).flatMap((message, index) =>
    message.leaves.flatMap((leaf, leafIndex) =>
      bindLeaf(leaf, ordered).map((found) => ({
        ...found,
        message: from + index,
        leaf: leafIndex,
      })),
    ),
  );
}

type Found = Omit<BoundSpan, 'message' | 'leaf'>;

function bindLeaf(leaf: Leaf, ordered: readonly (readonly [string, string])[]): Found[] {
  const taken: Found[] = [];
  for (const [name, value] of ordered) {
    const whole = leaf.text === value;
    if (!whole && (leaf.kind === 'number' || leaf.kind === 'constant')) continue;
    for (let at = leaf.text.indexOf(value); at >= 0; at = leaf.text.indexOf(value, at + 1)) {
      const end = at + value.length;
      if (taken.some((other) => at < other.end && other.start < end)) continue;
      taken.push({ start: at, end, value, name, kind: kindOf(value), delimited: whole });
    }
  }
  return atBoundaries(leaf.text, taken);
}

/**
 * Keeps spans that begin and end at token boundaries, where a neighbour that is bound as well is a
 * boundary too: values may tile a whole token ("butter" and "fly" in "butterfly"), never part of one.
 */
function atBoundaries(text: string, spans: readonly Found[]): Found[] {
  let kept = spans.toSorted((a, b) => a.start - b.start);
  for (;;) {
    const starts = new Set(kept.map((span) => span.start));
    const ends = new Set(kept.map((span) => span.end));
    const next = kept.filter(
      (span) =>
        (isTokenBoundary(text, span.start) || ends.has(span.start)) &&
        (isTokenBoundary(text, span.end) || starts.has(span.end)),
    );
    if (next.length === kept.length) return next;
    kept = next;
  }
}
