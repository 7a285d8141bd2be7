/**
 * Where an answer may turn on the size of a number although it only shows it: at limits that the fixed text
 * names ("more than 100 dollars"), and where a noun is counted ("1 file", "2 files"). A template then only
 * takes numbers on the side of those that it was learned from; the other sides are learned as siblings.
 */
import { compare, parseDecimal } from '../decimal.ts';
import type { Message } from '../messages/message.ts';
import type { Condition } from '../template/condition.ts';
import type { Placed } from './arrange.ts';
import { recognise } from './recognise.ts';
import { overlaps } from './span.ts';

/** Words that make a number beside them a limit. */
const LIMIT_WORDS =
  /\b(?:than|over|under|above|below|least|most|exceed(?:s|ing)?|within|between|up to|until|before|after|minimum|maximum|min|max|limit|threshold|older|younger|or (?:more|less|fewer|older|younger|above|below))\b/iu;
/** A limit word belongs to a number that is this near. */
const NEAR_CHARACTERS = 30;
/** More limits than this are figures of a text, not rules. */
const LIMITS_MAX = 12;
const COUNTED_NOUN = /^ \p{Ll}{2,}/u;
const SENTENCE_END = /[.!?\n;]/;

/** Variable → what must hold of its value besides its kind. */
export function thresholdConditions(
  messages: readonly Message[],
  placed: readonly Placed[],
): ReadonlyMap<string, Condition> {
  const conditions = new Map<string, Condition>();
  for (const [name, points] of thresholdPoints(messages, placed)) {
    const value = placed.find((span) => span.name === name && isNumeric(span))?.value ?? '';
    const condition = sideOf(value, points);
    if (condition !== undefined) conditions.set(name, condition);
  }
  return conditions;
}

/** Variable that is a number → where an answer may turn on its size. */
export function thresholdPoints(
  messages: readonly Message[],
  placed: readonly Placed[],
): ReadonlyMap<string, readonly string[]> {
  const names = new Set(placed.filter(isNumeric).map(({ name }) => name));
  if (names.size === 0) return new Map();
  const limits = limitsIn(messages, placed);
  return new Map(
    [...names].map((name) => [
      name,
      isCounted(messages, placed, name) ? [...limits, '0', '1'] : limits,
    ]),
  );
}

function isNumeric({ kind }: Placed): boolean {
  return kind === 'integer' || kind === 'number';
}

/** Numbers of the fixed text that stand beside words of comparison. */
function limitsIn(messages: readonly Message[], placed: readonly Placed[]): string[] {
  const limits = new Set<string>();
  messages.forEach((message, index) => {
    if (message.role === 'assistant') return;
    message.leaves.forEach((leaf, leafIndex) => {
      if (leaf.kind !== 'text') return;
      for (const found of recognise(leaf.text)) {
        if (found.kind !== 'integer' && found.kind !== 'number') continue;
        const value = leaf.text.slice(found.start, found.end);
        const place = { ...found, value, message: index, leaf: leafIndex };
        if (placed.some((span) => overlaps(span, place))) continue;
        if (isLimit(leaf.text, found.start, found.end)) limits.add(value);
      }
    });
  });
  return limits.size > LIMITS_MAX ? [] : [...limits];
}

function isLimit(text: string, start: number, end: number): boolean {
  const before = text.slice(Math.max(0, start - NEAR_CHARACTERS), start);
  const after = text.slice(end, end + NEAR_CHARACTERS);
  const sameBefore = before.slice(before.search(/[^.!?\n;]*$/));
  const ending = after.search(SENTENCE_END);
  const sameAfter = ending < 0 ? after : after.slice(0, ending);
  return LIMIT_WORDS.test(sameBefore) || LIMIT_WORDS.test(sameAfter);
}

/** Whether a place of the variable in an answer's text counts a noun: then one and none are said otherwise. */
function isCounted(messages: readonly Message[], placed: readonly Placed[], name: string): boolean {
  return placed.some((span) => {
    const message = messages[span.message];
    const leaf = message?.leaves[span.leaf];
    if (span.name !== name || message?.role !== 'assistant' || leaf?.kind !== 'text') return false;
    return COUNTED_NOUN.test(leaf.text.slice(span.end, span.end + NEAR_CHARACTERS));
  });
}

/** The value itself where it is one of the points, otherwise the open interval between its neighbours. */
export function sideOf(value: string, points: readonly string[]): Condition | undefined {
  const number = parseDecimal(value);
  if (number === undefined || points.length === 0) return undefined;
  let below: string | undefined;
  let above: string | undefined;
  for (const point of points) {
    const limit = parseDecimal(point);
    if (limit === undefined) continue;
    const order = compare(number, limit);
    if (order === 0) return { kind: 'compare', comparison: '=', number: point };
    if (order > 0 && isBeyond(below, limit, 1)) below = point;
    if (order < 0 && isBeyond(above, limit, -1)) above = point;
  }
  const sides: Condition[] = [];
  if (below !== undefined) sides.push({ kind: 'compare', comparison: '>', number: below });
  if (above !== undefined) sides.push({ kind: 'compare', comparison: '<', number: above });
  const [only, ...others] = sides;
  return others.length === 0 ? only : { kind: 'all', conditions: sides };
}

/** Whether `limit` is nearer than the point chosen so far. */
function isBeyond(
  chosen: string | undefined,
  limit: NonNullable<ReturnType<typeof parseDecimal>>,
  sign: 1 | -1,
): boolean {
  const other = chosen === undefined ? undefined : parseDecimal(chosen);
  return other === undefined || compare(limit, other) * sign > 0;
}
