/**
 * Merges rows that differ in one stretch, or in two words, where what differs is data: open holes grow from what the
 * siblings show, with no rule about any system. Bottom-up: two rows meet only if everything else of them is equal.
 */
import { surroundingsOf, type Surroundings } from './interner.ts';
import { judgeSpans, knownWords, type Merge } from './judge.ts';
import { findPairMerges } from './pairs.ts';
import type { Cell, Line, Row } from './rows.ts';
import { openSpan, spansOf, startsApart, type Span } from './spans.ts';

/** Rounds of merging: each makes holes in rows that already have one, and templates have few holes of words. */
const ROUNDS_MAX = 16;

/** Cells of all rows: beyond, contexts would no longer be exact as numbers, nor fit in memory. */
const CELLS_MAX = 1_000_000;

/** Rows whose members are one template each. Cost: rounds × rows × cells × span length; pairs are quadratic in words. */
export function mergeRows(initial: readonly Row[]): Row[] {
  let rows = [...initial];
  if (rows.reduce((sum, { cells }) => sum + cells.length, 0) > CELLS_MAX) return rows;
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const around = surroundingsOf(rows);
    let merges = findSpanMerges(rows, around);
    if (merges.length === 0) merges = findPairMerges(rows, around);
    if (merges.length === 0) break;
    rows = applyMerges(rows, merges);
  }
  return rows;
}

function findSpanMerges(rows: readonly Row[], around: Surroundings): Merge[] {
  const contexts = new Map<number, Span[]>();
  for (const [row, { cells }] of rows.entries()) {
    const before = around.before[row] ?? [];
    const after = around.after[row] ?? [];
    const isShared = (start: number, end: number): boolean =>
      (around.beginning.get(before[start] ?? 0) ?? 0) > 1 &&
      (around.ending.get(after[end] ?? 0) ?? 0) > 1;
    for (const span of spansOf(cells, row, isShared)) {
      // A hole keeps the blank before it or the lack of one.
      const blank = startsApart(cells, span.start) ? 1 : 0;
      const suffix = after[span.start + span.length] ?? 0;
      const context = ((before[span.start] ?? 0) * 2 ** 25 + suffix) * 2 + blank;
      const spans = contexts.get(context);
      if (spans === undefined) contexts.set(context, [span]);
      else spans.push(span);
    }
  }
  const words = knownWords(rows);
  const merges: Merge[] = [];
  for (const spans of contexts.values()) {
    const merge = spans.length > 1 ? judgeSpans(rows, spans, words) : undefined;
    if (merge !== undefined) merges.push(merge);
  }
  return merges;
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

function sortRows(rows: readonly Row[]): Row[] {
  const keyed = rows.map((row) => ({ row, key: row.cells.map((cell) => cell.key).join('\n') }));
  return keyed
    .toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ row }) => row);
}
