/**
 * Stretches of a text that look like data: core's own small recognisers. They only propose; what
 * becomes a variable is decided by flow and checked by validation.
 */
import type { MatcherKind } from '../template/kinds.ts';
import { accepts } from '../template/matcher.ts';

export interface Recognised {
  readonly start: number;
  readonly end: number;
  readonly kind: MatcherKind;
  readonly delimited: boolean;
  readonly label?: string;
  /** Begins with a sentence's first word, which may be capitalised for that reason alone. */
  readonly doubtful?: true;
}

/** Fixed and linear patterns: each alternative is decided by its first characters. */
const EMAIL = /(?<![\p{L}\p{N}._%+-])[\p{L}\p{N}._%+-]{1,64}@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+/gu;
const DATE = /(?<![\p{N}-])\d{4}-\d{2}-\d{2}(?![\p{N}-])/gu;
const NUMBER =
  /(?<![\p{L}\p{N}_]|[\p{N}][.,])(?:(?<![\p{L}\p{N})\]][ ]?)-)?\d+(?:\.\d+)?(?![\p{N}_]|[.,]\p{N})/gu;
const NAME_WORD = String.raw`\p{Lu}[\p{L}\p{M}\p{N}]*(?:['’.-][\p{L}\p{M}\p{N}]+)*`;
const NAME = new RegExp(`(?<![^\\s"'“‘(\\[{<>*])${NAME_WORD}(?: ${NAME_WORD}){0,2}`, 'gu');
const CODE =
  /(?<![\p{L}\p{N}_@])(?=\S{0,63}\d)(?=\S{0,63}[\p{L}_/#-])[\p{L}\p{N}](?:[\p{L}\p{N}_/#:.-]*[\p{L}\p{N}])?/gu;
const QUOTED =
  /"([^"\n]{1,2000})"|“([^”\n]{1,2000})”|`([^`\n]{1,2000})`|(?<![\p{L}\p{N}])'([^'\n]{1,2000})'(?![\p{L}\p{N}])/gu;
const LABELLED_LINE = /^[ \t>*-]*(\p{L}[\p{L}\p{N} _-]{0,30}):[ \t]+(\S.*)$/gmu;
const LABELLED_INLINE =
  /(?<![\p{L}\p{N}_])(\p{L}[\p{L}\p{N}_-]{0,30}):[ \t]+([^\s,;:][^,;:\n]{0,200})/gu;
const LABEL = /(?<![\p{L}\p{N}_])\p{L}[\p{L}\p{N}_-]*:[ \t]/u;
/** Texts longer than this are documents: only delimited data is looked for in them. */
const NAMES_CHARACTERS_MAX = 20_000;

/** Every recognised stretch; they may overlap and lie inside one another. */
export function recognise(text: string): Recognised[] {
  const found: Recognised[] = [];
  const add = (start: number, value: string, more: Partial<Recognised> = {}): void => {
    if (value.trim() === '') return;
    const kind = more.delimited === true ? delimitedKindOf(value) : kindOf(value);
    found.push({ start, end: start + value.length, kind, delimited: false, ...more });
  };
  for (const match of text.matchAll(EMAIL)) add(match.index, match[0], { kind: 'email' });
  for (const match of text.matchAll(DATE)) add(match.index, match[0], { kind: kindOf(match[0]) });
  for (const match of text.matchAll(NUMBER)) add(match.index, match[0], { kind: kindOf(match[0]) });
  for (const match of text.matchAll(QUOTED)) {
    const value = match[1] ?? match[2] ?? match[3] ?? match[4] ?? '';
    add(match.index + 1, value, { delimited: true });
  }
  labelled(text, add);
  if (text.length <= NAMES_CHARACTERS_MAX) {
    names(text, add);
    for (const match of text.matchAll(CODE)) add(match.index, match[0], { kind: kindOf(match[0]) });
  }
  return found;
}

type Add = (start: number, value: string, more?: Partial<Recognised>) => void;

function labelled(text: string, add: Add): void {
  for (const match of text.matchAll(LABELLED_LINE)) {
    const value = (match[2] ?? '').trimEnd();
    const start = match.index + match[0].indexOf(match[2] ?? '', match[0].indexOf(':'));
    // "Fill in name: Ann, age: 3" is several labels on one line, not one value.
    if (!LABEL.test(value)) add(start, value, { delimited: true, label: match[1] ?? '' });
  }
  for (const match of text.matchAll(LABELLED_INLINE)) {
    const value = (match[2] ?? '').trimEnd().replace(/[.!?]$/, '');
    const start = match.index + match[0].indexOf(match[2] ?? '', match[0].indexOf(':'));
    add(start, value, { delimited: true, label: match[1] ?? '' });
  }
}

function names(text: string, add: Add): void {
  for (const match of text.matchAll(NAME)) {
    const words = match[0].split(' ');
    if (!startsSentence(text, match.index)) {
      if (match[0] !== 'I') add(match.index, match[0]);
      continue;
    }
    // A sentence begins with a capital whatever its first word is: "Tell Ann" holds "Ann".
    const [first = '', ...rest] = words;
    if (rest.length > 0) add(match.index + first.length + 1, rest.join(' '));
    add(match.index, match[0], { doubtful: true });
  }
}

function startsSentence(text: string, offset: number): boolean {
  const before = text.slice(0, offset).trimEnd();
  return (
    before === '' ||
    /[.!?:>\n"“•*-]$/.test(before) ||
    text.slice(before.length, offset).includes('\n')
  );
}

/** The narrowest kind that takes the value. */
export function kindOf(value: string): MatcherKind {
  const order: readonly MatcherKind[] = [
    'integer',
    'number',
    'date',
    'email',
    'name',
    'word',
    'line',
  ];
  return order.find((kind) => accepts({ kind }, value)) ?? 'text';
}

/** What bounds a value from outside lets it be of any words: only numbers, addresses and dates stay narrow. */
export function delimitedKindOf(value: string): MatcherKind {
  const kind = kindOf(value);
  return kind === 'name' || kind === 'word' ? 'line' : kind;
}

/** Whether a capitalised stretch of an answer is a proper noun and not just how its sentence begins. */
export function isProperNoun(text: string, found: Recognised): boolean {
  return found.kind === 'name' && !startsSentence(text, found.start);
}
