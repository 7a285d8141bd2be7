/** Whether one template fits only what another fits too. Errs on the side of "no". */
import { isConditionWithin, holds } from './condition.ts';
import { DEAD } from './automaton.ts';
import { classAt, CLASS_COUNT, splitsPair } from './characters.ts';
import { automatonOf, statesAfter, type MatcherKind } from './kinds.ts';
import { accepts, isNarrower, type Matcher } from './matcher.ts';
import type { LeafTemplate, MessageTemplate, VariableSegment } from './template.ts';

/** Whether every message that `inner` fits is one that `outer` fits. Cost: bounded. */
export function isWithin(inner: MessageTemplate, outer: MessageTemplate): boolean {
  return (
    inner.skeleton === outer.skeleton &&
    inner.leaves.length === outer.leaves.length &&
    inner.leaves.every((leaf, index) => isLeafWithin(leaf, outer.leaves[index] ?? []))
  );
}

/** More than this is not worth deciding: the answer is "no". */
const STEPS_MAX = 4096;
/** Private-use characters stand for the variables of the inner template. */
const STAND_IN = 0xe000;
const STAND_INS_MAX = 64;

function isLeafWithin(inner: LeafTemplate, outer: LeafTemplate): boolean {
  if (hasFolding(inner) || hasFolding(outer)) return isSegmentwiseWithin(inner, outer);
  const symbolic = new SymbolicText();
  for (const segment of inner) {
    if (segment.kind === 'variable') symbolic.addVariable(segment);
    else if (!symbolic.addLiteral(segment.text)) return false;
  }
  return new Inclusion(symbolic, outer).holds();
}

function hasFolding(leaf: LeafTemplate): boolean {
  return leaf.some((segment) => segment.kind === 'literal' && segment.fold !== undefined);
}

/** Folded literals are only compared with themselves. */
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

/** The texts of the inner template as one text, a character for each of its variables. */
class SymbolicText {
  text = '';
  private readonly characters = new Map<string, string>();
  private readonly variables = new Map<string, VariableSegment>();

  addVariable(segment: VariableSegment): void {
    const character =
      this.characters.get(segment.name) ?? String.fromCharCode(STAND_IN + this.characters.size);
    this.characters.set(segment.name, character);
    this.variables.set(character, segment);
    this.text += character;
  }

  /** False where the text cannot be told from a stand-in. */
  addLiteral(text: string): boolean {
    this.text += text;
    return !hasStandIn(text) && this.characters.size <= STAND_INS_MAX;
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

/** Whether the outer template parses the symbolic text in some way. */
class Inclusion {
  private steps = STEPS_MAX;
  private readonly symbolic: SymbolicText;
  private readonly outer: LeafTemplate;

  constructor(symbolic: SymbolicText, outer: LeafTemplate) {
    this.symbolic = symbolic;
    this.outer = outer;
  }

  holds(): boolean {
    return this.from(0, 0, new Map());
  }

  private from(index: number, offset: number, bound: ReadonlyMap<string, string>): boolean {
    const { text } = this.symbolic;
    const segment = this.outer[index];
    if (segment === undefined) return offset === text.length;
    const fixed = segment.kind === 'literal' ? segment.text : bound.get(segment.name);
    if (fixed !== undefined) {
      // A value has to fit wherever its variable stands.
      if (segment.kind === 'variable' && !this.symbolic.fits(segment, fixed)) return false;
      return text.startsWith(fixed, offset) && this.from(index + 1, offset + fixed.length, bound);
    }
    if (segment.kind === 'literal') return false;
    for (let end = offset + 1; end <= text.length; end++) {
      if (--this.steps < 0) return false;
      if (splitsPair(text, end)) continue;
      const value = text.slice(offset, end);
      if (!this.symbolic.fits(segment, value)) continue;
      if (this.from(index + 1, end, new Map(bound).set(segment.name, value))) return true;
    }
    return false;
  }
}
