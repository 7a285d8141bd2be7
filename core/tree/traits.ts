/**
 * What is special about a value: what a function would change that gives other values back as they are. As long as no
 * value with a trait was confirmed, a copy cannot be told from such functions (sorted, in lower case, without the
 * sign, escaped, in groups of digits …), so that the value is not served.
 */
import type { Bindings, LeafTemplate, MessageTemplate } from '../template/template.ts';

/** What the words around a copy turn on. */
interface Place {
  /** "a {{thing}}": an hour, a user. */
  readonly isBehindArticle: boolean;
  /** "{{count}} items": 1 item. */
  readonly isBeforeWord: boolean;
  /** A field of JSON or an argument of a tool: its signs need no escapes of ours and mean nothing to what stands around. */
  readonly isField: boolean;
}

const LIST_SEPARATOR = /\s*[,;|\n]\s*|\s+and\s+/;
/** Neither letters, marks, digits nor single blanks, nor hyphens within words. */
const SIGNS = /(?![\p{L}\p{M}\p{N} ])(?!(?<=\p{L})-\p{L})./gsu;
const BETWEEN_ITEMS = /^(?:\s*[,;|\n]\s*(?:and\s+)?|\s+and\s+)$/;
const NUMBER = /^[+-]?\d+(?:\.\d+)?$/;

/** Whether one value stands twice in a list that the answer makes of variables: no value of its own shows what becomes of it. */
export function hasRepeats({ leaves }: MessageTemplate, bindings: Bindings): boolean {
  return leaves.some((leaf) => {
    let list = new Set<string>();
    for (const segment of leaf) {
      if (segment.kind === 'literal') {
        if (!BETWEEN_ITEMS.test(segment.text)) list = new Set();
        continue;
      }
      const value = bindings.get(segment.name)?.toLowerCase() ?? '';
      if (list.has(value)) return true;
      list.add(value);
    }
    return false;
  });
}

/**
 * Whether every trait of the value was seen, where the answer copies it: `seen` are values that were. A variable that
 * the answer does not show has no such trait.
 */
export function isOrdinary(
  answer: MessageTemplate,
  name: string,
  value: string,
  seen: readonly string[],
): boolean {
  const place = placeOf(answer, name);
  if (place === undefined) return true;
  const open = new Set(traitsOf(value, place));
  for (const other of seen) {
    if (open.size === 0) return true;
    for (const trait of traitsOf(other, place)) open.delete(trait);
  }
  return open.size === 0;
}

function placeOf({ leaves, skeleton }: MessageTemplate, name: string): Place | undefined {
  const places = leaves.flatMap((leaf) => placesIn(leaf, name));
  if (places.length === 0) return undefined;
  return {
    isBehindArticle: places.some(({ isBehindArticle }) => isBehindArticle),
    isBeforeWord: places.some(({ isBeforeWord }) => isBeforeWord),
    isField: /J[[{]/.test(skeleton),
  };
}

function placesIn(leaf: LeafTemplate, name: string): Omit<Place, 'isField'>[] {
  return leaf.flatMap((segment, index): Omit<Place, 'isField'>[] => {
    if (segment.kind === 'literal' || segment.name !== name) return [];
    const [before, after] = [leaf[index - 1], leaf[index + 1]];
    return [
      {
        isBehindArticle: before?.kind === 'literal' && /(?:^|\W)an? $/i.test(before.text),
        isBeforeWord: after?.kind === 'literal' && /^ \p{L}/u.test(after.text),
      },
    ];
  });
}

/** Traits by their tests. */
const TRAITS: readonly (readonly [string, (value: string, place: Place) => boolean])[] = [
  ['upper case', (value) => /\p{Lu}/u.test(value)],
  ['lower case', (value) => /(?<![\p{L}\p{M}\p{N}'’])\p{Ll}/u.test(value)],
  ['other letters', (value) => /(?![a-z])\p{L}/iu.test(value)],
  ['blanks', (value) => value.includes('  ') || value !== value.trim()],
  ['vowel', (value, { isBehindArticle }) => isBehindArticle && /^[aeiou]/i.test(value)],
  ['consonant', (value, { isBehindArticle }) => isBehindArticle && !/^[aeiou]/i.test(value)],
  ['one', (value, { isBeforeWord }) => isBeforeWord && /^1(?:\.0+)?$/.test(value)],
  ['several', (value, { isBeforeWord }) => isBeforeWord && !/^1(?:\.0+)?$/.test(value)],
  ['digits', (value) => /\d/.test(value) && !NUMBER.test(value)],
];

/** In no order, without repeats. Cost: linear. */
function traitsOf(value: string, place: Place): ReadonlySet<string> {
  const digits = NUMBER.test(value) ? (/\d+/.exec(value)?.[0] ?? '') : '';
  return new Set([
    ...(place.isField ? [] : (value.match(SIGNS) ?? [])),
    ...TRAITS.flatMap(([trait, holds]) => (holds(value, place) ? [trait] : [])),
    ...traitsOfDigits(digits),
    ...traitsOfList(value),
  ]);
}

/** From here on digits are set in groups. */
const GROUPED_DIGITS_MIN = 4;

function traitsOfDigits(digits: string): string[] {
  const isGrouped = digits.length >= GROUPED_DIGITS_MIN;
  const hasZero = digits.length > 1 && digits.startsWith('0');
  return [...(isGrouped ? ['thousands'] : []), ...(hasZero ? ['leading zero'] : [])];
}

function traitsOfList(value: string): string[] {
  const items = value.toLowerCase().split(LIST_SEPARATOR);
  if (items.length < 2) return [];
  const isSorted = items.every((item, index) => index === 0 || item >= (items[index - 1] ?? ''));
  const hasRepeats = new Set(items).size < items.length;
  return ['list', ...(isSorted ? [] : ['not sorted']), ...(hasRepeats ? ['repeats'] : [])];
}
