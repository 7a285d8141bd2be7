/** Whether a predicted answer and the real one say the same (DESIGN §4, §11.10). */
import type { Message } from '../messages/message.ts';
import { canonicalNumber } from '../decimal.ts';
import { recognise } from './recognise.ts';

/** `unsettled`: other words around the same data; it counts neither for nor against. */
export type Verdict = 'agree' | 'contradict' | 'unsettled';

const POLARITY = /(?<![\p{L}\p{N}])(?:no|not|never|none|cannot|yes|true|false|\p{L}+n['’]t)(?![\p{L}\p{N}])/giu;

/** Compares predicted leaf texts with a real message of whatever shape. */
export function compareAnswers(predicted: Message, texts: readonly string[], actual: Message): Verdict {
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

/** The same numbers, names, quotations and the same polarity, whatever the words around them. */
function sameData(a: string, b: string): boolean {
  return dataOf(a) === dataOf(b);
}

function dataOf(text: string): string {
  const values = recognise(text)
    .filter((found) => found.kind !== 'line' && found.kind !== 'text')
    .map((found) => text.slice(found.start, found.end));
  const polarity = [...text.matchAll(POLARITY)].map((match) => match[0].toLowerCase());
  return JSON.stringify([[...new Set(values)].sort(), polarity.sort()]);
}
