/**
 * Words that are code, not data: they stand in several requests of the scope and flow into no answer. A value
 * that nothing delimits must not hold one (DESIGN §4, what a variable may swallow).
 */
import type { Exchange } from './exchange.ts';

const WORD = /[\p{L}\p{N}]+/gu;
/** One request may hold a word by chance. */
const REQUESTS_MIN = 2;
/** A word that sometimes is a value counts as one, unless that is rare. */
const STRUCTURE_PER_VALUE = 6;
/** The most frequent ones do most of the work; each is part of the matchers that are stored. */
const STRUCTURE_WORDS_MAX = 100;
/** Of each request: what people type, not a document. */
const CHARACTERS_MAX = 2000;

/** Fewer show too little of how requests are worded. */
const PEERS_MIN = 20;

/** Of the others, those with the same instructions, if there are enough: words mean what they mean there. */
export function peersOf(exchange: Exchange, others: readonly Exchange[]): readonly Exchange[] {
  const instructions = instructionsOf(exchange);
  const peers = others.filter((other) => instructionsOf(other) === instructions);
  return peers.length < PEERS_MIN ? others : peers;
}

function instructionsOf({ messages }: Exchange): string {
  const [first] = messages;
  return first?.role === 'system' || first?.role === 'developer'
    ? first.leaves.map(({ text }) => text).join('\n')
    : '';
}

/** The structure words of a scope, in lower case, the most frequent first. Cost: linear in the texts. */
export function structureWords(others: readonly Exchange[]): readonly string[] {
  const structure = new Map<string, number>();
  const values = new Map<string, number>();
  const texts = new Set<string>();
  for (const { messages } of others) {
    // What was never answered shows no flow.
    if (!messages.some((message) => message.role === 'assistant')) continue;
    const asked = messages.findLast((message) => message.role === 'user');
    const text = (asked?.leaves ?? []).map((leaf) => leaf.text).join('\n');
    if (text.length > CHARACTERS_MAX || texts.has(text)) continue;
    texts.add(text);
    const said = saidIn(messages);
    for (const word of new Set(text.match(WORD) ?? [])) {
      const counts = said.has(word) || said.has(reversed(word)) ? values : structure;
      const lower = word.toLowerCase();
      counts.set(lower, (counts.get(lower) ?? 0) + 1);
    }
  }
  return [...structure]
    .filter(
      ([word, count]) =>
        count >= REQUESTS_MIN &&
        !/\d/.test(word) &&
        count >= (values.get(word) ?? 0) * STRUCTURE_PER_VALUE,
    )
    .toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .slice(0, STRUCTURE_WORDS_MAX)
    .map(([word]) => word);
}

/** Words of many requests are the scope's own, answered or not: one in fifty, and three at least. */
const FREQUENT_SHARE = 0.02;
const FREQUENT_MIN = 3;
/** The newest requests tell which words are frequent as well as all of them. */
const COUNTED_MAX = 400;

/** The words, in lower case, that stand in many of the requests. Cost: linear in the texts. */
export function frequentWords(others: readonly Exchange[]): ReadonlySet<string> {
  const counts = new Map<string, number>();
  const newest = others.slice(0, COUNTED_MAX);
  for (const { messages } of newest) {
    const asked = messages.findLast((message) => message.role === 'user');
    const text = (asked?.leaves ?? []).map((leaf) => leaf.text.slice(0, CHARACTERS_MAX)).join('\n');
    for (const word of new Set(text.toLowerCase().match(WORD) ?? [])) {
      counts.set(word, (counts.get(word) ?? 0) + 1);
    }
  }
  const least = Math.max(FREQUENT_MIN, newest.length * FREQUENT_SHARE);
  return new Set([...counts].flatMap(([word, count]) => (count >= least ? [word] : [])));
}

/** In the case in which they stand there: SQL in capitals does not quote the question. */
function saidIn(messages: Exchange['messages']): ReadonlySet<string> {
  const words = messages
    .filter((message) => message.role === 'assistant')
    .flatMap((message) => message.leaves.flatMap((leaf) => leaf.text.match(WORD) ?? []));
  return new Set(words);
}

function reversed(word: string): string {
  return Array.from(word).reverse().join('');
}

/** Whether a value holds one of `words`. */
export function holdsOneOf(words: ReadonlySet<string>, value: string): boolean {
  return (value.toLowerCase().match(WORD) ?? []).some((word) => words.has(word));
}
