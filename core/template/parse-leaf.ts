/**
 * Reads the values off one leaf: all parses that are consistent with what is known, not the first. Where
 * the literals can be placed in one way only, that is the answer; otherwise all ways are followed as a graph.
 */
import { canonicalNumber } from '../decimal.ts';
import type { Leaf } from '../messages/message.ts';
import { splitsPair } from './characters.ts';
import { holds, isDecidable } from './condition.ts';
import { livePlaces, type Budget, type LivePlaces } from './cuts.ts';
import { NATIVE_SHIFT } from './find-literal.ts';
import { foldText, type FoldedText } from './fold.ts';
import { acceptsBetween, isAnything, type Matcher } from './matcher.ts';
import { piecesOf } from './pieces.ts';
import { placeLiterals } from './placement.ts';
import { readerOf } from './reader.ts';
import type { Bindings, LeafTemplate, VariableSegment } from './template.ts';

export type LeafParse =
  /** Every parse; each holds the known bindings and the new ones. */
  | { readonly kind: 'parses'; readonly parses: readonly Bindings[] }
  /** More parses than `PARSES_MAX`: the values that are the same in all of them, and the variables that are open. */
  | { readonly kind: 'many'; readonly bindings: Bindings; readonly open: readonly string[] }
  /** `offset`: up to where the text fits. */
  | { readonly kind: 'none'; readonly offset: number }
  | { readonly kind: 'over-limit' };

/** More parses than this are followed as one, with the variables that differ left open. */
export const PARSES_MAX = 4;
/** Different parses are followed by recursion, which is as deep as a leaf has places of variables. */
const FOLLOWED_VARIABLES_MAX = 512;
/** Steps that copying this many bindings takes: some 20 ns for each. */
const COPIED_SHIFT = 2;
/** Steps that folding takes: some 30 ns for each character. */
const FOLDED_SHIFT = 2;

/** Cost: linear in the text for each variable, and bounded by the budget. Errors: none. */
export function parseLeaf(
  pattern: LeafTemplate,
  leaf: Pick<Leaf, 'kind' | 'text'>,
  known: Bindings,
  budget: Budget,
): LeafParse {
  if (leaf.kind === 'number' || leaf.kind === 'constant')
    return parseScalar(pattern, leaf, known, budget);
  return new TextParser(pattern, leaf.text, known, budget).parse();
}

/** A JSON number or constant is one literal or one variable; numbers compare by value, `1` is `1.0`. */
function parseScalar(
  pattern: LeafTemplate,
  leaf: Pick<Leaf, 'kind' | 'text'>,
  known: Bindings,
  budget: Budget,
): LeafParse {
  const none: LeafParse = { kind: 'none', offset: 0 };
  const [only] = pattern;
  if (pattern.length !== 1 || only === undefined) return none;
  const expected = only.kind === 'literal' ? only.text : known.get(only.name);
  if (expected !== undefined) {
    const isEqual =
      leaf.kind === 'number'
        ? canonicalNumber(expected) === canonicalNumber(leaf.text)
        : expected === leaf.text;
    return isEqual ? { kind: 'parses', parses: [known] } : none;
  }
  if (only.kind === 'literal') return none;
  if (!acceptsBetween(only.matcher, leaf.text, 0, leaf.text.length)) return none;
  budget.steps -= known.size >> COPIED_SHIFT;
  if (budget.steps < 0) return { kind: 'over-limit' };
  return { kind: 'parses', parses: [new Map(known).set(only.name, leaf.text)] };
}

class TextParser {
  private readonly pattern: LeafTemplate;
  private readonly literals: readonly string[];
  private readonly variables: readonly VariableSegment[];
  /** What is cut: the text of the leaf, folded where the template says so. */
  private readonly text: string;
  private readonly folded: FoldedText | undefined;
  private readonly known: Bindings;
  private readonly budget: Budget;
  private readonly found: Bindings[] = [];

  constructor(pattern: LeafTemplate, text: string, known: Bindings, budget: Budget) {
    const pieces = piecesOf(pattern, known);
    this.pattern = pattern;
    this.literals = pieces.literals;
    this.variables = pieces.variables;
    this.known = known;
    this.budget = budget;
    if (pieces.folding === undefined) {
      this.text = text;
    } else {
      budget.steps -= text.length >> FOLDED_SHIFT;
      const folded = foldText(budget.steps < 0 ? '' : text, pieces.folding);
      this.text = folded.text;
      this.folded = folded;
    }
  }

  parse(): LeafParse {
    const placement = placeLiterals(this.literals, this.text, this.budget);
    if (this.budget.steps < 0) return { kind: 'over-limit' };
    if (placement.kind === 'misplaced') return { kind: 'none', offset: placement.offset };
    this.budget.steps -= this.known.size >> COPIED_SHIFT;
    if (this.budget.steps < 0) return { kind: 'over-limit' };
    const { first, last } = placement;
    if (first.every((place, index) => place === last[index])) return this.onlyCut(first);
    const { literals, variables, text, budget } = this;
    const live = livePlaces({ literals, variables, text, first, last, budget });
    if (budget.steps < 0) return { kind: 'over-limit' };
    if (live.some((places) => places.length === 0)) return { kind: 'none', offset: first[1] ?? 0 };
    if (variables.length > FOLLOWED_VARIABLES_MAX) return { kind: 'over-limit' };
    this.follow(live, 0, 0, this.known);
    if (budget.steps < 0) return { kind: 'over-limit' };
    if (this.found.length > PARSES_MAX) return this.summary(live);
    if (this.found.length === 0) return { kind: 'none', offset: first[1] ?? 0 };
    return { kind: 'parses', parses: this.found };
  }

  /** What the leaf says there. */
  private original(start: number, end: number): string {
    return this.folded === undefined
      ? this.text.slice(start, end)
      : this.folded.original(start, end);
  }

  /** The one way in which the literals can stand. */
  private onlyCut(places: readonly number[]): LeafParse {
    const bindings = new Map(this.known);
    let index = 0;
    for (const variable of this.variables) {
      const start = (places[index] ?? 0) + (this.literals[index]?.length ?? 0);
      const end = places[index + 1] ?? 0;
      index++;
      const value = this.fits(variable.matcher, start, end) ? this.original(start, end) : undefined;
      const bound = bindings.get(variable.name) ?? value;
      if (value === undefined || bound !== value) return { kind: 'none', offset: start };
      bindings.set(variable.name, value);
    }
    return this.conditionsHold(bindings)
      ? { kind: 'parses', parses: [bindings] }
      : { kind: 'none', offset: this.literals[0]?.length ?? 0 };
  }

  /** Whether what stands there is a value that the variable may take. */
  private fits(matcher: Matcher, start: number, end: number): boolean {
    if (!isAnything(matcher)) this.budget.steps -= (end - start) >> 2;
    return (
      !splitsPair(this.text, start) &&
      !splitsPair(this.text, end) &&
      acceptsBetween(matcher, this.text, start, end)
    );
  }

  /** Collects the parses from literal `index` at `place` on, until there are too many. */
  private follow(live: LivePlaces, index: number, place: number, bindings: Bindings): void {
    const variable = this.variables[index];
    if (variable === undefined) {
      if (this.conditionsHold(bindings)) this.found.push(bindings);
      return;
    }
    const start = place + (this.literals[index]?.length ?? 0);
    const bound = bindings.get(variable.name);
    for (const end of this.ends(variable.matcher, start, live[index + 1] ?? [])) {
      if (this.found.length > PARSES_MAX || this.budget.steps < 0) return;
      const value = this.original(start, end);
      if (bound !== undefined && bound !== value) continue;
      this.budget.steps -= bindings.size >> COPIED_SHIFT;
      this.follow(live, index + 1, end, new Map(bindings).set(variable.name, value));
    }
  }

  /** The places of `ends` at which a value that starts at `start` may end, in order. */
  private *ends(matcher: Matcher, start: number, ends: readonly number[]): Generator<number> {
    const first = firstAfter(ends, start);
    if (isAnything(matcher)) {
      for (let index = first; index < ends.length; index++) {
        this.budget.steps--;
        yield ends[index] ?? 0;
      }
      return;
    }
    const reader = readerOf(matcher);
    let state = reader.start;
    let offset = start;
    for (let index = first; index < ends.length; index++) {
      const end = ends[index] ?? 0;
      for (; offset < end && state >= 0 && this.budget.steps >= 0; offset++) {
        this.budget.steps--;
        state = reader.step(state, this.text, offset);
      }
      if (state < 0 || this.budget.steps < 0) return;
      if (reader.mayEnd(state)) yield end;
    }
  }

  /** What all of many parses have in common. */
  private summary(live: LivePlaces): LeafParse {
    const bindings = new Map(this.known);
    const open = new Set<string>();
    for (const [index, variable] of this.variables.entries()) {
      const value = this.commonValue(live, index, variable.matcher);
      const bound = bindings.get(variable.name);
      if (value === undefined || (bound !== undefined && bound !== value)) open.add(variable.name);
      else bindings.set(variable.name, value);
    }
    for (const name of open) bindings.delete(name);
    if (this.budget.steps < 0) return { kind: 'over-limit' };
    return { kind: 'many', bindings, open: [...open] };
  }

  /** The value that a variable has wherever it may stand, or undefined where it differs. */
  private commonValue(live: LivePlaces, index: number, matcher: Matcher): string | undefined {
    let common: string | undefined;
    for (const place of live[index] ?? []) {
      if (this.budget.steps < 0) return undefined;
      const start = place + (this.literals[index]?.length ?? 0);
      for (const end of this.ends(matcher, start, live[index + 1] ?? [])) {
        const value = this.original(start, end);
        this.budget.steps -= 1 + (value.length >> NATIVE_SHIFT);
        if (this.budget.steps < 0) return undefined;
        if (common !== undefined && common !== value) return undefined;
        common = value;
      }
    }
    return common;
  }

  /** Conditions that read what is not bound yet are left to the end of the message. */
  private conditionsHold(bindings: Bindings): boolean {
    for (const segment of this.pattern) {
      if (segment.kind === 'literal' || segment.condition === undefined) continue;
      const { name, condition } = segment;
      const value = bindings.get(name);
      if (value === undefined || !isDecidable(condition, bindings)) continue;
      if (!holds(condition, value, bindings)) return false;
    }
    return true;
  }
}

/** The index of the first of some rising offsets that lies beyond `start`. */
function firstAfter(offsets: readonly number[], start: number): number {
  let from = 0;
  let to = offsets.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((offsets[middle] ?? Infinity) > start) to = middle;
    else from = middle + 1;
  }
  return from;
}
