/**
 * Step 2: which stretches of the new messages are data. Sources are where values come from (requests,
 * tool results); sinks are where they go (assistant messages, the answer).
 */
import type { Leaf, Message } from '../messages/message.ts';
import type { BoundSpan } from './bind.ts';
import { align, joined } from './differences.ts';
import type { Exchange } from './exchange.ts';
import { flowSources, isTelling } from './flow.ts';
import type { Proposal } from './proposal.ts';
import {
  commonKindOf,
  delimitedKindOf,
  kindOf,
  recognise,
  recogniseCandidates,
} from './recognise.ts';
import { findSiblings, placeKey, seenAt, type Sibling } from './siblings.ts';
import { overlaps, type Span } from './span.ts';
import { frequentWords, holdsOneOf, structureWords } from './structure.ts';

export interface Identified {
  /** Candidates for variables; they may overlap: flow decides between them. */
  readonly sources: readonly Span[];
  /** Data in assistant messages that has to be explained. */
  readonly sinks: readonly Span[];
}

/** A whole text up to this length may be one value ("BUTTER"); longer ones are made of parts. */
const WHOLE_CHARACTERS_MAX = 200;
/** Prompts with as much in common are one, filled in with other values. */
const SAME_PROMPT_MIN = 0.6;
const PROMPTS_MAX = 12;
/** Differences of two texts beyond this many are two documents, not one form filled in twice. */
const DIFFERENCES_MAX = 40;

export interface IdentifyInput {
  readonly messages: readonly Message[];
  /** The first message that is new. */
  readonly from: number;
  readonly bound: readonly BoundSpan[];
  /** Whether the client named what varies: then nothing else of what its user wrote does (DESIGN §11.5). */
  readonly vouched: boolean;
  /** Tool schemas tell enumerations from data. */
  readonly parameters: string;
  /** What recogniser libraries found in these messages. */
  readonly proposals?: readonly Proposal[];
  /** Other exchanges of the same shape, the most similar first. */
  readonly others?: readonly Exchange[];
  /** As many of them as can be had, newest first, where `others` are chosen: which words are usual. */
  readonly history?: readonly Exchange[];
  /** What libraries found in those, by observation; where none is given, core's recognisers read siblings. */
  readonly othersProposals?: ReadonlyMap<string, readonly Proposal[]>;
}

/** Identifies data in the new messages. Cost: bounded; linear in their texts but for the alignment with siblings. */
export function identify(input: IdentifyInput): Identified {
  const { messages, from, bound, vouched, parameters } = input;
  const siblings = findSiblings(messages, from, input.others ?? []);
  const sources: Span[] = [];
  const sinks: Span[] = [];
  messages.forEach((message, index) => {
    if (index < from) return;
    message.leaves.forEach((_, leafIndex) => {
      const spans = spansOf(input, siblings, { message: index, leaf: leafIndex });
      if (message.role === 'assistant') sinks.push(...spans);
      else sources.push(...spans);
    });
  });
  const bare = sinks.map(withoutWildcards);
  const flowing = bare.flatMap((sink) => flowSources(messages, from, sink, parameters));
  const free = [...sources, ...flowing].filter(
    (span) => !bound.some((other) => overlaps(span, other)),
  );
  const structure = new Set(structureWords(input.history ?? input.others ?? []));
  // What the answer quotes as a whole is one value, whatever its words: "History of Art".
  const quoted = new Set(bare.flatMap(({ delimited, value }) => (delimited ? value : [])));
  const varying = free
    .filter((span) => !vouched || messages[span.message]?.role === 'tool')
    .filter(
      (span) => !isOpen(span) || quoted.has(span.value) || !holdsOneOf(structure, span.value),
    );
  const kept = distinct(varying.filter((span) => !isFragment(span, varying)));
  return {
    sources: settled(
      input,
      kept.map((span) => withSiblings(span, siblings, structure)),
    ),
    sinks: distinct(sinks.filter((span) => !bound.some((other) => overlaps(span, other)))).map(
      (span) => withSiblings(span, siblings),
    ),
  };
}

/** Of a pattern, what it looks for: `Art` of `%Art%`. */
function withoutWildcards(span: Span): Span {
  const value = span.value.replace(/^%|%$/g, '');
  return span.delimited && value !== '' ? { ...span, value } : span;
}

/** Nothing tells where the value ends but its words. */
function isOpen(span: Span): boolean {
  return !span.delimited && ['word', 'line', 'text'].includes(span.kind);
}

type LeafSpan = Omit<Span, 'message' | 'leaf'>;

interface Place {
  readonly message: number;
  readonly leaf: number;
}

function spansOf(input: IdentifyInput, siblings: readonly Sibling[], place: Place): Span[] {
  const message = input.messages[place.message];
  const leaf = message?.leaves[place.leaf];
  if (message === undefined || leaf === undefined) return [];
  const isAnswer = message.role === 'assistant';
  // A whole request text is never one value: its template would fit everything.
  const known = leafSpans(leaf, leaf.kind !== 'text' || isAnswer);
  const proposals = (input.proposals ?? []).filter(
    (proposal) => proposal.message === place.message && proposal.leaf === place.leaf,
  );
  const proposed =
    leaf.kind === 'number' || leaf.kind === 'constant'
      ? []
      : recogniseCandidates(leaf.text, proposals).map((found) => ({
          ...found,
          value: leaf.text.slice(found.start, found.end),
        }));
  const certain = [...known, ...proposed].filter((span) => span.doubtful === undefined);
  const inner = [...proposed, ...differing(input, siblings, place, certain)];
  // What only might be data has to be related to a request before an answer has to explain it.
  const candidates = isAnswer
    ? inner.filter(
        (span) =>
          flowSources(input.messages, input.from, { ...span, ...place }, input.parameters).length >
          0,
      )
    : inner;
  return [...known, ...candidates].map((span) => ({ ...span, ...place }));
}

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
  const inner = recognise(leaf.text)
    .map((found) => ({ ...found, value: leaf.text.slice(found.start, found.end) }))
    // "The" begins sentences: it is no name, wherever else it stands.
    .filter((span) => span.doubtful === undefined || isTelling(span.value));
  const isValue =
    asWhole &&
    leaf.text.trim() !== '' &&
    (leaf.kind === 'string' || leaf.text.length <= WHOLE_CHARACTERS_MAX);
  return isValue ? [whole, ...inner] : inner;
}

function labelOf(leaf: Leaf): { label?: string } {
  const label = leaf.path.findLast((part) => !/^\d+$/.test(part));
  return leaf.kind === 'text' || label === undefined ? {} : { label };
}

/** Stretches in which the leaf differs from a sibling's: data, even if no recogniser knows it. */
function differing(
  input: IdentifyInput,
  siblings: readonly Sibling[],
  place: Place,
  own: readonly LeafSpan[],
): LeafSpan[] {
  const leaf = input.messages[place.message]?.leaves[place.leaf];
  if (leaf === undefined) return [];
  const frequent =
    input.othersProposals === undefined
      ? NO_WORDS
      : frequentWords(input.history ?? input.others ?? []);
  return siblings.flatMap((sibling) => {
    const key = placeKey(place.message, place.leaf);
    const differences = sibling.alignments.get(key)?.differences ?? [];
    if (differences.length === 0 || differences.length > DIFFERENCES_MAX) return [];
    const known = recognisedIn(input, sibling, place);
    return [...differences, ...joined(leaf.text, differences)].flatMap((found) => {
      const { start, end, otherStart, otherEnd } = found;
      const value = leaf.text.slice(start, end);
      if (otherStart === otherEnd || value !== value.trim() || !isTelling(value)) return [];
      // What stands where a place stands in a sibling is a place, if it is not known as something else.
      const isKnown =
        own.some((span) => span.start < end && start < span.end) || holdsOneOf(frequent, value);
      const category = isKnown ? undefined : known.get(`${otherStart} ${otherEnd}`);
      const type = category === undefined ? {} : { category };
      return [{ start, end, value, kind: kindOf(value), delimited: false, ...type }];
    });
  });
}

const NO_WORDS: ReadonlySet<string> = new Set();

/** What libraries know of a sibling's leaf, by place: the category. */
function recognisedIn(
  input: IdentifyInput,
  sibling: Sibling,
  place: Place,
): ReadonlyMap<string, string> {
  const text = sibling.messages[place.message]?.leaves[place.leaf]?.text ?? '';
  const proposals = (input.othersProposals?.get(sibling.observation) ?? []).filter(
    (proposal) => proposal.message === place.message && proposal.leaf === place.leaf,
  );
  return new Map(
    recogniseCandidates(text, proposals).flatMap(({ start, end, category }) =>
      category === undefined ? [] : [[`${start} ${end}`, category] as const],
    ),
  );
}

function withSiblings(
  span: Span,
  siblings: readonly Sibling[],
  structure: ReadonlySet<string> = NO_WORDS,
): Span {
  if (siblings.length === 0) return span;
  // Where words that requests are made of stand in a sibling, it is worded otherwise, and says nothing of values.
  const seen = seenAt(span, siblings).map((value) =>
    value !== null && isOpen({ ...span, kind: kindOf(value) }) && holdsOneOf(structure, value)
      ? null
      : value,
  );
  const values = seen.filter((value) => value !== null);
  if (values.length === 0) return span;
  // A kind too narrow for what stood there before is an accident of this value.
  const kind = commonKindOf([span.value, ...values]);
  const mayBeLine = !span.delimited && (span.kind === 'name' || span.kind === 'word');
  return mayBeLine && kind === 'line' ? { ...span, kind, seen } : { ...span, seen };
}

/**
 * System texts are code: what stands in one is data only where other exchanges show that it varies, and not
 * where the user said it too.
 */
function settled(input: IdentifyInput, sources: readonly Span[]): Span[] {
  const isFixedText = (span: Span): boolean =>
    ['system', 'developer'].includes(input.messages[span.message]?.role ?? '');
  const said = new Set(sources.filter((span) => !isFixedText(span)).map((span) => span.value));
  return sources.filter((span) => {
    if (!isFixedText(span)) return true;
    const values = (span.seen ?? []).filter((value) => value !== null);
    if (values.length > 0) return values.some((value) => value !== span.value);
    return !said.has(span.value) && varies(input, span);
  });
}

/** Whether another exchange has much the same text in the leaf, but not this value: another prompt is another task. */
function varies({ messages, others = [] }: IdentifyInput, span: Span): boolean {
  const own = messages[span.message];
  const text = own?.leaves[span.leaf]?.text ?? '';
  const texts = new Set(
    others.flatMap(({ messages: theirs }) => {
      const other = theirs[span.message];
      return other?.skeleton === own?.skeleton ? (other?.leaves[span.leaf]?.text ?? []) : [];
    }),
  );
  return [...texts]
    .filter((other) => !other.includes(span.value))
    .slice(0, PROMPTS_MAX)
    .some((other) => (align(text, other)?.similarity ?? 0) >= SAME_PROMPT_MIN);
}

/** Part of one name, address or code: it flows as something derived from the whole. */
function isFragment(span: Span, others: readonly Span[]): boolean {
  return others.some(
    (other) =>
      other.doubtful === undefined &&
      // Libraries guess how far a name goes; the forms of the others are plain.
      !(other.category !== undefined && other.kind === 'name') &&
      ['name', 'email', 'date', 'time', 'datetime', 'url', 'uuid', 'phone', 'word'].includes(
        other.kind,
      ) &&
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
    byPlace.set(place, other === undefined ? span : merged(other, span));
  }
  return [...byPlace.values()];
}

/** The one that knows more of its surroundings wins, and takes what only the other knows. */
function merged(a: Span, b: Span): Span {
  const [better, other] = rank(b) > rank(a) ? [b, a] : [a, b];
  const label = better.label ?? other.label;
  const category = better.category ?? other.category;
  const { doubtful, ...rest } = better;
  return {
    ...rest,
    ...(doubtful === undefined || other.doubtful === undefined ? {} : { doubtful }),
    ...(label === undefined ? {} : { label }),
    ...(category === undefined ? {} : { category }),
  };
}

function rank(span: Span): number {
  return (span.delimited ? 2 : 0) + (span.label === undefined ? 0 : 1);
}
