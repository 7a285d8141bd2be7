/** Whether one template fits only what another fits too. Errs on the side of "no". */
import { LIMITS } from '../limits.ts';
import { DEAD } from './automaton.ts';
import { classAt, CLASS_COUNT, splitsPair } from './characters.ts';
import { holds, isConditionWithin } from './condition.ts';
import type { Budget } from './cuts.ts';
import { NATIVE_SHIFT } from './find-literal.ts';
import { automatonOf, statesAfter, type MatcherKind } from './kinds.ts';
import { accepts, isAnything, isNarrower, type Matcher } from './matcher.ts';
import {
  literalCharacters,
  type LeafTemplate,
  type MessageTemplate,
  type VariableSegment,
} from './template.ts';

/**
 * Whether every message that `inner` fits is one that `outer` fits. Cost: bounded by `budget`, which all
 * comparisons of one decision may share; below zero the answer is "no".
 */
export function isWithin(
  inner: MessageTemplate,
  outer: MessageTemplate,
  budget: Budget = { steps: STEPS_MAX },
): boolean {
  if (inner.skeleton !== outer.skeleton || inner.leaves.length !== outer.leaves.length)
    return false;
  budget.steps -= 1 + ((inner.leaves.length + literalCharacters(inner)) >> NATIVE_SHIFT);
  if (budget.steps < 0) return false;
  // Folded literals are only compared with themselves.
  if ([...inner.leaves, ...outer.leaves].some(hasFolding)) {
    return inner.leaves.every((leaf, index) =>
      isSegmentwiseWithin(leaf, outer.leaves[index] ?? []),
    );
  }
  const symbolic = new SymbolicTexts();
  return (
    inner.leaves.every((leaf) => symbolic.addLeaf(leaf)) &&
    new Inclusion(symbolic, outer.leaves, budget).holds()
  );
}

/** More than this is not worth deciding: the answer is "no". */
const STEPS_MAX = 4096;
/** Private-use characters stand for the variables of the inner template. */
const STAND_IN = 0xe000;
const STAND_INS_MAX = 64;

function hasFolding(leaf: LeafTemplate): boolean {
  return leaf.some((segment) => segment.kind === 'literal' && segment.fold !== undefined);
}

function isSegmentwiseWithin(inner: LeafTemplate, outer: LeafTemplate): boolean {
  return (
    inner.length === outer.length &&
    inner.every((segment, index) => {
      const other = outer[index];
      if (segment.kind === 'literal') {
        return (
          other?.kind === 'literal' && other.text === segment.text && other.fold === segment.fold
        );
      }
      return (
        other?.kind === 'variable' &&
        other.name === segment.name &&
        isNarrower(segment.matcher, other.matcher) &&
        isConditionWithin(segment.condition, other.condition)
      );
    })
  );
}

/** The texts of the inner template, a character for each of its variables. */
class SymbolicTexts {
  readonly texts: string[] = [];
  private readonly characters = new Map<string, string>();
  private readonly variables = new Map<string, VariableSegment>();

  /** False where the text cannot be told from a stand-in. */
  addLeaf(leaf: LeafTemplate): boolean {
    let text = '';
    for (const segment of leaf) {
      if (segment.kind === 'variable') text += this.standIn(segment);
      else if (hasStandIn(segment.text)) return false;
      else text += segment.text;
    }
    this.texts.push(text);
    return this.characters.size <= STAND_INS_MAX;
  }

  private standIn(segment: VariableSegment): string {
    const character =
      this.characters.get(segment.name) ?? String.fromCharCode(STAND_IN + this.characters.size);
    this.characters.set(segment.name, character);
    this.variables.set(character, segment);
    return character;
  }

  /** Whether every value of the stretch is one that `outer` takes. */
  fits(outer: VariableSegment, stretch: string): boolean {
    const { condition, matcher } = outer;
    const variable = this.variables.get(stretch);
    if (variable !== undefined) {
      return (
        isNarrower(variable.matcher, matcher) && isConditionWithin(variable.condition, condition)
      );
    }
    if (hasStandIn(stretch)) {
      return condition === undefined && isBare(matcher) && this.isOfKind(matcher.kind, stretch);
    }
    return (
      accepts(matcher, stretch) && (condition === undefined || holds(condition, stretch, new Map()))
    );
  }

  /** Whether the kind takes every text that the stretch can become. */
  private isOfKind(kind: MatcherKind, stretch: string): boolean {
    const automaton = automatonOf(kind);
    let states: ReadonlySet<number> = new Set([automaton.start]);
    for (let offset = 0; offset < stretch.length; offset++) {
      const next = new Set<number>();
      for (const state of states) {
        const reached = this.statesAfter(kind, state, stretch, offset);
        if (reached === undefined) return false;
        for (const one of reached) next.add(one);
      }
      states = next;
    }
    return [...states].every((state) => automaton.accepting[state] === 1);
  }

  private statesAfter(
    kind: MatcherKind,
    state: number,
    stretch: string,
    offset: number,
  ): readonly number[] | undefined {
    const variable = this.variables.get(stretch.charAt(offset));
    if (variable !== undefined) {
      const inner = variable.matcher.kind === 'one-of' ? 'text' : variable.matcher.kind;
      return statesAfter(inner, kind, state);
    }
    const next = automatonOf(kind).next[state * CLASS_COUNT + classAt(stretch, offset)] ?? DEAD;
    return next === DEAD ? undefined : [next];
  }
}

/** A kind and nothing else. */
function isBare(matcher: Matcher): matcher is Matcher & { readonly kind: MatcherKind } {
  const { kind, excludes, digits, structure } = matcher;
  return kind !== 'one-of' && (excludes ?? digits ?? structure) === undefined;
}

/** Any unit of the private-use area: no literal with one is taken in. */
function hasStandIn(text: string): boolean {
  return /[\ue000-\uf8ff]/.test(text);
}

/** Whether the outer template parses the symbolic texts in some way, its variables the same in all leaves. */
class Inclusion {
  private readonly symbolic: SymbolicTexts;
  private readonly outer: readonly LeafTemplate[];
  private readonly budget: Budget;

  constructor(symbolic: SymbolicTexts, outer: readonly LeafTemplate[], budget: Budget) {
    this.symbolic = symbolic;
    this.outer = outer;
    this.budget = budget;
  }

  holds(): boolean {
    return this.from({ leaf: 0, segment: 0, offset: 0 }, new Map());
  }

  /** Recursion is as deep as the outer template has variables. */
  private from(start: Position, bound: ReadonlyMap<string, string>): boolean {
    const at = this.skipKnown(start, bound);
    if (typeof at === 'boolean') return at;
    const { leaf, segment, offset } = at;
    const variable = this.outer[leaf]?.[segment];
    if (variable?.kind !== 'variable' || bound.size >= LIMITS.variablesMax) return false;
    const text = this.symbolic.texts[leaf] ?? '';
    for (let end = offset + 1; end <= text.length; end++) {
      this.budget.steps -= 1 + fittingSteps(variable.matcher, end - offset);
      if (this.budget.steps < 0) return false;
      if (splitsPair(text, end)) continue;
      const value = text.slice(offset, end);
      if (!this.symbolic.fits(variable, value)) continue;
      const next = { leaf, segment: segment + 1, offset: end };
      if (this.from(next, new Map(bound).set(variable.name, value))) return true;
    }
    return false;
  }

  /** The first place that is not known yet; true behind the last, false where what is known does not stand. */
  private skipKnown(start: Position, bound: ReadonlyMap<string, string>): Position | boolean {
    let { segment, offset } = start;
    for (let leaf = start.leaf; leaf < this.outer.length; leaf++) {
      const text = this.symbolic.texts[leaf] ?? '';
      for (const next of this.outer[leaf]?.slice(segment) ?? []) {
        const fixed = next.kind === 'literal' ? next.text : bound.get(next.name);
        if (fixed === undefined) return { leaf, segment, offset };
        if (next.kind === 'variable') {
          // A value has to fit wherever its variable stands.
          this.budget.steps -= 1 + fittingSteps(next.matcher, fixed.length);
          if (this.budget.steps < 0 || !this.symbolic.fits(next, fixed)) return false;
        }
        if (!text.startsWith(fixed, offset)) return false;
        offset += fixed.length;
        segment++;
      }
      if (offset !== text.length) return false;
      segment = 0;
      offset = 0;
    }
    return true;
  }
}

interface Position {
  readonly leaf: number;
  readonly segment: number;
  readonly offset: number;
}

/** Reading a few units, or looking up a few words, takes as long as one step. */
function fittingSteps(matcher: Matcher, units: number): number {
  return isAnything(matcher) ? 0 : (units + (matcher.structure?.length ?? 0)) >> 2;
}
