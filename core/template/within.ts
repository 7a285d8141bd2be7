/** Whether one template fits only what another fits too. Errs on the side of "no". */
import { isConditionWithin, holds } from './condition.ts';
import { accepts, isNarrower } from './matcher.ts';
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
    const variable = this.variables.get(stretch);
    if (variable !== undefined) {
      return (
        isNarrower(variable.matcher, outer.matcher) &&
        isConditionWithin(variable.condition, outer.condition)
      );
    }
    if (hasStandIn(stretch)) return false;
    const { condition } = outer;
    return (
      accepts(outer.matcher, stretch) &&
      (condition === undefined || holds(condition, stretch, new Map()))
    );
  }
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
      return text.startsWith(fixed, offset) && this.from(index + 1, offset + fixed.length, bound);
    }
    if (segment.kind === 'literal') return false;
    for (let end = offset + 1; end <= text.length; end++) {
      if (--this.steps < 0) return false;
      const value = text.slice(offset, end);
      if (!this.symbolic.fits(segment, value)) continue;
      if (this.from(index + 1, end, new Map(bound).set(segment.name, value))) return true;
    }
    return false;
  }
}
