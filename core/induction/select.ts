/** Of candidates that overlap, those that a reader would take for the data of a text: each character once. */
import { bySpanOrder, overlaps, type Span } from './span.ts';

/** Forms of their own: nothing else looks like them. */
const PLAIN_KINDS = new Set(['email', 'url', 'uuid', 'datetime', 'date', 'time', 'phone', 'hex']);
/** A label in front of a whole sentence says who speaks, not what a value is. */
const LABELLED_CHARACTERS_MAX = 80;

/** The best candidates that do not overlap, in reading order; the surer before the longer before the first. */
export function selectSpans(candidates: readonly Span[]): Span[] {
  const chosen: Span[] = [];
  const ordered = candidates
    .filter((span) => certainty(span) > 0)
    .toSorted(
      (a, b) =>
        certainty(b) - certainty(a) || b.end - b.start - (a.end - a.start) || bySpanOrder(a, b),
    );
  for (const span of ordered) {
    if (!chosen.some((other) => overlaps(span, other))) chosen.push(span);
  }
  return chosen.sort(bySpanOrder);
}

function certainty(span: Span): number {
  if (span.delimited) return span.value.length <= LABELLED_CHARACTERS_MAX ? 4 : 1;
  if (PLAIN_KINDS.has(span.kind)) return 4;
  if (span.doubtful !== undefined) return span.category === undefined ? 0 : 2;
  if (span.category !== undefined || span.kind === 'name') return 3;
  if (span.kind === 'integer' || span.kind === 'number' || /\d/.test(span.value)) return 3;
  // Lower-case words that only differ from a sibling's may be another question altogether.
  return 0;
}
