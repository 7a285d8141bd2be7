/** Which earlier exchanges are asked first: many behaviours share a scope, and those that read alike teach most. */
import type { Exchange } from './exchange.ts';

const WORD = /[\p{L}\p{N}_]+/gu;
/** Different words that are compared: what a request is about, not the whole of a document. */
const WORDS_MAX = 300;

const words = new WeakMap<Exchange, ReadonlySet<string>>();

/**
 * The `most` of `history` whose last messages share most words with the exchange's, the most similar first; in
 * their old order where they are alike. Cost: linear in the words of all.
 */
export function nearest(
  exchange: Exchange,
  history: readonly Exchange[],
  most: number,
): readonly Exchange[] {
  const own = wordsOf(exchange);
  return history
    .map((other) => ({ other, similarity: similarityOf(own, wordsOf(other)) }))
    .toSorted((a, b) => b.similarity - a.similarity)
    .slice(0, most)
    .map(({ other }) => other);
}

function similarityOf(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  return a.intersection(b).size / Math.max(a.size, b.size, 1);
}

function wordsOf(exchange: Exchange): ReadonlySet<string> {
  const known = words.get(exchange);
  if (known !== undefined) return known;
  const asked = exchange.messages.findLast(({ role }) => role !== 'assistant');
  const text = asked?.leaves.map((leaf) => leaf.text).join('\n') ?? '';
  const found = new Set<string>();
  for (const [word] of text.matchAll(WORD)) {
    found.add(word);
    if (found.size >= WORDS_MAX) break;
  }
  words.set(exchange, found);
  return found;
}
