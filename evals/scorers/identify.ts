/** Scores of identification: spans count as found only where both of their ends are right. */

export interface Slot {
  readonly name: string;
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

export interface SpanCounts {
  readonly right: number;
  readonly found: number;
  readonly expected: number;
}

/** Counts exact spans; one that is given twice counts once. */
export function countSpans(found: readonly Slot[], expected: readonly Slot[]): SpanCounts {
  const places = new Set(found.map(placeOf));
  const wanted = new Set(expected.map(placeOf));
  return {
    right: places.intersection(wanted).size,
    found: places.size,
    expected: wanted.size,
  };
}

function placeOf({ start, end }: Slot): string {
  return `${start} ${end}`;
}

export function addCounts(all: readonly SpanCounts[]): SpanCounts {
  const sum = (of: keyof SpanCounts): number => all.reduce((total, each) => total + each[of], 0);
  return { right: sum('right'), found: sum('found'), expected: sum('expected') };
}

/** Nothing found where nothing is to be found is right. */
export function precision({ right, found }: SpanCounts): number {
  return found === 0 ? 1 : right / found;
}

export function recall({ right, expected }: SpanCounts): number {
  return expected === 0 ? 1 : right / expected;
}

export function f1(counts: SpanCounts): number {
  const [p, r] = [precision(counts), recall(counts)];
  return p + r === 0 ? 0 : (2 * p * r) / (p + r);
}
