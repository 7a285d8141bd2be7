/** Which strings a variable may take. Kinds are core's own; recogniser libraries only propose them. */

/**
 * `text`: anything. `line`: no line break. `name`: one to three capitalised words. `word`: one token
 * without blanks. The others are what they say; `date` is an ISO calendar date.
 */
export type MatcherKind = (typeof MATCHER_KINDS)[number];

export const MATCHER_KINDS = [
  'text',
  'line',
  'name',
  'word',
  'integer',
  'number',
  'email',
  'date',
] as const;

export interface Matcher {
  readonly kind: MatcherKind;
  /** Characters that a value must not contain, e.g. the quote that ends it where it is copied to. */
  readonly excludes?: string;
  /** Whether a `word` carries digits, as the one that it was learned from did or did not. */
  readonly digits?: boolean;
  /**
   * Words known as structure around the variable, in lower case, fixed at commit (DESIGN §11.8):
   * a value that contains one has swallowed what was code, not data.
   */
  readonly structure?: readonly string[];
}

const KINDS: ReadonlySet<string> = new Set(MATCHER_KINDS);

/** Longer values than this never come from one of the narrow kinds. */
const NARROW_CHARACTERS_MAX = 320;
/** Each pattern is a fixed, linear one over a short value: no nested repetition, nothing taken from data. */
const NAME_WORD = /^\p{Lu}[\p{L}\p{M}\p{N}]*(?:['’.-][\p{L}\p{M}\p{N}]+)*$/u;
const WORD = /^[\p{L}\p{N}](?:[^\s]*[\p{L}\p{N}])?$/u;
const INTEGER = /^-?(?:0|[1-9]\d{0,30})$/;
const NUMBER = /^-?(?:0|[1-9]\d{0,30})(?:\.\d{1,30})?$/;
const EMAIL = /^[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+$/u;
const DATE = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/;
const WORDS = /[\p{L}\p{N}]+/gu;
const NAME_WORDS_MAX = 3;

/** Whether `value` is one that the variable may take. Cost: linear in the value. */
export function accepts(matcher: Matcher, value: string): boolean {
  if (value.length === 0 || !fitsKind(matcher.kind, value)) return false;
  if (matcher.digits !== undefined && /\d/.test(value) !== matcher.digits) return false;
  if (matcher.excludes !== undefined) {
    for (const character of matcher.excludes) if (value.includes(character)) return false;
  }
  return matcher.structure === undefined || !containsWord(value, matcher.structure);
}

/** Whether every value of `inner` is one of `outer`: kinds, and no exclusion that only `outer` has. */
export function isNarrower(inner: Matcher, outer: Matcher): boolean {
  if (inner.kind !== outer.kind && !WIDER[inner.kind].includes(outer.kind)) return false;
  if (outer.digits !== undefined && outer.digits !== inner.digits) return false;
  for (const character of outer.excludes ?? '') {
    if (!(inner.excludes ?? '').includes(character)) return false;
  }
  return (outer.structure ?? []).every((word) => inner.structure?.includes(word) === true);
}

const WIDER: Readonly<Record<MatcherKind, readonly MatcherKind[]>> = {
  text: [],
  line: ['text'],
  name: ['line', 'text'],
  word: ['line', 'text'],
  integer: ['number', 'line', 'text'],
  number: ['line', 'text'],
  email: ['word', 'line', 'text'],
  date: ['word', 'line', 'text'],
};

/** The narrower, the smaller: order of preference among templates that give equal answers. */
export function matcherWidth(matcher: Matcher): number {
  return matcher.kind === 'text'
    ? 4
    : matcher.kind === 'line'
      ? 3
      : matcher.kind === 'name'
        ? 2
        : 1;
}

/** Reads a stored matcher. Everything in the database is untrusted: undefined when it is none. */
export function parseMatcher(json: unknown): Matcher | undefined {
  if (typeof json !== 'object' || json === null) return undefined;
  const { kind, excludes, digits, structure } = json as Record<string, unknown>;
  if (typeof kind !== 'string' || !KINDS.has(kind)) return undefined;
  if (excludes !== undefined && typeof excludes !== 'string') return undefined;
  if (digits !== undefined && typeof digits !== 'boolean') return undefined;
  if (structure !== undefined && !isTextList(structure)) return undefined;
  return {
    kind: kind as MatcherKind,
    ...(excludes === undefined ? {} : { excludes }),
    ...(digits === undefined ? {} : { digits }),
    ...(structure === undefined ? {} : { structure }),
  };
}

function fitsKind(kind: MatcherKind, value: string): boolean {
  if (kind === 'text') return true;
  if (kind === 'line') return !/[\n\r]/.test(value) && value.trim() === value;
  if (value.length > NARROW_CHARACTERS_MAX) return false;
  switch (kind) {
    case 'name':
      return isName(value);
    case 'word':
      return WORD.test(value);
    case 'integer':
      return INTEGER.test(value) && value !== '-0';
    case 'number':
      return NUMBER.test(value);
    case 'email':
      return EMAIL.test(value);
    case 'date':
      return DATE.test(value);
  }
}

function isName(value: string): boolean {
  const words = value.split(' ');
  return words.length <= NAME_WORDS_MAX && words.every((word) => NAME_WORD.test(word));
}

function containsWord(value: string, words: readonly string[]): boolean {
  for (const word of value.toLowerCase().match(WORDS) ?? []) if (words.includes(word)) return true;
  return false;
}

function isTextList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
