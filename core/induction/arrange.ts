/**
 * Step 4: which variable stands where. Copies refer to the variable that they copy; what is data in
 * the answer and no copy is a dependent, to be derived from variables that come before it.
 */
import type { Message } from '../messages/message.ts';
import type { BoundSpan } from './bind.ts';
import type { NamedGroup } from './name.ts';
import { bySpanOrder, occurrences, overlaps, type Span } from './span.ts';
import { toSnakeCase, uniqueName } from './name.ts';

/** A span that a variable fills. */
export interface Placed extends Span {
  readonly name: string;
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
}

/** Arranges variables; forward references cannot arise, a copy is only sought after its source. */
export function arrange(input: ArrangeInput): Arranged {
  const placed: Placed[] = [...input.bound];
  const copied = new Set<string>();
  // Longest values first: "Ann Lee" is one value, not "Ann" and a rest.
  for (const group of input.groups.toSorted((a, b) => b.value.length - a.value.length)) {
    const sources = group.spans.filter((span) => isFree(span, placed));
    const first = sources.toSorted(bySpanOrder)[0];
    if (first === undefined) continue;
    const copies = copiesOf(input, group, first).filter((span) =>
      isFree(span, [...placed, ...sources]),
    );
    if (copies.length === 0) continue;
    placed.push(...[...sources, ...copies].map((span) => ({ ...span, name: group.name })));
    copied.add(group.name);
  }
  return { placed, copied: [...copied], dependents: dependentsOf(input, placed) };
}

/** The places in assistant messages after `source` that hold the group's value. */
export function copiesOf(
  input: Pick<ArrangeInput, 'messages' | 'from'>,
  group: NamedGroup,
  source: Span,
): Span[] {
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
        found.push({ ...source, message: index, leaf: leafIndex, start, end });
      }
    });
  }
  return found;
}

function dependentsOf(input: ArrangeInput, placed: readonly Placed[]): Placed[] {
  const used = new Set([
    ...input.groups.map((group) => group.name),
    ...placed.map((span) => span.name),
  ]);
  return input.sinks
    .filter((sink) => isFree(sink, placed))
    .toSorted(
      (a, b) => a.message - b.message || a.leaf - b.leaf || b.end - b.start - (a.end - a.start),
    )
    .map((sink) => {
      const name = uniqueName(toSnakeCase(sink.label ?? '') ?? 'result', used);
      used.add(name);
      return { ...sink, name };
    });
}

export function isFree(span: Span, placed: readonly Span[]): boolean {
  return !placed.some((other) => overlaps(span, other));
}

/** Every variable of the groups that flows nowhere stays literal text (DESIGN §4, flow rule). */
export function unplaced(groups: readonly NamedGroup[], placed: readonly Placed[]): NamedGroup[] {
  const names = new Set(placed.map((span) => span.name));
  return groups.filter((group) => !names.has(group.name));
}
