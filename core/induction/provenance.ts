/**
 * How much evidence an answer needs before it serves. What has no origin in the conversation, and
 * questions whose answer is one of few words, need more than one confirmation (DESIGN §11.5, §11.10).
 */
import type { Message } from '../messages/message.ts';
import { isProperNoun, recognise } from './recognise.ts';
import { occurrences, overlaps, type Span } from './span.ts';
import type { Placed } from './arrange.ts';

export interface Bar {
  readonly required: number;
  readonly reasons: readonly string[];
}

export interface BarInput {
  readonly messages: readonly Message[];
  readonly placed: readonly Placed[];
  /** Data of the answer that nothing explains. */
  readonly unexplained: readonly Span[];
  /** Whether every variable that stands in the new messages was given by the client or known before. */
  readonly vouched: boolean;
  readonly parameters: string;
  /** Data of the new messages that became no variable. */
  readonly unused: readonly Span[];
}

/** One fresh prediction that came true. */
const CONFIRMATIONS = 1;
/** With the first observation: three that agree although every variable differed. */
const CONFIRMATIONS_WITHOUT_ORIGIN = 2;
/** A coin would be right about half of them. */
const CONFIRMATIONS_OF_CHOICES = 20;

const CHOICE_ANSWER =
  /^\W*(?:yes|no|true|false|correct|incorrect|right|wrong|positive|negative|neutral|valid|invalid)(?![\p{L}\p{N}])/iu;
const CHOICE_QUESTION =
  /(?:^|[.!?\n]\s*)(?:is|are|was|were|do|does|did|can|could|will|would|should|has|have|had)\s[^?\n]{1,400}\?/iu;
const COMPARATIVE = String.raw`(?:more|less|fewer|better|worse|bigger|larger|smaller|older|younger|taller|faster|slower|cheaper|closer|farther|longer|shorter|heavier|lighter|higher|lower|greater|later|earlier|sooner|richer)`;
const NOT_SUPERLATIVE =
  '(?!(?:test|request|guest|rest|forest|interest|latest|quest|nest|west|contest|chest|harvest)\\b)';
const COMPARISON = new RegExp(
  String.raw`\b(?:\p{L}{2,}er\s+than|(?:more|less|fewer)\s+\p{L}+\s+than|the\s+(?:most|least|best|worst|${NOT_SUPERLATIVE}\p{L}{2,}est)\b|the\s+${COMPARATIVE}\b|(?:which|who|what)(?:\s+\p{L}+)?\s+(?:is|are)\s+(?:the\s+)?${COMPARATIVE}\b)`,
  'iu',
);

const ALTERNATIVES = /(?<![\p{L}\p{N}])([\p{L}\p{N}]+) or (?:an? |the )?([\p{L}\p{N}]+)/gu;
const WORDS = /[\p{L}\p{N}]+/gu;

const WITHOUT_ORIGIN = 'value(s) of the answer have no origin';

/** Whether a reason of `barFor` says that nothing in the conversation explains some data of the answer. */
export function isWithoutOrigin(reason: string): boolean {
  return reason.endsWith(WITHOUT_ORIGIN);
}

/** The confirmations that the answer needs, with the reasons for more than one. */
export function barFor(input: BarInput): Bar {
  const answer = input.messages.at(-1);
  const question = input.messages.findLast((message) => message.role === 'user');
  const reasons: string[] = [];
  let required = input.vouched ? 0 : CONFIRMATIONS;
  const orphans = input.unexplained.filter((span) => !hasOrigin(input, span));
  if (orphans.length > 0) {
    required = CONFIRMATIONS_WITHOUT_ORIGIN;
    reasons.push(`${orphans.length} ${WITHOUT_ORIGIN}`);
  }
  const asked = question?.leaves.map((leaf) => leaf.text).join('\n') ?? '';
  const isChoice =
    answer?.leaves.some(
      (leaf) => CHOICE_ANSWER.test(leaf.text) || choosesBetween(asked, leaf.text),
    ) === true;
  if (!input.vouched && (isChoice || (CHOICE_QUESTION.test(asked) && !callsTool(answer)))) {
    required = CONFIRMATIONS_OF_CHOICES;
    reasons.push('the answer is a choice between few');
  } else if (!input.vouched && COMPARISON.test(asked) && !callsTool(answer)) {
    required = CONFIRMATIONS_OF_CHOICES;
    reasons.push('the question compares');
  } else if (!input.vouched && selectsOne(input)) {
    required = CONFIRMATIONS_OF_CHOICES;
    reasons.push('the answer takes one of several values of a kind');
  }
  return { required, reasons };
}

/** Whether the answer takes one side of an "odd or even" of the question. */
function choosesBetween(question: string, answer: string): boolean {
  const said = new Set(answer.toLowerCase().match(WORDS) ?? []);
  return [...question.toLowerCase().matchAll(ALTERNATIVES)].some(
    ([, a, b]) => a !== undefined && b !== undefined && said.has(a) !== said.has(b),
  );
}

/**
 * Whether the answer shows just one of several numbers or names that the request offers: which one
 * it is may depend on all of them ("the larger of 25 and 34").
 */
function selectsOne(input: BarInput): boolean {
  const last = input.messages.length - 1;
  const shown = input.placed.filter((span) => span.message === last);
  return [isNumeric, isName].some((isOfKind) => {
    const values = new Set(shown.filter(isOfKind).map((span) => span.value));
    const others = input.unused.filter(
      (span) =>
        isOfKind(span) &&
        span.doubtful === undefined &&
        input.messages[span.message]?.role === 'user',
    );
    return values.size === 1 && others.some((span) => !values.has(span.value));
  });
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
function hasOrigin(input: BarInput, span: Span): boolean {
  const leaf = input.messages[span.message]?.leaves[span.leaf];
  if (leaf === undefined) return true;
  // In running text only numbers, quotations, addresses and proper nouns are claims of their own.
  if (leaf.kind === 'text' && !isClaim(leaf.text, span)) return true;
  if (leaf.kind !== 'number' && input.parameters.includes(JSON.stringify(span.value))) return true;
  const value = span.value;
  return input.messages.slice(0, span.message).some((message, index) =>
    message.leaves.some((other, leafIndex) => {
      if (message.role === 'assistant') return false;
      return occurrences(other.text, value).some((start) => {
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

function isClaim(text: string, span: Span): boolean {
  return recognise(text).some(
    (found) =>
      found.start === span.start &&
      found.end === span.end &&
      (found.kind !== 'name' || found.delimited || isProperNoun(text, found)),
  );
}
