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

/** From the key on, or from the word before. */
function surroundingsStart(text: string, start: number): number {
  const key = keyStart(text, start);
  if (key !== undefined) return key;
  const before = text.slice(Math.max(0, start - SURROUNDINGS_MAX), start);
  return start - (/\S*\s*$/u.exec(before)?.[0].length ?? 0);
}
