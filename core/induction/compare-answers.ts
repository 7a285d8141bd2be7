/** Whether a predicted answer and the real one say the same (DESIGN §4, §11.10). */
import { canonicalNumber } from '../decimal.ts';
import { canonicalJson, parseContainer } from '../json/json.ts';
import type { Message } from '../messages/message.ts';
import { isCode, recognise } from './recognise.ts';
import { occurrences } from './span.ts';

/** `unsettled`: other words, or another form, around the same data; it counts neither for nor against. */
export type Verdict = 'agree' | 'contradict' | 'unsettled';

/** An answer as a template predicts it. */
export interface PredictedAnswer {
  readonly skeleton: string;
  /** Of its leaves, in canonical order. */
  readonly texts: readonly string[];
  /** The whole content, where the answer is nothing but content. */
  readonly content: string | undefined;
  /** The values of its variables: another wording has each of them. */
  readonly values?: readonly string[];
}

/** More differing words than this are another wording. */
const EDITED_WORDS_MAX = 2;
/** Words that carry no meaning of their own. */
const FUNCTION_WORDS = new Set([
  'a',
  'an',
  'the',
  'is',
  'are',
  'was',
  'were',
  'it',
  's',
  'of',
  'be',
]);
/** Words that decide something: what differs in one is another answer, however it is worded. */
const POLARITY =
  /(?<![\p{L}\p{N}])(?:no|not|never|none|cannot|without|unable|yes|true|false|\p{L}+n['’]t|unfortunately|afraid|regret|(?:in|un)?valid|(?:in)?eligible|(?:in)?correct|(?:un)?successful(?:ly)?|approved?|declined?|den(?:y|ied)|refused?|rejected?|accepted?|fail(?:s|ed)?|pass(?:es|ed)?|granted|allowed|forbidden|prohibited)(?![\p{L}\p{N}])/giu;
/** One code fence around all of a text. */
const FENCED = /^\s*```[\w-]*\n([\s\S]*?)\n?```\s*$/;

/** Compares a prediction with a real message of whatever shape; `content` is that of the real message. */
export function compareAnswers(
  predicted: PredictedAnswer,
  actual: Message,
  content: string | undefined,
): Verdict {
  const { values = [] } = predicted;
  if (predicted.skeleton !== actual.skeleton)
    return compareForms(predicted.content, content, values);
  let verdict: Verdict = 'agree';
  for (const [index, leaf] of actual.leaves.entries()) {
    const text = predicted.texts[index];
    if (text === undefined) return 'contradict';
    if (leaf.kind === 'number' && canonicalNumber(leaf.text) === canonicalNumber(text)) continue;
    if (squeeze(leaf.text) === squeeze(text)) continue;
    // A tool argument or a JSON leaf is data through and through.
    if (leaf.kind !== 'text' || compareForms(text, leaf.text, values) === 'contradict')
      return 'contradict';
    verdict = 'unsettled';
  }
  return verdict;
}

/**
 * Two contents that are not the same text; `values` are known to be data in them. One may be JSON in a code fence, or
 * plain JSON, where the other is not.
 */
export function compareContents(
  a: string,
  b: string,
  values: readonly string[],
): Exclude<Verdict, 'agree'> {
  const [document, other] = [documentOf(a), documentOf(b)];
  if (document !== undefined || other !== undefined) {
    return document === other ? 'unsettled' : 'contradict';
  }
  return sameData(a, b, values) ? 'unsettled' : 'contradict';
}

function compareForms(
  a: string | undefined,
  b: string | undefined,
  values: readonly string[],
): Verdict {
  return a === undefined || b === undefined ? 'contradict' : compareContents(a, b, values);
}

/** The canonical text of a JSON document, in a code fence or not; undefined for any other text. */
function documentOf(text: string): string | undefined {
  const value = parseContainer(FENCED.exec(text)?.[1] ?? text);
  return value && canonicalJson(value, canonicalNumber);
}

function squeeze(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/**
 * The same numbers, names, quotations, bound values and the same polarity in other words altogether. A sentence that
 * differs in a word or two has not been reworded: it says something else ("39 is even", "39 is odd"), and
 * so does one that holds the same values or the same words in another order ("1, 2" and "2, 1").
 */
function sameData(a: string, b: string, known: readonly string[]): boolean {
  const values = new Set([...known.filter(isBindable), ...recognisedIn(a), ...recognisedIn(b)]);
  if ([...values].some((value) => !holdsBoth(a, b, value))) return false;
  if (polarityOf(a) !== polarityOf(b)) return false;
  const [left, right] = [frameOf(a, values), frameOf(b, values)];
  if (squeeze(bareOf(left)) === squeeze(bareOf(right))) return false;
  return saysTheSame(left, right) ?? (isSameQuery(a, b) || !isSlightEdit(left, right));
}

/** Blanks and signs stand everywhere. */
function isBindable(value: string): boolean {
  return /[\p{L}\p{N}]/u.test(value);
}

function holdsBoth(a: string, b: string, value: string): boolean {
  return occurrences(a, value).length > 0 && occurrences(b, value).length > 0;
}

/** Where the words between the values are the same: whether they are in the same order, beside the same values and signs. */
function saysTheSame(a: string, b: string): boolean | undefined {
  const [left, right] = [listOfWords(a), listOfWords(b)];
  if (left.toSorted().join(' ') !== right.toSorted().join(' ')) return undefined;
  if (left.join(' ') !== right.join(' ') || signsOf(bareOf(a)) !== signsOf(bareOf(b))) return false;
  const before = valueAfterWord(a);
  return [...valueAfterWord(b)].every(([word, value]) => (before.get(word) ?? value) === value);
}

/** The last value that follows each word directly: "to Rome" is not "to Paris". */
function valueAfterWord(frame: string): ReadonlyMap<string, string> {
  const after = new Map<string, string>();
  // Texts and values by turns.
  const parts = frame.split('\0');
  for (let index = 1; index < parts.length; index += 2) {
    const word = /([\p{L}\p{N}]+)[^\p{L}\p{N}]*$/u.exec(parts[index - 1] ?? '')?.[1];
    if (word !== undefined) after.set(word.toLowerCase(), parts[index] ?? '');
  }
  return after;
}

/** Signs that compare and compute mean something wherever they stand. */
function signsOf(frame: string): string {
  return (frame.match(/[<>=!+%]/g) ?? []).join('');
}

function isSlightEdit(a: string, b: string): boolean {
  const [left, right] = [listOfWords(a), listOfWords(b)];
  const edited = [without(left, right), without(right, left)];
  if (edited.every((words) => words.every((word) => FUNCTION_WORDS.has(word)))) return false;
  return edited.every((words) => words.length <= EDITED_WORDS_MAX);
}

/** The words that are left when each of `others` takes one away. */
function without(words: readonly string[], others: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const word of others) counts.set(word, (counts.get(word) ?? 0) + 1);
  return words.filter((word) => {
    const left = counts.get(word) ?? 0;
    counts.set(word, left - 1);
    return left <= 0;
  });
}

/** In lower case, without the values. */
function listOfWords(frame: string): readonly string[] {
  return (
    bareOf(frame)
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  );
}

/** A frame with marks in place of its values. */
function bareOf(frame: string): string {
  return frame.replace(/\0[^\0]*\0/g, '\0');
}

/** A sentence's first word is capitalised whatever it is: it names nothing. Nor do keywords of code. */
function recognisedIn(text: string): string[] {
  const inCode = isCode(text);
  return recognise(text)
    .filter(({ kind, doubtful }) => kind !== 'line' && kind !== 'text' && doubtful === undefined)
    .filter(({ kind, delimited }) => !inCode || kind !== 'name' || delimited)
    .map(({ start, end }) => text.slice(start, end));
}

function polarityOf(text: string): string {
  const found = [...text.matchAll(POLARITY)].map((match) => match[0].toLowerCase());
  return found.sort().join(' ');
}

/** The text with each value between marks, longer ones first. */
function frameOf(text: string, values: ReadonlySet<string>): string {
  const taken: { readonly start: number; readonly end: number }[] = [];
  for (const value of [...values].toSorted((a, b) => b.length - a.length)) {
    for (const start of occurrences(text, value)) {
      const end = start + value.length;
      if (!taken.some((other) => start < other.end && other.start < end))
        taken.push({ start, end });
    }
  }
  let frame = '';
  let offset = 0;
  for (const { start, end } of taken.toSorted((a, b) => a.start - b.start)) {
    frame += `${text.slice(offset, start)}\0${text.slice(start, end)}\0`;
    offset = end;
  }
  return frame + text.slice(offset);
}

/**
 * Whether of two contents that say the same each may stand for the other. Code does what it says: only queries that
 * differ in how keywords are written, or in a short name of their table, do the same.
 */
export function mayStandForEachOther(a: string, b: string): boolean {
  return (!isCode(a) && !isCode(b)) || isSameQuery(a, b);
}

function isSameQuery(a: string, b: string): boolean {
  return (isCode(a) || isCode(b)) && queryOf(a) === queryOf(b);
}

const TABLE =
  /\b(?:from|update)\s+([a-z_]\w*)\s+(?:as\s+)?(?!where\b|order\b|group\b|set\b|limit\b)([a-z]\w*)\b/;

/** In lower case but for what is quoted, without the short name of its only table. */
function queryOf(text: string): string {
  const parts = text.replace(/;\s*$/, '').match(/'[^']*'|"[^"]*"|`[^`]*`|[^'"`]+|['"`]/g) ?? [];
  const lower = parts.map((part) => (/^['"`]/.test(part) ? part : part.toLowerCase()));
  const [named, table = '', short] = TABLE.exec(lower.join('')) ?? [];
  if (named === undefined || short === undefined || lower.some((part) => /\bjoin\b/.test(part)))
    return squeeze(lower.join(''));
  const bare = lower.map((part) =>
    part
      .replace(named, named.slice(0, named.indexOf(table) + table.length))
      .replace(/\b([a-z]\w*)\./g, (whole, name: string) => (name === short ? '' : whole)),
  );
  return squeeze(bare.join(''));
}
