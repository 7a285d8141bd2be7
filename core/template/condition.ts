/**
 * Conditions over a value that is bound: how siblings branch on what was read ("unread > 0"). What cannot
 * be decided does not hold, so that it ends in a miss.
 */
import { canonicalNumber, compare, parseDecimal } from '../decimal.ts';
import { derive, inputsOf, parseDerivation, type Derivation } from '../expressions/derivation.ts';
import type { Bindings } from './template.ts';

export const COMPARISONS = ['<', '<=', '>', '>=', '=', '!='] as const;
export type Comparison = (typeof COMPARISONS)[number];

export type Condition =
  /** A number, as JSON writes it, that stands so to `number`. */
  | { readonly kind: 'compare'; readonly comparison: Comparison; readonly number: string }
  | { readonly kind: 'one-of'; readonly values: readonly string[] }
  /** The same text as another variable has, or the same number (`1` is `1.0`). */
  | { readonly kind: 'same-as'; readonly name: string }
  | { readonly kind: 'all'; readonly conditions: readonly Condition[] }
  /** What the derivation makes of other variables: "erik" beside "Erik". */
  | { readonly kind: 'derived-from'; readonly derivation: Derivation };

/** Whether the condition holds of `value`; `bindings` has the other variables. Cost: bounded, linear in the value. */
export function holds(condition: Condition, value: string, bindings: Bindings): boolean {
  switch (condition.kind) {
    case 'compare':
      return compares(condition.comparison, value, condition.number);
    case 'one-of':
      return condition.values.includes(value);
    case 'all':
      return condition.conditions.every((one) => holds(one, value, bindings));
    case 'same-as': {
      const other = bindings.get(condition.name);
      return other !== undefined && isSameValue(value, other);
    }
    case 'derived-from': {
      const derived = derive(condition.derivation, bindings);
      return derived.kind === 'value' && derived.value === value;
    }
  }
}

/** Whether everything that the condition on `name` reads is bound, so that `holds` is final. */
export function isDecidable(condition: Condition, bindings: Bindings): boolean {
  return namesInCondition(condition).every((name) => bindings.has(name));
}

/** Whether two values are the same text or the same number. */
export function isSameValue(a: string, b: string): boolean {
  if (a === b) return true;
  const number = parseDecimal(a);
  const other = parseDecimal(b);
  return number !== undefined && other !== undefined && canonicalNumber(a) === canonicalNumber(b);
}

function compares(comparison: Comparison, value: string, number: string): boolean {
  const left = parseDecimal(value);
  const right = parseDecimal(number);
  if (left === undefined || right === undefined) return false;
  const order = compare(left, right);
  switch (comparison) {
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
    case '=':
      return order === 0;
    case '!=':
      return order !== 0;
  }
}

/**
 * Whether `inner` holds only where `outer` does. Two different conditions are never nested, even `> 5`
 * and `> 0`: where both hold and the answers differ, that is an overlap and a miss. Nor is one that reads
 * other variables: by the same name two templates may mean different values.
 */
export function isConditionWithin(
  inner: Condition | undefined,
  outer: Condition | undefined,
): boolean {
  return (
    outer === undefined ||
    (inner !== undefined &&
      namesInCondition(outer).length === 0 &&
      JSON.stringify(inner) === JSON.stringify(outer))
  );
}

/** The variables that a condition reads beside the one that it is about. */
export function namesInCondition(condition: Condition): readonly string[] {
  switch (condition.kind) {
    case 'compare':
    case 'one-of':
      return [];
    case 'same-as':
      return [condition.name];
    case 'all':
      return condition.conditions.flatMap(namesInCondition);
    case 'derived-from':
      return inputsOf(condition.derivation);
  }
}

/** Conditions of one variable at most, and how deep they may be nested. */
const CONDITIONS_MAX = 8;
const DEPTH_MAX = 2;

/** Reads a stored condition. Everything in the database is untrusted: undefined when it is none. */
export function parseCondition(json: unknown, depth = 0): Condition | undefined {
  if (typeof json !== 'object' || json === null) return undefined;
  const fields = json as Record<string, unknown>;
  switch (fields['kind']) {
    case 'compare':
      return parseComparison(fields);
    case 'one-of':
      return isTextList(fields['values'])
        ? { kind: 'one-of', values: fields['values'] }
        : undefined;
    case 'same-as':
      return typeof fields['name'] === 'string'
        ? { kind: 'same-as', name: fields['name'] }
        : undefined;
    case 'all':
      return depth < DEPTH_MAX ? parseAll(fields['conditions'], depth) : undefined;
    case 'derived-from': {
      const derivation = parseDerivation(fields['derivation']);
      return derivation && { kind: 'derived-from', derivation };
    }
    default:
      return undefined;
  }
}

function parseComparison(fields: Record<string, unknown>): Condition | undefined {
  const { comparison, number } = fields;
  const known = COMPARISONS.find((one) => one === comparison);
  if (known === undefined || typeof number !== 'string') return undefined;
  return parseDecimal(number) && { kind: 'compare', comparison: known, number };
}

function parseAll(list: unknown, depth: number): Condition | undefined {
  if (!Array.isArray(list) || list.length === 0 || list.length > CONDITIONS_MAX) return undefined;
  const conditions = list.flatMap((item: unknown) => parseCondition(item, depth + 1) ?? []);
  return conditions.length === list.length ? { kind: 'all', conditions } : undefined;
}

function isTextList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
