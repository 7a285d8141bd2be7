/**
 * Native searches for a long text take pattern × text steps where both repeat themselves: seconds for 5,000
 * characters in 262,144. Here only the beginning is sought natively, and each place is charged for.
 */
import type { Budget } from './cuts.ts';

/** A native search compares about 64 characters in the time of one step of an automaton. */
export const NATIVE_SHIFT = 6;
/** So much is sought natively: at the very worst some 2 ns for each character of the text. */
const PROBE_CHARACTERS = 16;

/** The first place of `literal` from `from` on, or -1. Below zero the budget has ended the search, which then says nothing. */
export function firstPlace(text: string, literal: string, from: number, budget: Budget): number {
  const probe = literal.slice(0, PROBE_CHARACTERS);
  for (let at = from; budget.steps >= 0; at++) {
    at = text.indexOf(probe, at);
    if (at < 0 || text.startsWith(literal, at)) return at;
    budget.steps -= 1 + (literal.length >> NATIVE_SHIFT);
  }
  return -1;
}

/** The last place of `literal` that is not beyond `to`, likewise. */
export function lastPlace(text: string, literal: string, to: number, budget: Budget): number {
  const probe = literal.slice(0, PROBE_CHARACTERS);
  for (let at = to; at >= 0 && budget.steps >= 0; at--) {
    at = text.lastIndexOf(probe, at);
    if (at < 0 || text.startsWith(literal, at)) return at;
    budget.steps -= 1 + (literal.length >> NATIVE_SHIFT);
  }
  return -1;
}
