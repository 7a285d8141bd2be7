/**
 * Two texts of one behaviour, side by side: the stretches in which they differ are where its data
 * stands, even if no recogniser knows it. Words are aligned by the heaviest common subsequence.
 */

/** A stretch of one text and what stands in its place in the other; either may be empty. */
export interface Difference {
  readonly start: number;
  readonly end: number;
  readonly otherStart: number;
  readonly otherEnd: number;
}

export interface Alignment {
  readonly differences: readonly Difference[];
  /** The share of words, by weight, that both have in common: 0 to 1. */
  readonly similarity: number;
}

interface Token {
  readonly text: string;
  readonly start: number;
  readonly weight: number;
}

const TOKEN = /[\p{L}\p{M}\p{N}_]+|\s+|[^\p{L}\p{M}\p{N}_\s]/gu;
const WORD = /^[\p{L}\p{M}\p{N}_]/u;
/** Blanks and punctuation stand everywhere: they only decide between equals. */
const WORD_WEIGHT = 8;
const WORD_CHARACTERS_MAX = 16;
/** Cells of the alignment's table: 600 words a side, a few milliseconds. */
const CELLS_MAX = 1_440_000;

/** Aligns two texts. Cost: the product of their words between common ends; undefined over the bound. */
export function align(text: string, other: string): Alignment | undefined {
  const [a, b] = [tokensOf(text), tokensOf(other)];
  let head = 0;
  while (head < a.length && head < b.length && a[head]?.text === b[head]?.text) head++;
  let tail = 0;
  const tailMax = Math.min(a.length, b.length) - head;
  while (tail < tailMax && a[a.length - 1 - tail]?.text === b[b.length - 1 - tail]?.text) tail++;
  const [innerA, innerB] = [a.slice(head, a.length - tail), b.slice(head, b.length - tail)];
  if (innerA.length * innerB.length > CELLS_MAX) return undefined;
  const pairs = commonTokens(innerA, innerB);
  const matched =
    weightOf(a.slice(0, head)) +
    weightOf(a.slice(a.length - tail)) +
    pairs.reduce((total, [index]) => total + wordWeight(innerA[index]), 0);
  const heaviest = Math.max(weightOf(a), weightOf(b));
  return {
    differences: stretches(text, other, { a, b, head, tail }, pairs),
    similarity: heaviest === 0 ? 0 : matched / heaviest,
  };
}

/** What stands in the other text in place of [start, end), where that is an end of differences or of words in common. */
export function counterpart(
  { differences }: Alignment,
  start: number,
  end: number,
): { readonly start: number; readonly end: number } | undefined {
  let shift = 0;
  let from: number | undefined;
  for (const difference of differences) {
    if (difference.start > start || (difference.start === start && difference.end > start)) break;
    if (difference.end > start) return undefined;
    shift = difference.otherEnd - difference.end;
  }
  from = start + shift;
  for (const difference of differences) {
    if (difference.start >= end) break;
    if (difference.end > end) return undefined;
    shift = difference.otherEnd - difference.end;
  }
  return { start: from, end: end + shift };
}

function tokensOf(text: string): Token[] {
  return Array.from(text.matchAll(TOKEN), (match) => ({
    text: match[0],
    start: match.index,
    weight: WORD.test(match[0]) ? WORD_WEIGHT + Math.min(match[0].length, WORD_CHARACTERS_MAX) : 1,
  }));
}

function wordWeight(token: Token | undefined): number {
  return token === undefined || token.weight === 1 ? 0 : token.weight;
}

function weightOf(tokens: readonly Token[]): number {
  return tokens.reduce((total, token) => total + wordWeight(token), 0);
}

/** The heaviest common subsequence, as pairs of positions. */
function commonTokens(a: readonly Token[], b: readonly Token[]): [number, number][] {
  const width = b.length + 1;
  const best = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const skip = Math.max(best[(i + 1) * width + j] ?? 0, best[i * width + j + 1] ?? 0);
      const take =
        a[i]?.text === b[j]?.text ? (best[(i + 1) * width + j + 1] ?? 0) + (a[i]?.weight ?? 0) : 0;
      best[i * width + j] = Math.max(skip, take);
    }
  }
  const pairs: [number, number][] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    const here = best[i * width + j] ?? 0;
    if (
      a[i]?.text === b[j]?.text &&
      here === (best[(i + 1) * width + j + 1] ?? 0) + (a[i]?.weight ?? 0)
    ) {
      pairs.push([i++, j++]);
    } else if (here === (best[(i + 1) * width + j] ?? 0)) i++;
    else j++;
  }
  return pairs;
}

interface Tokenised {
  readonly a: readonly Token[];
  readonly b: readonly Token[];
  readonly head: number;
  readonly tail: number;
}

function stretches(
  text: string,
  other: string,
  { a, b, head, tail }: Tokenised,
  pairs: readonly [number, number][],
): Difference[] {
  const found: Difference[] = [];
  const startA = (index: number): number => a[index]?.start ?? text.length;
  const startB = (index: number): number => b[index]?.start ?? other.length;
  let [i, j] = [head, head];
  const ends: [number, number][] = [
    ...pairs.map(([x, y]): [number, number] => [x + head, y + head]),
    [a.length - tail, b.length - tail],
  ];
  for (const [x, y] of ends) {
    if (x > i || y > j) {
      found.push({ start: startA(i), end: startA(x), otherStart: startB(j), otherEnd: startB(y) });
    }
    [i, j] = [x + 1, y + 1];
  }
  return found;
}

/**
 * Neighbouring differences that only one blank, hyphen or the like parts, as one: "Blue Note" and
 * "Red Lion" are one value each, although they have a blank in common.
 */
export function joined(text: string, differences: readonly Difference[]): Difference[] {
  const found: Difference[] = [];
  for (const difference of differences) {
    const last = found.at(-1);
    if (last !== undefined && /^[ '’._/-]$/.test(text.slice(last.end, difference.start))) {
      found[found.length - 1] = {
        ...last,
        end: difference.end,
        otherEnd: difference.otherEnd,
      };
    } else found.push(difference);
  }
  return found;
}
