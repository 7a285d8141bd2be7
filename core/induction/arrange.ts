/**
 * Step 4: which variable stands where. Copies refer to the variable that they copy; what is data in
 * the answer and no copy is a dependent, to be derived from variables that come before it.
 */
import type { Condition } from '../template/condition.ts';
import type { Message } from '../messages/message.ts';
import type { Exchange } from './exchange.ts';
import { isUsual } from './usual.ts';
import type { ValueType } from '../tree/value-type.ts';
import type { BoundSpan } from './bind.ts';
import { leaks, mayBeOne, toSnakeCase, uniqueName, valueNames, type NamedGroup } from './name.ts';
import { bySpanOrder, occurrences, overlaps, type Span } from './span.ts';

/** A span that a variable fills. */
export interface Placed extends Span {
  readonly name: string;
  /** What must hold of the value besides its kind. */
  readonly condition?: Condition;
  /** Words, in lower case, that no value of it holds. */
  readonly structure?: readonly string[];
  /** What is known of values like it. */
  readonly type?: ValueType;
  /** It flows nowhere: siblings show that the answer does not depend on it. */
  readonly idle?: true;
}

export interface Arranged {
  /** Known and copied values, in requests and in assistant messages; they do not overlap. */
  readonly placed: readonly Placed[];
  /** Variables that flow into an assistant message as they are. */
  readonly copied: readonly string[];
  /** What is to be derived, with the name of the variable; wholes stand before their parts. */
  readonly dependents: readonly Placed[];
  /**
   * Where a model arranged: what it says each dependent follows from. One that is missing here is a
   * constant to it: nothing is to be derived.
   */
  readonly chosen?: readonly Dependence[];
}

export interface Dependence {
  readonly name: string;
  readonly from: readonly string[];
}

export interface ArrangeInput {
  readonly messages: readonly Message[];
  readonly from: number;
  readonly bound: readonly BoundSpan[];
  readonly groups: readonly NamedGroup[];
  readonly sinks: readonly Span[];
  /** Other exchanges of the same shape. */
  readonly others?: readonly Exchange[];
}

/** Arranges variables; forward references cannot arise, a copy is only sought after its source. */
export function arrange(input: ArrangeInput): Arranged {
  const placed: Placed[] = [...input.bound];
  const copied = new Set<string>();
  // Longest values first: "Ann Lee" is one value, not "Ann" and a rest.
  for (const group of input.groups.toSorted((a, b) => b.value.length - a.value.length)) {
    const sources = group.spans.filter((span) => isFree(span, placed));
    const first = sources.toSorted(bySpanOrder)[0];
    if (first === undefined || isBornInAnswer(input.messages, group)) continue;
    const copies = copiesOf(input, group, first).filter((span) =>
      isFree(span, [...placed, ...sources]),
    );
    if (copies.length === 0) continue;
    placed.push(...[...sources, ...copies].map((span) => ({ ...span, name: group.name })));
    copied.add(group.name);
  }
  return { placed, copied: [...copied], dependents: dependentsOf(input, placed) };
}

/**
 * Whether an assistant message is the first to hold the group's value: nothing says where it came from, so it is fixed
 * text there and wherever it is repeated.
 */
export function isBornInAnswer(messages: readonly Message[], { spans }: NamedGroup): boolean {
  const first = spans.toSorted(bySpanOrder)[0];
  return first !== undefined && messages[first.message]?.role === 'assistant';
}

/** The places in assistant messages after `source` that hold the group's value. */
export function copiesOf(input: ArrangeInput, group: NamedGroup, source: Span): Span[] {
  const found: Span[] = [];
  for (
    let index = Math.max(input.from, source.message + 1);
    index < input.messages.length;
    index++
  ) {
    const message = input.messages[index];
    if (message?.role !== 'assistant') continue;
    message.leaves.forEach((leaf, leafIndex) => {
      const starts =
        leaf.kind === 'number' || leaf.kind === 'constant'
          ? leaf.text === group.value
            ? [0]
            : []
          : occurrences(leaf.text, group.value);
      for (const start of starts) {
        const end = start + group.value.length;
        const place = { message: index, leaf: leafIndex, start, end };
        if (isUsual(input.messages, { ...place, value: group.value }, input.others ?? [])) continue;
        if (isCopy(input, group, place)) found.push({ ...source, ...place });
      }
    });
  }
  return found;
}

/**
 * Whether the value at `place` is the group's and not just the same text: what siblings have there has to be
 * what they have in the group's places. Where several groups could be meant, none is.
 */
function isCopy(
  input: ArrangeInput,
  group: NamedGroup,
  place: Pick<Span, 'message' | 'leaf' | 'start' | 'end'>,
): boolean {
  const sink = input.sinks.find(
    (span) =>
      span.message === place.message &&
      span.leaf === place.leaf &&
      span.start === place.start &&
      span.end === place.end,
  );
  const rivals = input.groups.filter((other) => other.value === group.value);
  if (sink?.seen === undefined) return rivals.length === 1;
  const fitting = rivals.filter((other) => other.spans.every((span) => mayBeOne(span, sink)));
  return fitting.length === 1 && fitting[0] === group;
}

function dependentsOf(input: ArrangeInput, placed: readonly Placed[]): Placed[] {
  const used = new Set([
    ...input.groups.map((group) => group.name),
    ...placed.map((span) => span.name),
  ]);
  const values = valueNames([...input.groups.flatMap((group) => group.spans), ...input.sinks]);
  return input.sinks
    .filter((sink) => isFree(sink, placed))
    .toSorted(
      (a, b) => a.message - b.message || a.leaf - b.leaf || b.end - b.start - (a.end - a.start),
    )
    .map((sink) => {
      const label = toSnakeCase(sink.label ?? '');
      const wished = label === undefined || leaks(label, values) ? 'result' : label;
      const name = uniqueName(wished, used);
      used.add(name);
      return { ...sink, name };
    });
}

export function isFree(span: Span, placed: readonly Span[]): boolean {
  return !placed.some((other) => overlaps(span, other));
}
