/** Earlier exchanges of the same behaviour: those whose requests read like this one's, word by word. */
import type { Message } from '../messages/message.ts';
import { align, counterpart, type Alignment } from './differences.ts';
import type { Exchange } from './exchange.ts';
import type { Span } from './span.ts';

/** A sibling, aligned leaf by leaf; what is not aligned says nothing. */
export interface Sibling {
  /** The id of its observation. */
  readonly observation: string;
  readonly messages: readonly Message[];
  readonly alignments: ReadonlyMap<string, Alignment>;
}

/** Newest first: behaviours change, and each alignment costs. */
const OTHERS_MAX = 60;
const SIBLINGS_MAX = 5;
/** Less in common than this is another behaviour, whose differences say nothing. */
const SIMILARITY_MIN = 0.45;

/** Texts with less in common are worded differently: what stands where says nothing. */
const READS_ALIKE_MIN = 0.3;

/** The most similar of `others`, at most five. Cost: one alignment for each of sixty requests, then one for each leaf. */
export function findSiblings(
  messages: readonly Message[],
  from: number,
  others: readonly Exchange[],
): Sibling[] {
  const asked = requestText(messages, from);
  if (asked === undefined) return [];
  const words = new Set(wordsOf(asked));
  const similar = others.slice(0, OTHERS_MAX).flatMap((other) => {
    const text = requestText(other.messages, from);
    if (text === undefined || !mayBeSimilar(words, text)) return [];
    const similarity = align(asked, text)?.similarity ?? 0;
    return similarity < SIMILARITY_MIN ? [] : [{ other, similarity }];
  });
  return similar
    .toSorted((a, b) => b.similarity - a.similarity)
    .slice(0, SIBLINGS_MAX)
    .map(({ other }) => ({
      observation: other.observation.id,
      messages: other.messages,
      alignments: alignAll(messages, from, other.messages),
    }));
}

export function placeKey(message: number, leaf: number): string {
  return `${message} ${leaf}`;
}

/** What stands in the place of `span` in each sibling. */
export function seenAt(
  span: Pick<Span, 'message' | 'leaf' | 'start' | 'end'>,
  siblings: readonly Sibling[],
): (string | null)[] {
  return siblings.map(({ messages, alignments }) => {
    const alignment = alignments.get(placeKey(span.message, span.leaf));
    const text = messages[span.message]?.leaves[span.leaf]?.text;
    if (alignment === undefined || text === undefined) return null;
    const place = counterpart(alignment, span.start, span.end);
    const value = place === undefined ? '' : text.slice(place.start, place.end);
    return value === '' ? null : value;
  });
}

/** The last text that a user wrote; below a known path, whatever came new. */
function requestText(messages: readonly Message[], from: number): string | undefined {
  const asked = messages.findLast(
    (message, index) => index >= from && index < messages.length - 1 && message.role === 'user',
  );
  const fallback = messages.findLast((message) => message.role === 'user');
  return (asked ?? fallback)?.leaves.map((leaf) => leaf.text).join('\n');
}

function mayBeSimilar(words: ReadonlySet<string>, text: string): boolean {
  const others = wordsOf(text);
  const common = others.filter((word) => words.has(word)).length;
  return common * 4 >= Math.max(words.size, new Set(others).size);
}

function wordsOf(text: string): string[] {
  return text.match(/[\p{L}\p{N}_]+/gu) ?? [];
}

function alignAll(
  messages: readonly Message[],
  from: number,
  others: readonly Message[],
): Map<string, Alignment> {
  const alignments = new Map<string, Alignment>();
  messages.forEach((message, index) => {
    const other = others[index];
    if (index < from || other?.skeleton !== message.skeleton) return;
    message.leaves.forEach((leaf, leafIndex) => {
      const text = other.leaves[leafIndex]?.text;
      const alignment = text === undefined ? undefined : align(leaf.text, text);
      if (
        alignment === undefined ||
        (leaf.kind === 'text' && alignment.similarity < READS_ALIKE_MIN)
      )
        return;
      alignments.set(placeKey(index, leafIndex), alignment);
    });
  });
  return alignments;
}
