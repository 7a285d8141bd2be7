/** A stretch of one leaf, and what it is thought to be. */
import type { MatcherKind } from '../template/kinds.ts';

export interface Span {
  /** Position of the message in the thread; the answer is the message after the last one. */
  readonly message: number;
  readonly leaf: number;
  /** UTF-16 offsets [start, end). */
  readonly start: number;
  readonly end: number;
  readonly value: string;
  readonly kind: MatcherKind;
  /** Whether quotes, a label or the leaf itself bound it, so that its value may be of any words. */
  readonly delimited: boolean;
  /** A key or label that stands beside it. */
  readonly label?: string;
  /** Begins with a sentence's first word, which may be capitalised for that reason alone. */
  readonly doubtful?: true;
  /** What recognisers take it for: `person`, `city`, `amount`; it names a variable that has no label. */
  readonly category?: string;
  /** What stands in its place in siblings, one entry for each sibling; null where nothing certain does. */
  readonly seen?: readonly (string | null)[];
  /** A model says that it is data, whatever the recognisers think. */
  readonly claimed?: true;
}

const WORD_UNIT = /[\p{L}\p{M}\p{N}_]/u;

/** Whether a value may begin or end at `offset`: not inside a word or a number. */
export function isTokenBoundary(text: string, offset: number): boolean {
  if (offset <= 0 || offset >= text.length) return true;
  return !(WORD_UNIT.test(text[offset - 1] ?? '') && WORD_UNIT.test(text[offset] ?? ''));
}

/** All places at which `value` stands in `text` between token boundaries, from left to right. */
export function occurrences(text: string, value: string): number[] {
  const found: number[] = [];
  if (value === '') return found;
  for (let at = text.indexOf(value); at >= 0; at = text.indexOf(value, at + 1)) {
    if (isTokenBoundary(text, at) && isTokenBoundary(text, at + value.length)) found.push(at);
  }
  return found;
}

export function overlaps(a: Span, b: Span): boolean {
  return a.message === b.message && a.leaf === b.leaf && a.start < b.end && b.start < a.end;
}

/** Reading order. */
export function bySpanOrder(
  a: Pick<Span, 'message' | 'leaf' | 'start'>,
  b: Pick<Span, 'message' | 'leaf' | 'start'>,
): number {
  return a.message - b.message || a.leaf - b.leaf || a.start - b.start;
}
