/**
 * Stretches of a text that look like data: core's own small recognisers. They only propose; what
 * becomes a variable is decided by flow and checked by validation.
 */
import type { MatcherKind } from '../template/kinds.ts';
import { isOfKind } from '../template/matcher.ts';
import type { TextProposal } from './proposal.ts';

export interface Recognised {
  readonly start: number;
  readonly end: number;
  readonly kind: MatcherKind;
  readonly delimited: boolean;
  readonly label?: string;
  /** Begins with a sentence's first word, which may be capitalised for that reason alone. */
  readonly doubtful?: true;
  /** What recognisers take it for. */
  readonly category?: string;
}

/** Fixed and linear patterns: each alternative is decided by its first characters. */
const EMAIL = /(?<![\p{L}\p{N}._%+-])[\p{L}\p{N}._%+-]{1,64}@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+/gu;
const DATE = /(?<![\p{N}-])\d{4}-\d{2}-\d{2}(?![\p{N}-])/gu;
const DATETIME =
  /(?<![\p{N}-])\d{4}-\d{2}-\d{2}[T ]\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?: ?(?:Z|[+-]\d{2}:?\d{2}))?(?![\p{L}\p{N}])/gu;
const TIME =
  /(?<![\p{L}\p{N}_.:,/-])\d{1,2}:\d{2}(?::\d{2})?(?: ?[ap]\.?m\.?)?(?![\p{L}\p{N}_:])/giu;
const UUID =
  /(?<![\p{L}\p{N}])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![\p{L}\p{N}])/giu;
const URL = /(?<![\p{L}\p{N}])(?:https?|ftp|wss?):\/\/[^\s<>"`{}|\\^]*[^\s<>"`{}|\\^.,;:!?')\]]/giu;
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
/** More words before a colon are a sentence. */
const LABEL_WORDS_MAX = 3;
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
  for (const pattern of [DATE, DATETIME, TIME, UUID, URL, NUMBER]) {
    for (const match of text.matchAll(pattern)) add(match.index, match[0]);
  }
  for (const match of text.matchAll(QUOTED)) {
    if (isKey(text, match.index + match[0].length)) continue;
    const value = match[1] ?? match[2] ?? match[3] ?? match[4] ?? '';
    const label = JSON_KEY.exec(
      text.slice(Math.max(0, match.index - KEY_CHARACTERS_MAX), match.index),
    );
    const key = label?.[1];
    add(match.index + 1, value, { delimited: true, ...(key === undefined ? {} : { label: key }) });
  }
  labelled(text, add);
  if (text.length <= NAMES_CHARACTERS_MAX) {
    names(text, add);
    for (const match of text.matchAll(CODE)) add(match.index, match[0], { kind: kindOf(match[0]) });
  }
  return found;
}

/** Words that people join by case or underscores: names in code. */
const IDENTIFIER =
  /(?<![\p{L}\p{N}_])(?:\p{Ll}[\p{L}\p{N}]*(?=[\p{Lu}_])[\p{L}\p{N}_]*[\p{L}\p{N}]|\p{Lu}[\p{Ll}\p{N}]+\p{Lu}[\p{L}\p{N}]*|\p{Lu}[\p{Lu}\p{N}]*_[\p{Lu}\p{N}_]*[\p{Lu}\p{N}])(?![\p{L}\p{N}_])/gu;
const PATH =
  /(?<![^\s"'“‘([{=:])(?:~?\/|\.{1,2}\/)?(?:[\p{L}\p{N}_.-]+\/)+[\p{L}\p{N}_.-]*[\p{L}\p{N}_]/gu;
const ABSOLUTE_PATH = /(?<![^\s"'“‘([{=:])~?\/[\p{L}\p{N}_-][\p{L}\p{N}_.-]*(?<![.-])/gu;

/**
 * What is less certain, besides: names in code, paths, and what libraries proposed for this text. These
 * become candidates for variables, but are no claims of an answer.
 */
export function recogniseCandidates(
  text: string,
  proposals: readonly TextProposal[] = [],
): Recognised[] {
  const own = CANDIDATES.flatMap(([category, pattern]) =>
    [...text.matchAll(pattern)].flatMap((match): Recognised[] => {
      const end = match.index + match[0].length;
      if (category === 'title' && mayStartSentence(text, match.index, match[0])) return [];
      if (category !== 'path' && isKey(text, end)) return [];
      return [{ start: match.index, end, kind: kindOf(match[0]), delimited: false, category }];
    }),
  );
  const proposed = proposals.flatMap((proposal) => readProposal(text, proposal) ?? []);
  return [...own, ...proposed];
}

/** Longer than a name, with the small words that titles have inside: "Bank of America". */
const TITLE = new RegExp(
  `(?<![^\\s"'“‘(\\[{<>*])${NAME_WORD}(?: (?:(?:of|de|del|della|der|van|von|du|da|di|la|&) )?${NAME_WORD}){1,5}`,
  'gu',
);
const CANDIDATES = [
  ['title', TITLE],
  ['identifier', IDENTIFIER],
  ['path', PATH],
  ['path', ABSOLUTE_PATH],
] as const;

const OUTER_BLANKS = /^\s*|\s*$/g;

/** Proposals are untrusted: what is not a stretch of the text that begins and ends with ink is dropped. */
function readProposal(text: string, proposal: TextProposal): Recognised | undefined {
  const { start, end, label, delimited } = proposal;
  if (!Number.isInteger(start) || !Number.isInteger(end) || start < 0 || end > text.length) {
    return undefined;
  }
  const raw = text.slice(start, end).replace(delimited ? OUTER_BLANKS : /[\s,;]*$/, '');
  const value = proposal.kind === 'name' ? withoutFirstStopWords(raw) : raw;
  const from = text.indexOf(value, start);
  if (value.trim() === '' || from + value.length > end) return undefined;
  // What is computed from a percentage is computed from its number.
  if ((proposal.kind === 'name' ? NO_NAME : PERCENTAGE).test(value)) return undefined;
  const fits = isOfKind(proposal.kind, value);
  const kind = delimited ? delimitedKindOf(value) : fits ? proposal.kind : kindOf(value);
  return {
    start: from,
    end: from + value.length,
    kind,
    delimited: delimited ?? false,
    ...(label === undefined ? {} : { category: label }),
  };
}

const PERCENTAGE = /^-?\d+(?:\.\d+)? ?%$/;
/** "Will Ann", "the state of Maine": libraries take such words for parts of a name. */
const FIRST_STOP_WORDS =
  /^(?:(?:(?:prof|dr|mr|mrs|ms)\.|the|a|an|of|in|on|at|by|to|for|from|and|or|is|are|was|will|can|did|does|do|has|have|would|could|should|state|city|town|country)\s+)+(?=\S)/iu;

function withoutFirstStopWords(value: string): string {
  return value.replace(FIRST_STOP_WORDS, '');
}

const JSON_KEY = /["']([\p{L}][\p{L}\p{N} _-]{0,30})["']\s*:\s*$/u;
const KEY_CHARACTERS_MAX = 40;

/** Whether what ends at `offset` is a key: `"name": …`, `trace_id=…`, `IBAN: …`. */
function isKey(text: string, offset: number): boolean {
  return /^(?:\s*:(?=\s|["'[{\d])|=(?=\S))/.test(text.slice(offset, offset + 8));
}

type Add = (start: number, value: string, more?: Partial<Recognised>) => void;

function labelled(text: string, add: Add): void {
  for (const match of text.matchAll(LABELLED_LINE)) {
    const [whole, label = '', rest = ''] = match;
    if (label.split(/[ _]+/).length > LABEL_WORDS_MAX) continue;
    const value = rest.trimEnd();
    const start = match.index + whole.indexOf(rest, whole.indexOf(':'));
    // "Fill in name: Ann, age: 3" is several labels on one line, not one value.
    if (LABEL.test(value) || IN_QUOTES.test(value)) continue;
    add(start, value, { delimited: true, label });
  }
  for (const match of text.matchAll(LABELLED_INLINE)) {
    const [whole, label = '', rest = ''] = match;
    const value = rest.trimEnd().replace(/[.!?]$/, '');
    const start = match.index + whole.indexOf(rest, whole.indexOf(':'));
    if (!IN_QUOTES.test(value)) add(start, value, { delimited: true, label });
  }
  for (const match of text.matchAll(ASSIGNED)) {
    const [whole, label = '', value = ''] = match;
    add(match.index + whole.length - value.length, value, { label });
  }
}

const IN_QUOTES = /^["“'`].*["”'`]$/;
/** `key=value`, as in logs and command lines. */
const ASSIGNED =
  /(?<![\p{L}\p{N}_.?&-])([\p{L}_][\p{L}\p{N}_.-]{0,30})=([^\s=&;,"'<>()]{1,200})(?![^\s;,&)])/gu;

function names(text: string, add: Add): void {
  for (const match of text.matchAll(NAME)) {
    if (NO_NAME.test(match[0]) || isKey(text, match.index + match[0].length)) continue;
    const words = match[0].split(' ');
    if (!mayStartSentence(text, match.index, match[0])) {
      add(match.index, match[0]);
      continue;
    }
    // A sentence begins with a capital whatever its first word is: "Tell Ann" holds "Ann".
    const [first = '', ...rest] = words;
    if (rest.length > 0 && !NO_NAME.test(rest.join(' ')))
      add(match.index + first.length + 1, rest.join(' '));
    add(match.index, match[0], { doubtful: true });
  }
}

const NO_NAME = /^(?:I|Mr|Mrs|Ms|Dr|Prof|St)$/;
const TITLE_BEFORE = /(?<!\p{L})(?:Mr|Mrs|Ms|Dr|Prof|St)\.$/u;
const CAPITALS = /^\p{Lu}{2,}(?![\p{Ll}])/u;

/** Whether the first word may have its capital from standing first; a word all in capitals has not. */
function mayStartSentence(text: string, offset: number, words: string): boolean {
  return startsSentence(text, offset) && !CAPITALS.test(words);
}

/** Whether [start, end) are the first words of a sentence that goes on. */
export function opensSentence(text: string, start: number, end: number): boolean {
  return startsSentence(text, start) && /^ [\p{Ll}"'“`]/u.test(text.slice(end, end + 3));
}

function startsSentence(text: string, offset: number): boolean {
  const before = text.slice(0, offset).trimEnd();
  if (TITLE_BEFORE.test(before)) return false;
  return (
    before === '' ||
    /[.!?:>\]\n"“•*-]$/.test(before) ||
    text.slice(before.length, offset).includes('\n')
  );
}

/** The narrowest kind that takes the value. */
export function kindOf(value: string): MatcherKind {
  return NARROWEST_FIRST.find((kind) => isOfKind(kind, value)) ?? 'text';
}

/** The narrowest kind that takes all the values. */
export function commonKindOf(values: readonly string[]): MatcherKind {
  const takesAll = (kind: MatcherKind): boolean => values.every((value) => isOfKind(kind, value));
  return NARROWEST_FIRST.find(takesAll) ?? 'text';
}

/** Telephone numbers are left out: any few digits with dashes would be one. */
const NARROWEST_FIRST: readonly MatcherKind[] = [
  'integer',
  'number',
  'date',
  'time',
  'datetime',
  'uuid',
  'email',
  'url',
  'name',
  'word',
  'line',
];

/** What bounds a value from outside lets it be of any words: only numbers, addresses and dates stay narrow. */
export function delimitedKindOf(value: string): MatcherKind {
  const kind = kindOf(value);
  return kind === 'name' || kind === 'word' ? 'line' : kind;
}

/**
 * Whether a capitalised stretch of an answer is a proper noun and not just how its sentence begins, nor keywords
 * and identifiers of code.
 */
export function isProperNoun(text: string, found: Recognised): boolean {
  if (found.kind !== 'name' || startsSentence(text, found.start)) return false;
  const words = text.slice(found.start, found.end).split(' ');
  return !isCode(text) || !words.every((word) => KEYWORD.test(word));
}

const KEYWORD = /^\p{Lu}{2,}/u;
const CAPITAL_WORDS = /(?<![\p{L}\p{N}_])\p{Lu}{2,}(?![\p{L}\p{N}])/gu;
/** Prose has a few abbreviations. */
const KEYWORDS_MIN = 3;

/** Whether a text has so many words in capitals, outside quotes, that they are keywords: SQL and the like. */
export function isCode(text: string): boolean {
  const outside = text.replace(QUOTED, ' ');
  return new Set(outside.match(CAPITAL_WORDS) ?? []).size >= KEYWORDS_MIN;
}
