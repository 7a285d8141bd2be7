/** Whether the stretches that stand at one place of otherwise equal rows are values of one variable, and which of them. */
import { isOpenClass } from './openness.ts';
import type { Cell, Row } from './rows.ts';
import { spanText, type Span } from './spans.ts';

/** Values of several words that may share one (San Diego, San Jose): more, and the word is structure. */
const VALUES_OF_WORD_MAX = 2;

/** Spans that become one hole of one row. */
export interface Merge {
  readonly spans: readonly Span[];
  /** The second hole of a pair. */
  readonly others?: readonly Span[];
  readonly values: number;
}

/** What the whole set of siblings says about words. */
export interface KnownWords {
  readonly values: ReadonlySet<string>;
  readonly rows: ReadonlyMap<string, number>;
}

export function knownWords(rows: readonly Row[]): KnownWords {
  return { values: knownValues(rows), rows: countRows(rows) };
}

/** Words that stand as values elsewhere: in an open hole, or after an equals sign. */
function knownValues(rows: readonly Row[]): Set<string> {
  const known = new Set<string>();
  for (const { cells, lines } of rows) {
    for (const [index, cell] of cells.entries()) {
      if (cell.kind !== 'open' && cell.kind !== 'value') continue;
      for (const { tokens, bounds } of lines) {
        const start = bounds[index] ?? 0;
        const token = tokens[start];
        if (bounds[index + 1] === start + 1 && token?.kind === 'word') known.add(token.text);
      }
    }
  }
  return known;
}

/** What stands at the spans of one context. */
interface Variants {
  /** Words, and stretches of words that may be one value, with the lines in which they stand. */
  readonly counts: Map<string, number>;
  readonly words: Span[];
  /** Words that are known as values. */
  readonly known: Span[];
  /** Cells that are data by their form. */
  readonly data: Span[];
  readonly chunks: Span[];
  readonly open: Span[];
}

/** Whether the spans of one context are values of one variable, and which of them. */
export function judgeSpans(
  rows: readonly Row[],
  spans: readonly Span[],
  known: KnownWords,
): Merge | undefined {
  const [first] = spans;
  const row = first && rows[first.row];
  if (first === undefined || row === undefined) return undefined;
  const anchors = anchorsOf(row.cells, first);
  if (anchors === 0) return undefined;
  const { counts, ...variants } = sortVariants(rows, spans, known);
  const strictness = (anchors < 2 ? 2 : 1) * (first.start === 0 ? 2 : 1);
  const { open, data, words, chunks } = variants;
  const isOpen =
    open.length > 0 ||
    isOpenClass(counts.values(), strictness) ||
    (variants.known.length > 1 && variants.known.length * 2 >= counts.size);
  const kept = isOpen
    ? [...open, ...words, ...variants.known, ...data, ...chunks]
    : [...data, ...(data.length === 0 ? [] : [...variants.known, ...(anchors < 2 ? [] : chunks)])];
  return kept.length < 2 ? undefined : { spans: kept, values: counts.size + data.length };
}

function sortVariants(rows: readonly Row[], spans: readonly Span[], known: KnownWords): Variants {
  const variants: Variants = {
    counts: new Map(),
    words: [],
    known: [],
    data: [],
    chunks: [],
    open: [],
  };
  for (const span of admitSpans(rows, spans, known.rows)) {
    const sort = variantOf(rows[span.row] as Row, span, known);
    variants[sort].push(span);
    if (sort === 'data' || sort === 'chunks') continue;
    for (const line of (rows[span.row] as Row).lines) {
      const value = spanText(line, span);
      variants.counts.set(value, (variants.counts.get(value) ?? 0) + 1);
    }
  }
  return variants;
}

function variantOf(
  { cells, lines }: Row,
  span: Span,
  known: KnownWords,
): Exclude<keyof Variants, 'counts'> {
  if (span.isChunk) return 'chunks';
  const kind = cells[span.start]?.kind;
  if (kind === 'open') return 'open';
  if (kind === 'value') return 'data';
  const texts = lines.map((line) => spanText(line, span));
  if (kind === 'id' && texts.some(isDataLike)) return 'data';
  return texts.some((text) => known.values.has(text)) ? 'known' : 'words';
}

/** Words outside of the span that both rows share: what makes the place recognisable. */
function anchorsOf(cells: readonly Cell[], span: Span): number {
  let anchors = 0;
  for (const [index, cell] of cells.entries()) {
    const inside = index >= span.start && index < span.start + span.length;
    if (!inside && (cell.kind === 'word' || cell.kind === 'id')) anchors++;
  }
  return anchors;
}

/**
 * The spans that may be values. One of several words is refused if one of its words comes back in other values at the
 * same place ("invalid user Bob", "invalid user Eve"), or if a word in lower case is literal text of other rows: that
 * word is structure, so this is another event.
 */
function admitSpans(
  rows: readonly Row[],
  spans: readonly Span[],
  rowsOf: ReadonlyMap<string, number>,
): Span[] {
  const isPhrase = (span: Span): boolean => span.length > 1 && !span.isChunk;
  const phrases = spans.filter(isPhrase);
  if (phrases.length === 0) return [...spans];
  const here = new Map<string, number>();
  const wordsOf = (span: Span): string[] =>
    (rows[span.row] as Row).cells
      .slice(span.start, span.start + span.length)
      .map((cell) => cell.key.trim());
  for (const span of phrases) {
    for (const word of new Set(wordsOf(span))) here.set(word, (here.get(word) ?? 0) + 1);
  }
  return spans.filter(
    (span) =>
      !isPhrase(span) ||
      wordsOf(span).every((word) => {
        const times = here.get(word) ?? 0;
        return (
          times <= VALUES_OF_WORD_MAX && (/^\p{Lu}/u.test(word) || (rowsOf.get(word) ?? 0) <= times)
        );
      }),
  );
}

/** In how many rows each word is literal text. */
function countRows(rows: readonly Row[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { cells } of rows) {
    for (const key of new Set(cells.map((cell) => cell.key.trim())))
      counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

/** A word with digits that are a number of their own, or many: `node-7`, `i4711`; not `ssh2`. */
function isDataLike(text: string): boolean {
  return /\d{3}/.test(text) || /(?:^|[^\p{L}\p{N}])\d+(?:$|[^\p{L}\p{N}])/u.test(text);
}
