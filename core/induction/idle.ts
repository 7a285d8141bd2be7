/**
 * Data of the requests that varies and flows nowhere: unused fields of a record, passages that surround the
 * one that matters. Siblings whose answers have the same form show where it stands; that it has no influence
 * is shown by answers, over more values than noise needs (DESIGN §11.4).
 */
import { matchMessage } from '../template/match.ts';
import type { Leaf, Message } from '../messages/message.ts';
import type { Placed } from './arrange.ts';
import { buildTemplate, unsafeCharacters } from './assemble.ts';
import { align, counterpart, type Alignment } from './differences.ts';
import type { Exchange } from './exchange.ts';
import { commonKindOf } from './recognise.ts';
import type { Span } from './span.ts';

export interface IdleInput {
  readonly exchange: Exchange;
  /** The first message that is new. */
  readonly from: number;
  /** Other exchanges of the same shape, newest first. */
  readonly others: readonly Exchange[];
}

/** Siblings that are compared: what they have in common is fixed text. Each costs an alignment. */
const SIBLINGS_MAX = 8;
/** Fewer show too little to tell fixed text from what happens to be the same. */
const SIBLINGS_MIN = 2;
/** Texts with less in common, by weight of words, are other texts. */
const SIMILARITY_MIN = 0.15;
/** This many words in common between two differences are fixed text; fewer may be a coincidence. */
const ANCHOR_WORDS_MIN = 3;
const WORD = /[\p{L}\p{N}]+/gu;
/** Parts of one of these say nothing by themselves: addresses of messages and pages, telephone numbers. */
const WHOLES = [
  /(?<![\p{L}\p{N}._%+-])[\p{L}\p{N}._%+-]{1,64}@[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){1,8}/gu,
  /(?<![\p{L}\p{N}])https?:\/\/[^\s<>"`{}|\\^]{1,2000}/giu,
  /(?<![\p{L}\p{N}+])\+\d{1,3}(?:[ ()./-]{1,2}\d{2,12}){1,5}(?![\p{L}\p{N}])/gu,
];
/** What says what it is by its form, wherever in a sentence it stands. */
const PLAIN_KINDS = new Set([
  'integer',
  'number',
  'email',
  'url',
  'date',
  'time',
  'datetime',
  'uuid',
  'phone',
  'hex',
  'name',
]);

/** Candidates, free of `placed`. Cost: one alignment with each of eight siblings for each leaf. */
export function findIdle(input: IdleInput, placed: readonly Placed[]): Span[] {
  const siblings = answeredAlike(input, placed);
  if (siblings.length < SIBLINGS_MIN) return [];
  const { messages } = input.exchange;
  const found = messages.flatMap((message, index) => {
    if (index < input.from || message.role === 'assistant') return [];
    return message.leaves.flatMap((leaf, leafIndex) => {
      const texts = siblings.map((sibling) => sibling.messages[index]?.leaves[leafIndex]?.text);
      if (leaf.kind === 'constant' || texts.every((text) => text === leaf.text)) return [];
      const taken = placed.filter((span) => span.message === index && span.leaf === leafIndex);
      const spans = spansIn(
        leaf,
        texts.filter((text) => text !== undefined),
        taken,
      );
      return spans.map((span) => ({ ...span, message: index, leaf: leafIndex, delimited: true }));
    });
  });
  const bounded = new Set(found.flatMap(({ isBounded, value }) => (isBounded ? [value] : [])));
  return found.flatMap(({ isBounded, ...span }): Span[] =>
    isBounded || bounded.has(span.value) ? [span] : [],
  );
}

/** Exchanges whose messages have the same skeletons and whose answers fit the answer as it stands. */
function answeredAlike(
  { exchange, from, others }: IdleInput,
  placed: readonly Placed[],
): Exchange[] {
  const { messages } = exchange;
  const last = messages.length - 1;
  const template = buildTemplate(
    exchange.answer,
    placed.filter((span) => span.message === last),
    { unsafe: unsafeCharacters(messages, placed), known: new Set() },
  );
  const words = wordsOf(messages, from);
  return others
    .filter(
      (other) =>
        other.messages.length === messages.length &&
        messages.every((message, index) => other.messages[index]?.skeleton === message.skeleton) &&
        matchMessage(template, other.answer, other.known).kind === 'match',
    )
    .map((other) => ({ other, common: wordsOf(other.messages, from).intersection(words).size }))
    .toSorted((a, b) => b.common - a.common)
    .slice(0, SIBLINGS_MAX)
    .map(({ other }) => other);
}

/** Of the new requests. */
function wordsOf(messages: readonly Message[], from: number): ReadonlySet<string> {
  const texts = messages
    .slice(from)
    .filter(({ role }) => role !== 'assistant')
    .flatMap(({ leaves }) => leaves.map(({ text }) => text));
  return new Set(texts.flatMap((text) => text.match(WORD) ?? []));
}

interface LeafSpan extends Pick<Span, 'start' | 'end' | 'value' | 'kind'> {
  /** Whether it is more than words in the middle of a sentence, by where it stands or by its form. */
  readonly isBounded: boolean;
}

interface Range {
  readonly start: number;
  readonly end: number;
}

function spansIn(leaf: Leaf, texts: readonly string[], taken: readonly Range[]): LeafSpan[] {
  if (leaf.kind === 'number' || (leaf.kind === 'string' && taken.length === 0)) {
    if (leaf.text.trim() === '' || taken.length > 0) return [];
    return [spanOf(leaf.text, { start: 0, end: leaf.text.length }, texts)];
  }
  const alignments = texts.flatMap((text) => {
    const alignment = align(leaf.text, text);
    return alignment === undefined || alignment.similarity < SIMILARITY_MIN
      ? []
      : [{ alignment, text }];
  });
  if (alignments.length < SIBLINGS_MIN) return [];
  const joined = joinRanges(
    leaf.text,
    varyingRanges(
      leaf.text,
      alignments.map(({ alignment }) => alignment),
      taken,
    ),
    taken,
  );
  return joined.flatMap((whole) => {
    const range = wholeLines(leaf.text, whole);
    const values = alignments.map(({ alignment, text }) => {
      const place = counterpart(alignment, range.start, range.end);
      return place === undefined ? '' : text.slice(place.start, place.end);
    });
    const span = spanOf(leaf.text, range, values);
    return isClear(span, taken) ? [span] : [];
  });
}

function spanOf(text: string, { start, end }: Range, others: readonly string[]): LeafSpan {
  const value = text.slice(start, end);
  const values = [value, ...others.filter((other) => other !== '' && other === other.trim())];
  const kind = commonKindOf(values);
  const isMixed = new Set(values.map((one) => /\d/.test(one))).size > 1;
  const span = { start, end, value, kind: kind === 'word' && isMixed ? 'line' : kind };
  const isCode = kind === 'word' && !isMixed && /\d/.test(value);
  return { ...span, isBounded: isCode || isBounded(text, span) };
}

/** What differs from some sibling, without the places of variables, in order; they do not overlap. */
function varyingRanges(
  text: string,
  alignments: readonly Alignment[],
  taken: readonly Range[],
): Range[] {
  const varies = new Uint8Array(text.length);
  for (const { differences } of alignments) {
    for (const { start, end } of differences) {
      // What a sibling has besides stands behind the word before it.
      const from = start < end ? start : wordBefore(text, start);
      varies.fill(1, from, end);
    }
  }
  for (const pattern of WHOLES) {
    for (const { 0: whole, index } of text.matchAll(pattern)) {
      if (varies.subarray(index, index + whole.length).includes(1))
        varies.fill(1, index, index + whole.length);
    }
  }
  for (const { start, end } of taken) varies.fill(0, start, end);
  const ranges: Range[] = [];
  for (let start = 0; start < text.length; start++) {
    if (varies[start] !== 1) continue;
    let end = start;
    while (varies[end] === 1) end++;
    const trimmed = trim(text, { start, end });
    if (trimmed.start < trimmed.end) ranges.push(trimmed);
    start = end;
  }
  return ranges;
}

function wordBefore(text: string, offset: number): number {
  let start = offset;
  while (start > 0 && /\s/.test(text[start - 1] ?? '')) start--;
  while (start > 0 && /\S/.test(text[start - 1] ?? '')) start--;
  return start;
}

function trim(text: string, { start, end }: Range): Range {
  const value = text.slice(start, end);
  const head = value.length - value.trimStart().length;
  return { start: start + head, end: Math.max(start + head, start + value.trimEnd().length) };
}

/** Neighbours with no fixed text between them are one. */
function joinRanges(text: string, ranges: readonly Range[], taken: readonly Range[]): Range[] {
  const joined: Range[] = [];
  for (const range of ranges) {
    const last = joined.at(-1);
    const isOne =
      last !== undefined &&
      !taken.some(({ start }) => start >= last.end && start < range.start) &&
      !isAnchor(text, last, range);
    if (isOne) joined[joined.length - 1] = { start: last.start, end: range.end };
    else joined.push(range);
  }
  return joined;
}

/** Of several lines, signs that open the line behind them are that line's: "[" of "[5] Directory". */
function wholeLines(text: string, range: Range): Range {
  const end = text.lastIndexOf('\n', range.end - 1);
  const isOpening = end > range.start && !/[\p{L}\p{N}]/u.test(text.slice(end, range.end));
  return isOpening ? trim(text, { start: range.start, end }) : range;
}

function isAnchor(text: string, a: Range, b: Range): boolean {
  const between = text.slice(a.end, b.start);
  const words = between.match(WORD) ?? [];
  if (words.length >= ANCHOR_WORDS_MIN) return true;
  // "12:30" is one value, "3, 5" are two.
  if (/^[.,:/-]$/.test(between)) return false;
  const isLabel = between.includes('\n') && /\p{L}/u.test(between);
  // "12 Hill Road" is one value: a number in front of a name is no figure.
  if (between === ' ' && /^\p{Lu}/u.test(text.slice(b.start, b.end))) return false;
  return isLabel || [a, b].some(({ start, end }) => /^[\d.,]+$/.test(text.slice(start, end)));
}

/**
 * Words in the middle of a sentence are what it says, whatever siblings say: only whole lines, what stands
 * behind a label or between quotes, and values of a form of their own may be idle.
 */
function isBounded(text: string, { start, end, kind }: Omit<LeafSpan, 'isBounded'>): boolean {
  if (PLAIN_KINDS.has(kind)) return true;
  const before = text[start - 1] ?? '\n';
  const after = text[end] ?? '\n';
  const line = text.slice(text.lastIndexOf('\n', start - 1) + 1, start);
  const opens = line.trim() === '' || /[:=\]]\s*$/.test(line);
  if (opens && /[\n,;]/.test(after)) return true;
  return /["'`“]/.test(before) && /["'`”]/.test(after);
}

/** A value that touches a variable has no end of its own. */
function isClear({ start, end }: Range, taken: readonly Range[]): boolean {
  return !taken.some((other) => other.end === start || other.start === end);
}
