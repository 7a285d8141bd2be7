/**
 * Places in a text, as in FlashFill: from either end, or at the k-th run of a class of characters or the k-th
 * delimiter, before or after it. No regular expression is built from data; each place is one scan of the text.
 */

export const CHARACTER_CLASSES = [
  ...(['digit', 'letter', 'lower', 'upper', 'alphanumeric', 'blank', 'word', 'sign'] as const),
] as const;

/** `word` is what is not blank; `sign` is neither blank, letter nor digit. */
export type CharacterClass = (typeof CHARACTER_CLASSES)[number];

/** An `index` counts from 0 at the start and from -1 at the end; `offset` moves the place by so many UTF-16 units. */
export type Position =
  | { readonly at: 'start' | 'end'; readonly offset: number }
  | {
      readonly at: 'before' | 'after';
      readonly run: CharacterClass;
      readonly index: number;
      readonly offset: number;
    }
  | {
      readonly at: 'before' | 'after';
      readonly delimiter: string;
      readonly index: number;
      readonly offset: number;
    };

export interface Range {
  readonly start: number;
  readonly end: number;
}

const MEMBERS: Readonly<Record<CharacterClass, RegExp>> = {
  digit: /^\p{Nd}$/u,
  letter: /^\p{L}$/u,
  lower: /^\p{Ll}$/u,
  upper: /^\p{Lu}$/u,
  alphanumeric: /^[\p{L}\p{N}]$/u,
  blank: /^\s$/u,
  word: /^\S$/u,
  sign: /^[^\s\p{L}\p{N}]$/u,
};
const CLASSES: ReadonlySet<unknown> = new Set(CHARACTER_CLASSES);

export function isCharacterClass(value: unknown): value is CharacterClass {
  return CLASSES.has(value);
}

export function isOfClass(character: string, kind: CharacterClass): boolean {
  return MEMBERS[kind].test(character);
}

/** The longest runs of the class, from left to right. */
export function runsOf(text: string, kind: CharacterClass): readonly Range[] {
  const runs: Range[] = [];
  let start = -1;
  let offset = 0;
  for (const character of text) {
    if (isOfClass(character, kind)) {
      if (start < 0) start = offset;
    } else if (start >= 0) {
      runs.push({ start, end: offset });
      start = -1;
    }
    offset += character.length;
  }
  if (start >= 0) runs.push({ start, end: offset });
  return runs;
}

/** Where `delimiter` stands, from left to right, without overlaps. */
export function placesOf(text: string, delimiter: string): readonly Range[] {
  const places: Range[] = [];
  if (delimiter === '') return places;
  for (let start = text.indexOf(delimiter); start >= 0;) {
    const end = start + delimiter.length;
    places.push({ start, end });
    start = text.indexOf(delimiter, end);
  }
  return places;
}

/** Whether the word or words sought are somewhere part of a longer word, as "nut" in "donut". */
export function standsInWord(text: string, sought: string): boolean {
  return placesOf(text, sought).some(
    ({ start, end }) =>
      /[\p{L}\p{N}]{2}/u.test(text.slice(Math.max(0, start - 1), start + 1)) ||
      /[\p{L}\p{N}]{2}/u.test(text.slice(end - 1, end + 1)),
  );
}

/** The offset in UTF-16 units, or undefined where the text has no such place. */
export function findPosition(text: string, position: Position): number | undefined {
  const origin = originOf(text, position);
  if (origin === undefined) return undefined;
  const offset = origin + position.offset;
  return offset >= 0 && offset <= text.length ? offset : undefined;
}

function originOf(text: string, position: Position): number | undefined {
  if (!('index' in position)) return position.at === 'start' ? 0 : text.length;
  const ranges =
    'run' in position ? runsOf(text, position.run) : placesOf(text, position.delimiter);
  const range = Number.isInteger(position.index) ? ranges.at(position.index) : undefined;
  return position.at === 'before' ? range?.start : range?.end;
}
