/** The templates of alike turns: matchers as narrow as all the values that were seen. */
import type { Placed } from '../induction/arrange.ts';
import { unsafeCharacters } from '../induction/assemble.ts';
import { sideOf, thresholdPoints } from '../induction/thresholds.ts';
import { kindOf } from '../induction/recognise.ts';
import type { Message } from '../messages/message.ts';
import { ANYTHING, type Matcher } from '../template/matcher.ts';
import type { Bindings, LeafTemplate, MessageTemplate, Segment } from '../template/template.ts';
import type { Guard } from '../tree/node.ts';
import { bindingsAt, type Branch } from './branches.ts';
import { withDerived } from './explain.ts';
import type { LearnedTurn } from './learn.ts';
import { placedSlots, type Part, type Pattern, type Slot } from './pattern.ts';
import { MERGE_LIMITS } from './plan.ts';

const WORDS = /[\p{L}\p{N}]+/gu;
const OPEN_KINDS: ReadonlySet<string> = new Set(['name', 'word', 'line', 'text']);

/** The templates of the requests. `structure`: words of the scope that are code, not data, in lower case. */
export function requestTemplates(
  turn: LearnedTurn,
  structure: readonly string[],
): MessageTemplate[] {
  const { pattern } = turn;
  const surroundings = { unsafe: unsafeIn(turn), structure };
  const leaves = pattern.leaves.map((parts) => leafTemplate(parts, pattern, surroundings));
  let offset = 0;
  return pattern.model.map(({ role, skeleton, leaves: own }) => {
    const template = { role, skeleton, leaves: leaves.slice(offset, offset + own.length) };
    offset += own.length;
    return template;
  });
}

interface Surroundings {
  readonly unsafe: ReadonlyMap<string, string>;
  readonly structure: readonly string[];
}

function leafTemplate(
  parts: readonly Part[],
  { slots }: Pattern,
  { unsafe, structure }: Surroundings,
): LeafTemplate {
  const literal = parts.map((part) => (part.kind === 'literal' ? part.text : ' ')).join('');
  const words = [...structure, ...(literal.toLowerCase().match(WORDS) ?? [])];
  return parts.flatMap((part): Segment[] => {
    if (part.kind === 'literal') return part.text === '' ? [] : [part];
    const slot = slots[part.slot];
    if (slot === undefined) return [];
    const matcher = matcherOf(slot, words, unsafe.get(slot.name) ?? '');
    return [{ kind: 'variable', name: slot.name, matcher }];
  });
}

function matcherOf(slot: Slot, words: readonly string[], unsafe: string): Matcher {
  if (slot.isKnown) return ANYTHING;
  const { kind, values, delimited } = slot;
  const excludes = Array.from(unsafe).filter(
    (character) => !values.some((one) => one.includes(character)),
  );
  const isOpen = OPEN_KINDS.has(kind) && !delimited;
  const inValues = new Set(values.flatMap((value) => value.toLowerCase().match(WORDS) ?? []));
  const structure = isOpen ? [...new Set(words).difference(inValues)].sort() : [];
  const withDigits = values.filter((value) => /\d/.test(value)).length;
  const isUniform = withDigits === 0 || withDigits === values.length;
  return {
    kind,
    ...(excludes.length === 0 ? {} : { excludes: excludes.join('') }),
    ...(kind === 'word' && isUniform ? { digits: withDigits > 0 } : {}),
    ...(structure.length === 0 ? {} : { structure }),
  };
}

/** Where variables stand in the turn of one sibling, its reply among it. */
export function placedAt(turn: LearnedTurn, branch: Branch, sibling: number): Placed[] {
  const bindings = withDerived(branch.explanation.derived, bindingsAt(turn.variables, sibling));
  const to = turn.pattern.siblings[sibling]?.to ?? 0;
  const idle = turn.idle;
  const requests = placedSlots(turn.pattern, sibling).map((span): Placed =>
    idle.has(span.name) ? { ...span, idle: true } : span,
  );
  if (bindings === undefined) return requests;
  const { leaves } = branch.explanation.template;
  return [...requests, ...leaves.flatMap((leaf, index) => placedIn(leaf, bindings, [to, index]))];
}

function placedIn(
  segments: LeafTemplate,
  bindings: Bindings,
  [message, leaf]: readonly [number, number],
): Placed[] {
  let offset = 0;
  return segments.flatMap((segment): Placed[] => {
    const value = segment.kind === 'literal' ? segment.text : (bindings.get(segment.name) ?? '');
    const start = offset;
    offset += value.length;
    if (segment.kind === 'literal') return [];
    const { name } = segment;
    const kind = kindOf(value);
    return [{ message, leaf, start, end: offset, value, name, kind, delimited: false }];
  });
}

/** Variable → characters that would break what it is copied into, in any branch. */
function unsafeIn(turn: LearnedTurn): ReadonlyMap<string, string> {
  const unsafe = new Map<string, Set<string>>();
  for (const branch of turn.branches) {
    const sibling = branch.covered[0] ?? 0;
    const found = unsafeCharacters(messagesOf(turn, sibling), placedAt(turn, branch, sibling));
    for (const [name, characters] of found)
      unsafe.set(name, (unsafe.get(name) ?? new Set()).union(new Set(characters)));
  }
  return new Map([...unsafe].map(([name, characters]) => [name, [...characters].sort().join('')]));
}

/** The messages of the sibling's thread up to its reply. */
export function messagesOf({ pattern }: LearnedTurn, sibling: number): readonly Message[] {
  const turn = pattern.siblings[sibling];
  return turn === undefined ? [] : turn.exchange.messages.slice(0, turn.to + 1);
}

/**
 * The branch, in parts where an answer may turn on the size of a number: one for each side of the limits that the
 * fixed text names on which enough siblings were seen.
 */
export function sidesOf(turn: LearnedTurn, branch: Branch): Branch[] {
  const [first = 0] = branch.covered;
  const placed = placedAt(turn, branch, first);
  const here = new Set(placed.map(({ name }) => name));
  const above = turn.variables
    .filter(({ name }) => !here.has(name))
    .map(({ name, values }) => aboveAt(name, values[first] ?? ''));
  // The fixed text is that of all siblings.
  const points = thresholdPoints(messagesOf(turn, first), [...placed, ...above]);
  const sides = new Map<string, { guards: Guard[]; covered: number[] }>();
  for (const sibling of branch.covered) {
    const guards = turn.variables.flatMap(({ name, values }): Guard[] => {
      const condition = sideOf(values[sibling] ?? '', points.get(name) ?? []);
      return condition === undefined ? [] : [{ name, condition }];
    });
    const key = JSON.stringify(guards);
    const side = sides.get(key) ?? { guards, covered: [] };
    side.covered.push(sibling);
    sides.set(key, side);
  }
  return [...sides.values()]
    .filter(({ covered }) => covered.length >= MERGE_LIMITS.siblingsMin)
    .map(({ guards, covered }) => ({ ...branch, guards: [...branch.guards, ...guards], covered }));
}

/** As if it were read in front of the thread: only its size matters. */
function aboveAt(name: string, value: string): Placed {
  const place = { message: -1, leaf: 0, start: 0, end: value.length };
  return { ...place, value, name, kind: kindOf(value), delimited: true };
}
