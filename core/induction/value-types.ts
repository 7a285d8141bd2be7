/**
 * Types of values, learned from where answers put them: what stands behind `CITY_NAME = "` is one type, and what
 * is known behind another key does not fit (DESIGN §4, what a variable may swallow).
 */
import type { Placed } from './arrange.ts';
import type { Exchange } from './exchange.ts';
import { occurrences } from './span.ts';

const WORD = /[\p{L}\p{N}]+/gu;
/** A key, a sign and a quoted value. */
const KEYED =
  /([\p{L}_][\p{L}\p{N}_]{0,60})\s{0,4}(?:=|:|\blike\b)\s{0,4}["'`]([^"'`\n]{1,200})["'`]/giu;
const KEY_BEFORE = /([\p{L}_][\p{L}\p{N}_]{0,60})\s{0,4}(?:=|:|\blike\b)\s{0,4}["'`]$/iu;
const KEY_CHARACTERS_MAX = 80;
/** Keys that have this share of the smaller one's values in common, and two at least, have one type. */
const COMMON_SHARE_MIN = 1 / 3;
const COMMON_MIN = 2;
/** Each word is part of a matcher that is stored. */
const WORDS_MAX = 200;

export interface KnownTypes {
  /** Key → the values, in lower case, that answers have behind it. */
  readonly values: ReadonlyMap<string, ReadonlySet<string>>;
  /** Word of a request → the keys of the values that stood behind it. */
  readonly contexts: ReadonlyMap<string, ReadonlySet<string>>;
}

/** What the exchanges know of types. Cost: linear in the texts. */
export function knownTypes(others: readonly Exchange[]): KnownTypes {
  const found = new Map<string, Set<string>>();
  const contexts = new Map<string, Set<string>>();
  const put = (map: Map<string, Set<string>>, key: string, value: string): unknown =>
    map.set(key, (map.get(key) ?? new Set()).add(value));
  for (const { answer, messages } of others) {
    const asked = messages.findLast(({ role }) => role === 'user')?.leaves[0]?.text ?? '';
    const lower = asked.toLowerCase();
    for (const { text } of answer.leaves) {
      for (const [, key = '', value = ''] of text.matchAll(KEYED)) {
        const known = value.toLowerCase();
        put(found, key.toLowerCase(), known);
        const at = occurrences(lower, known)[0];
        if (at !== undefined) put(contexts, wordBefore(lower, at), key.toLowerCase());
      }
    }
  }
  return { values: found, contexts };
}

/** In lower case; empty at the beginning. */
function wordBefore(text: string, offset: number): string {
  return (
    /([\p{L}\p{N}]+)\P{L}*$/u
      .exec(text.slice(Math.max(0, offset - 60), offset))?.[1]
      ?.toLowerCase() ?? ''
  );
}

export interface ValueType {
  /** Words, in lower case, that are known in values of other types only. */
  readonly strange: readonly string[];
  /** All known values, where values of another type were asked for behind the same word: "in {{city}}", "in {{state}}". */
  readonly only: readonly string[] | undefined;
}

/** The type of the variable's places in the answer; undefined where no key stands before one. */
export function typeOf(
  { values: known, contexts }: KnownTypes,
  exchange: Exchange,
  name: string,
  placed: readonly Placed[],
): ValueType | undefined {
  const { messages } = exchange;
  const keys = keysBefore(exchange, name, placed);
  if (keys.size === 0) return undefined;
  const own = new Set([...keys].flatMap((key) => [...(known.get(key) ?? [])]));
  const fitting = new Set(own);
  const same = new Set(keys);
  const others: string[] = [];
  for (const [key, values] of known) {
    if (keys.has(key)) continue;
    const common = values.intersection(own).size;
    const least = Math.min(values.size, own.size) * COMMON_SHARE_MIN;
    const isSame = common >= COMMON_MIN && common >= least;
    if (isSame) same.add(key);
    for (const value of values) {
      if (isSame) fitting.add(value);
      else others.push(value);
    }
  }
  const allowed = new Set([...fitting].flatMap((value) => value.match(WORD) ?? []));
  const words = new Set(others.flatMap((value) => value.match(WORD) ?? []));
  const before = placed
    .filter((span) => span.name === name && messages[span.message]?.role === 'user')
    .map((span) => wordBefore(messages[span.message]?.leaves[span.leaf]?.text ?? '', span.start));
  const isAmbiguous = before.some((word) =>
    [...(contexts.get(word) ?? [])].some((key) => !same.has(key)),
  );
  return {
    strange: [...words.difference(allowed)].slice(0, WORDS_MAX),
    only: isAmbiguous && fitting.size <= WORDS_MAX ? [...fitting] : undefined,
  };
}

/** Keys that stand before the variable's places in the answer, in lower case. */
function keysBefore(
  { answer, messages }: Exchange,
  name: string,
  placed: readonly Placed[],
): ReadonlySet<string> {
  return new Set(
    placed
      .filter((span) => span.name === name && span.message === messages.length - 1)
      .flatMap(({ leaf, start }) => {
        const text = answer.leaves[leaf]?.text ?? '';
        const key = KEY_BEFORE.exec(text.slice(Math.max(0, start - KEY_CHARACTERS_MAX), start));
        return key?.[1]?.toLowerCase() ?? [];
      }),
  );
}
