/** A leaf template with the known values filled in: literals and, between them, variables that are still to be read. */
import { fold, type Folding } from './fold.ts';
import type { Bindings, LeafTemplate, VariableSegment } from './template.ts';

/** One literal more than variables; literals at the ends and between adjacent variables may be empty. */
export interface Pieces {
  readonly literals: readonly string[];
  readonly variables: readonly VariableSegment[];
  readonly folding: Folding | undefined;
}

/** The pieces of `pattern`. Cost: linear in it. */
export function piecesOf(pattern: LeafTemplate, known: Bindings): Pieces {
  const folding = foldingOf(pattern);
  const literals: string[] = [];
  const variables: VariableSegment[] = [];
  let literal = '';
  for (const segment of pattern) {
    if (segment.kind === 'literal') {
      literal += segment.text;
      continue;
    }
    const value = known.get(segment.name);
    if (value === undefined) {
      literals.push(literal);
      variables.push(segment);
      literal = '';
    } else {
      literal += value;
    }
  }
  literals.push(literal);
  return folding === undefined
    ? { literals, variables, folding }
    : { literals: literals.map((text) => fold(text, folding)), variables, folding };
}

/** How far the leaf folds: as far as any of its literals says. */
export function foldingOf(pattern: LeafTemplate): Folding | undefined {
  let folding: Folding | undefined;
  for (const segment of pattern) {
    if (segment.kind !== 'literal' || segment.fold === undefined) continue;
    if (folding !== 'punctuation') folding = segment.fold;
  }
  return folding;
}
