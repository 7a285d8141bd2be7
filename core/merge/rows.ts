/**
 * Rows: messages of one shape, cut into the same cells. A cell is one word, mark or identifier, or a phrase of values
 * (`1608 bytes (1.57 KB)`), so that messages whose values have more or fewer tokens still have one shape.
 */
import type { Message } from '../messages/message.ts';
import { tokenize, VALUE_KEY, wholeLeaves, type Token } from './tokens.ts';

/** `open`: a hole that may take words, found by merging. `fixed`: words and marks, the literal text of the row. */
export type CellKind = 'word' | 'mark' | 'id' | 'value' | 'open';

export interface Cell {
  readonly kind: CellKind;
  readonly key: string;
}

/** One message in a row: cell `c` holds the tokens from `bounds[c]` up to `bounds[c + 1]`. */
export interface Line {
  readonly index: number;
  readonly tokens: readonly Token[];
  readonly bounds: readonly number[];
}

export interface Row {
  readonly cells: readonly Cell[];
  readonly lines: readonly Line[];
}

/** Longer messages are merged only with equal ones: cutting them takes time, and merging tries spans at each token. */
const ROW_CHARACTERS_MAX = 16_384;
const ROW_TOKENS_MAX = 1024;

const BRACKETS: ReadonlyMap<string, string> = new Map([
  ['(', ')'],
  ['[', ']'],
  ['{', '}'],
  ['"', '"'],
]);
/** What ends a value after an equals sign, outside of brackets. */
const SLOT_ENDS = /^[=,;)\]}'<>|]$/;
/** A value after an equals sign is short; what goes on for longer is text with a structure of its own. */
const SLOT_TOKENS_MAX = 24;
/** What is printed in a list of values where there is none. */
const MISSING = /^(?:\*{2,}|-+|\?+)$/;

/**
 * Rows of equal shape, in the order of their keys; never of different skeletons, which could not match each other.
 * `wholeOf`: leaves of a message that are not cut. Cost: linear in the characters, and one sort of the shapes.
 */
export function buildRows(
  messages: readonly Message[],
  wholeOf: (message: Message) => ReadonlySet<number> = () => new Set<number>(),
): Map<string, Row[]> {
  const bySkeleton = new Map<string, Map<string, { cells: Cell[]; lines: Line[] }>>();
  for (const [index, message] of messages.entries()) {
    const kinds = message.leaves.map((leaf) => leaf.kind).join();
    const skeleton = JSON.stringify([message.role, message.skeleton, kinds]);
    const { tokens, cells, bounds } = cut(message, wholeOf(message));
    const shape = cells.map((cell) => cell.key).join('\n');
    const shapes = bySkeleton.get(skeleton) ?? new Map<string, { cells: Cell[]; lines: Line[] }>();
    const row = shapes.get(shape) ?? { cells, lines: [] };
    row.lines.push({ index, tokens, bounds });
    bySkeleton.set(skeleton, shapes.set(shape, row));
  }
  const sorted = new Map<string, Row[]>();
  for (const [skeleton, shapes] of bySkeleton) {
    const entries = [...shapes].toSorted(([a], [b]) => (a < b ? -1 : 1));
    sorted.set(
      skeleton,
      entries.map(([, row]) => row),
    );
  }
  return sorted;
}

function cut(
  message: Message,
  whole: ReadonlySet<number>,
): { tokens: Token[]; cells: Cell[]; bounds: number[] } {
  const characters = message.leaves.reduce(
    (sum, leaf, index) => sum + (whole.has(index) ? 0 : leaf.text.length),
    0,
  );
  if (characters <= ROW_CHARACTERS_MAX) {
    const tokens = tokenize(message, whole);
    if (tokens.length <= ROW_TOKENS_MAX) return { tokens, ...cellsOf(tokens) };
  }
  const tokens = wholeLeaves(message);
  const cells = tokens.map(({ key }): Cell => ({ kind: 'mark', key }));
  return { tokens, cells, bounds: [...cells.keys(), cells.length] };
}

function cellsOf(tokens: readonly Token[]): { cells: Cell[]; bounds: number[] } {
  const cells: Cell[] = [];
  const bounds: number[] = [];
  for (let index = 0; index < tokens.length;) {
    const token = tokens[index];
    if (token === undefined) break;
    bounds.push(index);
    const blank = token.before === '' ? '' : ' ';
    const slot = slotEnd(tokens, index);
    if (slot > index || token.kind === 'value') {
      cells.push({ kind: 'value', key: `${blank}${VALUE_KEY}` });
      index = Math.max(slot, token.kind === 'value' ? phraseEnd(tokens, index) : slot);
      continue;
    }
    const kind = token.kind === 'word' || token.kind === 'id' ? token.kind : 'mark';
    cells.push({ kind, key: blank + token.key });
    index = token.kind === 'id' ? listEnd(tokens, index) : index + 1;
  }
  bounds.push(tokens.length);
  return { cells, bounds };
}

/**
 * The end of the value after `key=`, or `start` if there is none: what is glued to an equals sign is data, whether it is
 * a number, a word, a quoted text or a name with brackets (`ws=WorkSource{10113}`).
 */
function slotEnd(tokens: readonly Token[], start: number): number {
  const sign = tokens[start - 1];
  if (sign?.text !== '=' || sign.before !== '' || tokens[start]?.before !== '') return start;
  let end = start;
  for (let next = start; next > 0 && next < start + SLOT_TOKENS_MAX;) {
    end = next;
    next = slotStep(tokens, end, start);
  }
  while (end > start && /^[:.!?]+$/.test(tokens[end - 1]?.text ?? '')) end--;
  return end;
}

/** The place after the next token or bracketed group of a value, or 0 where the value ends. */
function slotStep(tokens: readonly Token[], at: number, start: number): number {
  const token = tokens[at];
  if (token === undefined || token.kind === 'break' || (at > start && token.before !== ''))
    return 0;
  if (token.kind !== 'mark') return at + 1;
  const close = BRACKETS.get(token.text);
  if (close !== undefined) return groupEnd(tokens, at, close);
  return SLOT_ENDS.test(token.text) ? 0 : at + 1;
}

/** The place after the bracket that closes the one at `at`, or 0: a group with a structure of its own is no value. */
function groupEnd(tokens: readonly Token[], at: number, close: string): number {
  for (const [offset, { text, before, kind }] of tokens.slice(at, at + SLOT_TOKENS_MAX).entries()) {
    if (offset > 0 && text === close) return at + offset + 1;
    const isApart = offset > 0 && close !== '"' && before !== '';
    if (text === '=' || isApart || kind === 'break') return 0;
  }
  return 0;
}

/** The end of the phrase of values that starts at `start`: values, units, commas between them, and brackets around them. */
function phraseEnd(tokens: readonly Token[], start: number): number {
  let end = start + 1;
  for (;;) {
    const next = phraseStep(tokens, end);
    if (next === end) return end;
    end = next;
  }
}

/** The end of a list of identifiers of one pattern (`blk_1 blk_2`), which counts as one of them. */
function listEnd(tokens: readonly Token[], start: number): number {
  let end = start + 1;
  while (tokens[end]?.before !== '' && tokens[end]?.key === tokens[start]?.key) end++;
  return end;
}

function phraseStep(tokens: readonly Token[], at: number): number {
  const token = tokens[at];
  const next = tokens[at + 1];
  if (token === undefined) return at;
  if (token.kind === 'unit' || token.kind === 'value') return at + 1;
  if (token.kind !== 'mark' || next?.kind !== 'value') return at;
  if (token.text === ',' || (token.before !== '' && MISSING.test(token.text))) return at + 2;
  const close = BRACKETS.get(token.text);
  if (close === undefined || close === token.text || token.before === '') return at;
  const end = phraseEnd(tokens, at + 1);
  return tokens[end]?.text === close ? end + 1 : at;
}
