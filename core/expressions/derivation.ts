/**
 * How a dependent variable is computed. Programs of our language are evaluated here: several of them that all
 * explain what was seen, and a value only where all agree, so that what one example leaves open is not guessed.
 * JavaScript is never run here: its results come in with the bindings, from whoever has a sandbox.
 */

import { evaluate } from './evaluate.ts';
import { EXPRESSION_LIMITS, nodesOf, variablesOf, type Expression } from './expression.ts';
import { parseExpression } from './parse-expression.ts';

export type Derivation = Programs | Code;

export interface Programs {
  readonly kind: 'programs';
  /** Smallest first, never empty, semantically different. */
  readonly programs: readonly Expression[];
}

/** A function that a model wrote, from one object of the variables to a literal; `''`: it does not know. */
export interface Code {
  readonly kind: 'javascript';
  readonly source: string;
  /** The variables that it is given. */
  readonly variables: readonly string[];
}

/** One call of a code derivation: its result belongs into the bindings, by this key. */
export interface CodeCall {
  readonly key: string;
  readonly source: string;
  /** What it is given. */
  readonly inputs: ReadonlyMap<string, string>;
}

export type DeriveResult =
  | { readonly kind: 'value'; readonly value: string }
  | { readonly kind: 'disagree' }
  | { readonly kind: 'undefined' }
  /** The bindings lack the result of this call. */
  | { readonly kind: 'needs-code'; readonly call: CodeCall };

/** A table of world knowledge fits; the sandbox takes no longer one. */
export const SOURCE_CHARACTERS_MAX = 4096;
const CODE_VARIABLES_MAX = 16;

/** More rivals than this are no derivation. */
const PROGRAMS_MAX = 16;

/** `undefined` if no program has a value; one that has none where others have one is a disagreement. */
export function derive(derivation: Derivation, values: ReadonlyMap<string, string>): DeriveResult {
  if (derivation.kind === 'javascript') return lookUp(derivation, values);
  const { programs } = derivation;
  if (programs.length > PROGRAMS_MAX) return { kind: 'disagree' };
  let value: string | undefined;
  for (let index = 0; index < programs.length; index++) {
    const program = programs[index];
    const result = program && evaluate(program, values);
    if (index > 0 && result !== value) return { kind: 'disagree' };
    value = result;
  }
  return value === undefined ? { kind: 'undefined' } : { kind: 'value', value };
}

function lookUp(code: Code, values: ReadonlyMap<string, string>): DeriveResult {
  const call = codeCall(code, values);
  if (call === undefined) return { kind: 'undefined' };
  const result = values.get(call.key);
  if (result === undefined) return { kind: 'needs-code', call };
  return result === '' ? { kind: 'undefined' } : { kind: 'value', value: result };
}

/** Rules of English that have exceptions: "ox" is "oxen". */
const INFLECTIONS: ReadonlySet<string> = new Set(['plural', 'singular']);

/** Whether a value is made by inflecting a word. */
export function inflects(derivation: Derivation): boolean {
  return (
    derivation.kind === 'programs' &&
    derivation.programs.some((program) => nodesOf(program).some(({ op }) => INFLECTIONS.has(op)))
  );
}

const CUTS: ReadonlySet<string> = new Set([
  ...['var', 'first', 'last', 'slice', 'cut', 'part', 'word', 'pick', 'keep', 'remove', 'number'],
]);

/** Whether a value is a single digit that stands in another one: one of ten does so by chance. */
export function cutsDigit(value: string, derivation: Derivation): boolean {
  return (
    /^\d$/.test(value) &&
    derivation.kind === 'programs' &&
    derivation.programs.every((program) => nodesOf(program).every(({ op }) => CUTS.has(op)))
  );
}

/** The call that gives the derivation's value here; undefined where a variable has no value. */
export function codeCall(
  { source, variables }: Code,
  values: ReadonlyMap<string, string>,
): CodeCall | undefined {
  const inputs = new Map<string, string>();
  for (const name of variables) {
    const value = values.get(name);
    if (value === undefined) return undefined;
    inputs.set(name, value);
  }
  // No variable of a client or a template has such a name, so results cannot be forged from outside.
  return { key: `$js:${JSON.stringify([source, ...inputs])}`, source, inputs };
}

/** The variables that a derivation reads. */
export function inputsOf(derivation: Derivation): readonly string[] {
  if (derivation.kind === 'javascript') return derivation.variables;
  return [...new Set(derivation.programs.flatMap(variablesOf))];
}

/** Reads untrusted data. One program that does not parse refuses the whole: without it the rest would serve too much. */
export function parseDerivation(json: unknown): Derivation | undefined {
  if (typeof json !== 'object' || json === null || !('kind' in json)) return undefined;
  return json.kind === 'javascript' ? parseCode(json) : parsePrograms(json);
}

function parseCode(json: object): Code | undefined {
  if (!('source' in json) || !('variables' in json) || Object.keys(json).length !== 3)
    return undefined;
  const { source, variables } = json;
  if (typeof source !== 'string' || source === '' || source.length > SOURCE_CHARACTERS_MAX)
    return undefined;
  if (!Array.isArray(variables) || variables.length > CODE_VARIABLES_MAX) return undefined;
  const names: string[] = [];
  for (const name of variables as readonly unknown[]) {
    if (typeof name !== 'string' || name.length > EXPRESSION_LIMITS.nameCharactersMax)
      return undefined;
    names.push(name);
  }
  return { kind: 'javascript', source, variables: names };
}

function parsePrograms(json: object): Programs | undefined {
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
