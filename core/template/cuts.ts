/**
 * All ways to cut a text into the literals and values of a template, as a graph: which places of each
 * literal lie on some way from the first literal to the last. Found by running the matchers as automata over
 * the text, once forward and once back; equal states of two readings are one.
 */
import { splitsPair } from './characters.ts';
import { firstPlace } from './find-literal.ts';
import { isAnything, type Matcher } from './matcher.ts';
import { readerOf, type Reader } from './reader.ts';
import type { VariableSegment } from './template.ts';

/** Shared by all that is done for one message; below zero nothing more is done. */
export interface Budget {
  steps: number;
}

export interface CutInput {
  readonly literals: readonly string[];
  readonly variables: readonly VariableSegment[];
  readonly text: string;
  readonly first: readonly number[];
  readonly last: readonly number[];
  readonly budget: Budget;
}

/** For each literal the sorted offsets at which it stands in some way to cut the text; empty lists: there is no way. */
export type LivePlaces = readonly (readonly number[])[];

/** The live places. Cost: linear in the text for each variable, times the states its matcher is in at once; bounded by the budget. */
export function livePlaces(input: CutInput): LivePlaces {
  const { literals, variables } = input;
  const stretches: Stretch[] = [];
  let reached: readonly number[] = [0];
  const places = [reached];
  for (const [index, variable] of variables.entries()) {
    const length = literals[index]?.length ?? 0;
    const stretch = stretchOf(variable.matcher, input);
    reached = stretch.forward(
      reached.map((place) => place + length),
      candidatePlaces(input, index + 1),
    );
    if (reached.length === 0 || input.budget.steps < 0) return literals.map(() => []);
    stretches.push(stretch);
    places.push(reached);
  }
  for (let index = variables.length - 1; index > 0; index--) {
    const length = literals[index]?.length ?? 0;
    const starts = stretches[index]?.backward(places[index + 1] ?? []) ?? [];
    places[index] = starts.map((start) => start - length);
  }
  return places;
}

/** The places of a literal between its first and its last. */
function candidatePlaces(
  { literals, text, first, last, budget }: CutInput,
  index: number,
): number[] {
  const literal = literals[index] ?? '';
  const to = last[index] ?? 0;
  const places: number[] = [];
  for (let at = first[index] ?? 0; at >= 0 && at <= to && budget.steps >= 0;) {
    budget.steps--;
    if (!splitsPair(text, at) && !splitsPair(text, at + literal.length)) places.push(at);
    at = literal === '' ? at + 1 : firstPlace(text, literal, at + 1, budget);
  }
  return places;
}

/** What one variable may take between the places before and after it. */
interface Stretch {
  /** The ends that some start reaches. */
  forward(starts: readonly number[], ends: readonly number[]): number[];
  /** The starts, of those given to `forward`, that reach one of `ends`. */
  backward(ends: readonly number[]): number[];
}

function stretchOf(matcher: Matcher, { text, budget }: CutInput): Stretch {
  return isAnything(matcher) ? new OpenStretch() : new ReadStretch(readerOf(matcher), text, budget);
}

/** A variable that takes anything: every later end is reached. */
class OpenStretch implements Stretch {
  private starts: readonly number[] = [];

  forward(starts: readonly number[], ends: readonly number[]): number[] {
    this.starts = starts;
    const earliest = starts[0] ?? Infinity;
    return ends.filter((end) => end > earliest);
  }

  backward(ends: readonly number[]): number[] {
    const latest = ends.at(-1) ?? -1;
    return this.starts.filter((start) => start < latest);
  }
}

/** Readings are states of the matcher's automaton at offsets of the text, by number, in the order in which they are made. */
class ReadStretch implements Stretch {
  private readonly states: number[] = [];
  private readonly offsets: number[] = [];
  /** Of each reading the one after one more unit, or -1. */
  private readonly following: number[] = [];
  private readonly starts: { readonly start: number; readonly reading: number }[] = [];
  private readonly reader: Reader;
  private readonly text: string;
  private readonly budget: Budget;

  constructor(reader: Reader, text: string, budget: Budget) {
    this.reader = reader;
    this.text = text;
    this.budget = budget;
  }

  forward(starts: readonly number[], ends: readonly number[]): number[] {
    const reached: number[] = [];
    const latest = ends.at(-1) ?? -1;
    let active: number[] = [];
    let nextStart = 0;
    let nextEnd = 0;
    for (let offset = starts[0] ?? latest; offset <= latest && this.budget.steps >= 0; offset++) {
      while ((ends[nextEnd] ?? Infinity) < offset) nextEnd++;
      if (ends[nextEnd] === offset && active.some((reading) => this.mayEnd(reading))) {
        reached.push(offset);
      }
      if (starts[nextStart] === offset) {
        this.startAt(offset, active);
        nextStart++;
      }
      if (offset === latest) break;
      const upcoming = starts[nextStart];
      if (active.length === 0) {
        if (upcoming === undefined) break;
        // Nothing is being read: go on at the next start.
        offset = upcoming - 1;
        continue;
      }
      active = this.advance(active, offset);
    }
    return reached;
  }

  backward(ends: readonly number[]): number[] {
    const isEnd = new Set(ends);
    const alive = new Uint8Array(this.states.length);
    // A reading is made before the one that follows it.
    for (let reading = this.states.length - 1; reading >= 0; reading--) {
      const next = this.following[reading] ?? -1;
      const isAlive =
        (next >= 0 && alive[next] === 1) ||
        (isEnd.has(this.offsets[reading] ?? -1) && this.mayEnd(reading));
      if (isAlive) alive[reading] = 1;
    }
    // A value has at least one unit: no start state takes a value, so none of these ends where it starts.
    return this.starts.filter(({ reading }) => alive[reading] === 1).map(({ start }) => start);
  }

  private mayEnd(reading: number): boolean {
    return this.reader.mayEnd(this.states[reading] ?? -1);
  }

  private startAt(offset: number, active: number[]): void {
    const known = this.find(active, this.reader.start);
    const reading = known ?? this.add(offset, this.reader.start);
    if (known === undefined) active.push(reading);
    this.starts.push({ start: offset, reading });
  }

  /** The readings after the unit at `offset`, equal states joined. */
  private advance(active: readonly number[], offset: number): number[] {
    const following: number[] = [];
    for (const reading of active) {
      // Looking for an equal state among many is what takes longest.
      this.budget.steps -= 1 + (following.length >> 5);
      const state = this.reader.step(this.states[reading] ?? -1, this.text, offset);
      if (state < 0) continue;
      const known = this.find(following, state);
      const next = known ?? this.add(offset + 1, state);
      this.following[reading] = next;
      if (known === undefined) following.push(next);
    }
    return following;
  }

  private find(active: readonly number[], state: number): number | undefined {
    return active.find((reading) => this.states[reading] === state);
  }

  private add(offset: number, state: number): number {
    this.offsets.push(offset);
    this.following.push(-1);
    return this.states.push(state) - 1;
  }
}
