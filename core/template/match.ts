/**
 * Reads off the values that make a template hydrate to a message: all ways to do so, not the first.
 * No regular expression is built from data; a bound on steps makes the worst case a miss.
 */
import { LIMITS } from '../limits.ts';
import type { Message } from '../messages/message.ts';
import { holds, namesInCondition } from './condition.ts';
import type { Budget } from './cuts.ts';
import { accepts } from './matcher.ts';
import { parseLeaf, PARSES_MAX, type LeafParse } from './parse-leaf.ts';
import { planOf } from './plan.ts';
import type { Bindings, LeafTemplate, MessageTemplate, Segment } from './template.ts';

export type MatchResult =
  | {
      readonly kind: 'match';
      /**
       * Every parse that is consistent with the known bindings; each holds the known ones and the new ones.
       * Where there are too many to follow, one, without the variables that are open.
       */
      readonly parses: readonly Bindings[];
      /** Variables whose values differ between parses that are not told apart: whatever uses one is ambiguous. */
      readonly open: readonly string[];
    }
  /** `leaf` and `offset`: the place up to which the message fitted. */
  | { readonly kind: 'no-match'; readonly leaf: number; readonly offset: number }
  | { readonly kind: 'over-limit' };

/**
 * Matches one message. A variable that is known, or that stands twice, must take equal values.
 * Cost: bounded by `budget`, which all candidates for one message may share.
 */
export function matchMessage(
  template: MessageTemplate,
  message: Message,
  known: Bindings,
  budget: Budget = { steps: LIMITS.matchStepsMax },
): MatchResult {
  if (template.skeleton !== message.skeleton || template.leaves.length !== message.leaves.length) {
    return { kind: 'no-match', leaf: 0, offset: 0 };
  }
  return new MessageMatcher(template, message, budget).match(known);
}

/** The one parse of a match, or undefined where there is none, several, or one with open variables. */
export function onlyParse(result: MatchResult | undefined): Bindings | undefined {
  if (result?.kind !== 'match' || result.parses.length !== 1 || result.open.length > 0) {
    return undefined;
  }
  return result.parses[0];
}

class MessageMatcher {
  private readonly template: MessageTemplate;
  private readonly message: Message;
  private readonly budget: Budget;
  private readonly open = new Set<string>();
  private parses: readonly Bindings[] = [];

  constructor(template: MessageTemplate, message: Message, budget: Budget) {
    this.template = template;
    this.message = message;
    this.budget = budget;
  }

  match(known: Bindings): MatchResult {
    for (const name of planOf(this.template).callIds) {
      if (!known.has(name)) return { kind: 'no-match', leaf: 0, offset: 0 };
    }
    this.parses = [known];
    // What is ambiguous for itself waits for what the other leaves say. Texts come before numbers: a text
    // says how a value is written, a number has only to be equal to it.
    const ambiguous: number[] = [];
    const scalars: number[] = [];
    const { leaves } = this.message;
    for (let index = 0; index < leaves.length; index++) {
      const kind = leaves[index]?.kind;
      if (kind === 'number' || kind === 'constant') scalars.push(index);
      else {
        const fault = this.leaf(index, ambiguous);
        if (fault !== undefined) return fault;
      }
    }
    for (const later of [ambiguous, scalars]) {
      for (const index of later) {
        const fault = this.leaf(index);
        if (fault !== undefined) return fault;
      }
    }
    return this.checked(known);
  }

  /** Conditions and variables that reach over several leaves are checked when all is bound. */
  private checked(known: Bindings): MatchResult {
    const { conditional, shared } = planOf(this.template);
    const open = [...this.open];
    if (conditional.length === 0 && shared.length === 0) {
      return { kind: 'match', parses: this.parses, open };
    }
    const isOpen = conditional.some(({ name, condition }) =>
      [name, ...namesInCondition(condition)].some((used) => this.open.has(used)),
    );
    if (isOpen) return { kind: 'over-limit' };
    const parses = this.parses.filter(
      (bindings) =>
        conditional.every(({ name, condition }) =>
          holds(condition, bindings.get(name) ?? '', bindings),
        ) &&
        shared.every(
          ({ name, matcher }) =>
            known.has(name) || this.open.has(name) || accepts(matcher, bindings.get(name) ?? ''),
        ),
    );
    if (parses.length > 0) return { kind: 'match', parses, open };
    return { kind: 'no-match', leaf: this.message.leaves.length - 1, offset: 0 };
  }

  /** Takes in one leaf; a leaf with many parses is put off, or taken in with open variables. */
  private leaf(index: number, putOff?: number[]): MatchResult | undefined {
    const leaf = this.message.leaves[index];
    const pattern = this.template.leaves[index] ?? [];
    if (leaf === undefined) return { kind: 'no-match', leaf: index, offset: 0 };
    const isLong = leaf.text.length > LIMITS.leafCharactersMax;
    if (isLong && pattern.some(isVariable)) return { kind: 'over-limit' };
    // How an open variable of another leaf goes together with this one is not followed.
    if (this.open.size > 0 && this.usesOpen(pattern)) return { kind: 'over-limit' };
    const results = this.parses.map((known) => parseLeaf(pattern, leaf, known, this.budget));
    if (results.some(isOverLimit)) return { kind: 'over-limit' };
    if (putOff !== undefined && results.some(isMany)) {
      putOff.push(index);
      return undefined;
    }
    return this.take(index, results);
  }

  private take(index: number, results: readonly LeafParse[]): MatchResult | undefined {
    const [only] = results;
    if (only?.kind === 'parses' && results.length === 1 && this.open.size === 0) {
      this.parses = only.parses;
      return undefined;
    }
    const next: Bindings[] = [];
    let offset = 0;
    for (const result of results) {
      if (result.kind === 'parses') next.push(...result.parses);
      if (result.kind === 'none') offset = Math.max(offset, result.offset);
      if (result.kind !== 'many') continue;
      next.push(result.bindings);
      for (const name of result.open) this.open.add(name);
    }
    if (next.length === 0) return { kind: 'no-match', leaf: index, offset };
    this.parses = this.open.size > 0 || next.length > PARSES_MAX ? [this.joined(next)] : next;
    return undefined;
  }

  /** One for all: what the parses agree on, the rest is open. */
  private joined(parses: readonly Bindings[]): Bindings {
    const [first = new Map<string, string>(), ...others] = parses;
    const common = new Map<string, string>();
    const names = new Set(parses.flatMap((parse) => [...parse.keys()]));
    for (const name of names) {
      const value = first.get(name);
      const agree = value !== undefined && others.every((other) => other.get(name) === value);
      if (agree && !this.open.has(name)) common.set(name, value);
      else this.open.add(name);
    }
    return common;
  }

  private usesOpen(pattern: LeafTemplate): boolean {
    return pattern.some((segment) => segment.kind === 'variable' && this.open.has(segment.name));
  }
}

function isVariable({ kind }: Segment): boolean {
  return kind === 'variable';
}

function isOverLimit({ kind }: LeafParse): boolean {
  return kind === 'over-limit';
}

function isMany({ kind }: LeafParse): boolean {
  return kind === 'many';
}
