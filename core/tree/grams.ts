/**
 * Grams: hashes of the short stretches of text by which templates are found. A leaf is read with one
 * unit before and one after it that no text holds, so a gram can say "at the start" and "at the end".
 */
import { canonicalNumber } from '../decimal.ts';
import type { Message } from '../messages/message.ts';
import { foldingOf } from '../template/pieces.ts';
import type { LeafTemplate, MessageTemplate } from '../template/template.ts';

/**
 * Eight units cross a word boundary nearly everywhere, and word pairs are rare where words are not.
 * The others are for templates whose literals all are shorter: " of " is one gram of four, ", a" of three.
 */
const GRAM_SIZES = [8, 4, 3] as const;
export const GRAM_SIZE_MAX = 8;
/** Leaves up to this length are also one gram as a whole; longer literals have long grams enough. */
const WHOLE_CHARACTERS_MAX = 64;

const START = 0x10000;
const END = 0x10001;
const MULTIPLIER = 0x2c1b3c6d;
const GOLDEN = 0x9e3779b1;
const WHOLE_SALT = 0x7feb352d;
const SIZE_SALT = 0x846ca68b;
const LEAF_SALT = 0x68e31da4;
const NUMERIC = /^-?[0-9][0-9.eE+-]*$/;
const ALPHANUMERIC_RUN = /[0-9A-Za-z]+/g;

/** A part of a literal that stands, unit for unit, in every message which the template matches. */
interface Run {
  readonly text: string;
  readonly atStart: boolean;
  readonly atEnd: boolean;
}

/** The grams that every match of a template contains. */
export interface TemplateGrams {
  readonly ids: number[];
  /** Where each stands; grams of one literal overlap where their places differ by less than `GRAM_SIZE_MAX`. */
  readonly places: number[];
  /** Whether the gram holds an end of its leaf: it stands in one place of a message, others anywhere. */
  readonly atEdge: boolean[];
  /** Their length; those of leaves that are literal as a whole have none. */
  readonly size: number;
}

/** The text of a leaf without variables and foldings, else undefined. */
export function literalText(pattern: LeafTemplate): string | undefined {
  let text = '';
  for (const segment of pattern) {
    if (segment.kind !== 'literal' || segment.fold !== undefined) return undefined;
    text += segment.text;
  }
  return text;
}

/**
 * All grams of a template: leaves that are literal as a whole, and of the others the grams of the
 * greatest size that any of their literals has. Cost: linear in the template.
 */
export function gramsOfTemplate(template: MessageTemplate): TemplateGrams {
  const wholes: number[] = [];
  const runs: { readonly run: Run; readonly leaf: number }[] = [];
  for (const [leaf, pattern] of template.leaves.entries()) {
    const text = literalText(pattern);
    const whole = text === undefined ? undefined : wholeGram(text, leaf);
    if (whole !== undefined) wholes.push(whole);
    // The kind of a leaf is not known here, and a number leaf compares by value, not by its digits.
    else if (text === undefined || !NUMERIC.test(text)) {
      for (const run of runsOf(pattern)) runs.push({ run, leaf });
    }
  }
  const longest = runs.reduce((units, { run }) => Math.max(units, unitsOf(run)), 0);
  const size = GRAM_SIZES.find((each) => each <= longest) ?? 0;
  const grams = {
    ids: wholes,
    places: wholes.map((_, index) => index * GRAM_SIZE_MAX),
    atEdge: wholes.map(() => true),
    size,
  };
  if (size > 0) for (const { run, leaf } of runs) pushRun(grams, run, gramSalt(leaf, size));
  return grams;
}

function pushRun(grams: TemplateGrams, run: Run, salt: number): void {
  const { text } = run;
  const { size } = grams;
  const from = run.atStart ? -1 : 0;
  const out = new Int32Array(Math.max(0, unitsOf(run) - size + 1));
  writeGrams({ text, from, to: from + unitsOf(run), size, salt }, out, 0);
  const place = (grams.places.at(-1) ?? 0) + GRAM_SIZE_MAX;
  for (const [index, id] of out.entries()) {
    grams.ids.push(id);
    grams.places.push(place + index);
    grams.atEdge.push((run.atStart && index === 0) || (run.atEnd && index === out.length - 1));
  }
}

function unitsOf({ text, atStart, atEnd }: Run): number {
  return text.length + (atStart ? 1 : 0) + (atEnd ? 1 : 0);
}

/** Neighbouring literals stay apart: it loses the grams across their border and no match. */
function runsOf(pattern: LeafTemplate): Run[] {
  const runs: Run[] = [];
  const isFolded = foldingOf(pattern) !== undefined;
  pattern.forEach((segment, index) => {
    if (segment.kind !== 'literal') return;
    // Letters and digits stay what they are, whatever folds.
    if (isFolded) {
      for (const text of segment.text.match(ALPHANUMERIC_RUN) ?? []) {
        runs.push({ text, atStart: false, atEnd: false });
      }
      return;
    }
    runs.push({ text: segment.text, atStart: index === 0, atEnd: index === pattern.length - 1 });
  });
  return runs;
}

interface Stretch {
  readonly text: string;
  /** First and last offset, exclusive; -1 and `text.length` are the units at the ends. */
  readonly from: number;
  readonly to: number;
  readonly size: number;
  readonly salt: number;
}

/** Writes the grams of a stretch to `out` from `at` on. Cost: a few nanoseconds for each unit. */
function writeGrams(stretch: Stretch, out: Int32Array, at: number): number {
  const { text, from, to, size, salt } = stretch;
  if (to - from < size) return at;
  const last = text.length;
  let leaving = 1;
  let hash = 0;
  for (let offset = from; offset < from + size; offset++) {
    hash = (Math.imul(hash, MULTIPLIER) + unitAt(text, offset, last)) | 0;
    leaving = Math.imul(leaving, MULTIPLIER);
  }
  out[at++] = finish(hash, salt);
  for (let offset = from + size; offset < to; offset++) {
    const left = Math.imul(unitAt(text, offset - size, last), leaving);
    hash = (Math.imul(hash, MULTIPLIER) + unitAt(text, offset, last) - left) | 0;
    out[at++] = finish(hash, salt);
  }
  return at;
}

function unitAt(text: string, offset: number, last: number): number {
  if (offset < 0) return START;
  return offset < last ? text.charCodeAt(offset) : END;
}

/** Zero marks an empty place of the table. Tables are indexed by the upper bits, which depend on all. */
function finish(hash: number, salt: number): number {
  return Math.imul(hash ^ salt, GOLDEN) || 1;
}

function gramSalt(leaf: number, size: number): number {
  return Math.imul(leaf + 1, LEAF_SALT) ^ Math.imul(size, SIZE_SALT);
}

/** The gram of a leaf as a whole. Numbers by value; for other leaves that only adds candidates. */
function wholeGram(text: string, leaf: number): number | undefined {
  const canonical = canonicalNumber(text);
  if (canonical.length > WHOLE_CHARACTERS_MAX) return undefined;
  return finish(hashText(canonical, leaf), WHOLE_SALT);
}

/** A hash of a whole text. Cost: about a nanosecond for each unit. */
export function hashText(text: string, seed: number): number {
  let hash = (seed ^ text.length) | 0;
  for (let offset = 0; offset < text.length; offset++) {
    hash = Math.imul(hash ^ text.charCodeAt(offset), MULTIPLIER);
    hash ^= hash >>> 15;
  }
  return hash;
}

/** The set of the grams of one message. One object reads many messages, so that look-ups allocate little. */
export class MessageGrams {
  count = 0;
  private ids = new Int32Array(1024);
  private written = new Int32Array(1024);
  private table = new Int32Array(2048);
  private shift = 0;

  /** Forgets the last message and reads this one: its leaves as a whole, and its grams of these sizes. */
  read(message: Message, sizes: readonly number[]): void {
    const written = this.write(message, sizes);
    const bits = Math.max(6, 33 - Math.clz32(written));
    if (this.table.length < 1 << bits) this.table = new Int32Array(1 << bits);
    else this.table.fill(0, 0, 1 << bits);
    if (this.ids.length < written) this.ids = new Int32Array(1 << bits);
    this.shift = 32 - bits;
    this.count = 0;
    for (let index = 0; index < written; index++) this.insert(this.written[index] ?? 0);
  }

  has(id: number): boolean {
    const mask = (1 << (32 - this.shift)) - 1;
    for (let at = id >>> this.shift; ; at = (at + 1) & mask) {
      const found = this.table[at];
      if (found === id) return true;
      if (found === 0) return false;
    }
  }

  /** The distinct gram with this index below `count`. */
  at(index: number): number {
    return this.ids[index] ?? 0;
  }

  private insert(id: number): void {
    const mask = (1 << (32 - this.shift)) - 1;
    let at = id >>> this.shift;
    for (let found = this.table[at]; found !== 0; found = this.table[at]) {
      if (found === id) return;
      at = (at + 1) & mask;
    }
    this.table[at] = id;
    this.ids[this.count++] = id;
  }

  private write(message: Message, sizes: readonly number[]): number {
    let needed = 0;
    for (const leaf of message.leaves) needed += 1 + (leaf.text.length + 2) * sizes.length;
    if (this.written.length < needed) this.written = new Int32Array(needed * 2);
    let at = 0;
    for (const [leaf, { text, kind }] of message.leaves.entries()) {
      const whole = wholeGram(text, leaf);
      if (whole !== undefined) this.written[at++] = whole;
      if (kind === 'number') continue;
      for (const size of sizes) {
        const stretch = { text, from: -1, to: text.length + 1, size, salt: gramSalt(leaf, size) };
        at = writeGrams(stretch, this.written, at);
      }
    }
    return at;
  }
}
