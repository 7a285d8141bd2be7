/** Turns as messages, so that several messages cluster and align like one: leaf after leaf. */
import type { Leaf, Message } from '../messages/message.ts';
import { mergeRows } from './cluster.ts';
import { joinBySimilarity, joinByWord } from './join-rows.ts';
import { MERGE_LIMITS } from './plan.ts';
import { buildRows, type Row } from './rows.ts';

/** Several messages as one. Its leaves are theirs, in order. */
export function joinMessages(messages: readonly Message[]): Message {
  return {
    role: 'thread',
    skeleton: JSON.stringify(messages.map(({ role, skeleton }) => [role, skeleton])),
    leaves: messages.flatMap(({ leaves }) => leaves),
  };
}

/** Rows of messages that read alike, those with the most lines first, then in the order of their first lines. */
export function alikeRows(messages: readonly Message[]): Row[] {
  return [...buildRows(messages, fixedLeaves(messages)).values()]
    .flatMap((rows) => joined(mergeRows(rows)))
    .map((row) => ({ ...row, lines: row.lines.toSorted((a, b) => a.index - b.index) }))
    .toSorted(
      (a, b) =>
        b.lines.length - a.lines.length || (a.lines[0]?.index ?? 0) - (b.lines[0]?.index ?? 0),
    );
}

/** A shorter text is cut in any case. */
const FIXED_CHARACTERS_MIN = 256;
/** Prompts of a scope are few, and each is code: more different texts than this at one place hold data. */
const FIXED_TEXTS_MAX = 8;

/** Long texts of which there are few, such as system prompts: they are compared as wholes. */
function fixedLeaves(messages: readonly Message[]): (message: Message) => ReadonlySet<number> {
  const texts = new Map<string, Set<string>>();
  const placeOf = ({ skeleton }: Message, leaf: number): string => `${leaf} ${skeleton}`;
  for (const message of messages) {
    for (const [leaf, { text }] of message.leaves.entries()) {
      if (text.length < FIXED_CHARACTERS_MIN) continue;
      const place = placeOf(message, leaf);
      const known = texts.get(place) ?? new Set();
      if (known.size <= FIXED_TEXTS_MAX) known.add(text);
      texts.set(place, known);
    }
  }
  return (message) => {
    const isFixed = (leaf: number): boolean => {
      const known = texts.get(placeOf(message, leaf));
      const { text = '' } = message.leaves[leaf] ?? {};
      return known !== undefined && known.size <= FIXED_TEXTS_MAX && known.has(text);
    };
    return new Set([...message.leaves.keys()].filter(isFixed));
  };
}

/** What counts of words leave apart although it reads alike: the answers decide whether it belongs together. */
function joined(rows: readonly Row[]): Row[] {
  const byWord = joinByWord(rows);
  const isFew = ({ lines }: Row): boolean => lines.length < MERGE_LIMITS.siblingsMin;
  return [...byWord.filter((row) => !isFew(row)), ...joinBySimilarity(byWord.filter(isFew))];
}

/** Where a leaf of joined messages stands. */
export interface LeafPlace {
  readonly message: number;
  readonly leaf: number;
}

/** The places of the leaves of joined messages; `from` is the position of the first message in the thread. */
export function leafPlaces(messages: readonly Message[], from: number): LeafPlace[] {
  return messages.flatMap(({ leaves }, index) =>
    leaves.map((_: Leaf, leaf) => ({ message: from + index, leaf })),
  );
}
