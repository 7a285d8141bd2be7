/**
 * Inputs like those of an example, but other ones: other numbers and words, more and fewer words, other case and length.
 * Programs that have the same values on all of them are taken for the same program.
 */

import type { Expression } from '../expressions/expression.ts';
import { nodesOf } from '../expressions/expression.ts';
import { applyArithmetic } from '../expressions/evaluate.ts';
import { otherDate } from './date-patterns.ts';
import { plainNumber } from './evidence.ts';

type Inputs = ReadonlyMap<string, string>;

const NUMBERS = ['7', '19', '2.5', '-4', '0', '36'] as const;
/** Multiples too, so that what could be divided still can. */
const FACTORS = ['2', '3', '10', '5', '3000', '7'] as const;

const WORD = /[\p{L}\p{N}]+/gu;

/** Each turns a text into another one that could stand in its place. */
const TURNS: readonly ((text: string) => string)[] = [
  (text) => text.replace(WORD, (word) => shift(word) + shift(word.slice(-1))),
  (text) => text.replace(WORD, (word) => shift(word.length > 2 ? word.slice(0, -1) : word)),
  (text) => `${text}${separatorOf(text)}Quill`,
  (text) => `mossy${separatorOf(text)}${text}`,
  (text) => text.toUpperCase(),
  (text) => text.toLowerCase(),
  (text) => text.replace(WORD, (word) => word.slice(0, 1).toUpperCase() + word.slice(1)),
  (text) =>
    text.replace(WORD, (word) => word.slice(0, 1).toLowerCase() + word.slice(1).toUpperCase()),
  (text) => `${text} Van ${shift(text)}`,
  (text) => text.match(WORD)?.[0] ?? text,
  (text) => `${shift(text.toLowerCase())}${separatorOf(text)}old quill`,
  (text) => text.replace(/[0-9](?=[0-9])/g, '0'),
  (text) => text.replace(WORD, (word) => `${word}-${shift(word)}.q`),
  (text) => shift(text).replace(WORD, (word) => `${word}ab ${word}`),
];

const THRESHOLDS_MAX = 12;
/** Probes of this text length cost as much as the search; longer values are cut. */
const PROBED_CHARACTERS_MAX = 512;

/** About three dozen inputs: all variables turned alike, turned differently, and each turned alone. */
export function probesOf(inputs: Inputs): readonly Inputs[] {
  const entries = [...inputs].map(
    ([name, value]) => [name, value.slice(0, PROBED_CHARACTERS_MAX).toWellFormed()] as const,
  );
  const together = TURNS.map(
    (_, turn) => new Map(entries.map(([name, value], index) => [name, turned(value, turn, index)])),
  );
  const apart = TURNS.map(
    (_, turn) =>
      new Map(
        entries.map(([name, value], index) => [name, turned(value, turn + 5 * index, index)]),
      ),
  );
  const alone = entries.map(
    ([changed], index) =>
      new Map(
        entries.map(([name, value]) => [name, name === changed ? turned(value, 0, index) : value]),
      ),
  );
  return entries.length < 2 ? together : [...together, ...apart, ...alone];
}

/** Numbers just beside the thresholds of `programs`, where their rivals part. */
export function probesBeside(inputs: Inputs, programs: readonly Expression[]): readonly Inputs[] {
  const numbers = [...inputs].filter(([, value]) => plainNumber(value) !== undefined);
  const thresholds = new Set<string>();
  for (const node of numbers.length === 0 ? [] : programs.flatMap(nodesOf))
    if (node.op === 'less')
      for (const side of [node.left, node.right])
        if (side.op === 'text') thresholds.add(side.value);
  return [...thresholds]
    .slice(0, THRESHOLDS_MAX)
    .flatMap((threshold) =>
      ['0.5', '-0.5'].flatMap((step) => applyArithmetic('add', threshold, step) ?? []),
    )
    .map((value) => new Map([...inputs, ...numbers.map(([name]) => [name, value] as const)]));
}

/** Numbers become other numbers, different ones for different variables; the rest is turned as a text. */
function turned(value: string, turn: number, variable: number): string {
  if (plainNumber(value) !== undefined) {
    const choice = turn + 5 * variable;
    // A code or phone number: other digits, as many of them.
    if (choice % 3 === 2 && /^[0-9]{5,}$/.test(value)) return shift(value);
    const factor = FACTORS[choice % FACTORS.length] ?? '2';
    if (choice % TURNS.length < FACTORS.length)
      return applyArithmetic('multiply', value, factor) ?? value;
    return NUMBERS[choice % NUMBERS.length] ?? value;
  }
  return otherDate(value, turn) ?? TURNS[turn % TURNS.length]?.(value) ?? value;
}

/** Each letter and digit becomes the next one of its kind, so that length, case and delimiters stay. */
function shift(text: string): string {
  return text.replace(/[a-z0-9]/gi, (character) => {
    if (/[zZ]/.test(character)) return character === 'z' ? 'a' : 'A';
    return character === '9' ? '1' : String.fromCharCode(character.charCodeAt(0) + 1);
  });
}

/** What stands between the words of `text`, or a blank. */
function separatorOf(text: string): string {
  return /[\p{L}\p{N}]([^\p{L}\p{N}]{1,3})[\p{L}\p{N}]/u.exec(text)?.[1] ?? ' ';
}
