/** Where a message leaves a template, for people who ask why something was a miss. Not on the request path. */
import { LIMITS } from '../limits.ts';
import type { Leaf, Message } from '../messages/message.ts';
import { holds } from './condition.ts';
import { firstPlace } from './find-literal.ts';
import { acceptsBetween } from './matcher.ts';
import { matchMessage } from './match.ts';
import { piecesOf } from './pieces.ts';
import { commonPrefix, placeLiterals } from './placement.ts';
import {
  conditionalSegments,
  hydrateLeaf,
  type Bindings,
  type LeafTemplate,
  type MessageTemplate,
} from './template.ts';

export type Difference =
  | { readonly kind: 'role'; readonly expected: string; readonly found: string }
  /** Other fields, other tools called, or JSON of another shape. */
  | { readonly kind: 'shape' }
  /** The leaf at `path` goes on otherwise than the template from `offset` on. */
  | (Place & { readonly kind: 'text'; readonly expected: string; readonly found: string })
  /** The value that `variable` would take is none that its matcher takes. */
  | (Place & {
      readonly kind: 'value';
      readonly variable: string;
      readonly expected: string;
      readonly found: string;
    })
  /** The value of `variable` does not fit what is known, or a condition on it. */
  | { readonly kind: 'contradiction'; readonly variable: string }
  | { readonly kind: 'ambiguous'; readonly variables: readonly string[] };

interface Place {
  readonly leaf: number;
  readonly path: readonly string[];
  /** In UTF-16 units of the leaf's text. */
  readonly offset: number;
}

/** Enough to see what is meant. */
const EXCERPT_CHARACTERS_MAX = 80;
/** A literal that is not found so soon stands in no text that people would call near. */
const SEARCH_STEPS_MAX = 256;

/** The first difference in reading order, or undefined where the message fits in one way. */
export function firstDifference(
  template: MessageTemplate,
  message: Message,
  known: Bindings,
): Difference | undefined {
  if (template.role !== message.role) {
    return { kind: 'role', expected: template.role, found: message.role };
  }
  if (template.skeleton !== message.skeleton || template.leaves.length !== message.leaves.length) {
    return { kind: 'shape' };
  }
  for (const [index, leaf] of message.leaves.entries()) {
    const difference = leafDifference(template.leaves[index] ?? [], leaf, index, known);
    if (difference !== undefined) return difference;
  }
  return relationDifference(template, message, known);
}

/** How much of a template's fixed text stands in the message, in order: 0 to 1. */
export function literalShare(template: MessageTemplate, message: Message): number {
  if (template.skeleton !== message.skeleton) return 0;
  let total = 1;
  let shared = 1;
  for (const [index, pattern] of template.leaves.entries()) {
    const text = message.leaves[index]?.text ?? '';
    let offset = 0;
    for (const segment of pattern) {
      if (segment.kind === 'variable') continue;
      total += segment.text.length;
      const at = firstPlace(text, segment.text, offset, { steps: SEARCH_STEPS_MAX });
      if (at >= 0) {
        shared += segment.text.length;
        offset = at + segment.text.length;
      } else {
        shared += commonPrefix(segment.text, text.slice(offset, offset + segment.text.length));
      }
    }
  }
  return shared / total;
}

function leafDifference(
  pattern: LeafTemplate,
  leaf: Leaf,
  index: number,
  known: Bindings,
): Difference | undefined {
  const place = (offset: number): Place => ({ leaf: index, path: leaf.path, offset });
  const found = (offset: number): string => excerpt(leaf.text.slice(offset));
  const { literals, variables } = piecesOf(pattern, known);
  const budget = { steps: LIMITS.matchStepsMax };
  const placement = placeLiterals(literals, leaf.text, budget);
  if (placement.kind === 'misplaced') {
    const literal = literals[placement.literal] ?? '';
    const { offset } = placement;
    const expected = excerpt(placement.literal === 0 ? literal.slice(offset) : literal);
    return { kind: 'text', ...place(offset), expected, found: found(offset) };
  }
  // Only where the literals stand in one way is it certain which value is meant.
  if (placement.first.some((at, number) => at !== placement.last[number])) return undefined;
  for (const [number, { name, matcher }] of variables.entries()) {
    const start = (placement.first[number] ?? 0) + (literals[number]?.length ?? 0);
    const end = placement.first[number + 1] ?? 0;
    if (acceptsBetween(matcher, leaf.text, start, end)) continue;
    const value = excerpt(leaf.text.slice(start, end));
    const expected =
      matcher.structure === undefined
        ? matcher.kind
        : `${matcher.kind} without words of the template`;
    return { kind: 'value', ...place(start), variable: name, expected, found: value };
  }
  return undefined;
}

/** What no leaf shows by itself: contradictions, conditions, several parses. */
function relationDifference(
  template: MessageTemplate,
  message: Message,
  known: Bindings,
): Difference | undefined {
  const match = matchMessage(template, message, known);
  if (match.kind === 'match') {
    const [first, ...others] = match.parses;
    if (first === undefined) return undefined;
    const differing = [...first.keys()].filter((name) =>
      others.some((other) => other.get(name) !== first.get(name)),
    );
    const variables = [...new Set([...match.open, ...differing])];
    return variables.length === 0 ? undefined : { kind: 'ambiguous', variables };
  }
  const bare = matchMessage(withoutConditions(template), message, known);
  const parse = bare.kind === 'match' ? bare.parses[0] : undefined;
  if (parse === undefined)
    return { kind: 'contradiction', variable: contradicted(template, message, known) };
  const broken = conditionalSegments(template.leaves).find(
    ({ name, condition }) => !holds(condition, parse.get(name) ?? '', parse),
  );
  return { kind: 'contradiction', variable: broken?.name ?? '' };
}

function withoutConditions(template: MessageTemplate): MessageTemplate {
  const leaves = template.leaves.map((leaf) =>
    leaf.map((segment) =>
      segment.kind === 'literal'
        ? segment
        : { kind: segment.kind, name: segment.name, matcher: segment.matcher },
    ),
  );
  return { ...template, leaves };
}

/** The first variable whose places do not hold the same text. */
function contradicted(template: MessageTemplate, message: Message, known: Bindings): string {
  const bindings = new Map(known);
  for (const [index, pattern] of template.leaves.entries()) {
    for (const segment of pattern) {
      if (segment.kind === 'literal') continue;
      const single = { ...template, leaves: [pattern] };
      const leaf = message.leaves[index];
      const alone = leaf && matchMessage(single, { ...message, leaves: [leaf] }, bindings);
      if (alone?.kind !== 'match') return segment.name;
      const parse = alone.parses[0];
      if (parse !== undefined && hydrateLeaf(pattern, parse) !== undefined) {
        for (const [name, value] of parse) bindings.set(name, value);
      }
    }
  }
  return '';
}

function excerpt(text: string): string {
  const cut = text.slice(0, EXCERPT_CHARACTERS_MAX);
  return cut.isWellFormed() ? cut : cut.slice(0, -1);
}
