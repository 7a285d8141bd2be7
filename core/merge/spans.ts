/** Stretches of the cells of a row: what may become one hole. */
import type { Cell, Line, Row } from './rows.ts';

/** Cells that one value may span: people's names, titles, places; longer stretches are sentences. */
const SPAN_CELLS_MAX = 5;
const OPEN_KEY = '\u0000open';
const CLOSERS = new Set([')', ']', '}']);

/** A stretch of cells of one row: what would become one value. */
export interface Span {
  readonly row: number;
  readonly start: number;
  readonly length: number;
  /** Several cells without a blank between them. */
  readonly isChunk: boolean;
}

/**
 * The stretches that could be one value: a word or value, some words in a row, or a whole chunk without blanks.
 * Only those for which `isShared` says that what stands around them stands in other rows too.
 */
export function spansOf(
  cells: readonly Cell[],
  row: number,
  isShared: (start: number, end: number) => boolean,
): Span[] {
  const spans: Span[] = [];
  for (const [start, cell] of cells.entries()) {
    if (isMark(cell)) continue;
    let areWords = true;
    for (let length = 1; length <= SPAN_CELLS_MAX; length++) {
      const last = cells[start + length - 1];
      if (last === undefined) break;
      areWords &&= last.kind === 'word';
      if ((isMark(last) && !CLOSERS.has(last.key)) || !isShared(start, start + length)) continue;
      const isChunk = length > 1 && isWholeChunk(cells, start, length);
      if (length === 1 || isChunk || areWords) spans.push({ row, start, length, isChunk });
    }
  }
  return spans;
}

export const isMark = (cell: Cell | undefined): boolean => cell?.kind === 'mark';
/** Whether a cell has a blank before it. */
export const startsApart = (cells: readonly Cell[], index: number): boolean =>
  cells[index]?.key.startsWith(' ') === true;

function isWholeChunk(cells: readonly Cell[], start: number, length: number): boolean {
  for (let index = start + 1; index < start + length; index++) {
    if (startsApart(cells, index)) return false;
  }
  const before = start === 0 || startsApart(cells, start) || isMark(cells[start - 1]);
  const end = start + length;
  return before && (startsApart(cells, end) || isMark(cells[end]));
}

/** What one line has there, without the blanks before it. */
export function spanText(line: Line, span: Span): string {
  let text = '';
  const end = line.bounds[span.start + span.length] ?? 0;
  for (let index = line.bounds[span.start] ?? 0; index < end; index++) {
    const token = line.tokens[index];
    text += (text === '' ? '' : (token?.before ?? '')) + (token?.text ?? '');
  }
  return text;
}

/** The row with the span as one open cell. */
export function openSpan(row: Row, { start, length }: Span): Row {
  const blank = row.cells[start]?.key.startsWith(' ') === true ? ' ' : '';
  return {
    cells: row.cells.toSpliced(start, length, { kind: 'open', key: `${blank}${OPEN_KEY}` }),
    lines: row.lines.map((line) => ({
      ...line,
      bounds: line.bounds.toSpliced(start + 1, length - 1),
    })),
  };
}
