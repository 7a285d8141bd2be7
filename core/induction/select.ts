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
    .map((span) => ({ span, rank: holdsOther(span, candidates) ? 1 : certainty(span) }))
    .filter(({ rank }) => rank > 0)
    .toSorted(
      (a, b) =>
        b.rank - a.rank ||
        b.span.end - b.span.start - (a.span.end - a.span.start) ||
        bySpanOrder(a.span, b.span),
    )
    .map(({ span }) => span);
  for (const span of ordered) {
    if (!chosen.some((other) => overlaps(span, other))) chosen.push(span);
  }
  return chosen.sort(bySpanOrder);
}

/** A label in front of several values: "Quote for Ann: 3 "lamps", $5 each", "From: Ann <ann@x.org>". */
function holdsOther(span: Span, candidates: readonly Span[]): boolean {
  return (
    span.delimited &&
    span.label !== undefined &&
    candidates.some(
      (other) =>
        (other.delimited || PLAIN_KINDS.has(other.kind)) &&
        overlaps(span, other) &&
        other.end - other.start < span.end - span.start,
    )
  );
}

function certainty(span: Span): number {
  if (span.delimited) return span.value.length <= LABELLED_CHARACTERS_MAX ? 4 : 1;
  if (PLAIN_KINDS.has(span.kind)) return 4;
  if (span.doubtful !== undefined) return span.category === undefined ? 0 : 2;
  if (span.category !== undefined || span.kind === 'name') return 3;
  const isNumber = span.kind === 'integer' || span.kind === 'number';
  if (isNumber || (span.kind === 'word' && /\d/.test(span.value))) return 3;
  // Lower-case words that only differ from a sibling's may be another question altogether.
  return 0;
}
