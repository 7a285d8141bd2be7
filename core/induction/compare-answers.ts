/** Whether a predicted answer and the real one say the same (DESIGN §4, §11.10). */
import type { Message } from '../messages/message.ts';
import { canonicalNumber } from '../decimal.ts';
import { recognise } from './recognise.ts';

/** `unsettled`: other words around the same data; it counts neither for nor against. */
export type Verdict = 'agree' | 'contradict' | 'unsettled';

/** More differing words than this are another wording. */
const EDITED_WORDS_MAX = 2;
const POLARITY =
  /(?<![\p{L}\p{N}])(?:no|not|never|none|cannot|yes|true|false|\p{L}+n['’]t)(?![\p{L}\p{N}])/giu;

/** Compares predicted leaf texts with a real message of whatever shape. */
export function compareAnswers(
  predicted: Message,
  texts: readonly string[],
  actual: Message,
): Verdict {
  if (predicted.skeleton !== actual.skeleton) return 'contradict';
  let verdict: Verdict = 'agree';
  for (const [index, leaf] of actual.leaves.entries()) {
    const text = texts[index];
    if (text === undefined) return 'contradict';
    if (leaf.kind === 'number' && canonicalNumber(leaf.text) === canonicalNumber(text)) continue;
    if (squeeze(leaf.text) === squeeze(text)) continue;
    // A tool argument or a JSON leaf is data through and through.
    if (leaf.kind !== 'text' || !sameData(leaf.text, text)) return 'contradict';
    verdict = 'unsettled';
  }
  return verdict;
}

function squeeze(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/**
 * The same numbers, names, quotations and the same polarity in other words altogether. A sentence that
 * differs in a word or two has not been reworded: it says something else ("39 is even", "39 is odd").
 */
function sameData(a: string, b: string): boolean {
  return dataOf(a) === dataOf(b) && !isSlightEdit(wordsOf(a), wordsOf(b));
}

function isSlightEdit(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  const common = a.intersection(b).size;
  return a.size - common <= EDITED_WORDS_MAX && b.size - common <= EDITED_WORDS_MAX;
}

function wordsOf(text: string): ReadonlySet<string> {
  return new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []);
}

function dataOf(text: string): string {
  const values = recognise(text)
    .filter((found) => found.kind !== 'line' && found.kind !== 'text')
    .map((found) => text.slice(found.start, found.end));
  const polarity = [...text.matchAll(POLARITY)].map((match) => match[0].toLowerCase());
  return JSON.stringify([[...new Set(values)].sort(), polarity.sort()]);
}
