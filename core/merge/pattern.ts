/** What the requests of alike turns have in common, and the slots in which they differ, named and with all their values. */
import type { Placed } from '../induction/arrange.ts';
import { nameVariables } from '../induction/name.ts';
import { commonKindOf, delimitedKindOf, recognise } from '../induction/recognise.ts';
import { occurrences, type Span } from '../induction/span.ts';
import type { Leaf, Message } from '../messages/message.ts';
import type { MatcherKind } from '../template/kinds.ts';
import { isOfKind } from '../template/matcher.ts';
import { alignRow, type Piece } from './align.ts';
import type { Row } from './rows.ts';
import { requestsOf, type Sibling } from './sibling.ts';
import { leafPlaces, type LeafPlace } from './turn-rows.ts';

export type Part =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'slot'; readonly slot: number };

/** One variable of the requests. Holes that always agree are one slot. */
export interface Slot {
  readonly name: string;
  /** Bound above: it stands for itself, whatever its value. */
  readonly isKnown: boolean;
  /** In the order of the pattern's siblings. */
  readonly values: readonly string[];
  readonly kind: MatcherKind;
  /** Quotes or the leaf itself bound it, so that its values may be of any words. */
  readonly delimited: boolean;
}

export interface Pattern {
  readonly siblings: readonly Sibling[];
  /** The requests of the first sibling. */
  readonly model: readonly Message[];
  /** For each leaf of the requests, in order. */
  readonly leaves: readonly (readonly Part[])[];
  readonly places: readonly LeafPlace[];
  readonly slots: readonly Slot[];
}

/** Kinds that `commonKindOf` does not tell, since only noise has them. */
const NOISE_FORMS: readonly MatcherKind[] = ['hex', 'separator', 'markup'];
const QUOTES = /["'`“”]/;

type Hole = Omit<Slot, 'name' | 'isKnown'> & { readonly places: Place[] };

/** Where a hole stands in the first sibling. */
interface Place extends LeafPlace {
  readonly start: number;
  readonly end: number;
}

/** The pattern of a row. What is the same in all siblings is literal, whatever its form. */
export function patternOf(row: Row, siblings: readonly Sibling[]): Pattern {
  const members = row.lines.flatMap(({ index }) => siblings[index] ?? []);
  const first = members[0];
  const model = first === undefined ? [] : requestsOf(first);
  const places = leafPlaces(model, first?.from ?? 0);
  const holes: Hole[] = [];
  const byValues = new Map<string, number>();
  const leaves = alignRow(row).map((pieces, leaf) => {
    let offset = 0;
    return pieces.map((piece, index): Part => {
      const text = piece.kind === 'literal' ? piece.text : (piece.values[0] ?? '');
      const start = offset;
      offset += text.length;
      if (piece.kind === 'literal' || isConstant(piece.values)) return { kind: 'literal', text };
      const key = JSON.stringify(piece.values);
      const slot = byValues.get(key) ?? holes.length;
      const hole = holes[slot] ?? holeOf(piece.values, leafAt(model, leaf), pieces, index);
      hole.places.push({ ...(places[leaf] ?? NOWHERE), start, end: offset });
      holes[slot] = hole;
      byValues.set(key, slot);
      return { kind: 'slot', slot };
    });
  });
  return { siblings: members, model, leaves, places, slots: nameSlots(members, holes) };
}

const NOWHERE: LeafPlace = { message: 0, leaf: 0 };

function isConstant(values: readonly string[]): boolean {
  return values.every((value) => value === values[0]);
}

function leafAt(messages: readonly Message[], index: number): Leaf | undefined {
  return messages.flatMap(({ leaves }) => leaves)[index];
}

function holeOf(
  values: readonly string[],
  leaf: Leaf | undefined,
  pieces: readonly Piece[],
  index: number,
): Hole {
  const isWhole = pieces.length === 1 && leaf?.kind === 'string';
  const delimited =
    isWhole || (isQuoteAt(pieces[index - 1], -1) && isQuoteAt(pieces[index + 1], 0));
  const common = kindOfAll(values);
  const kind = delimited && (common === 'name' || common === 'word') ? 'line' : common;
  return { values, kind, delimited, places: [] };
}

function isQuoteAt(piece: Piece | undefined, index: number): boolean {
  return piece?.kind === 'literal' && QUOTES.test(piece.text.at(index) ?? '');
}

function kindOfAll(values: readonly string[]): MatcherKind {
  const noise = NOISE_FORMS.find((kind) => values.every((value) => isOfKind(kind, value)));
  const common = commonKindOf(values);
  return noise !== undefined && (common === 'word' || common === 'line' || common === 'text')
    ? noise
    : common;
}

/** Bound names for what is always equal to something bound above; new ones, that do not give values away, for the rest. */
function nameSlots(siblings: readonly Sibling[], holes: readonly Hole[]): Slot[] {
  const [first] = siblings;
  if (first === undefined) return [];
  const known = new Map<string, string>();
  for (const name of first.bindings.keys())
    known.set(JSON.stringify(siblings.map(({ bindings }) => bindings.get(name))), name);
  const fresh = holes.filter(({ values }) => !known.has(JSON.stringify(values)));
  const sources = new Map(fresh.map((hole) => [hole, spansOf(first, hole)]));
  const sinks = sinksOf(first, fresh);
  const groups = nameVariables([...sources.values()].flat(), sinks, new Set(first.bindings.keys()));
  return holes.map(({ values, kind, delimited }, index): Slot => {
    const hole = holes[index];
    const spans = hole === undefined ? undefined : sources.get(hole);
    const group = groups.find((one) => one.spans.some((span) => spans?.includes(span)));
    const name = known.get(JSON.stringify(values)) ?? group?.name ?? `value_${index}`;
    return { name, isKnown: spans === undefined, values, kind, delimited };
  });
}

function spansOf({ exchange }: Sibling, { values, kind, delimited, places }: Hole): Span[] {
  const [value = '', ...seen] = values;
  return places.map((place) => {
    const leaf = exchange.messages[place.message]?.leaves[place.leaf];
    const found = recognise(leaf?.text ?? '').filter(
      ({ start, end }) => start === place.start && end === place.end,
    );
    const label = labelOf(leaf) ?? found.find((one) => one.label !== undefined)?.label;
    const category = found.find((one) => one.category !== undefined)?.category;
    return {
      ...place,
      ...{ value, kind, delimited, seen },
      ...(label === undefined ? {} : { label }),
      ...(category === undefined ? {} : { category }),
    };
  });
}

/** The key of a leaf of JSON. */
export function labelOf(leaf: Leaf | undefined): string | undefined {
  return leaf === undefined || leaf.kind === 'text'
    ? undefined
    : leaf.path.findLast((part) => !/^\d+$/.test(part));
}

/** Where the reply of the sibling holds values: a tool's argument says best what a value is for. */
function sinksOf({ reply, to }: Sibling, holes: readonly Hole[]): Span[] {
  return reply.leaves.flatMap((leaf, index) => {
    const label = labelOf(leaf);
    if (label === undefined) return [];
    return holes.flatMap(({ values: [value = ''] }) =>
      occurrences(leaf.text, value).map((start) => ({
        ...{ message: to, leaf: index, start, end: start + value.length },
        ...{ value, kind: delimitedKindOf(value), delimited: true, label },
      })),
    );
  });
}

/** Where the slots stand in the requests of one sibling, as placed spans. */
export function placedSlots(pattern: Pattern, sibling: number): Placed[] {
  return pattern.leaves.flatMap((parts, leaf) => {
    const place = pattern.places[leaf] ?? NOWHERE;
    let offset = 0;
    return parts.flatMap((part): Placed[] => {
      const slot = part.kind === 'slot' ? pattern.slots[part.slot] : undefined;
      const value = part.kind === 'literal' ? part.text : (slot?.values[sibling] ?? '');
      const start = offset;
      offset += value.length;
      if (slot === undefined) return [];
      const { name, kind, delimited } = slot;
      return [{ ...place, start, end: offset, value, name, kind, delimited }];
    });
  });
}
