/**
 * The frames of replies: fixed text, variables that stand in it as they are, and holes. Values of variables are marked
 * before replies are compared, so that replies that only differ in them are equal.
 */
import { align, counterpart, joined, type Difference } from '../induction/differences.ts';
import { isTokenBoundary } from '../induction/span.ts';
import type { Leaf, Message } from '../messages/message.ts';
import { alignRow } from './align.ts';
import { buildRows } from './rows.ts';

/** A variable with its value in each sibling. */
export interface Variable {
  readonly name: string;
  readonly values: readonly string[];
}

export type ReplyPart =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'variable'; readonly name: string }
  /** In the order of the frame's examples. */
  | { readonly kind: 'hole'; readonly values: readonly string[] };

export interface Frame {
  /** Positions of siblings; the first one's reply is what the leaves are parts of. */
  readonly examples: readonly number[];
  readonly leaves: readonly (readonly ReplyPart[])[];
}

/** A reply whose copied values are marks: characters of a private area, one for each variable. */
export interface MarkedReply {
  readonly sibling: number;
  readonly message: Message;
}

const MARKS_START = 0xe000;
const MARKS_MAX = 256;
const MARK = /[\ue000-\ue0ff]/;
/** Siblings that are aligned with the first one of a frame; what it becomes is then checked on all. */
const ALIGNED_MAX = 60;
/** Replies with less in common, by weight of words, are not the same in other words. */
const SIMILARITY_MIN = 0.3;

/**
 * Marks values in the replies. Left out are replies in which a mark would be ambiguous, since two variables have one
 * value there, or in which one stands as a character: what is learned from the others is checked on them.
 */
export function markReplies(
  replies: readonly Message[],
  variables: readonly Variable[],
): MarkedReply[] {
  return replies.flatMap((message, sibling) => {
    const values = valuesAt(variables, sibling);
    const leaves: Leaf[] = [];
    for (const leaf of message.leaves) {
      const text = MARK.test(leaf.text) ? undefined : markLeaf(leaf, values);
      if (text === undefined) return [];
      leaves.push({ ...leaf, text });
    }
    return [{ sibling, message: { ...message, leaves } }];
  });
}

interface MarkedValue {
  readonly mark: string;
  readonly value: string;
  readonly isShared: boolean;
}

/** The values of one sibling, longest first. */
function valuesAt(variables: readonly Variable[], sibling: number): MarkedValue[] {
  const values = variables.slice(0, MARKS_MAX).map(({ values: all }) => all[sibling] ?? '');
  return values
    .map((value, index) => ({
      mark: String.fromCharCode(MARKS_START + index),
      value,
      isShared: values.indexOf(value) !== values.lastIndexOf(value),
    }))
    .filter(({ value }) => value.trim() !== '')
    .toSorted((a, b) => b.value.length - a.value.length);
}

function markLeaf(leaf: Leaf, values: readonly MarkedValue[]): string | undefined {
  const { text } = leaf;
  const isScalar = leaf.kind === 'number' || leaf.kind === 'constant';
  let marked = '';
  for (let at = 0; at < text.length;) {
    const found = values.find(
      ({ value }) =>
        text.startsWith(value, at) &&
        (isScalar
          ? value.length === text.length
          : isTokenBoundary(text, at) && isTokenBoundary(text, at + value.length)),
    );
    if (found?.isShared === true) return undefined;
    marked += found?.mark ?? text.charAt(at);
    at += found?.value.length ?? 1;
  }
  return marked;
}

/** The frames of replies that are equal but for values by their form; those of most replies first. */
export function equalFrames(
  marked: readonly MarkedReply[],
  variables: readonly Variable[],
): Frame[] {
  const rows = [...buildRows(marked.map(({ message }) => message)).values()].flat();
  return rows
    .toSorted(
      (a, b) =>
        b.lines.length - a.lines.length || (a.lines[0]?.index ?? 0) - (b.lines[0]?.index ?? 0),
    )
    .map((row) => {
      const examples = row.lines.flatMap(({ index }) => marked[index]?.sibling ?? []);
      const leaves = alignRow(row).map((pieces) =>
        pieces.flatMap((piece) =>
          piece.kind === 'literal'
            ? unmarked(piece.text, variables)
            : holeOf(piece.values, examples, variables),
        ),
      );
      return { examples, leaves };
    });
}

/** The frame of all replies that have much in common with the first one, wherever they differ from it. */
export function alignedFrame(
  marked: readonly MarkedReply[],
  variables: readonly Variable[],
): Frame | undefined {
  const [model] = marked;
  if (model === undefined) return undefined;
  const alike = marked
    .filter(({ message }) => message.skeleton === model.message.skeleton)
    .slice(0, ALIGNED_MAX);
  const texts = (reply: MarkedReply): string[] => reply.message.leaves.map(({ text }) => text);
  const leaves = alignLeaves(alike.map(texts));
  if (leaves === undefined) return undefined;
  const examples = alike.flatMap(({ sibling }, index) =>
    leaves.kept[index] === true ? sibling : [],
  );
  return {
    examples,
    leaves: leaves.parts.map((parts) =>
      parts.flatMap((part) =>
        typeof part === 'string' ? unmarked(part, variables) : holeOf(part, examples, variables),
      ),
    ),
  };
}

interface AlignedLeaves {
  /** Fixed text, or the values of those that were kept. */
  readonly parts: readonly (readonly (string | readonly string[])[])[];
  readonly kept: readonly boolean[];
}

/** Aligns each list of leaf texts with the first; one that lacks something which the first has is left out. */
function alignLeaves(all: readonly (readonly string[])[]): AlignedLeaves | undefined {
  const [model = []] = all;
  const kept = all.map(() => true);
  const ranges = model.map(() => [] as { start: number; end: number }[]);
  const alignments = model.map((text, leaf) =>
    all.map((texts, index) => {
      const alignment = align(text, texts[leaf] ?? '');
      const isAlike = alignment !== undefined && isSimilar(alignment.similarity, text, leaf, model);
      if (!isAlike || alignment.differences.some(isOneSided)) kept[index] = false;
      else ranges[leaf]?.push(...joined(text, alignment.differences));
      return alignment;
    }),
  );
  if (kept[0] !== true) return undefined;
  const parts = model.map((text, leaf) => {
    const pieces: (string | string[])[] = [];
    let offset = 0;
    for (const { start, end } of united(ranges[leaf] ?? [])) {
      if (start > offset) pieces.push(text.slice(offset, start));
      const values = all.map((texts, index) => {
        const alignment = alignments[leaf]?.[index];
        const place = alignment && counterpart(alignment, start, end);
        if (place === undefined || place.start >= place.end) kept[index] = false;
        return place === undefined ? '' : (texts[leaf] ?? '').slice(place.start, place.end);
      });
      pieces.push(values);
      offset = end;
    }
    if (offset < text.length) pieces.push(text.slice(offset));
    return pieces;
  });
  return {
    kept,
    parts: parts.map((pieces) =>
      pieces.map((piece) =>
        typeof piece === 'string' ? piece : piece.filter((_, index) => kept[index] === true),
      ),
    ),
  };
}

/** What is one value may have nothing in common: a leaf of a few words. */
function isSimilar(
  similarity: number,
  text: string,
  leaf: number,
  all: readonly string[],
): boolean {
  return similarity >= SIMILARITY_MIN || all.length > 1 || leaf > 0 || !/\s\S+\s/.test(text);
}

function isOneSided({ start, end, otherStart, otherEnd }: Difference): boolean {
  return start === end || otherStart === otherEnd;
}

/** Ranges that overlap or touch, as one. */
function united(
  ranges: readonly { start: number; end: number }[],
): { start: number; end: number }[] {
  const found: { start: number; end: number }[] = [];
  for (const { start, end } of ranges.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    const last = found.at(-1);
    if (last === undefined || start > last.end) found.push({ start, end });
    else last.end = Math.max(last.end, end);
  }
  return found;
}

/** A hole whose marked values are all the same is fixed after all. */
function holeOf(
  values: readonly string[],
  examples: readonly number[],
  variables: readonly Variable[],
): ReplyPart[] {
  const [first = ''] = values;
  if (values.every((value) => value === first)) return unmarked(first, variables);
  return [
    {
      kind: 'hole',
      values: values.map((value, index) =>
        unmarked(value, variables)
          .map((part) => textOf(part, examples[index] ?? 0, variables))
          .join(''),
      ),
    },
  ];
}

function textOf(part: ReplyPart, sibling: number, variables: readonly Variable[]): string {
  if (part.kind === 'literal') return part.text;
  if (part.kind === 'hole') return '';
  return variables.find(({ name }) => name === part.name)?.values[sibling] ?? '';
}

/** Marks become variables again. */
function unmarked(text: string, variables: readonly Variable[]): ReplyPart[] {
  return text.split(/([\ue000-\ue0ff])/).flatMap((piece): ReplyPart[] => {
    if (piece === '') return [];
    const variable = MARK.test(piece) ? variables[piece.charCodeAt(0) - MARKS_START] : undefined;
    return [
      variable ? { kind: 'variable', name: variable.name } : { kind: 'literal', text: piece },
    ];
  });
}
