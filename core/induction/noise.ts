/**
 * Parts of a request that may change from call to call and mean nothing: timestamps, ids, separators, markup.
 * They are only candidates: what is noise is shown by answers that stay the same (DESIGN §4, flow rule c).
 */
import type { MatcherKind } from '../template/kinds.ts';

export interface Noise {
  readonly start: number;
  readonly end: number;
  readonly kind: MatcherKind;
  /** The key that stands before it. */
  readonly label?: string;
}

/** The only kinds that three observations may show to have no influence (DESIGN §11.4). */
export const NOISE_KINDS: readonly MatcherKind[] = [
  'datetime',
  'uuid',
  'hex',
  'separator',
  'markup',
];

const DATETIME =
  /(?<![\p{N}-])\d{4}-\d{2}-\d{2}[T ]\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?: ?(?:Z|[+-]\d{2}:?\d{2}))?(?![\p{L}\p{N}])/gu;
const UUID =
  /(?<![\p{L}\p{N}])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![\p{L}\p{N}])/giu;
/** With a digit and a letter: "facade" is a word, 123456 is a number. */
const HEX =
  /(?<![\p{L}\p{N}])(?=[0-9A-Fa-f]*\d)(?=[0-9A-Fa-f]*[A-Fa-f])(?:[0-9a-f]{6,128}|[0-9A-F]{6,128})(?![\p{L}\p{N}])/gu;
const SEPARATOR = /(?<![-=*#_~+.])([-=*#_~+.])\1{2,}(?![-=*#_~+.])/g;
const TAG = /<(?:[A-Za-z/!][^<>\n\r]{0,500})>/g;
/** An id in an address is part of it. */
const ADDRESS =
  /(?<![\p{L}\p{N}._%+-])[\p{L}\p{N}._%+-]{1,64}@[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){1,8}/gu;
const KEY = /([\p{L}][\p{L}\p{N}_-]{0,30})["']?[ ]?[=:][ ]?["']?$/u;
const KEY_CHARACTERS_MAX = 40;
/** Texts with more of it are no prompts. */
const NOISE_MAX = 24;

/** Candidates that overlap neither each other nor `taken`; whole tags before what is in them. */
export function findNoise(
  text: string,
  taken: readonly { readonly start: number; readonly end: number }[],
): Noise[] {
  const found: Noise[] = [];
  const addresses = [...text.matchAll(ADDRESS)].map(({ 0: whole, index }) => ({
    start: index,
    end: index + whole.length,
  }));
  const patterns: readonly (readonly [MatcherKind, RegExp])[] = [
    ['datetime', DATETIME],
    ['uuid', UUID],
    ['hex', HEX],
    ['separator', SEPARATOR],
    ['markup', TAG],
  ];
  for (const [kind, pattern] of patterns) {
    for (const match of text.matchAll(pattern)) {
      const [start, end] = [match.index, match.index + match[0].length];
      const isWhole = kind === 'markup' || kind === 'separator';
      const isFree = [...taken, ...found, ...(isWhole ? [] : addresses)].every(
        (other) => end <= other.start || other.end <= start,
      );
      if (!isFree || found.length >= NOISE_MAX) continue;
      const key = KEY.exec(text.slice(Math.max(0, start - KEY_CHARACTERS_MAX), start))?.[1];
      found.push({ start, end, kind, ...(key === undefined ? {} : { label: key }) });
    }
  }
  return found.toSorted((a, b) => a.start - b.start);
}
