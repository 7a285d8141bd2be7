/**
 * Step 2: which stretches of the new messages are data. Sources are where values come from (requests,
 * tool results); sinks are where they go (assistant messages, the answer).
 */
import type { Leaf, Message } from '../messages/message.ts';
import type { BoundSpan } from './bind.ts';
import { delimitedKindOf, kindOf, recognise } from './recognise.ts';
import { occurrences, overlaps, type Span } from './span.ts';

export interface Identified {
  /** Candidates for variables; they may overlap: flow decides between them. */
  readonly sources: readonly Span[];
  /** Data in assistant messages that has to be explained. */
  readonly sinks: readonly Span[];
}

/** A whole text up to this length may be one value ("BUTTER"); longer ones are made of parts. */
const WHOLE_CHARACTERS_MAX = 200;
/** Words that say nothing about where a value came from. */
const STOP_WORDS = new Set(
  `a an the and or but if of to in on at by for with from as is are was were be been do does did has have
   had it its this that these those i you he she we they me my your his her our their what which who whom
   how when where why not no yes ok please can could will would should may might so than then there here
   all any some`.split(/\s+/),
);

export interface IdentifyInput {
  readonly messages: readonly Message[];
  /** The first message that is new. */
  readonly from: number;
  readonly bound: readonly BoundSpan[];
  /** Whether the client named what varies: then nothing else of what its user wrote does (DESIGN §11.5). */
  readonly vouched: boolean;
  /** Tool schemas tell enumerations from data. */
  readonly parameters: string;
}

/** Identifies data in the new messages. */
export function identify({
  messages,
  from,
  bound,
  vouched,
  parameters,
}: IdentifyInput): Identified {
  const sources: Span[] = [];
  const sinks: Span[] = [];
  messages.forEach((message, index) => {
    if (index < from) return;
    message.leaves.forEach((leaf, leafIndex) => {
      // A whole request text is never one value: its template would fit everything.
      const whole = leaf.kind !== 'text' || message.role === 'assistant';
      const spans = leafSpans(leaf, whole).map((span) => ({
        ...span,
        message: index,
        leaf: leafIndex,
      }));
      if (message.role === 'assistant') sinks.push(...spans);
      else sources.push(...spans);
    });
  });
  const flowing = sinks.flatMap((sink) => flowSources(messages, from, sink, parameters));
  const free = [...sources, ...flowing].filter(
    (span) => !bound.some((other) => overlaps(span, other)),
  );
  const varying = free.filter((span) => !vouched || messages[span.message]?.role === 'tool');
  return {
    sources: distinct(varying.filter((span) => !isFragment(span, varying))),
    sinks: distinct(sinks.filter((span) => !bound.some((other) => overlaps(span, other)))),
  };
}

type LeafSpan = Omit<Span, 'message' | 'leaf'>;

function leafSpans(leaf: Leaf, asWhole: boolean): LeafSpan[] {
  const whole: LeafSpan = {
    start: 0,
    end: leaf.text.length,
    value: leaf.text,
    kind: leaf.kind === 'text' ? kindOf(leaf.text) : delimitedKindOf(leaf.text),
    delimited: leaf.kind !== 'text',
    ...labelOf(leaf),
  };
  if (leaf.kind === 'number') return [whole];
  // true, false and null say which branch was taken; they do not flow anywhere.
  if (leaf.kind === 'constant') return [];
  const inner = recognise(leaf.text).map((found) => ({
    ...found,
    value: leaf.text.slice(found.start, found.end),
  }));
  const isValue =
    asWhole &&
    leaf.text !== '' &&
    (leaf.kind === 'string' || leaf.text.length <= WHOLE_CHARACTERS_MAX);
  return isValue ? [whole, ...inner] : inner;
}

function labelOf(leaf: Leaf): { label?: string } {
  const label = leaf.path.findLast((part) => !/^\d+$/.test(part));
  return leaf.kind === 'text' || label === undefined ? {} : { label };
}

/**
 * Where in earlier messages the value of a sink stands, as it is or in changed form (case, reversed),
 * even if no recogniser knows it.
 */
function flowSources(
  messages: readonly Message[],
  from: number,
  sink: Span,
  parameters: string,
): Span[] {
  if (!isTelling(sink.value) || parameters.includes(JSON.stringify(sink.value))) return [];
  const found: Span[] = [];
  for (let index = from; index < sink.message; index++) {
    const message = messages[index];
    if (message === undefined || message.role === 'system' || message.role === 'developer')
      continue;
    message.leaves.forEach((leaf, leafIndex) => {
      for (const { start, value } of flowsFrom(leaf, sink.value)) {
        const end = start + value.length;
        const label = sink.label === undefined ? {} : { label: sink.label };
        const delimited = start === 0 && end === leaf.text.length && leaf.kind !== 'text';
        const kind = delimited ? delimitedKindOf(value) : kindOf(value);
        found.push({
          message: index,
          leaf: leafIndex,
          start,
          end,
          value,
          kind,
          delimited,
          ...label,
        });
      }
    });
  }
  return found;
}

function flowsFrom(leaf: Leaf, value: string): { start: number; value: string }[] {
  if (leaf.kind === 'constant') return [];
  if (leaf.kind === 'number') return leaf.text === value ? [{ start: 0, value }] : [];
  const exact = occurrences(leaf.text, value);
  if (exact.length > 0) return exact.map((start) => ({ start, value }));
  const lower = leaf.text.toLowerCase();
  // Offsets survive only where lower-casing keeps lengths; it nearly always does.
  if (lower.length !== leaf.text.length) return [];
  const forms = [value.toLowerCase(), Array.from(value.toLowerCase()).reverse().join('')];
  return forms.flatMap((form) =>
    occurrences(lower, form).map((start) => ({
      start,
      value: leaf.text.slice(start, start + form.length),
    })),
  );
}

function isTelling(value: string): boolean {
  if (value.length > WHOLE_CHARACTERS_MAX * 10) return false;
  const words = value.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.some((word) => !STOP_WORDS.has(word) && (word.length > 1 || /\d/.test(word)));
}

/** Part of one name, address or code: it flows as something derived from the whole. */
function isFragment(span: Span, others: readonly Span[]): boolean {
  return others.some(
    (other) =>
      other.doubtful === undefined &&
      ['name', 'email', 'date', 'word'].includes(other.kind) &&
      other.end - other.start > span.end - span.start &&
      other.message === span.message &&
      other.leaf === span.leaf &&
      other.start <= span.start &&
      span.end <= other.end,
  );
}

function distinct(spans: readonly Span[]): Span[] {
  const byPlace = new Map<string, Span>();
  for (const span of spans) {
    const place = JSON.stringify([span.message, span.leaf, span.start, span.end]);
    const other = byPlace.get(place);
    // The one that knows more of its surroundings wins.
    if (other === undefined || rank(span) > rank(other)) {
      const label = span.label ?? other?.label;
      byPlace.set(place, label === undefined ? span : { ...span, label });
    } else if (other.label === undefined && span.label !== undefined) {
      byPlace.set(place, { ...other, label: span.label });
    }
  }
  return [...byPlace.values()];
}

function rank(span: Span): number {
  return (span.delimited ? 2 : 0) + (span.label === undefined ? 0 : 1);
}
