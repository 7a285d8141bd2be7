/**
 * What makes an answer risky: data with no origin in the conversation, answers that are one of few,
 * comparisons, values picked or put in order (DESIGN §11.5, §11.10).
 */
import { compare, parseDecimal } from '../decimal.ts';
import type { Leaf, Message } from '../messages/message.ts';
import type { RiskClass } from '../trust/risk.ts';
import { isCode, isProperNoun, recognise, type Recognised } from './recognise.ts';
import { bySpanOrder, occurrences, overlaps, type Span } from './span.ts';
import type { Placed } from './arrange.ts';
import type { Exchange } from './exchange.ts';
import { CHOSEN, isChosen } from './chosen.ts';
import { isUsual } from './usual.ts';
import { keyBefore } from './value-types.ts';

type Place = Pick<Span, 'message' | 'leaf' | 'start'>;

export interface Risks {
  readonly classes: readonly RiskClass[];
  /** The same in words that people can read. */
  readonly reasons: readonly string[];
}

export interface RisksInput {
  readonly messages: readonly Message[];
  readonly placed: readonly Placed[];
  /** Data of the answer that nothing explains. */
  readonly unexplained: readonly Span[];
  /** Whether every variable that stands in the new messages was given by the client or known before. */
  readonly vouched: boolean;
  readonly parameters: string;
  /** Earlier exchanges of the same shape. */
  readonly others: readonly Exchange[];
  /** Data of the new messages that became no variable. */
  readonly unused: readonly Span[];
  /** Variables of the path above and their values. */
  readonly inherited: readonly (readonly [string, string])[];
  /** How many values of the answer are computed. */
  readonly derivedCount: number;
  /** Whether one of them is inflected: "the plural of {{word}}". */
  readonly isInflected: boolean;
  /** Whether one of them is a digit cut out of another value. */
  readonly isDigitCut: boolean;
  /** Whether no value at all stands in the answer or the new messages. */
  readonly isConstant: boolean;
  /** Whether one of them is computed by a model's code. */
  readonly isWritten: boolean;
}

const CHOICE_ANSWER =
  /^\W*(?:yes|no(?![ \t]+\p{Ll})|true|false|correct|incorrect|right(?![ \t]+(?:now|away|here|after|before))|wrong|positive|negative|neutral|valid|invalid)(?![\p{L}\p{N}])/iu;
/** "ID 123 is valid." */
const VERDICT =
  /^[^.!?\n]{1,80}\b(?:is|are|was|were)\s+(?:not\s+)?(?:true|false|(?:in)?correct|right|wrong|(?:in)?valid|positive|negative|neutral)\W*$/iu;
const CHOICE_QUESTION =
  /(?:^|[.!?\n]\s*)(?:is|are|was|were|do|does|did|can|could|will|would|should|has|have|had)\s[^?\n]{1,400}\?/iu;
const COMPARATIVE = String.raw`(?:more|less|fewer|better|worse|bigger|larger|smaller|older|younger|taller|faster|slower|cheaper|closer|farther|longer|shorter|heavier|lighter|higher|lower|greater|later|earlier|sooner|richer)`;
const NOT_SUPERLATIVE =
  '(?!(?:test|request|guest|rest|forest|interest|latest|quest|nest|west|contest|chest|harvest)\\b)';
const COMPARISON = new RegExp(
  String.raw`\b(?:\p{L}{2,40}er\s+than|(?:more|less|fewer)\s+\p{L}+\s+than|the\s+(?:most|least|best|worst|${NOT_SUPERLATIVE}\p{L}{2,40}est)\b|the\s+${COMPARATIVE}\b|(?:which|who|what)(?:\s+\p{L}+)?\s+(?:is|are)\s+(?:the\s+)?${COMPARATIVE}\b)`,
  'iu',
);

const SENTENCE_END = /[.!?](?:\s|$)|\n/u;
/** Numbers with commas, semicolons, slashes or blanks between them. */
const NUMBER_LIST = /^-?\d+(?:\.\d+)?(?:[\s,;/]+-?\d+(?:\.\d+)?)*$/;
const ALTERNATIVES = /(?<![\p{L}\p{N}])([\p{L}\p{N}]+) or (?:an? |the )?([\p{L}\p{N}]+)/gu;
const WORDS = /[\p{L}\p{N}]+/gu;

/** The classes of risk that the answer is in. What the client vouched for is no risk: orphans are (DESIGN §11.5). */
export function risksOf(input: RisksInput): Risks {
  const risks = orphanRisks(input);
  if (input.isConstant) risks.set('orphan', 'the answer is the same for all values above it');
  if (input.isWritten) risks.set('written', 'a value is computed by code that a model wrote');
  if (!input.vouched) {
    risks.set(input.derivedCount > 0 ? 'derived' : 'copy', '');
    if (input.isInflected) risks.set('inflected', 'a word is inflected by rule');
    const answer = input.messages.at(-1);
    const asked = textOf(input.messages.findLast((message) => message.role === 'user'));
    if (isChoice(asked, answer)) risks.set('choice', 'the answer is a choice between few');
    else if (compares(asked) && !callsTool(answer) && !isWrittenAsCode(answer))
      risks.set('comparison', 'the question compares');
    if (selectsOne(input))
      risks.set('selection', 'the answer takes one of several values of a kind');
    if (takesForManOrWoman(input))
      risks.set('claim', 'the answer takes someone for a man or a woman');
    if (isEcho(input)) risks.set('echo', 'the answer is nothing but a number of the request');
    if (isReordered(input)) risks.set('order', 'the answer puts values of a kind in another order');
  }
  return { classes: [...risks.keys()], reasons: [...risks.values()].filter((text) => text !== '') };
}

const MAN_OR_WOMAN =
  /(?<![\p{L}\p{N}])(?:he|she|him|his|hers?|mrs?|ms|sir|madam)(?![\p{L}\p{N}])/giu;

/** Whether the answer calls one whose name it copies "his" or "Ms" where nothing in the conversation does. */
function takesForManOrWoman({ messages, placed, inherited }: RisksInput): boolean {
  const last = messages.length - 1;
  const said = messages.slice(0, last).map(textOf).join('\n').toLowerCase();
  const isSaid = (word: string): boolean => occurrences(said, word.toLowerCase()).length > 0;
  const called = textOf(messages[last]).match(MAN_OR_WOMAN) ?? [];
  const isNamed =
    placed.some((span) => span.message === last && isName(span)) || inherited.length > 0;
  return isNamed && called.some((word) => !isSaid(word));
}

/** Of values that come out of thin air, or by chance out of another one. */
function orphanRisks(input: RisksInput): Map<RiskClass, string> {
  const risks = new Map<RiskClass, string>();
  const orphans = orphansOf(input);
  if (input.isDigitCut) risks.set('orphan', 'a digit is the same as one of another value');
  if (orphans.length > 0) {
    risks.set(
      orphanClass(input, orphans),
      `${orphans.length} value(s) of the answer have no origin`,
    );
  }
  if (isChosenAmong(input, orphans)) risks.set('choice', CHOSEN);
  return risks;
}

function isChosenAmong({ messages, others }: RisksInput, orphans: readonly Span[]): boolean {
  const answer = messages.at(-1);
  return answer !== undefined && orphans.some((span) => isChosen(answer, span, others));
}

/** Longer numbers are names of things: hardly anything is reckoned with them. */
const RECKONED_DIGITS_MAX = 4;

/** Whether the answer is one number, as it was said, and no field of anything. */
function isEcho({ messages, placed, derivedCount }: RisksInput): boolean {
  const answer = messages.at(-1);
  const [leaf, ...others] = answer?.leaves ?? [];
  if (derivedCount > 0 || leaf?.kind !== 'text' || others.length > 0) return false;
  return placed.some(
    (span) =>
      span.message === messages.length - 1 &&
      isNumeric(span) &&
      span.value === leaf.text.trim() &&
      span.value.replace(/\..*|\D/g, '').length <= RECKONED_DIGITS_MAX,
  );
}

function orphanClass(input: RisksInput, orphans: readonly Span[]): RiskClass {
  if (orphans.some((span) => isSaidOfVariable(input, span))) return 'claim';
  // "kind = 'city'" says something of a value, as prose does, if not as often.
  const isInCode = ({ message, leaf }: Span): boolean => {
    const found = input.messages[message]?.leaves[leaf];
    return found?.kind === 'text' && isCode(found.text);
  };
  if (!orphans.every(isInCode)) return 'orphan';
  return orphans.every(isNumeric) ? 'literal' : 'constant';
}

/** Whether the span is a number in one sentence, or one JSON text, with a variable: "{{year}} has 365 days". */
function isSaidOfVariable({ messages, placed }: RisksInput, span: Span): boolean {
  if (!isNumeric(span)) return false;
  const leaf = messages[span.message]?.leaves[span.leaf];
  if (leaf?.kind !== 'text') return true;
  // What code says of a value it says by its structure, which is fixed.
  if (isCode(leaf.text)) return false;
  const start = sentenceStart(leaf.text.slice(0, span.start));
  const length = leaf.text.slice(span.end).search(SENTENCE_END);
  const end = length < 0 ? leaf.text.length : span.end + length;
  const sentence = { ...span, start, end };
  return placed.some((other) => overlaps(sentence, other));
}

/** Where the last sentence of a text begins. Cost: linear, which no search for an end of the text by expression is. */
function sentenceStart(text: string): number {
  for (let at = text.length; at > 0; at--) {
    const sign = text.charAt(at - 1);
    if (sign === '\n') return at;
    // A full stop inside a word or a number ends no sentence.
    if ('.!?'.includes(sign) && !/^\S$/.test(text.charAt(at))) return at;
  }
  return 0;
}

function isChoice(asked: string, answer: Message | undefined): boolean {
  const isOneOfFew =
    answer?.leaves.some(
      ({ text }) => CHOICE_ANSWER.test(text) || VERDICT.test(text) || choosesBetween(asked, text),
    ) === true;
  if (isOneOfFew || !CHOICE_QUESTION.test(asked.replace(POLITE_REQUEST, ''))) return isOneOfFew;
  return !callsTool(answer) && !isWrittenAsCode(answer);
}

/** "Can you track it for me?" asks for something to be done; what asks whether something is so is left as it is. */
const POLITE_REQUEST =
  /(?:^|[.!?\n]\s{0,8})(?:can|could|will|would)\s+you\s(?![^?\n]{0,400}\b(?:if|whether)\b)(?=please\b|[^?\n]{0,400}(?:\bplease\b|\b(?:for|to|show|tell|give|send|get|find|help)\s+(?:me|us)\b))[^?\n]{1,400}\?/giu;

/** A query says how to find out what was asked: its writer has decided and compared nothing. */
function isWrittenAsCode(answer: Message | undefined): boolean {
  return answer?.leaves.some((leaf) => leaf.kind === 'text' && isCode(leaf.text)) === true;
}

/** Of several paragraphs, those in the middle that ask nothing are documents. */
function compares(asked: string): boolean {
  const paragraphs = asked.split(/\n\s*\n/);
  return paragraphs.some(
    (paragraph, index) =>
      COMPARISON.test(paragraph) &&
      (index === 0 || index === paragraphs.length - 1 || paragraph.includes('?')),
  );
}

function textOf(message: Message | undefined): string {
  return message?.leaves.map((leaf) => leaf.text).join('\n') ?? '';
}

/**
 * Whether numbers or names stand in the answer in another order than they were said, or three or more in the
 * order of their values: it may be that order which the answer is about.
 */
function isReordered(input: RisksInput): boolean {
  const last = input.messages.length - 1;
  const firstSaid = firstPlaces(input);
  const saidValues = new Set(input.placed.filter(({ message }) => message < last).map(valueOf));
  // Where keys say which value is which, their order says nothing; what is computed may be one of what was said.
  const shown = input.placed
    .filter((span) => span.message === last && isTextLeaf(input, last, span.leaf))
    .filter((span) => !isKeyedInCode(input, span))
    .filter(({ name, value }) => firstSaid.has(name) || saidValues.has(value))
    .toSorted(bySpanOrder);
  if (isSorted(shown.flatMap(numbersOf)) || isSorted(shown.filter(isName).map(valueOf)))
    return true;
  const said = (isOfKind: (span: Span) => boolean): Place[] =>
    [...new Set(shown.filter(isOfKind).map((span) => span.name))].flatMap(
      (name) => firstSaid.get(name) ?? [],
    );
  const names = said(isName);
  // Two names change places as the wording has it ("Lee, Ann").
  return (
    !isRising(said(isNumeric), bySpanOrder) || (names.length > 2 && !isRising(names, bySpanOrder))
  );
}

/** Variable → where the conversation before the answer first holds it; inherited ones are looked for by their values. */
function firstPlaces({ messages, placed, inherited }: RisksInput): ReadonlyMap<string, Place> {
  const last = messages.length - 1;
  const places = new Map<string, Place>();
  for (const span of placed.filter(({ message }) => message < last).toSorted(bySpanOrder)) {
    if (!places.has(span.name)) places.set(span.name, span);
  }
  for (const [name, value] of inherited) {
    const message = messages.findIndex((one) =>
      one.leaves.some(({ text }) => text.includes(value)),
    );
    const leaves = messages[message]?.leaves ?? [];
    const leaf = leaves.findIndex(({ text }) => text.includes(value));
    const start = occurrences(leaves[leaf]?.text ?? '', value)[0] ?? 0;
    if (!places.has(name) && message >= 0) places.set(name, { message, leaf, start });
  }
  return places;
}

/** The numbers of a value that is one or a list of them. */
function numbersOf({ value }: Placed): string[] {
  return NUMBER_LIST.test(value) ? value.split(/[^\d.-]+/).filter((item) => item !== '') : [];
}

function valueOf({ value }: Placed): string {
  return value;
}

function isTextLeaf({ messages }: RisksInput, message: number, leaf: number): boolean {
  return messages[message]?.leaves[leaf]?.kind === 'text';
}

function isKeyedInCode({ messages }: RisksInput, { message, leaf, start }: Place): boolean {
  const text = messages[message]?.leaves[leaf]?.text ?? '';
  return isCode(text) && keyBefore(text, start) !== undefined;
}

type OriginInput = Pick<
  RisksInput,
  'messages' | 'placed' | 'unexplained' | 'parameters' | 'others'
>;

type RecogniseOnce = (leaf: Leaf) => readonly Recognised[];

/** Data of the answer that nothing explains and that stands nowhere before it: thin air. */
export function orphansOf(input: OriginInput): Span[] {
  const known = new Map<Leaf, readonly Recognised[]>();
  const recogniseOnce: RecogniseOnce = (leaf) => {
    const found = known.get(leaf) ?? recognise(leaf.text);
    known.set(leaf, found);
    return found;
  };
  return input.unexplained.filter(
    (span) =>
      !hasOrigin(input, span, recogniseOnce) && !isUsual(input.messages, span, input.others),
  );
}

/** Whether the answer takes one side of an "odd or even" of the question. */
function choosesBetween(question: string, answer: string): boolean {
  const said = new Set(answer.toLowerCase().match(WORDS) ?? []);
  return [...question.toLowerCase().matchAll(ALTERNATIVES)].some(
    ([, a, b]) => a !== undefined && b !== undefined && said.has(a) !== said.has(b),
  );
}

/** Three or more in rising or falling order. */
function isSorted(values: readonly string[]): boolean {
  if (values.length < 3) return false;
  return isRising(values, byValue) || isRising(values.toReversed(), byValue);
}

function isRising<T>(items: readonly T[], order: (a: T, b: T) => number): boolean {
  return items.every((item, index) => {
    const before = items[index - 1];
    return before === undefined || order(before, item) <= 0;
  });
}

function byValue(a: string, b: string): number {
  const [left, right] = [parseDecimal(a), parseDecimal(b)];
  if (left !== undefined && right !== undefined) return compare(left, right);
  return a < b ? -1 : Number(a > b);
}

/**
 * Whether the answer shows just one of several numbers or names that the request offers: which one
 * it is may depend on all of them ("the larger of 25 and 34").
 */
function selectsOne(input: RisksInput): boolean {
  const last = input.messages.length - 1;
  const shown = input.placed
    .filter((span) => span.message === last)
    .filter((span) => !isKeyedInCode(input, span));
  return [isNumeric, isName].some((isOfKind) => {
    const chosen = shown.filter(isOfKind);
    const values = new Set(chosen.map((span) => span.value));
    const categories = new Set(chosen.map((span) => span.category));
    const others = input.unused.filter(
      (span) =>
        isOfKind(span) &&
        span.doubtful === undefined &&
        !isConstant(span) &&
        input.messages[span.message]?.role === 'user',
    );
    // Names of different sorts are no alternatives: "the React component NodeList".
    return (
      values.size === 1 &&
      others.some(
        (span) =>
          !values.has(span.value) && (isOfKind === isNumeric || categories.has(span.category)),
      )
    );
  });
}

/** One sibling may have the same by chance. */
const CONSTANT_SIBLINGS_MIN = 2;

/** Whether all siblings have the same in its place: it is part of the wording. */
function isConstant(span: Span): boolean {
  const values = (span.seen ?? []).filter((value) => value !== null);
  return values.length >= CONSTANT_SIBLINGS_MIN && values.every((value) => value === span.value);
}

function isNumeric(span: Span): boolean {
  return span.kind === 'integer' || span.kind === 'number';
}

function isName(span: Span): boolean {
  return span.kind === 'name';
}

function callsTool(answer: Message | undefined): boolean {
  return answer?.leaves.some((leaf) => leaf.path[0] === 'tool_calls') === true;
}

/** Whether a constant of the answer stands in fixed text: system prompt, tool schema, or the request's literals. */
function hasOrigin(input: OriginInput, span: Span, recogniseOnce: RecogniseOnce): boolean {
  const leaf = input.messages[span.message]?.leaves[span.leaf];
  if (leaf === undefined) return true;
  // In running text only numbers, quotations, addresses and proper nouns are claims of their own.
  if (leaf.kind === 'text' && !isClaim(leaf, span, recogniseOnce)) return true;
  if (leaf.kind !== 'number' && input.parameters.includes(JSON.stringify(span.value))) return true;
  const value = span.value;
  // "kind = 'city'" says something of a value; that a column is called so does not.
  const isLiteral = leaf.kind === 'text' && span.delimited && isCode(leaf.text);
  return input.messages.slice(0, span.message).some((message, index) =>
    message.leaves.some((other, leafIndex) => {
      if (message.role === 'assistant') return false;
      return occurrences(other.text, value).some((start) => {
        if (isLiteral && message.role !== 'user' && !isQuoted(other.text, start, value.length))
          return false;
        const place = {
          ...span,
          message: index,
          leaf: leafIndex,
          start,
          end: start + value.length,
        };
        return !input.placed.some((placed) => overlaps(placed, place));
      });
    }),
  );
}

function isQuoted(text: string, start: number, length: number): boolean {
  return /["'`]/.test(text[start - 1] ?? '') && /["'`]/.test(text[start + length] ?? '');
}

function isClaim(leaf: Leaf, span: Span, recogniseOnce: RecogniseOnce): boolean {
  if (span.claimed) return true;
  const { text } = leaf;
  const inCode = isCode(text);
  return recogniseOnce(leaf).some(
    (found) =>
      found.start === span.start &&
      found.end === span.end &&
      // Outside quotes words of code are identifiers.
      !(inCode && found.kind === 'word' && !found.delimited) &&
      (found.kind !== 'name' || found.delimited || isProperNoun(text, found)),
  );
}
