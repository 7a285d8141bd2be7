/**
 * Rows that read alike though no count of words shows a variable: what differs becomes one all the same, because here
 * answers decide. A variable that flows into none of them is refused later, and the row is split by its values again.
 */
import type { Cell, Row } from './rows.ts';
import { openSpan, type Span } from './spans.ts';

/** Words that both rows have besides the one in which they differ. */
const ANCHORS_MIN = 2;
/** Rows longer than this are compared by their counts only. */
const CELLS_MAX = 128;
/** Rows that stand for others: more kinds of turns than this below one parent are left to later merges. */
const MODELS_MAX = 64;
/** Of the words of both rows this share is in common. */
const SIMILARITY_MIN = 0.5;
/** Another row may take this share of what was in common so far. */
const KEPT_MIN = 0.7;

/** Rows that differ in one word, as one row with an open cell. The others as they are. */
export function joinByWord(rows: readonly Row[]): Row[] {
  const byContext = new Map<string, { row: number; at: number }[]>();
  for (const [row, { cells }] of rows.entries()) {
    if (cells.length > CELLS_MAX || cells.filter(isWord).length <= ANCHORS_MIN) continue;
    const keys = cells.map(({ key }) => key);
    for (const [at, cell] of cells.entries()) {
      if (!isWord(cell)) continue;
      const blank = cell.key.startsWith(' ') ? ' ' : '';
      const context = keys.with(at, `${blank}\u0000?`).join('\n');
      byContext.set(context, [...(byContext.get(context) ?? []), { row, at }]);
    }
  }
  const taken = new Set<number>();
  const joined: Row[] = [];
  const contexts = [...byContext.values()].filter((list) => list.length > 1);
  for (const list of contexts.toSorted((a, b) => b.length - a.length)) {
    const free = list.filter(({ row }) => !taken.has(row));
    if (free.length < 2) continue;
    for (const { row } of free) taken.add(row);
    const opened = free.flatMap(({ row, at }) => opening(rows[row], { row, start: at, length: 1 }));
    joined.push(union(opened));
  }
  return [...rows.filter((_, row) => !taken.has(row)), ...joined];
}

function isWord({ kind }: Cell): boolean {
  return kind === 'word' || kind === 'id';
}

function opening(row: Row | undefined, span: Omit<Span, 'isChunk'>): Row[] {
  return row === undefined ? [] : [openSpan(row, { ...span, isChunk: false })];
}

function union(rows: readonly Row[]): Row {
  return { cells: rows[0]?.cells ?? [], lines: rows.flatMap(({ lines }) => lines) };
}

/**
 * Rows with much in common, each stretch in which they differ as one open cell. Greedy, in the order of the rows.
 * Cost: rows × models × cells².
 */
export function joinBySimilarity(rows: readonly Row[]): Row[] {
  const groups: { model: Row; common: readonly string[]; members: Row[] }[] = [];
  for (const row of rows) {
    const keys = row.cells.map(({ key }) => key);
    const fitting = groups.find((group) => {
      if (row.cells.length > CELLS_MAX || group.model.cells.length > CELLS_MAX) return false;
      const common = commonKeys(group.common, keys);
      const own = weightOf(group.members.length === 1 ? keys : group.common);
      const least = group.members.length === 1 ? SIMILARITY_MIN : KEPT_MIN;
      if (wordsIn(common) < ANCHORS_MIN || weightOf(common) < own * least) return false;
      if (weightOf(common) < weightOf(keys) * SIMILARITY_MIN) return false;
      group.common = common;
      group.members.push(row);
      return true;
    });
    if (fitting === undefined && groups.length < MODELS_MAX)
      groups.push({ model: row, common: keys, members: [row] });
    else if (fitting === undefined) groups.push({ model: row, common: [], members: [row] });
  }
  return groups.flatMap(({ common, members }) =>
    members.length === 1 ? members : withGaps(common, members),
  );
}

/** The rows that have something between the same common cells as the first one, as one; the others as they are. */
function withGaps(common: readonly string[], rows: readonly Row[]): Row[] {
  const byGaps = new Map<string, Row[]>();
  const others: Row[] = [];
  for (const row of rows) {
    const opened = openGaps(common, row);
    if (opened === undefined) others.push(row);
    else {
      const key = opened.cells.map((cell) => cell.key).join('\n');
      byGaps.set(key, [...(byGaps.get(key) ?? []), opened]);
    }
  }
  return [...[...byGaps.values()].map(union), ...others];
}

/** The row with each stretch between common cells as one open cell; undefined where it crosses from leaf to leaf. */
function openGaps(common: readonly string[], row: Row): Row | undefined {
  let opened = row;
  let next = row.cells.length;
  const places = placesOf(
    common,
    row.cells.map(({ key }) => key),
  );
  if (places === undefined) return undefined;
  for (const at of [...places, -1].toSorted((a, b) => b - a)) {
    const start = at + 1;
    const length = next - start;
    if (row.cells.slice(start, next).some(({ key }) => key.includes('\u0000break')))
      return undefined;
    const [only] = row.cells.slice(start, next);
    const isOpen = length === 1 && (only?.kind === 'open' || only?.kind === 'value');
    if (length > 0 && !isOpen) opened = openSpan(opened, { row: 0, start, length, isChunk: false });
    next = at;
  }
  return opened;
}

/** Where the keys stand, from the left; undefined where they do not. */
function placesOf(common: readonly string[], keys: readonly string[]): number[] | undefined {
  const places: number[] = [];
  for (const key of common) {
    const at = keys.indexOf(key, (places.at(-1) ?? -1) + 1);
    if (at < 0) return undefined;
    places.push(at);
  }
  return places;
}

/** The heaviest common subsequence. */
function commonKeys(a: readonly string[], b: readonly string[]): string[] {
  const width = b.length + 1;
  const best = new Uint16Array((a.length + 1) * width);
  const at = (i: number, j: number): number => best[i * width + j] ?? 0;
  const taking = (i: number, j: number): number =>
    a[i] === b[j] ? at(i + 1, j + 1) + weight(a[i] ?? '') : -1;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--)
      best[i * width + j] = Math.max(at(i + 1, j), at(i, j + 1), taking(i, j));
  }
  const common: string[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    if (taking(i, j) === at(i, j)) {
      common.push(a[i] ?? '');
      i++;
      j++;
    } else if (at(i + 1, j) === at(i, j)) i++;
    else j++;
  }
  return common;
}

/** Words say what a text is about; marks and values stand everywhere. */
function weight(key: string): number {
  return /\p{L}/u.test(key) && !key.includes('\u0000') ? 4 : 1;
}

function weightOf(keys: readonly string[]): number {
  return keys.reduce((sum, key) => sum + weight(key), 0);
}

function wordsIn(keys: readonly string[]): number {
  return keys.filter((key) => weight(key) > 1).length;
}
