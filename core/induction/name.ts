/** Step 3: meaningful snake_case names, unique in the path; taken from labels and kinds, never from values. */
import { isVariableName } from '../template/template.ts';
import type { MatcherKind } from '../template/kinds.ts';
import { bySpanOrder, type Span } from './span.ts';

/** All the places that hold one value, under one name. */
export interface NamedGroup {
  readonly name: string;
  readonly value: string;
  readonly spans: readonly Span[];
}

const KIND_NAMES: Readonly<Record<MatcherKind, string>> = {
  text: 'text',
  line: 'text',
  name: 'name',
  word: 'word',
  integer: 'number',
  number: 'number',
  email: 'email',
  url: 'url',
  date: 'date',
  time: 'time',
  datetime: 'timestamp',
  uuid: 'uuid',
  phone: 'phone',
  scalar: 'value',
};
const NAME_CHARACTERS_MAX = 40;

/** Groups `sources` by value and names the groups in reading order; `taken` are names of the path. */
export function nameVariables(
  sources: readonly Span[],
  sinks: readonly Span[],
  taken: ReadonlySet<string>,
): NamedGroup[] {
  const groups = new Map<string, Span[]>();
  for (const span of sources.toSorted(byCertainty)) {
    const group = groups.get(span.value);
    if (group === undefined) groups.set(span.value, [span]);
    else group.push(span);
  }
  const used = new Set(taken);
  return [...groups].map(([value, spans]) => {
    const name = uniqueName(wishedName(value, spans, sinks), used);
    used.add(name);
    return { name, value, spans };
  });
}

/** `base`, or `base_2`, `base_3`, … where it is taken. */
export function uniqueName(base: string, used: ReadonlySet<string>): string {
  if (!used.has(base)) return base;
  for (let number = 2; ; number++) {
    const name = `${base}_${number}`;
    if (!used.has(name)) return name;
  }
}

/** `Full name` → `full_name`; undefined where nothing of it can be a name. */
export function toSnakeCase(label: string): string | undefined {
  const name = label
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1_$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, NAME_CHARACTERS_MAX);
  return isVariableName(name) && !RESERVED.has(name) ? name : undefined;
}

/** Reading order, but what is hardly data takes its name last. */
function byCertainty(a: Span, b: Span): number {
  return Number(a.doubtful ?? false) - Number(b.doubtful ?? false) || bySpanOrder(a, b);
}

const RESERVED = new Set(['constructor', 'prototype', 'content']);

/** A tool argument's key says best what a value is for; then its own label; then its kind. */
function wishedName(value: string, spans: readonly Span[], sinks: readonly Span[]): string {
  const labels = [...sinks.filter((sink) => sink.value === value), ...spans]
    .map((span) => span.label)
    .filter((label) => label !== undefined);
  for (const label of labels) {
    const name = toSnakeCase(label);
    if (name !== undefined && !leaks(name, value)) return name;
  }
  return KIND_NAMES[spans[0]?.kind ?? 'text'];
}

function leaks(name: string, value: string): boolean {
  return toSnakeCase(value) === name;
}

/** Words shorter than this say nothing of a value. */
const LEAK_CHARACTERS_MIN = 3;

/** Whether the name has a word of one of the values in it: names are shown where values must not be. */
export function leaksValue(name: string, values: readonly string[]): boolean {
  const words = new Set(values.flatMap((value) => value.toLowerCase().match(/[a-z0-9]+/g) ?? []));
  return name.split('_').some((word) => word.length >= LEAK_CHARACTERS_MIN && words.has(word));
}
