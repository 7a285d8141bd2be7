/**
 * Which strings a variable may take: a kind, narrowed by what is known about the values. Kinds are core's
 * own; recogniser libraries only propose them. A value is read in one pass, and never is the empty text.
 */
import { classAt } from './characters.ts';
import { isKindWithin, mayHold, MATCHER_KINDS, type MatcherKind } from './kinds.ts';
import { readerOf } from './reader.ts';

export interface Matcher {
  readonly kind: MatcherKind | 'one-of';
  /** The values of a `one-of`; no other kind has them. */
  readonly values?: readonly string[];
  /** Characters that a value must not contain, e.g. the quote that ends it where it is copied to. */
  readonly excludes?: string;
  /** Whether a value carries ASCII digits, as the one that it was learned from did or did not. */
  readonly digits?: boolean;
  /**
   * Words known as structure around the variable, in lower case, fixed at commit (DESIGN §11.8):
   * a value that contains one has swallowed what was code, not data.
   */
  readonly structure?: readonly string[];
}

export const ANYTHING: Matcher = { kind: 'text' };

/** One for each kind: a matcher's reader is kept as long as the matcher. */
const BARE: ReadonlyMap<MatcherKind, Matcher> = new Map(
  MATCHER_KINDS.map((kind) => [kind, { kind }]),
);

const KINDS: ReadonlySet<string> = new Set([...MATCHER_KINDS, 'one-of']);

/** Whether `value` is one that the variable may take. Cost: linear in the value. */
export function accepts(matcher: Matcher, value: string): boolean {
  return acceptsBetween(matcher, value, 0, value.length);
}

/** Whether `value` is of the kind. */
export function isOfKind(kind: MatcherKind, value: string): boolean {
  return accepts(BARE.get(kind) ?? { kind }, value);
}

/** Whether the stretch of `text` from `start` to `end` is a value that the variable may take. */
export function acceptsBetween(
  matcher: Matcher,
  text: string,
  start: number,
  end: number,
): boolean {
  if (end <= start) return false;
  if (isAnything(matcher)) return true;
  const reader = readerOf(matcher);
  let state = reader.start;
  for (let offset = start; offset < end; offset++) {
    state = reader.step(state, text, offset);
    if (state < 0) return false;
  }
  return reader.mayEnd(state);
}

/** Whether every value that is not empty fits, so that nothing has to be read. */
export function isAnything(matcher: Matcher): boolean {
  return (
    matcher.kind === 'text' &&
    matcher.excludes === undefined &&
    matcher.digits === undefined &&
    matcher.structure === undefined
  );
}

/** Whether every value of `inner` is one of `outer`. Errs on the side of "no". */
export function isNarrower(inner: Matcher, outer: Matcher): boolean {
  if (inner.kind === 'one-of') {
    const values = inner.values ?? [];
    return (
      values.length > 0 && values.every((value) => !accepts(inner, value) || accepts(outer, value))
    );
  }
  if (outer.kind === 'one-of' || !isKindWithin(inner.kind, outer.kind)) return false;
  if (outer.digits !== undefined && outer.digits !== inner.digits) return false;
  for (const character of outer.excludes ?? '') {
    if ((inner.excludes ?? '').includes(character)) continue;
    // No number holds a quote, excluded or not.
    if (mayHold(inner.kind, classAt(character, 0))) return false;
  }
  return new Set(outer.structure).isSubsetOf(new Set(inner.structure));
}

/** The narrower, the smaller: order of preference among templates that give equal answers. */
export function matcherWidth(matcher: Matcher): number {
  return WIDTHS.get(matcher.kind) ?? 1;
}

const WIDTHS: ReadonlyMap<Matcher['kind'], number> = new Map([
  ['text', 4],
  ['line', 3],
  ['name', 2],
  ['phone', 2],
  ['one-of', 0],
]);

/** Equal for equal matchers: part of a template's identity. */
export function matcherText(matcher: Matcher): readonly unknown[] {
  const { kind, excludes, digits, structure, values } = matcher;
  const text = [kind, excludes ?? '', digits ?? null, structure ?? []];
  return values === undefined ? text : [...text, values];
}

/** Reads a stored matcher. Everything in the database is untrusted: undefined when it is none. */
export function parseMatcher(json: unknown): Matcher | undefined {
  if (typeof json !== 'object' || json === null) return undefined;
  const { kind, excludes, digits, structure, values } = json as Record<string, unknown>;
  if (!isKind(kind) || (kind === 'one-of') !== (values !== undefined)) return undefined;
  if (!isOptional(excludes, 'string') || !isOptional(digits, 'boolean')) return undefined;
  if (!isOptionalList(structure) || !isOptionalList(values)) return undefined;
  return {
    kind,
    ...(values === undefined ? {} : { values }),
    ...(excludes === undefined ? {} : { excludes }),
    ...(digits === undefined ? {} : { digits }),
    ...(structure === undefined ? {} : { structure }),
  };
}

interface Primitives {
  readonly string: string;
  readonly boolean: boolean;
}

function isKind(value: unknown): value is Matcher['kind'] {
  return typeof value === 'string' && KINDS.has(value);
}

function isOptional<T extends keyof Primitives>(
  value: unknown,
  type: T,
): value is Primitives[T] | undefined {
  return value === undefined || typeof value === type;
}

function isOptionalList(value: unknown): value is string[] | undefined {
  if (value === undefined) return true;
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
