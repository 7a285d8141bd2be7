/**
 * The columns of a merged row: what its members share and where they differ, down to parts of tokens.
 * Anti-unification of more than two texts; the cells of the row already say which tokens stand opposite each other.
 */
import type { Cell, Row } from './rows.ts';
import { isCalendarName, type Token } from './tokens.ts';

/** A phrase of more tokens is a list: one variable, whose length will vary too. */
const LIST_TOKENS_MIN = 8;

/** A stretch of text of every member, in the row's order of lines. */
export type Piece =
  | { readonly kind: 'literal'; readonly text: string }
  /** `isData`: the values are data by their form, so a new one will have that form too. */
  | { readonly kind: 'hole'; readonly values: readonly string[]; readonly isData: boolean };

interface Column {
  readonly tokens: readonly (readonly Token[])[];
  readonly cell: Cell;
}

/** The pieces of each leaf. Put together, the pieces of one member are its text. Cost: linear in the characters. */
export function alignRow(row: Row): Piece[][] {
  const leaves: Piece[][] = [[]];
  for (const column of columnsOf(row)) {
    const leaf = leaves.at(-1) ?? [];
    const tokens = column.tokens.map((tokensOfLine) => tokensOfLine[0] as Token);
    appendColumn(leaf, column);
    if (tokens[0]?.kind === 'break') leaves.push([]);
  }
  leaves.pop();
  return leaves.map(joinPieces);
}

/** The cells as columns; a phrase with the same tokens in every member becomes a column for each of them. */
function columnsOf(row: Row): Column[] {
  const columns: Column[] = [];
  for (const [index, cell] of row.cells.entries()) {
    const tokens = row.lines.map((line) =>
      line.tokens.slice(line.bounds[index], line.bounds[index + 1]),
    );
    const [first] = tokens;
    if (first === undefined || cell.kind === 'open' || !haveOneForm(tokens)) {
      columns.push({ tokens, cell });
      continue;
    }
    for (const position of first.keys()) {
      columns.push({ tokens: tokens.map((list) => list.slice(position, position + 1)), cell });
    }
  }
  return columns;
}

/**
 * Whether all phrases have the same tokens, apart from their values. Not if units differ (`7 B`, `2.5 KB`: number and
 * unit vary as one), nor for dates with names of months or days, nor for lists.
 */
function haveOneForm(phrases: readonly (readonly Token[])[]): boolean {
  const [first = []] = phrases;
  if (first.length > LIST_TOKENS_MIN || first.some((token) => isCalendarName(token.text)))
    return false;
  const expected = formOf(first);
  return phrases.every((tokens) => formOf(tokens) === expected);
}

function formOf(tokens: readonly Token[]): string {
  return tokens
    .map(({ before, kind, text }) => {
      const isFixed = kind === 'mark' || kind === 'unit';
      return (before === '' ? '' : ' ') + (isFixed ? text : '\u0000');
    })
    .join('');
}

function appendColumn(pieces: Piece[], column: Column): void {
  const befores = column.tokens.map((tokens) => tokens[0]?.before ?? '');
  const texts = column.tokens.map(textOf);
  const [first = ''] = texts;
  const kinds = new Set(column.tokens.flatMap((tokens) => tokens.map((token) => token.kind)));
  const varies = texts.some((text) => text !== first);
  if (!varies && !kinds.has('value') && !(kinds.has('id') && isNumbered(first))) {
    pushBlanks(pieces, befores);
    pieces.push({ kind: 'literal', text: first });
    return;
  }
  const [start, end] = edgesOf(column.cell, kinds, texts);
  const isData = !kinds.has('word');
  const values = texts.map((text) => text.slice(start, text.length - end));
  // What differs in blanks before a hole belongs to its values: a hole of blanks beside it would be ambiguous.
  const shared = start > 0 ? 0 : commonPrefix(befores);
  if (start > 0) pushBlanks(pieces, befores);
  pieces.push(
    {
      kind: 'literal',
      text: start > 0 ? first.slice(0, start) : (befores[0]?.slice(0, shared) ?? ''),
    },
    {
      kind: 'hole',
      values:
        start > 0
          ? values
          : values.map((value, line) => (befores[line]?.slice(shared) ?? '') + value),
      isData,
    },
    { kind: 'literal', text: first.slice(first.length - end) },
  );
}

function edgesOf(
  cell: Cell,
  kinds: ReadonlySet<Token['kind']>,
  texts: readonly string[],
): [number, number] {
  if (cell.kind === 'id') return idEdges(texts);
  return [kinds.has('value') ? leadingMarks(texts) : 0, 0];
}

function pushBlanks(pieces: Piece[], befores: readonly string[]): void {
  const [first = ''] = befores;
  pieces.push(
    befores.every((before) => before === first)
      ? { kind: 'literal', text: first }
      : { kind: 'hole', values: befores, isData: true },
  );
}

function textOf(tokens: readonly Token[]): string {
  return tokens.map((token, index) => (index === 0 ? '' : token.before) + token.text).join('');
}

/** Whether an identifier holds a number of its own even where it has only one text: `node-7`, `core.2275`; not `ssh2`. */
function isNumbered(text: string): boolean {
  return /\d{5}|(?:^|[^\p{L}\p{N}_])\d+(?:$|[^\p{L}\p{N}_])|_-?\d{3}/u.test(text);
}

/** How many characters before and after the varying part of identifiers are one literal: `blk_`, never digits. */
function idEdges(texts: readonly string[]): [number, number] {
  const [first = ''] = texts;
  const varies = texts.some((text) => text !== first);
  let start = varies ? commonPrefix(texts) : first.search(/\d/);
  while (start > 0 && isNumberPart(first, start - 1)) start--;
  // A word is not cut: `node1` and `node22` share `node`, but `east` and `eastern` share nothing.
  if (!texts.every((text) => /[\d-]/.test(text.charAt(start)))) start = wordStart(first, start);
  let end = varies ? commonSuffix(texts, start) : (/\D*$/.exec(first)?.[0].length ?? 0);
  while (end > 0 && /\d/.test(first.charAt(first.length - end))) end--;
  if (!texts.every((text) => /\d/.test(text.charAt(text.length - end - 1)))) {
    while (end > 0 && /\p{L}/u.test(first.charAt(first.length - end))) end--;
  }
  return [start, end];
}

function wordStart(text: string, offset: number): number {
  let start = offset;
  while (start > 0 && /\p{L}/u.test(text.charAt(start - 1))) start--;
  return start;
}

/** A digit, or a hyphen that is a sign: one that follows neither a letter nor a digit. */
function isNumberPart(text: string, index: number): boolean {
  const character = text.charAt(index);
  return (
    /\d/.test(character) || (character === '-' && !/[\p{L}\p{N}]/u.test(text.charAt(index - 1)))
  );
}

/** How many marks all values begin with, such as the slash of `/10.0.0.1:80`; signs belong to the numbers. */
function leadingMarks(texts: readonly string[]): number {
  const [first = ''] = texts;
  const length = Math.min(commonPrefix(texts), ...texts.map((text) => text.length - 1));
  let start = 0;
  while (start < length && /[^\p{L}\p{N}\s+-]/u.test(first.charAt(start))) start++;
  return start;
}

function commonPrefix(texts: readonly string[]): number {
  const [first = ''] = texts;
  let length = first.length;
  for (const text of texts) {
    let same = 0;
    while (same < length && text.charAt(same) === first.charAt(same)) same++;
    length = same;
  }
  return length;
}

/** The common suffix that leaves at least one character of each text between it and the first `start`. */
function commonSuffix(texts: readonly string[], start: number): number {
  const [first = ''] = texts;
  let length = first.length - start - 1;
  for (const text of texts) {
    let same = 0;
    const most = Math.min(length, text.length - start - 1);
    while (same < most && text.at(-1 - same) === first.at(-1 - same)) same++;
    length = same;
  }
  return Math.max(0, length);
}

/** Neighbouring literals as one, and neighbouring holes as one: nothing would say where one ends. */
function joinPieces(pieces: readonly Piece[]): Piece[] {
  const joined: Piece[] = [];
  for (const piece of pieces) {
    if (piece.kind === 'literal' && piece.text === '') continue;
    const last = joined.at(-1);
    if (last?.kind === 'literal' && piece.kind === 'literal') {
      joined[joined.length - 1] = { kind: 'literal', text: last.text + piece.text };
    } else if (last?.kind === 'hole' && piece.kind === 'hole') {
      const values = last.values.map((value, line) => value + (piece.values[line] ?? ''));
      joined[joined.length - 1] = { kind: 'hole', values, isData: last.isData && piece.isData };
    } else {
      joined.push(piece);
    }
  }
  return joined;
}
