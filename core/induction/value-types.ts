/**
 * Types of values, learned from where answers put them: what stands behind `CITY_NAME = "` is one type, and what
 * is known behind another key does not fit (DESIGN §4, what a variable may swallow).
 */
import type { Leaf } from '../messages/message.ts';
import {
  holdsValue,
  shapeOf,
  wordsOf,
  type Expectation,
  type ValueType,
} from '../tree/value-type.ts';
import type { Placed } from './arrange.ts';
import type { Exchange } from './exchange.ts';
import { occurrences } from './span.ts';

const WORD = /[\p{L}\p{N}]+/gu;
/** A key, a sign, and a quoted value or a number. */
const KEY = String.raw`([\p{L}_][\p{L}\p{N}_.]{0,60})\s{0,4}`;
const SIGN = String.raw`(?:[<>!]?=|<>|[<>:]|(?:\bnot\s{1,4})?(?:\blike\b|\bbetween\b|\bin\s{0,4}\())\s{0,4}`;
const KEYED = new RegExp(
  String.raw`${KEY}${SIGN}(?:["'\x60]%?([^"'\x60%\n]{1,200})%?["'\x60]|(\d+(?:\.\d+)?)(?![\p{L}\p{N}_.]))`,
  'giu',
);
/** Where a value begins: the first behind the key, or one of a list or a range. */
const KEY_BEFORE = new RegExp(
  String.raw`${KEY}${SIGN}(?:(?:["'\x60][^"'\x60\n]{0,60}["'\x60]|\d{1,20})\s{0,4}(?:,|\band\b)\s{0,4}){0,3}(?:["'\x60]%?)?$`,
  'iu',
);
const KEY_CHARACTERS_MAX = 160;
/** Keys that have this share of the smaller one's values in common, and two at least, have one type. */
const COMMON_SHARE_MIN = 1 / 3;
const COMMON_MIN = 2;
/** More, where one word was taken for the value of both. */
const ONE_MIN = 5;
/** Each word is part of a matcher that is stored, each value of a node's evidence. */
const WORDS_MAX = 200;
/** Where a smaller share of all values was seen only once, hardly any is missing (Good–Turing). */
const OPEN_SHARE_MIN = 0.2;
/** Of many values, one may be of any shape. */
const SHAPE_VALUES_MIN = 2;
/** Where more values of several words are made of others, that says nothing. */
const MADE_SHARE_MAX = 0.2;
/** A smaller chance that a new value is of another type is neglected. */
const RIVAL_SHARE_MIN = 0.02;
/** With fewer, whether values of other types belong to it cannot be told. */
const KNOWN_VALUES_MIN = 5;
/** With fewer, most values are still to come. */
const SETTLED_VALUES_MIN = 10;

export interface KnownTypes {
  /** Key → the values, in lower case, that answers have behind it, and how often. */
  readonly values: ReadonlyMap<string, ReadonlyMap<string, Known>>;
  /** One word of a request, or two → the keys of the values that stood behind it, and how often. */
  readonly contexts: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

interface Known {
  readonly shape: string;
  readonly times: number;
}

/** What the exchanges know of types. Cost: linear in the texts. */
export function knownTypes(others: readonly Exchange[]): KnownTypes {
  const values = new Map<string, Map<string, Known>>();
  const contexts = new Map<string, Map<string, number>>();
  for (const { answer, messages } of others) {
    const asked = messages.findLast(({ role }) => role === 'user')?.leaves[0]?.text ?? '';
    const lower = asked.toLowerCase();
    for (const [key, value] of answer.leaves.flatMap(keyedIn)) {
      const known = value.toLowerCase();
      const at = occurrences(lower, known)[0];
      // What is in no request is the answer's own constant.
      if (at === undefined) continue;
      const ofKey = values.get(key) ?? new Map<string, Known>();
      ofKey.set(known, { shape: shapeOf(value), times: (ofKey.get(known)?.times ?? 0) + 1 });
      values.set(key, ofKey);
      for (const words of contextsOf(lower, at)) {
        const keys = contexts.get(words) ?? new Map<string, number>();
        contexts.set(words, keys.set(key, (keys.get(key) ?? 0) + 1));
      }
    }
  }
  return { values, contexts };
}

/** The values of a leaf of an answer, with their keys. */
function keyedIn(leaf: Leaf): (readonly [string, string])[] {
  if (leaf.kind === 'string' || leaf.kind === 'number') {
    const key = pathKey(leaf);
    return key === undefined || leaf.text === '' ? [] : [[key, leaf.text]];
  }
  return [...leaf.text.matchAll(KEYED)].map(([, key = '', quoted, number = '']) => [
    normalised(key),
    quoted ?? number,
  ]);
}

function pathKey({ path }: Leaf): string | undefined {
  return path.findLast((part) => !/^\d+$/.test(part));
}

/** Numbered names are one: `a0.NAME` and `a1.NAME`. */
function normalised(key: string): string {
  return key.toLowerCase().replace(/\d+/g, '');
}

/** The last two words before, and the last one, in lower case; empty at the beginning. */
function contextsOf(text: string, offset: number): readonly [string, string] {
  const words =
    text
      .slice(Math.max(0, offset - 60), offset)
      .toLowerCase()
      .match(WORD) ?? [];
  return [words.slice(-2).join(' '), words.at(-1) ?? ''];
}

export interface TypeOfVariable {
  /** Words, in lower case, that are known in values of other types only. */
  readonly strange: readonly string[];
  /** Words, in lower case, of its own values. */
  readonly own: ReadonlySet<string>;
  readonly type: ValueType;
}

/** The type of the variable's places in the answer; undefined where no key stands before one. */
export function typeOf(
  { values: known, contexts }: KnownTypes,
  exchange: Exchange,
  name: string,
  placed: readonly Placed[],
): TypeOfVariable | undefined {
  const { messages } = exchange;
  const keys = keysBefore(exchange, name, placed);
  if (keys.size === 0) return undefined;
  const { own, same, others } = sortedKeys(known, keys);
  // One word that says two things was not meant so often: it may be the same by chance.
  if (new Set([...keys].map(columnOf)).size > 1 && !areOne(known, keys)) return undefined;
  const rivals = placed
    .filter((span) => span.name === name && !span.delimited)
    .filter((span) => messages[span.message]?.role === 'user')
    .flatMap((span) =>
      rivalsAt(known, contexts, {
        own,
        same,
        text: messages[span.message]?.leaves[span.leaf]?.text,
        start: span.start,
      }),
    );
  const ambiguous = new Set(rivals.flatMap(({ key }) => [...(known.get(key)?.keys() ?? [])]));
  const ownWords = new Set([...own.keys()].flatMap(wordsOf));
  const words = [...new Set(others.flatMap(wordsOf)).difference(ownWords)].slice(0, WORDS_MAX);
  const isKnown = own.size >= KNOWN_VALUES_MIN;
  return {
    strange: isKnown ? words : [],
    own: ownWords,
    type: {
      name,
      values: [...own]
        .filter(([value]) => !ambiguous.has(value))
        .toSorted(([a, x], [b, y]) => y.times - x.times || (a < b ? -1 : 1))
        .slice(0, WORDS_MAX)
        .map(([value]) => value),
      shapes: shapesOf(own),
      expects: expectationOf(own),
      rivalled: [...new Set(rivals.map(({ shape }) => shape))],
      doubtful: isKnown ? [] : words,
      isWhole: isWhole(own),
    },
  };
}

interface Context {
  readonly own: ReadonlyMap<string, Known>;
  readonly same: ReadonlySet<string>;
  readonly text: string | undefined;
  readonly start: number;
}

interface Rival {
  readonly key: string;
  /** Of values that may be of either type. */
  readonly shape: string;
}

/** The keys of other types of which a new value in this place may be as well, by its shape. */
function rivalsAt(
  known: KnownTypes['values'],
  contexts: KnownTypes['contexts'],
  { own, same, text = '', start }: Context,
): readonly Rival[] {
  const [two, one] = contextsOf(text, start);
  const keys = contexts.get(two) ?? contexts.get(one) ?? new Map<string, number>();
  const looks = shapeShares(own);
  let ours = 1;
  for (const [key, times] of keys) if (same.has(key)) ours += times;
  return [...keys].flatMap(([key, times]) => {
    const values = known.get(key);
    if (same.has(key) || values === undefined) return [];
    const theirs = shapeShares(values);
    return [...looks].flatMap(([shape, share]) => {
      const other = times * (theirs.get(shape) ?? 0) * unseenShare(values);
      const all = other + ours * share * unseenShare(own);
      return other > all * RIVAL_SHARE_MIN ? { key, shape } : [];
    });
  });
}

/** Which share of the values has each shape. */
function shapeShares(values: ReadonlyMap<string, Known>): ReadonlyMap<string, number> {
  const shares = new Map<string, number>();
  for (const { shape } of values.values())
    shares.set(shape, (shares.get(shape) ?? 0) + 1 / values.size);
  return shares;
}

interface SortedKeys {
  /** Values of the type. */
  readonly own: ReadonlyMap<string, Known>;
  /** Keys of the type. */
  readonly same: ReadonlySet<string>;
  /** Values of other types that look like its own. */
  readonly others: readonly string[];
}

function sortedKeys(known: KnownTypes['values'], keys: ReadonlySet<string>): SortedKeys {
  const own = new Map<string, Known>();
  const add = (values: ReadonlyMap<string, Known> = new Map<string, Known>()): void => {
    for (const [value, { shape, times }] of values)
      own.set(value, { shape, times: times + (own.get(value)?.times ?? 0) });
  };
  for (const key of keys) add(known.get(key));
  const columns = new Set([...keys].map(columnOf));
  const same = new Set(keys);
  const join = (isOne: (key: string, values: ReadonlyMap<string, Known>) => boolean): void => {
    for (const [key, values] of known) {
      if (same.has(key) || !isOne(key, values)) continue;
      same.add(key);
      add(values);
    }
  };
  // By its last name alone a key may be of the type or not.
  join((key, values) => columns.has(columnOf(key)) && shareValues(values, own, 1));
  join((_, values) => shareValues(values, own));
  const looks = new Set([...own.values()].map(({ shape }) => shape));
  const others = [...known].flatMap(([key, values]) =>
    same.has(key) || columns.has(columnOf(key))
      ? []
      : [...values].flatMap(([value, { shape }]) => (looks.has(shape) ? value : [])),
  );
  return { own, same, others };
}

/** Whether the keys have values in common, each with the first. */
function areOne(known: KnownTypes['values'], keys: ReadonlySet<string>): boolean {
  const [first = '', ...others] = keys;
  return others.every((key) => shareValues(known.get(first), known.get(key), ONE_MIN));
}

function shareValues(
  a: ReadonlyMap<string, Known> = NO_VALUES,
  b: ReadonlyMap<string, Known> = NO_VALUES,
  least = COMMON_MIN,
): boolean {
  const common = [...a.keys()].filter((value) => b.has(value)).length;
  return common >= least && common >= Math.min(a.size, b.size) * COMMON_SHARE_MIN;
}

const NO_VALUES: ReadonlyMap<string, Known> = new Map();

function columnOf(key: string): string {
  return key.slice(key.lastIndexOf('.') + 1);
}

function expectationOf(own: ReadonlyMap<string, Known>): Expectation {
  if (own.size < SETTLED_VALUES_MIN) return 'any';
  return unseenShare(own) >= OPEN_SHARE_MIN ? 'new' : 'telling';
}

/** The shapes of values; of many, one may be of any. */
function shapesOf(own: ReadonlyMap<string, Known>): readonly string[] {
  const least = own.size < SETTLED_VALUES_MIN ? 1 : SHAPE_VALUES_MIN;
  const counts = new Map<string, number>();
  for (const { shape } of own.values()) counts.set(shape, (counts.get(shape) ?? 0) + 1);
  return [...counts].flatMap(([shape, count]) => (count >= least ? shape : []));
}

/** How likely the next value is a new one: the share of those seen once (Good–Turing), never quite none or all. */
function unseenShare(values: ReadonlyMap<string, Known>): number {
  let [all, once] = [0, 0];
  for (const { times } of values.values()) {
    all += times;
    if (times === 1) once++;
  }
  return (once + 1) / (all + 2);
}

/** Whether hardly any value of several words holds another, as "west virginia" does. */
function isWhole(own: ReadonlyMap<string, Known>): boolean {
  const values = [...own.keys()];
  const long = values.filter((value) => value.includes(' '));
  const made = long.filter((value) => values.some((other) => holdsValue(value, other)));
  return made.length <= long.length * MADE_SHARE_MAX;
}

/** Keys that stand before the variable's places in the answer. */
function keysBefore(
  { answer, messages }: Exchange,
  name: string,
  placed: readonly Placed[],
): ReadonlySet<string> {
  return new Set(
    placed
      .filter((span) => span.name === name && span.message === messages.length - 1)
      .flatMap(({ leaf: index, start, end }) => {
        const leaf = answer.leaves[index];
        if (leaf === undefined) return [];
        if (leaf.kind === 'string' || leaf.kind === 'number')
          return start === 0 && end === leaf.text.length ? (pathKey(leaf) ?? []) : [];
        return keyBefore(leaf.text, start) ?? [];
      }),
  );
}

/** Where the key of the value that begins at `start` begins. */
export function keyStart(text: string, start: number): number | undefined {
  const from = Math.max(0, start - KEY_CHARACTERS_MAX);
  const found = KEY_BEFORE.exec(text.slice(from, start));
  return found === null ? undefined : from + found.index;
}

/** The key of the value that begins at `start`; undefined where none stands before it. */
export function keyBefore(text: string, start: number): string | undefined {
  const key = KEY_BEFORE.exec(text.slice(Math.max(0, start - KEY_CHARACTERS_MAX), start))?.[1];
  return key === undefined ? undefined : normalised(key);
}
