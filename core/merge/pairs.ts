/** Rows that differ in two words at once: what no single hole shows, since each line has its own two values. */
import type { Surroundings } from './interner.ts';
import type { Merge } from './judge.ts';
import { isOpenClass } from './openness.ts';
import type { Row } from './rows.ts';
import { isMark, spanText, type Span } from './spans.ts';

/** Pairs of words are tried in rows with at most this many words: their number is quadratic. */
const PAIR_WORDS_MAX = 24;
/** Two holes of words need two other words beside them, or any four words would do. */
const PAIR_WORDS_MIN = 4;

/** Rows that differ in two words, each of which takes many values whatever the other one is. */
export function findPairMerges(rows: readonly Row[], around: Surroundings): Merge[] {
  const contexts = new Map<number, { spans: Span[]; others: Span[] }>();
  for (const row of rows.keys()) {
    for (const { context, start, other } of pairsOf(rows, row, around)) {
      const group = contexts.get(context) ?? { spans: [], others: [] };
      group.spans.push({ row, start, length: 1, isChunk: false });
      group.others.push({ row, start: other, length: 1, isChunk: false });
      contexts.set(context, group);
    }
  }
  const merges: Merge[] = [];
  for (const { spans, others } of contexts.values()) {
    if (spans.length < 2) continue;
    const counts = countValues(rows, spans);
    const otherCounts = countValues(rows, others);
    if (areOpen(counts, otherCounts)) {
      merges.push({ spans, others, values: Math.min(counts.size, otherCounts.size) });
    }
  }
  return merges;
}

/** The pairs of words of one row, each with the number of all that stands around the two. */
function pairsOf(
  rows: readonly Row[],
  row: number,
  { interner, keys, before, after, beginning, ending }: Surroundings,
): { readonly context: number; readonly start: number; readonly other: number }[] {
  const words = (rows[row]?.cells ?? []).flatMap((cell, index) =>
    isMark(cell) || cell.kind === 'value' ? [] : [index],
  );
  if (words.length > PAIR_WORDS_MAX || words.length < PAIR_WORDS_MIN) return [];
  const prefix = (index: number): number => before[row]?.[index] ?? 0;
  const suffix = (index: number): number => after[row]?.[index + 1] ?? 0;
  const ends = words.filter((other) => (ending.get(suffix(other)) ?? 0) > 1);
  const pairs = [];
  for (const start of words) {
    if ((beginning.get(prefix(start)) ?? 0) < 2) break;
    let middle = 0;
    let reached = start + 1;
    for (const other of ends) {
      if (other <= start) continue;
      for (; reached < other; reached++)
        middle = interner.append(middle, keys[row]?.[reached] ?? 0);
      const left = interner.append(interner.append(prefix(start), middle), other - start);
      pairs.push({ context: left * 2 ** 26 + suffix(other), start, other });
    }
  }
  return pairs;
}

/**
 * Whether two places are variables: each an open class, or both of one type, since they share values
 * ("from NEW to READY", "from READY to DONE"), and that type an open class.
 */
function areOpen(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): boolean {
  if (isOpenClass(a.values()) && isOpenClass(b.values())) return true;
  const pooled = new Map(a);
  for (const [value, count] of b) pooled.set(value, (pooled.get(value) ?? 0) + count);
  const shared = a.size + b.size - pooled.size;
  return shared * 2 >= Math.min(a.size, b.size) && isOpenClass(pooled.values());
}

function countValues(rows: readonly Row[], spans: readonly Span[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const span of spans) {
    for (const line of (rows[span.row] as Row).lines) {
      const text = spanText(line, span);
      counts.set(text, (counts.get(text) ?? 0) + 1);
    }
  }
  return counts;
}
