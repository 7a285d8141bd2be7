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
  hex: 'id',
  separator: 'separator',
  markup: 'markup',
};
const NAME_CHARACTERS_MAX = 40;

/**
 * Groups `sources` by value and names the groups in reading order; `taken` are names of the path. Places that
 * hold one value here and different ones in a sibling are a coincidence: they become groups of their own.
 */
export function nameVariables(
  sources: readonly Span[],
  sinks: readonly Span[],
  taken: ReadonlySet<string>,
): NamedGroup[] {
  const groups: Span[][] = [];
  const byValue = new Map<string, Span[][]>();
  for (const span of sources.toSorted(byCertainty)) {
    const same = byValue.get(span.value) ?? [];
    const group = same.find((spans) => spans.every((other) => mayBeOne(span, other)));
    if (group !== undefined) {
      group.push(span);
      continue;
    }
    const started = [span];
    groups.push(started);
    byValue.set(span.value, [...same, started]);
  }
  const used = new Set(taken);
  const values = valueNames(sources);
  return groups.map((spans) => {
    const value = spans[0]?.value ?? '';
    const name = uniqueName(wishedName(spans, sinks, values), used);
    used.add(name);
    return { name, value, spans };
  });
}

/** Whether two places that hold the same text may hold one variable: no sibling has different texts there. */
export function mayBeOne(a: Span, b: Span): boolean {
  return (a.seen ?? []).every((value, index) => {
    const other = b.seen?.[index] ?? null;
    return value === null || other === null || value === other;
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
  const name = snake(label).slice(0, NAME_CHARACTERS_MAX).replace(/_+$/, '');
  return isVariableName(name) && !RESERVED.has(name) ? name : undefined;
}

function snake(text: string): string {
  return text
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1_$2')
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '');
}

/** Reading order, but what is hardly data takes its name last. */
function byCertainty(a: Span, b: Span): number {
  return Number(a.doubtful ?? false) - Number(b.doubtful ?? false) || bySpanOrder(a, b);
}

const RESERVED = new Set(['constructor', 'prototype', 'content']);

/** A tool argument's key says best what a value is for; then its own label; then what recognisers call it. */
function wishedName(
  spans: readonly Span[],
  sinks: readonly Span[],
  values: ReadonlySet<string>,
): string {
  const [first] = spans;
  const value = first?.value;
  const copies = sinks.filter(
    (sink) => sink.value === value && spans.every((span) => mayBeOne(span, sink)),
  );
  const labels = [...copies, ...spans].flatMap((span) => span.label ?? []);
  const categories = [...spans, ...copies].flatMap((span) => span.category ?? []);
  for (const label of [...labels, ...categories]) {
    const name = toSnakeCase(label);
    if (name !== undefined && !leaks(name, values)) return name;
  }
  return KIND_NAMES[first?.kind ?? 'text'];
}

/** What names would give values away: those of the spans, as they would be written. */
export function valueNames(spans: readonly Span[]): ReadonlySet<string> {
  return new Set(spans.map((span) => snake(span.value)));
}

/** Whether a value stands in the name: "Erik: hello" has a label that is data itself. */
export function leaks(name: string, values: ReadonlySet<string>): boolean {
  const words = name.split('_');
  return words.some((_, from) =>
    words.some((_, to) => to >= from && values.has(words.slice(from, to + 1).join('_'))),
  );
}
