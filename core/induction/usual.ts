/** Values that code has by habit: defaults that no request names ("YEAR = 2016"), whatever else looks like them. */
import type { Message } from '../messages/message.ts';
import type { Exchange } from './exchange.ts';
import { isCode } from './recognise.ts';
import { occurrences, type Span } from './span.ts';
import { keyStart } from './value-types.ts';

/** Fewer may be a coincidence (DESIGN §11.5). */
const ANSWERS_MIN = 3;
const SURROUNDINGS_MAX = 80;

/**
 * Whether several earlier answers have the value in the same surroundings although nobody asked for it. Cost: linear
 * in the texts of the others.
 */
export function isUsual(
  messages: readonly Message[],
  {
    message,
    leaf: index,
    start,
    end,
    value,
  }: Pick<Span, 'message' | 'leaf' | 'start' | 'end' | 'value'>,
  others: readonly Exchange[],
): boolean {
  const leaf = messages[message]?.leaves[index];
  if (leaf?.kind !== 'text' || !isCode(leaf.text)) return false;
  const { text } = leaf;
  const surroundings = text.slice(surroundingsStart(text, start), end + 1);
  let count = 0;
  for (const { answer, thread } of others) {
    if (!answer.leaves.some((other) => other.text.includes(surroundings))) continue;
    const isSaid = thread.messages.some(
      ({ role, leaves }) =>
        role === 'user' && leaves.some((other) => occurrences(other.text, value).length > 0),
    );
    if (!isSaid && ++count >= ANSWERS_MIN) return true;
  }
  return false;
}

/** A word of the request tells what the answer has behind the key: fewer may be a coincidence. */
const TOLD_MIN = 5;
/** As likely it is by chance that all answers to requests with one word have the value. */
const CHANCE_MAX = 0.005;
const WORD = /[\p{L}\p{N}]+/gu;

/**
 * Whether fixed wording of the request says the value: all earlier answers to requests with one word of `wording` that
 * have the key have this value behind it, which no request says, and more than chance would have it ("FA" for "Fall"). Cost: linear
 * in the texts of the others.
 */
export function isTold(
  messages: readonly Message[],
  { message, leaf: index, start, end }: Pick<Span, 'message' | 'leaf' | 'start' | 'end'>,
  others: readonly Exchange[],
  wording: ReadonlySet<string>,
): boolean {
  const leaf = messages[message]?.leaves[index];
  if (leaf?.kind !== 'text' || !isCode(leaf.text)) return false;
  const from = keyStart(leaf.text, start);
  if (from === undefined) return false;
  const surroundings = leaf.text.slice(from, end + 1);
  const key = /^\S+/u.exec(surroundings)?.[0] ?? '';
  let [withKey, withValue] = [0, 0];
  const told = new Map([...wording].map((word) => [word, { all: 0, same: 0 }]));
  for (const { answer, messages: asked } of others) {
    if (!answer.leaves.some(({ text }) => text.includes(`${key} `))) continue;
    const isSame = answer.leaves.some(({ text }) => text.includes(surroundings));
    withKey++;
    if (isSame) withValue++;
    const request = asked.findLast(({ role }) => role === 'user')?.leaves ?? [];
    for (const word of new Set(
      request.flatMap(({ text }) => text.toLowerCase().match(WORD) ?? []),
    )) {
      const counts = told.get(word);
      if (counts === undefined) continue;
      counts.all++;
      if (isSame) counts.same++;
    }
  }
  const share = (withValue + 1) / (withKey + 2);
  return [...told.values()].some(
    ({ all, same }) => same === all && all >= TOLD_MIN && share ** all <= CHANCE_MAX,
  );
}

/** From the key on, or from the word before. */
function surroundingsStart(text: string, start: number): number {
  const key = keyStart(text, start);
  if (key !== undefined) return key;
  const before = text.slice(Math.max(0, start - SURROUNDINGS_MAX), start);
  return start - (/\S*\s*$/u.exec(before)?.[0].length ?? 0);
}
