/**
 * After Derive: what the scope's requests say about values, and what stands in the requests besides the variables that answers are made of. Noise is masked
 * where three observations show that it has no influence, and repeats of a variable in another form ("erik"
 * for "Erik") follow it, so that neither makes a request of the same behaviour a miss.
 */
import { compare, parseDecimal } from '../decimal.ts';
import type { Matcher } from '../template/matcher.ts';
import { isSameValue, type Condition } from '../template/condition.ts';
import { variablesOfTemplate, type MessageTemplate } from '../template/template.ts';
import { synthesize } from '../synthesis/synthesize.ts';
import type { Placed } from './arrange.ts';
import { buildTemplates } from './assemble.ts';
import type { Derived } from './derive.ts';
import type { Values } from './evidence.ts';
import type { Exchange } from './exchange.ts';
import { toSnakeCase, uniqueName } from './name.ts';
import { findIdle } from './idle.ts';
import { findNoise, NOISE_KINDS } from './noise.ts';
import { predictAnswer } from './predict.ts';
import { peersOf, structureWords } from './structure.ts';
import type { ValueType } from '../tree/value-type.ts';
import { commonKindOf } from './recognise.ts';
import { knownTypes, typeOf } from './value-types.ts';
import { bySpanOrder, occurrences, overlaps, type Span } from './span.ts';

export interface CompleteInput {
  readonly exchange: Exchange;
  readonly from: number;
  /** Templates of the messages before `from`. */
  readonly above: readonly MessageTemplate[];
  /** Variables of the path and their values. */
  readonly inherited: Values;
  readonly derived: Derived;
  /** What was identified as data. */
  readonly sources: readonly Span[];
  /** Other exchanges of the same shape, newest first. */
  readonly others: readonly Exchange[];
  /** As many of those as can be had: words and types of values are learned from them. */
  readonly history: readonly Exchange[];
}

export interface Completed {
  readonly derived: Derived;
  /** Inherited variables that passed flow rule (c): nothing below depends on them. */
  readonly unguarded: readonly string[];
}

/** Different values, with the same answer, that show that something has no influence (flow rule c). */
const OBSERVATIONS_MIN = 3;
/** The same of what is no noise: it may mean something, so more has to show that it does not. */
const IDLE_VALUES_MIN = 5;
const OTHERS_MAX = 60;
/** Each round leaves out what was not shown; what is left is shown again without it. */
const ROUNDS_MAX = 3;

/** Completes what was derived. Cost: bounded; one match of each other exchange in each round. */
export function completePlaced(input: CompleteInput): Completed {
  const placed = withTypes(input, [...input.derived.placed, ...findRepeats(input)]);
  if (placed.length === 0) return { derived: input.derived, unguarded: [] };
  const noise = findAllNoise(input, placed);
  const idle = findAllIdle(input, [...placed, ...noise]);
  return (
    (idle.length > 0 ? withProven(input, placed, [...noise, ...idle]) : undefined) ??
    withProven(input, placed, noise) ?? { derived: { ...input.derived, placed }, unguarded: [] }
  );
}

/**
 * What the scope's requests and answers say of the values. Where earlier answers contradict a variable that may take
 * values of no known type, it only takes known ones.
 */
function withTypes(input: CompleteInput, found: readonly Placed[]): readonly Placed[] {
  const peers = peersOf(input.exchange, input.history);
  const words = structureWords(peers);
  const known = knownTypes(peers);
  const placed = found.map((span): Placed => {
    const typed = typeOf(known, input.exchange, span.name, found);
    const own = new Set([...(typed?.own ?? []), ...(span.value.toLowerCase().match(WORD) ?? [])]);
    const scope = isToldByLooks(typed?.type) ? [] : words;
    const structure = [...scope, ...(typed?.strange ?? [])].filter((word) => !own.has(word));
    return {
      ...span,
      ...(structure.length === 0 ? {} : { structure }),
      ...(typed === undefined ? {} : { type: typed.type, kind: kindWithin(span, typed.type) }),
    };
  });
  if (!placed.some(isBounded) || !isContradicted(input, placed)) return placed;
  return placed.map((span) =>
    isBounded(span) && span.condition === undefined
      ? { ...span, condition: { kind: 'one-of', values: [...valuesOf(span)] } }
      : span,
  );
}

const WORD = /[\p{L}\p{N}]+/gu;

/** Whether all values look as no word of wording does: "AT" is not "at". */
function isToldByLooks(type: ValueType | undefined): boolean {
  return (
    type !== undefined &&
    type.expects !== 'any' &&
    !type.shapes.some((shape) => shape.startsWith('a'))
  );
}

/** Whether what is known of its values can bound it. */
function isBounded({ type, delimited }: Placed): boolean {
  return type !== undefined && type.values.length > 0 && !delimited;
}

function valuesOf({ type, value }: Placed): ReadonlySet<string> {
  return new Set([value, ...(type?.values ?? [])]);
}

/** Wide enough for what is known of its type: "texas", and "new york" as well. */
function kindWithin(span: Placed, type: ValueType): Placed['kind'] {
  if (span.delimited || (span.kind !== 'word' && span.kind !== 'name')) return span.kind;
  return commonKindOf([span.value, ...type.values]) === 'line' ? 'line' : span.kind;
}

/** Whether some earlier exchange that `placed` would answer was answered otherwise. */
function isContradicted(input: CompleteInput, placed: readonly Placed[]): boolean {
  const { derived } = input.derived;
  const templates = templatesOf(input, placed);
  return input.others.some(
    (other) => predictAnswer(templates, derived, other)?.verdict === 'contradict',
  );
}

function templatesOf(input: CompleteInput, placed: readonly Placed[]): MessageTemplate[] {
  const { exchange, derived, from } = input;
  const known = new Set([
    ...input.inherited.map(([name]) => name),
    ...derived.derived.map(({ span }) => span.name),
  ]);
  return [...input.above, ...buildTemplates(exchange.messages, from, placed, known)];
}

/** Adds those of `candidates` that have no influence; undefined where answers show that one has, or none is shown. */
function withProven(
  input: CompleteInput,
  placed: readonly Placed[],
  candidates: readonly Placed[],
): Completed | undefined {
  const inherited = inheritedUnused(input);
  let left = candidates;
  for (let round = 0; round < ROUNDS_MAX; round++) {
    if (left.length === 0 && inherited.length === 0) return undefined;
    const seen = valuesWithoutInfluence(input, [...placed, ...left]);
    if (seen === undefined) return undefined;
    const proven = left.filter(({ name, kind }) => isShown(seen.get(name), kind));
    if (proven.length === left.length) {
      const added = left.map((span) => withinRange(span, seen.get(span.name) ?? NO_VALUES));
      const unguarded = inherited.filter(({ name }) => isStillIdle(seen.get(name)));
      return {
        derived: { ...input.derived, placed: [...placed, ...added] },
        unguarded: unguarded.map(({ name }) => name),
      };
    }
    left = proven;
  }
  return undefined;
}

const NO_VALUES: ReadonlySet<string> = new Set();

function isNoiseKind(kind: Matcher['kind']): boolean {
  return NOISE_KINDS.some((noise) => noise === kind);
}

function isShown(values: ReadonlySet<string> = NO_VALUES, kind: Matcher['kind']): boolean {
  const isCheap = isNoiseKind(kind) || [...values].every(isIdentifier);
  return values.size >= (isCheap ? OBSERVATIONS_MIN : IDLE_VALUES_MIN);
}

/** Addresses, telephone numbers and codes tell things apart: what is said of a thing seldom depends on how it is called. */
const IDENTIFIERS = [
  /^[^\s@]{1,64}@[^\s@]{3,255}$/u,
  /^https?:\/\/\S+$/u,
  /^\+\d{1,3}(?:[ ()./-]{1,2}\d{2,12}){1,5}$/u,
  /^(?=\S*\p{L})(?=(?:\S*\d){3})[\p{L}\p{N}_#:/.-]{5,64}$/u,
  /^\d{7,}$/u,
];

function isIdentifier(value: string): boolean {
  return IDENTIFIERS.some((pattern) => pattern.test(value));
}

/** What no answer below a template that proved itself has shown to matter matters seldom: it was idle before. */
function isStillIdle(values: ReadonlySet<string> = NO_VALUES): boolean {
  return values.size >= OBSERVATIONS_MIN;
}

/** Numbers are idle only inside the range seen (DESIGN §11.4). */
function withinRange(span: Placed, values: ReadonlySet<string>): Placed {
  if (span.kind !== 'integer' && span.kind !== 'number') return span;
  const numbers = [...values].flatMap((value) => {
    const number = parseDecimal(value);
    return number === undefined ? [] : [{ value, number }];
  });
  const length = span.value.length;
  // So many digits, always as many: a number of something, not an amount.
  if (length >= ID_DIGITS_MIN && [...values].every((value) => isOfDigits(value, length)))
    return { ...span, condition: between(`1${'0'.repeat(length - 1)}`, '9'.repeat(length)) };
  const sorted = numbers.toSorted((a, b) => compare(a.number, b.number));
  const [least, most] = [sorted[0]?.value ?? span.value, sorted.at(-1)?.value ?? span.value];
  return { ...span, condition: between(least, most) };
}

const ID_DIGITS_MIN = 7;

function isOfDigits(value: string, length: number): boolean {
  return value.length === length && /^[1-9]\d*$/.test(value);
}

function between(least: string, most: string): Condition {
  const conditions = [
    { kind: 'compare', comparison: '>=', number: least },
    { kind: 'compare', comparison: '<=', number: most },
  ] as const;
  return { kind: 'all', conditions };
}

/** Data of the new requests that varies and flows nowhere, named. */
function findAllIdle(input: CompleteInput, placed: readonly Placed[]): Placed[] {
  const used = new Set([
    ...placed.map((span) => span.name),
    ...input.inherited.map(([name]) => name),
  ]);
  const names = new Map<string, string>();
  return findIdle(input, placed).map((span): Placed => {
    const known = names.get(span.value);
    // What is said twice is one value, as long as nothing shows otherwise.
    if (known !== undefined) return { ...span, name: known, idle: true };
    const leaf = input.exchange.messages[span.message]?.leaves[span.leaf];
    const label = leaf?.path.findLast((part) => !/^\d+$/.test(part)) ?? '';
    const wished = leaf?.kind === 'text' ? undefined : toSnakeCase(label);
    const name = uniqueName(wished ?? `unused_${span.kind}`, used);
    used.add(name);
    names.set(span.value, name);
    return { ...span, name, idle: true };
  });
}

/** Noise of the new requests that no assistant message holds. */
function findAllNoise(input: CompleteInput, placed: readonly Placed[]): Placed[] {
  const { messages } = input.exchange;
  const answers = messages.filter((message) => message.role === 'assistant');
  const used = new Set([
    ...placed.map((span) => span.name),
    ...input.inherited.map(([name]) => name),
  ]);
  const found: Placed[] = [];
  messages.forEach((message, index) => {
    if (index < input.from || message.role === 'assistant') return;
    message.leaves.forEach((leaf, leafIndex) => {
      if (leaf.kind === 'number' || leaf.kind === 'constant') return;
      const taken = placed.filter((span) => span.message === index && span.leaf === leafIndex);
      for (const { start, end, kind, label } of findNoise(leaf.text, taken)) {
        const value = leaf.text.slice(start, end);
        const isShown = answers.some((answer) =>
          answer.leaves.some((other) => occurrences(other.text, value).length > 0),
        );
        if (isShown) continue;
        const name = uniqueName(toSnakeCase(label ?? '') ?? NOISE_NAMES[kind] ?? 'noise', used);
        used.add(name);
        const place = { message: index, leaf: leafIndex, start, end };
        found.push({ ...place, value, kind, name, delimited: false });
      }
    });
  });
  return found;
}

const NOISE_NAMES: Readonly<Partial<Record<string, string>>> = {
  datetime: 'timestamp',
  uuid: 'uuid',
  hex: 'id',
  separator: 'separator',
  markup: 'markup',
};

interface Inherited {
  readonly name: string;
  readonly kind: Matcher['kind'];
}

/** Variables of the path that may have no influence: numbers only where they are held to a range. */
function inheritedUnused(input: CompleteInput): Inherited[] {
  const variables = input.above.flatMap((template) =>
    template.role === 'assistant'
      ? []
      : template.leaves.flatMap((leaf) => leaf.filter((segment) => segment.kind === 'variable')),
  );
  return input.inherited.flatMap(([name]) => {
    const variable = variables.find((one) => one.name === name);
    if (variable === undefined) return [];
    const { kind } = variable.matcher;
    const isNumber = kind === 'integer' || kind === 'number';
    return isNumber && variable.condition === undefined ? [] : [{ name, kind }];
  });
}

/** The values that variables took while the answer was the predicted one; undefined after a contradiction. */
function valuesWithoutInfluence(
  input: CompleteInput,
  placed: readonly Placed[],
): ReadonlyMap<string, ReadonlySet<string>> | undefined {
  const { derived } = input;
  const templates = templatesOf(input, placed);
  const values = new Map<string, Set<string>>();
  const count = (name: string, value: string): unknown =>
    values.set(name, (values.get(name) ?? new Set()).add(value));
  for (const span of placed) count(span.name, span.value);
  for (const [name, value] of input.inherited) count(name, value);
  for (const other of input.others.slice(0, OTHERS_MAX)) {
    const predicted = predictAnswer(templates, derived.derived, other);
    if (predicted?.verdict === 'contradict') return undefined;
    if (predicted?.verdict !== 'agree') continue;
    for (const name of templates.flatMap(variablesOfTemplate)) {
      const value = predicted.bindings.get(name);
      if (value !== undefined) count(name, value);
    }
  }
  return values;
}

/**
 * Data of the requests that follows a variable in another form, in this exchange and in siblings where it is
 * another text. With no sibling it stays literal: the likeness may be a coincidence (Butter, butter).
 */
function findRepeats(input: CompleteInput): Placed[] {
  const { messages } = input.exchange;
  const found: Placed[] = [];
  const { placed } = input.derived;
  const variables = placed.filter(
    (span) => messages[span.message]?.role !== 'assistant' && span.seen !== undefined,
  );
  const used = new Set([
    ...placed.map((span) => span.name),
    ...input.inherited.map(([name]) => name),
  ]);
  for (const span of input.sources.toSorted(bySpanOrder)) {
    if ([...placed, ...found].some((other) => overlaps(span, other))) continue;
    for (const variable of variables) {
      const condition = conditionOn(span, variable);
      if (condition === undefined) continue;
      const name = uniqueName(variable.name, used);
      used.add(name);
      found.push({ ...span, name, condition });
      break;
    }
  }
  return found;
}

function conditionOn(span: Span, variable: Placed): Condition | undefined {
  if (span.message < variable.message || span.value === variable.value) return undefined;
  if (!isRelated(span.value, variable.value)) return undefined;
  const pairs = (span.seen ?? []).flatMap((value, index) => {
    const other = variable.seen?.[index] ?? null;
    return value === null || other === null ? [] : [[other, value] as const];
  });
  if (!pairs.some(([, value]) => value !== span.value)) return undefined;
  const all = [[variable.value, span.value] as const, ...pairs];
  if (all.every(([from, to]) => isSameValue(from, to))) {
    return { kind: 'same-as', name: variable.name };
  }
  const programs = synthesize(
    all.map(([from, to]) => ({ inputs: new Map([[variable.name, from]]), output: to })),
  );
  return programs.length === 0
    ? undefined
    : { kind: 'derived-from', derivation: { kind: 'programs', programs } };
}

function isRelated(a: string, b: string): boolean {
  const [x, y] = [a.toLowerCase(), b.toLowerCase()];
  return x.includes(y) || y.includes(x) || isSameValue(a, b);
}
