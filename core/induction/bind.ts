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
 * Keeps spans that begin and end at token boundaries, where a neighbour that is bound to another variable
 * is a boundary too: values may tile a whole token ("butter" and "fly" in "butterfly"), never part of one,
 * and "33" is not twice the value 3.
 */
function atBoundaries(text: string, spans: readonly Found[]): Found[] {
  let kept = spans.toSorted((a, b) => a.start - b.start);
  for (;;) {
    const starting = new Map(kept.map((span) => [span.start, span.name]));
    const ending = new Map(kept.map((span) => [span.end, span.name]));
    const next = kept.filter(
      ({ name, start, end }) =>
        (isTokenBoundary(text, start) || (ending.get(start) ?? name) !== name) &&
        (isTokenBoundary(text, end) || (starting.get(end) ?? name) !== name),
    );
    if (next.length === kept.length) return next;
    kept = next;
  }
}
