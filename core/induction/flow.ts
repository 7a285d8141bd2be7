/**
 * Where a value of an assistant message may come from: the places of earlier messages that hold it, as it
 * is or in changed form. They are proposed so that Derive can find the program; no form is taken for granted.
 */
import type { Leaf, Message } from '../messages/message.ts';
import { delimitedKindOf, kindOf } from './recognise.ts';
import { occurrences, type Span } from './span.ts';

/** Longer values are documents: where they come from is a whole leaf. */
const VALUE_CHARACTERS_MAX = 2000;
/** A changed form shorter than this is found everywhere. */
const FORM_CHARACTERS_MIN = 3;
/** Words that say nothing about where a value came from. */
const STOP_WORDS = new Set(
  `a an the and or but if of to in on at by for with from as is are was were be been do does did has have
   had it its this that these those i you he she we they me my your his her our their what which who whom
   how when where why not no yes ok please can could will would should may might so than then there here
   all any some`.split(/\s+/),
);

/** Whether a value says where it came from: not a letter, nor words that stand everywhere. */
export function isTelling(value: string): boolean {
  if (value.length > VALUE_CHARACTERS_MAX) return false;
  const words = value.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.some((word) => !STOP_WORDS.has(word) && (word.length > 1 || /\d/.test(word)));
}

/** The places before `sink`, from message `from` on, that its value may come from. */
export function flowSources(
  messages: readonly Message[],
  from: number,
  sink: Span,
  parameters: string,
): Span[] {
  if (!isTelling(sink.value) || parameters.includes(JSON.stringify(sink.value))) return [];
  const found: Span[] = [];
  for (let index = from; index < sink.message; index++) {
    const message = messages[index];
    if (message === undefined || message.role === 'system' || message.role === 'developer')
      continue;
    message.leaves.forEach((leaf, leafIndex) => {
      for (const { start, value } of flowsFrom(leaf, sink.value)) {
        const end = start + value.length;
        const label = sink.label === undefined ? {} : { label: sink.label };
        const delimited = start === 0 && end === leaf.text.length && leaf.kind !== 'text';
        const kind = delimited ? delimitedKindOf(value) : kindOf(value);
        const place = { message: index, leaf: leafIndex, start, end };
        found.push({ ...place, value, kind, delimited, ...label });
      }
    });
  }
  return found;
}

interface Flow {
  readonly start: number;
  readonly value: string;
}

function flowsFrom(leaf: Leaf, value: string): Flow[] {
  if (leaf.kind === 'constant') return [];
  if (leaf.kind === 'number') return leaf.text === value ? [{ start: 0, value }] : [];
  const exact = occurrences(leaf.text, value);
  if (exact.length > 0) return exact.map((start) => ({ start, value }));
  const lower = leaf.text.toLowerCase();
  // Offsets survive only where lower-casing keeps lengths; it nearly always does.
  if (lower.length !== leaf.text.length) return [];
  const found = formsOf(value.toLowerCase()).flatMap((form) =>
    occurrences(lower, form).map((start) => ({
      start,
      value: leaf.text.slice(start, start + form.length),
    })),
  );
  return found.length > 0 ? found : respaced(leaf.text, lower, value.toLowerCase());
}

/** In lower case: the value itself, reversed, and as a singular or plural. */
function formsOf(value: string): string[] {
  const reversed = Array.from(value).reverse().join('');
  if (value.length < FORM_CHARACTERS_MIN || !/\p{L}$/u.test(value)) return [value, reversed];
  return [value, reversed, ...pluralsOf(value), ...singularsOf(value)];
}

function pluralsOf(word: string): string[] {
  const stem = word.slice(0, -1);
  return [`${word}s`, `${word}es`, ...(word.endsWith('y') ? [`${stem}ies`] : [])];
}

function singularsOf(word: string): string[] {
  return [
    ...(word.endsWith('s') ? [word.slice(0, -1)] : []),
    ...(word.endsWith('es') ? [word.slice(0, -2)] : []),
    ...(word.endsWith('ies') ? [`${word.slice(0, -3)}y`] : []),
  ].filter((form) => form.length >= FORM_CHARACTERS_MIN);
}

/** The same words with other characters between them: `so-it-goes`, `SO_IT_GOES`, `soItGoes`. */
function respaced(text: string, lower: string, value: string): Flow[] {
  const letters = value.replace(/[^\p{L}\p{N}]+/gu, '');
  if (letters.length < FORM_CHARACTERS_MIN * 2) return [];
  const offsets: number[] = [];
  let squeezed = '';
  for (const match of lower.matchAll(/[\p{L}\p{N}]/gu)) {
    // Characters outside the basic plane take two units: both point at where they begin.
    for (let unit = 0; unit < match[0].length; unit++) offsets.push(match.index);
    squeezed += match[0];
  }
  const at = squeezed.indexOf(letters);
  const start = offsets[at];
  const last = offsets[at + letters.length - 1];
  if (at < 0 || start === undefined || last === undefined) return [];
  const found = text.slice(start, last + 1);
  return occurrences(text, found).includes(start) ? [{ start, value: found }] : [];
}
