/**
 * Where the literals of a template can stand in a text: from the first to the last place that leaves
 * every variable at least one unit. Where both are the same, the cut of the text is the only one.
 */
import type { Budget } from './cuts.ts';
import { firstPlace, lastPlace, NATIVE_SHIFT } from './find-literal.ts';

export type Placement =
  | {
      readonly kind: 'placed';
      /** For each literal, the offsets of its first and its last possible place. */
      readonly first: readonly number[];
      readonly last: readonly number[];
    }
  /** `offset`: up to where the text fits; `literal`: the number of the literal that was sought next. */
  | { readonly kind: 'misplaced'; readonly offset: number; readonly literal: number };

/** Places `literals` in `text`. Cost: two native searches of the text for each literal, taken off the budget. */
export function placeLiterals(
  literals: readonly string[],
  text: string,
  budget: Budget,
): Placement {
  budget.steps -= 1 + ((literals[0] ?? '').length >> NATIVE_SHIFT);
  const head = literals[0] ?? '';
  const count = literals.length;
  const tail = literals[count - 1] ?? '';
  if (count < 2) {
    return text === head
      ? { kind: 'placed', first: [0], last: [0] }
      : misplaced(commonPrefix(head, text), 0);
  }
  if (!text.startsWith(head)) return misplaced(commonPrefix(head, text), 0);
  const tailAt = text.length - tail.length;
  const first = [0];
  let end = head.length;
  for (let index = 1; index < count - 1; index++) {
    const literal = literals[index] ?? '';
    const at = literal === '' ? end + 1 : firstPlace(text, literal, end + 1, budget);
    budget.steps -= 1 + (((at < 0 ? text.length : at) - end) >> NATIVE_SHIFT);
    if (at < 0) return misplaced(end, index);
    first.push(at);
    end = at + literal.length;
  }
  if (end + 1 > tailAt || !text.endsWith(tail)) return misplaced(end, count - 1);
  first.push(tailAt);
  return { kind: 'placed', first, last: lastPlaces(literals, text, first, budget) };
}

/** The last places exist wherever the first ones do. */
function lastPlaces(
  literals: readonly string[],
  text: string,
  first: readonly number[],
  budget: Budget,
): number[] {
  const last = [...first];
  for (let index = literals.length - 2; index > 0; index--) {
    const literal = literals[index] ?? '';
    const to = (last[index + 1] ?? 0) - 1 - literal.length;
    const at = literal === '' ? to : lastPlace(text, literal, to, budget);
    budget.steps -= (to - at) >> NATIVE_SHIFT;
    last[index] = at;
  }
  return last;
}

function misplaced(offset: number, literal: number): Placement {
  return { kind: 'misplaced', offset, literal };
}

/** How many units two texts begin with in common. */
export function commonPrefix(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a.charCodeAt(length) === b.charCodeAt(length)) length++;
  return length;
}
