/**
 * Reads off the values that make a template hydrate to a message: all ways to do so, not the first.
 * No regular expression is built from data; a bound on steps makes the worst case a miss.
 */
import { canonicalNumber } from '../decimal.ts';
import { LIMITS } from '../limits.ts';
import type { Leaf, Message } from '../messages/message.ts';
import { accepts, type Matcher } from './matcher.ts';
import type { Bindings, LeafTemplate, MessageTemplate } from './template.ts';

export type MatchResult =
  /** Every parse that is consistent with the known bindings; each holds the known ones and the new ones. */
  | { readonly kind: 'match'; readonly parses: readonly Bindings[] }
  /** `leaf` and `offset`: the furthest place up to which the message still fitted. */
  | { readonly kind: 'no-match'; readonly leaf: number; readonly offset: number }
  | { readonly kind: 'over-limit' };

/** More parses than this are as ambiguous as any number of them. */
const PARSES_MAX = 4;

export type Accepts = (matcher: Matcher, value: string) => boolean;

/**
 * Matches one message. A variable that is known, or that stands twice, must take equal values.
 * Cost: bounded by `LIMITS.matchStepsMax` for the whole message.
 */
export function matchMessage(
  template: MessageTemplate,
  message: Message,
  known: Bindings,
): MatchResult {
  if (template.skeleton !== message.skeleton || template.leaves.length !== message.leaves.length) {
    return { kind: 'no-match', leaf: 0, offset: 0 };
  }
  const budget = { steps: LIMITS.matchStepsMax as number };
  let parses: readonly Bindings[] = [known];
  for (const [index, leaf] of message.leaves.entries()) {
    const pattern = template.leaves[index] ?? [];
    if (leaf.text.length > LIMITS.leafCharactersMax && pattern.some((s) => s.kind === 'variable')) {
      return { kind: 'over-limit' };
    }
    const next: Bindings[] = [];
    let offset = 0;
    for (const bindings of parses) {
      const parser = new LeafParser(pattern, leaf, budget, accepts);
      next.push(...parser.parse(bindings));
      if (parser.overLimit || next.length > PARSES_MAX) return { kind: 'over-limit' };
      offset = Math.max(offset, parser.furthest);
    }
    if (next.length === 0) return { kind: 'no-match', leaf: index, offset };
    parses = next;
  }
  return { kind: 'match', parses };
}

/** The parses of one text with one leaf template; `accept` decides on values (see `isWithin`). */
export function matchLeaf(
  pattern: LeafTemplate,
  leaf: Pick<Leaf, 'kind' | 'text'>,
  known: Bindings,
  accept: Accepts = accepts,
): readonly Bindings[] {
  return new LeafParser(pattern, leaf, { steps: LIMITS.matchStepsMax }, accept).parse(known);
}

class LeafParser {
  furthest = 0;
  overLimit = false;
  private readonly found: Bindings[] = [];
  /** (segment, offset) pairs that lead nowhere; valid since they depend on no binding made on the way. */
  private readonly dead = new Set<number>();
  private readonly memoizes: boolean;
  private readonly pattern: LeafTemplate;
  private readonly leaf: Pick<Leaf, 'kind' | 'text'>;
  private readonly budget: { steps: number };
  private readonly accept: Accepts;

  constructor(
    pattern: LeafTemplate,
    leaf: Pick<Leaf, 'kind' | 'text'>,
    budget: { steps: number },
    accept: Accepts,
  ) {
    this.pattern = pattern;
    this.leaf = leaf;
    this.budget = budget;
    this.accept = accept;
    const names = pattern.flatMap((segment) => (segment.kind === 'variable' ? [segment.name] : []));
    this.memoizes = new Set(names).size === names.length;
  }

  parse(known: Bindings): readonly Bindings[] {
    if (this.leaf.kind === 'number') return this.number(known);
    this.step(0, 0, known);
    return this.overLimit ? [] : this.found;
  }

  /** A number leaf is one literal or one variable; numbers compare by value, `1` is `1.0`. */
  private number(known: Bindings): readonly Bindings[] {
    const [only] = this.pattern;
    if (this.pattern.length !== 1 || only === undefined) return [];
    const expected = only.kind === 'literal' ? only.text : known.get(only.name);
    if (expected !== undefined) {
      return canonicalNumber(expected) === canonicalNumber(this.leaf.text) ? [known] : [];
    }
    if (only.kind === 'literal' || !this.accept(only.matcher, this.leaf.text)) return [];
    return [new Map(known).set(only.name, this.leaf.text)];
  }

  /** Whether a parse of the rest exists; collects each one that it finds. */
  private step(index: number, offset: number, bindings: Bindings): boolean {
    if (this.spend(1)) return false;
    const { text } = this.leaf;
    const segment = this.pattern[index];
    if (segment === undefined) {
      if (offset !== text.length) return false;
      this.found.push(bindings);
      this.overLimit ||= this.found.length > PARSES_MAX;
      return true;
    }
    const fixed = segment.kind === 'literal' ? segment.text : bindings.get(segment.name);
    if (fixed !== undefined) {
      if (!text.startsWith(fixed, offset)) return false;
      this.furthest = Math.max(this.furthest, offset + fixed.length);
      return this.step(index + 1, offset + fixed.length, bindings);
    }
    return segment.kind === 'variable' && this.variable(index, offset, bindings, segment);
  }

  private variable(
    index: number,
    offset: number,
    bindings: Bindings,
    segment: { readonly name: string; readonly matcher: Matcher },
  ): boolean {
    const key = index * (this.leaf.text.length + 1) + offset;
    if (this.memoizes && this.dead.has(key)) return false;
    let fits = false;
    for (let end = this.nextEnd(index, offset + 1, bindings); end >= 0;) {
      // A long value costs more to check than a short one.
      if (this.spend(1 + ((end - offset) >> 6))) return fits;
      const value = this.leaf.text.slice(offset, end);
      if (this.accept(segment.matcher, value)) {
        fits = this.step(index + 1, end, new Map(bindings).set(segment.name, value)) || fits;
      }
      end = this.nextEnd(index, end + 1, bindings);
    }
    if (!fits) this.dead.add(key);
    return fits;
  }

  /** The next offset from `from` on at which the segment after `index` can begin, or -1. */
  private nextEnd(index: number, from: number, bindings: Bindings): number {
    const { text } = this.leaf;
    if (from > text.length) return -1;
    const next = this.pattern[index + 1];
    if (next === undefined) return text.length;
    const literal = next.kind === 'literal' ? next.text : bindings.get(next.name);
    return literal === undefined ? from : text.indexOf(literal, from);
  }

  private spend(steps: number): boolean {
    this.budget.steps -= steps;
    if (this.budget.steps < 0) this.overLimit = true;
    return this.overLimit;
  }
}
