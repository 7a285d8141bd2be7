/**
 * What a model identified, made into spans. A model gives quotations, never offsets: each must stand in the leaf
 * literally, and begin and end where a value may.
 */
import type { Leaf, Message } from '../messages/message.ts';
import type { MatcherKind } from '../template/kinds.ts';
import { isOfKind } from '../template/matcher.ts';
import type { BoundSpan } from './bind.ts';
import type { Checked } from './checked.ts';
import type { Identified } from './identify.ts';
import { leaksValue, toSnakeCase } from './name.ts';
import { delimitedKindOf, kindOf } from './recognise.ts';
import { isTokenBoundary, overlaps, type Span } from './span.ts';

export interface ProposedSpan {
  readonly message: number;
  readonly leaf: number;
  readonly quote: string;
  /** Counts from 1, from the start of the leaf. */
  readonly occurrence: number;
  readonly role: 'data' | 'noise';
  readonly kind: MatcherKind;
  readonly label: string;
}

export interface SpansInput {
  readonly messages: readonly Message[];
  /** The first message that is new. */
  readonly from: number;
  readonly bound: readonly BoundSpan[];
  /** As in `identify`. */
  readonly vouched: boolean;
}

/** Keeps what holds. Noise stays literal text: nothing vouches for it having no influence. */
export function checkSpans(
  input: SpansInput,
  proposed: readonly ProposedSpan[],
): Checked<Identified> {
  const problems: string[] = [];
  const spans: Span[] = [];
  for (const [index, proposal] of proposed.entries()) {
    const span = locate(input, proposal);
    if (typeof span === 'string') problems.push(`spans[${index}]: ${span}`);
    else if (proposal.role === 'data') spans.push(span);
  }
  const free = distinct(spans).filter(
    (span) => !input.bound.some((other) => overlaps(span, other)),
  );
  const isSink = (span: Span) => input.messages[span.message]?.role === 'assistant';
  const sinks = free.filter(isSink);
  const sources = free.filter((span) => !isSink(span) && mayVary(input, span));
  const isUseless = spans.length === 0 && problems.length > 0;
  return { value: isUseless ? undefined : { sources, sinks }, problems };
}

/** Where the client named what varies, nothing else of what its user wrote does (DESIGN §11.5). */
function mayVary({ messages, vouched }: SpansInput, span: Span): boolean {
  return !vouched || messages[span.message]?.role === 'tool';
}

function locate({ messages, from }: SpansInput, proposal: ProposedSpan): Span | string {
  const { message, quote, occurrence } = proposal;
  const leaf = message < from ? undefined : messages[message]?.leaves[proposal.leaf];
  if (leaf === undefined) return 'there is no such message and leaf';
  const start = nthIndexOf(leaf.text, quote, occurrence);
  if (start === undefined) return 'the quote does not stand there so many times, letter for letter';
  const end = start + quote.length;
  if (!isTokenBoundary(leaf.text, start) || !isTokenBoundary(leaf.text, end))
    return 'the quote begins or ends inside a word or number; quote whole words';
  const isWhole = start === 0 && end === leaf.text.length;
  if (leaf.kind === 'number' && !isWhole) return 'a JSON number is quoted as a whole';
  const delimited = (isWhole && leaf.kind !== 'text') || isQuoted(leaf, start, end);
  const label = labelOf(proposal.label, quote);
  return {
    ...{ message, leaf: proposal.leaf, start, end, value: quote, delimited },
    kind: kindFor(quote, proposal.kind, delimited),
    claimed: true,
    ...(label === undefined ? {} : { label }),
  };
}

function nthIndexOf(text: string, quote: string, occurrence: number): number | undefined {
  if (quote.trim() === '') return undefined;
  let at = text.indexOf(quote);
  for (let count = 1; count < occurrence && at >= 0; count++) {
    at = text.indexOf(quote, at + quote.length);
  }
  return at < 0 ? undefined : at;
}

const QUOTES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["'", "'"],
  ['`', '`'],
  ['“', '”'],
]);

function isQuoted({ text }: Leaf, start: number, end: number): boolean {
  return QUOTES.get(text[start - 1] ?? '') === text[end];
}

/** A model may narrow a value's kind, or say that a name is any line; only what is delimited may be any text. */
function kindFor(value: string, proposed: MatcherKind, delimited: boolean): MatcherKind {
  const own = delimited ? delimitedKindOf(value) : kindOf(value);
  if (proposed === 'text' && !delimited) return own;
  return isOfKind(proposed, value) ? proposed : own;
}

function labelOf(label: string, value: string): string | undefined {
  const name = toSnakeCase(label);
  return name === undefined || leaksValue(name, [value]) ? undefined : name;
}

function distinct(spans: readonly Span[]): Span[] {
  const places = new Map(
    spans.map((span) => [JSON.stringify([span.message, span.leaf, span.start, span.end]), span]),
  );
  return [...places.values()];
}
