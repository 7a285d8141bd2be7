/**
 * Merges rows that differ in one stretch, or in two words, where what differs is data: open holes grow from what the
 * siblings show, with no rule about any system. Bottom-up: two rows meet only if everything else of them is equal.
 */
import { isOpenClass } from './openness.ts';
import type { Cell, Line, Row } from './rows.ts';

/** Cells that one value may span: people's names, titles, places; longer stretches are sentences. */
const SPAN_CELLS_MAX = 5;
/** Rounds of merging: each makes holes in rows that already have one, and templates have few holes of words. */
const ROUNDS_MAX = 8;
/** Pairs of words are tried in rows with at most this many words: their number is quadratic. */
const PAIR_WORDS_MAX = 24;
const OPEN_KEY = '\u0000open';

/** A stretch of cells of one row: what would become one value. */
interface Span {
  readonly row: number;
  readonly start: number;
  readonly length: number;
  /** Several cells without a blank between them. */
  readonly isChunk: boolean;
}

interface Merge {
  readonly spans: readonly Span[];
  /** The second hole of a pair. */
  readonly others?: readonly Span[];
  readonly values: number;
}

/** Rows whose members are one template each. Cost: rounds × rows × cells × span length; pairs are quadratic in words. */
export function mergeRows(initial: readonly Row[]): Row[] {
  let rows = [...initial];
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const interner = new Interner();
    let merges = findSpanMerges(rows, interner);
    if (merges.length === 0) merges = findPairMerges(rows, interner);
    if (merges.length === 0) break;
    rows = applyMerges(rows, merges);
  }
  return rows;
}

/** Numbers for cell keys and for sequences of them, so that contexts compare as integers. */
class Interner {
  private readonly keys = new Map<string, number>();
  private readonly pairs = new Map<number, number>();

  key(text: string): number {
    let id = this.keys.get(text);
    if (id === undefined) this.keys.set(text, (id = this.keys.size + 1));
    return id;
  }

  /** The number of a sequence with one more element; 0 is the empty sequence. */
  append(sequence: number, element: number): number {
    const pair = sequence * 2 ** 24 + element;
    let id = this.pairs.get(pair);
    if (id === undefined) this.pairs.set(pair, (id = this.pairs.size + 1));
    return id;
  }

  prefixes(keys: readonly number[]): number[] {
    const ids = [0];
    for (const key of keys) ids.push(this.append(ids.at(-1) ?? 0, key));
    return ids;
  }

  /** `suffixes[i]`: the sequence of the keys from `i` on, numbered from the back. */
  suffixes(keys: readonly number[]): number[] {
    const ids = Array.from({ length: keys.length + 1 }, () => 0);
    for (let i = keys.length - 1; i >= 0; i--) {
      ids[i] = this.append(ids[i + 1] ?? 0, keys[i] ?? 0);
    }
    return ids;
  }
}

function findSpanMerges(rows: readonly Row[], interner: Interner): Merge[] {
  const contexts = new Map<number, Span[]>();
  for (const [row, { cells }] of rows.entries()) {
    const keys = cells.map((cell) => interner.key(cell.key));
    const prefixes = interner.prefixes(keys);
    const suffixes = interner.suffixes(keys);
    for (const span of spansOf(cells, row)) {
      // A hole keeps the blank before it or the lack of one.
      const blank = startsApart(cells, span.start) ? 1 : 0;
      const suffix = suffixes[span.start + span.length] ?? 0;
      const context = ((prefixes[span.start] ?? 0) * 2 ** 25 + suffix) * 2 + blank;
      const spans = contexts.get(context);
      if (spans === undefined) contexts.set(context, [span]);
      else spans.push(span);
    }
  }
  const known = knownValues(rows);
  const merges: Merge[] = [];
  for (const spans of contexts.values()) {
    const merge = spans.length > 1 ? judgeSpans(rows, spans, known) : undefined;
    if (merge !== undefined) merges.push(merge);
  }
  return merges;
}

/** The stretches that could be one value: a word or value, some words in a row, or a whole chunk without blanks. */
function spansOf(cells: readonly Cell[], row: number): Span[] {
  const spans: Span[] = [];
  for (let start = 0; start < cells.length; start++) {
    if (isMark(cells[start])) continue;
    for (let length = 1; length <= SPAN_CELLS_MAX; length++) {
      const last = cells[start + length - 1];
      if (last === undefined) break;
      if (isMark(last)) continue;
      const inner = cells.slice(start, start + length);
      const isChunk = length > 1 && isWholeChunk(cells, start, length);
      if (length === 1 || isChunk || inner.every((cell) => cell.kind === 'word')) {
        spans.push({ row, start, length, isChunk });
      }
    }
  }
  return spans;
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

const isMark = (cell: Cell | undefined): boolean => cell?.kind === 'mark';
const startsApart = (cells: readonly Cell[], index: number): boolean =>
  cells[index]?.key.startsWith(' ') === true;

function isWholeChunk(cells: readonly Cell[], start: number, length: number): boolean {
  for (let index = start + 1; index < start + length; index++) {
    if (startsApart(cells, index)) return false;
  }
  const before = start === 0 || startsApart(cells, start) || isMark(cells[start - 1]);
  const end = start + length;
  return before && (startsApart(cells, end) || isMark(cells[end]));
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
function judgeSpans(
  rows: readonly Row[],
  spans: readonly Span[],
  known: ReadonlySet<string>,
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

function sortVariants(
  rows: readonly Row[],
  spans: readonly Span[],
  known: ReadonlySet<string>,
): Variants {
  const variants: Variants = {
    counts: new Map(),
    words: [],
    known: [],
    data: [],
    chunks: [],
    open: [],
  };
  for (const span of admitSpans(rows, spans)) {
    const { cells, lines } = rows[span.row] as Row;
    const { kind } = cells[span.start] as Cell;
    const text = spanText(lines[0] as Line, span);
    if (span.isChunk) variants.chunks.push(span);
    else if (span.length === 1 && (kind === 'value' || (kind === 'id' && isDataLike(text))))
      variants.data.push(span);
    else {
      (kind === 'open' ? variants.open : known.has(text) ? variants.known : variants.words).push(
        span,
      );
      for (const line of lines) {
        const value = spanText(line, span);
        variants.counts.set(value, (variants.counts.get(value) ?? 0) + 1);
      }
    }
  }
  return variants;
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
 * same place ("invalid user Bob", "invalid user Eve"): that word is structure, so these are another event.
 */
function admitSpans(rows: readonly Row[], spans: readonly Span[]): Span[] {
  const single = spans.filter((span) => span.length === 1 || span.isChunk);
  const admitted = [...single];
  for (let length = 2; length <= SPAN_CELLS_MAX; length++) {
    const group = spans.filter((span) => span.length === length && !span.isChunk);
    const columns = Array.from({ length }, (_, offset) => {
      const counts = new Map<string, number>();
      for (const span of group) {
        const { cells, lines } = rows[span.row] as Row;
        const key = cells[span.start + offset]?.key ?? '';
        counts.set(key, (counts.get(key) ?? 0) + lines.length);
      }
      return counts;
    });
    admitted.push(
      ...group.filter((span) => {
        const { cells } = rows[span.row] as Row;
        return columns.every((counts, offset) => {
          const cell = cells[span.start + offset];
          return cell?.kind === 'word' && (counts.get(cell.key) ?? 0) <= 2;
        });
      }),
    );
  }
  return admitted;
}

/** A word with digits that are a number of their own, or many: `node-7`, `i4711`; not `ssh2`. */
function isDataLike(text: string): boolean {
  return /\d{3}/.test(text) || /(?:^|[^\p{L}\p{N}])\d+(?:$|[^\p{L}\p{N}])/u.test(text);
}

function spanText(line: Line, span: Span): string {
  let text = '';
  const end = line.bounds[span.start + span.length] ?? 0;
  for (let index = line.bounds[span.start] ?? 0; index < end; index++) {
    const token = line.tokens[index];
    text += (text === '' ? '' : (token?.before ?? '')) + (token?.text ?? '');
  }
  return text;
}

/** Rows that differ in two words, each of which takes many values whatever the other one is. */
function findPairMerges(rows: readonly Row[], interner: Interner): Merge[] {
  const contexts = new Map<string, { spans: Span[]; others: Span[] }>();
  for (const [row, { cells }] of rows.entries()) {
    const words = cells.flatMap((cell, index) =>
      isMark(cell) || cell.kind === 'value' ? [] : [index],
    );
    if (words.length > PAIR_WORDS_MAX || words.length < 4) continue;
    const keys = cells.map((cell) => interner.key(cell.key));
    const prefixes = interner.prefixes(keys);
    const suffixes = interner.suffixes(keys);
    for (const [position, start] of words.entries()) {
      let middle = 0;
      let reached = start + 1;
      for (const other of words.slice(position + 1)) {
        for (; reached < other; reached++) middle = interner.append(middle, keys[reached] ?? 0);
        const context = `${prefixes[start] ?? 0},${middle},${other - start},${suffixes[other + 1] ?? 0}`;
        const group = contexts.get(context) ?? { spans: [], others: [] };
        group.spans.push({ row, start, length: 1, isChunk: false });
        group.others.push({ row, start: other, length: 1, isChunk: false });
        contexts.set(context, group);
      }
    }
  }
  const merges: Merge[] = [];
  for (const { spans, others } of contexts.values()) {
    if (spans.length < 2) continue;
    const values = Math.min(openValues(rows, spans), openValues(rows, others));
    if (values > 0) merges.push({ spans, others, values });
  }
  return merges;
}

/** How many different words stand at the spans, or 0 if they are no open class. */
function openValues(rows: readonly Row[], spans: readonly Span[]): number {
  const counts = new Map<string, number>();
  for (const span of spans) {
    for (const line of (rows[span.row] as Row).lines) {
      const text = spanText(line, span);
      counts.set(text, (counts.get(text) ?? 0) + 1);
    }
  }
  return isOpenClass(counts.values()) ? counts.size : 0;
}

/**
 * Carries out the merges with most values first; a row takes part in one merge of a round. Equal ones are ordered by
 * the smaller stretch, then by the keys of their rows: the order of the messages never decides.
 */
function applyMerges(rows: readonly Row[], merges: readonly Merge[]): Row[] {
  const size = (merge: Merge): number =>
    merge.spans.reduce((sum, span) => sum + span.length, 0) / merge.spans.length;
  const ordered = merges.toSorted(
    (a, b) =>
      b.values - a.values ||
      size(a) - size(b) ||
      (a.spans[0]?.row ?? 0) - (b.spans[0]?.row ?? 0) ||
      (a.spans[0]?.start ?? 0) - (b.spans[0]?.start ?? 0),
  );
  const taken = new Set<number>();
  const merged: Row[] = [];
  for (const merge of ordered) {
    if (merge.spans.some((span) => taken.has(span.row))) continue;
    for (const span of merge.spans) taken.add(span.row);
    merged.push(mergeSpans(rows, merge));
  }
  return sortRows([...rows.filter((_, index) => !taken.has(index)), ...merged]);
}

function mergeSpans(rows: readonly Row[], merge: Merge): Row {
  const lines: Line[] = [];
  let cells: readonly Cell[] = [];
  for (const [index, span] of merge.spans.entries()) {
    const other = merge.others?.[index];
    let row = openSpan(rows[span.row] as Row, span);
    if (other !== undefined)
      row = openSpan(row, { ...other, start: other.start - span.length + 1 });
    cells = row.cells;
    lines.push(...row.lines);
  }
  return { cells, lines };
}

/** The row with the span as one open cell. */
function openSpan(row: Row, { start, length }: Span): Row {
  const blank = row.cells[start]?.key.startsWith(' ') === true ? ' ' : '';
  return {
    cells: row.cells.toSpliced(start, length, { kind: 'open', key: `${blank}${OPEN_KEY}` }),
    lines: row.lines.map((line) => ({
      ...line,
      bounds: line.bounds.toSpliced(start + 1, length - 1),
    })),
  };
}

function sortRows(rows: readonly Row[]): Row[] {
  const keyed = rows.map((row) => ({ row, key: row.cells.map((cell) => cell.key).join('\n') }));
  return keyed
    .toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ row }) => row);
}
