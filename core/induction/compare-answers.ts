/** Whether a predicted answer and the real one say the same (DESIGN §4, §11.10). */
import { canonicalNumber } from '../decimal.ts';
import { canonicalJson, parseContainer } from '../json/json.ts';
import type { Message } from '../messages/message.ts';
import { recognise } from './recognise.ts';

/** `unsettled`: other words, or another form, around the same data; it counts neither for nor against. */
export type Verdict = 'agree' | 'contradict' | 'unsettled';

/** An answer as a template predicts it. */
export interface PredictedAnswer {
  readonly skeleton: string;
  /** Of its leaves, in canonical order. */
  readonly texts: readonly string[];
  /** The whole content, where the answer is nothing but content. */
  readonly content: string | undefined;
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
const POLARITY =
  /(?<![\p{L}\p{N}])(?:no|not|never|none|cannot|yes|true|false|\p{L}+n['’]t)(?![\p{L}\p{N}])/giu;
/** One code fence around all of a text. */
const FENCED = /^\s*```[\w-]*\n([\s\S]*?)\n?```\s*$/;

/** Compares a prediction with a real message of whatever shape; `content` is that of the real message. */
export function compareAnswers(
  predicted: PredictedAnswer,
  actual: Message,
  content: string | undefined,
): Verdict {
  if (predicted.skeleton !== actual.skeleton) return compareForms(predicted.content, content);
  let verdict: Verdict = 'agree';
  for (const [index, leaf] of actual.leaves.entries()) {
    const text = predicted.texts[index];
    if (text === undefined) return 'contradict';
    if (leaf.kind === 'number' && canonicalNumber(leaf.text) === canonicalNumber(text)) continue;
    if (squeeze(leaf.text) === squeeze(text)) continue;
    // A tool argument or a JSON leaf is data through and through.
    if (leaf.kind !== 'text' || compareForms(text, leaf.text) === 'contradict') return 'contradict';
    verdict = 'unsettled';
  }
  return verdict;
}

/** Two texts of which one may be JSON in a code fence, or plain JSON, where the other is not. */
function compareForms(a: string | undefined, b: string | undefined): Verdict {
  if (a === undefined || b === undefined) return 'contradict';
  const [document, other] = [documentOf(a), documentOf(b)];
  if (document !== undefined || other !== undefined) {
    return document === other ? 'unsettled' : 'contradict';
  }
  return sameData(a, b) ? 'unsettled' : 'contradict';
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
 * The same numbers, names, quotations and the same polarity in other words altogether. A sentence that
 * differs in a word or two has not been reworded: it says something else ("39 is even", "39 is odd"), and
 * so does one that holds the same values in another order ("1, 2" and "2, 1").
 */
function sameData(a: string, b: string): boolean {
  const [left, right] = [dataOf(a), dataOf(b)];
  if (left.sorted !== right.sorted || left.frame === right.frame) return false;
  return !isSlightEdit(wordsOf(a), wordsOf(b));
}

function isSlightEdit(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  const edited = [a.difference(b), b.difference(a)];
  if (edited.every((words) => words.isSubsetOf(FUNCTION_WORDS))) return false;
  return edited.every((words) => words.size <= EDITED_WORDS_MAX);
}

function wordsOf(text: string): ReadonlySet<string> {
  return new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []);
}

interface Data {
  /** The values and the polarity of a text, whatever their order. */
  readonly sorted: string;
  /** What is left of the text without the values. */
  readonly frame: string;
}

/** A sentence's first word is capitalised whatever it is: it names nothing. */
function dataOf(text: string): Data {
  const found = recognise(text)
    .filter(({ kind, doubtful }) => kind !== 'line' && kind !== 'text' && doubtful === undefined)
    .toSorted((a, b) => a.start - b.start || b.end - a.end);
  const values = new Set<string>();
  let frame = '';
  let offset = 0;
  for (const { start, end } of found) {
    values.add(text.slice(start, end));
    if (start < offset) continue;
    frame += `${text.slice(offset, start)}\0`;
    offset = end;
  }
  const polarity = [...text.matchAll(POLARITY)].map((match) => match[0].toLowerCase());
  return {
    sorted: JSON.stringify([[...values].sort(), polarity.sort()]),
    frame: squeeze(frame + text.slice(offset)),
  };
}
