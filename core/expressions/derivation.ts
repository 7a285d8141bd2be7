/**
 * How a dependent variable is computed. A derivation keeps several programs that all explain what was seen,
 * and has a value only where all of them agree: what one example leaves open is not guessed.
 */

import { evaluate } from './evaluate.ts';
import { variablesOf, type Expression } from './expression.ts';
import { parseExpression } from './parse-expression.ts';

/** A union of one, so far: `kind` leaves room for sandboxed scripts. */
export interface Derivation {
  readonly kind: 'programs';
  /** Smallest first, never empty, semantically different. */
  readonly programs: readonly Expression[];
}

export type DeriveResult =
  | { readonly kind: 'value'; readonly value: string }
  | { readonly kind: 'disagree' }
  | { readonly kind: 'undefined' };

/** More rivals than this are no derivation. */
const PROGRAMS_MAX = 16;

/** `undefined` if no program has a value; one that has none where others have one is a disagreement. */
export function derive(derivation: Derivation, values: ReadonlyMap<string, string>): DeriveResult {
  const results = derivation.programs
    .slice(0, PROGRAMS_MAX)
    .map((program) => evaluate(program, values));
  const value = results[0];
  if (derivation.programs.length > PROGRAMS_MAX) return { kind: 'disagree' };
  if (results.some((result) => result !== value)) return { kind: 'disagree' };
  return value === undefined ? { kind: 'undefined' } : { kind: 'value', value };
}

/** The variables that a derivation reads. */
export function inputsOf(derivation: Derivation): readonly string[] {
  return [...new Set(derivation.programs.flatMap(variablesOf))];
}

/** Reads untrusted data. One program that does not parse refuses the whole: without it the rest would serve too much. */
export function parseDerivation(json: unknown): Derivation | undefined {
  if (typeof json !== 'object' || json === null) return undefined;
  if (!('kind' in json) || json.kind !== 'programs' || !('programs' in json)) return undefined;
  const list: unknown = json.programs;
  if (!Array.isArray(list) || Object.keys(json).length !== 2) return undefined;
  if (list.length === 0 || list.length > PROGRAMS_MAX) return undefined;
  const programs: Expression[] = [];
  for (const entry of list as readonly unknown[]) {
    const program = parseExpression(entry);
    if (program === undefined) return undefined;
    programs.push(program);
  }
  return { kind: 'programs', programs };
}
