/**
 * What the next turn of a conversation says of an answer that a template gives. Signals are few and certain; going on in
 * silence says nothing (DESIGN §11.12).
 */
import { memberOf, parseJson, type Json } from '../json/json.ts';
import type { Message } from '../messages/message.ts';
import { threadHash, type Hash } from '../observation.ts';
import type { ScopeTree } from '../tree/scope-tree.ts';
import { advance, startOf, walkBudget, type WalkState } from '../tree/walk.ts';
import type { Evidence, NodeState } from '../tree/node.ts';
import { evenBars } from '../trust/risk.ts';
import type { Exchange } from './exchange.ts';

/** `repeated`: the same call again, after its result. `refused`: the tool did not take the arguments. */
export type TurnSignal = 'corrected' | 'refused' | 'failed' | 'repeated' | 'meant-otherwise';

export interface NextTurn {
  readonly node: string;
  readonly signal: TurnSignal;
  /** Whether it speaks against the answer; otherwise nothing is settled. */
  readonly isNegative: boolean;
  /** For `repeated`: the thread after which the call came again. Where it was recorded so, it says nothing. */
  readonly repeatedAfter?: string;
}

/** The user says that it is wrong, at the beginning of what he says. */
const CORRECTION =
  /^\s*(?:no[,.!]?\s+)?(?:(?:that|this|it)(?:['’]s| is| was)\s+(?:wrong|incorrect|not (?:right|correct|true|what i (?:asked|meant|wanted)))|(?:wrong|incorrect)(?: answer)?\s*[.!,]|you(?:['’]re| are) wrong\b|you got (?:that|it) wrong\b)/iu;
/** The user may have said it wrongly himself. */
const MEANT_OTHERWISE = /^\s*(?:no[,.!]?\s+)?(?:sorry[,.!]?\s+)?i (?:actually |really )?meant\b/iu;
const ERROR_TEXT = /^\s*(?:error\b|traceback \(most recent call last\)|exception\b)/iu;
const REFUSED_TEXT =
  /\b(?:invalid|missing|unexpected|unknown|unrecognized) (?:required )?(?:argument|parameter|field|value)s?\b|\bvalidation (?:error|failed)\b/iu;

const NEGATIVE: ReadonlySet<TurnSignal> = new Set<TurnSignal>(['corrected', 'refused', 'repeated']);

/**
 * The signal that the newest turn of the exchange's thread gives about the answer before it, for the node that gives
 * this answer. Undefined where there is none, or where more than one node would give it.
 */
export function nextTurnOf(tree: ScopeTree, exchange: Exchange, hash: Hash): NextTurn | undefined {
  const { messages } = exchange.thread;
  const last = messages.findLastIndex((message) => message.role === 'assistant');
  if (last < 0) return undefined;
  const after = messages.slice(last + 1);
  const signal = signalOf(exchange, after, last);
  if (signal !== undefined) return about(tree, exchange, last, { signal });
  const before = messages.slice(0, last).findLastIndex((message) => message.role === 'assistant');
  if (before < 0 || !isRepeated(messages, before, last)) return undefined;
  const thread = { ...exchange.thread, messages: messages.slice(0, last) };
  const repeatedAfter = threadHash(hash, thread);
  return about(tree, exchange, before, { signal: 'repeated', repeatedAfter });
}

function about(
  tree: ScopeTree,
  { observation, thread, known }: Exchange,
  index: number,
  turn: Pick<NextTurn, 'signal' | 'repeatedAfter'>,
): NextTurn | undefined {
  const budget = walkBudget();
  let states: readonly WalkState[] = [startOf(observation.scope, known)];
  for (const message of thread.messages.slice(0, index + 1)) {
    const next = advance(tree, states, message, budget);
    if (typeof next === 'string') return undefined;
    states = next;
  }
  const nodes = [...new Set(states.map(({ path }) => path.at(-1)))];
  const [node, ...more] = nodes;
  if (node?.answer === undefined || more.length > 0) return undefined;
  return { node: node.id, isNegative: NEGATIVE.has(turn.signal), ...turn };
}

function signalOf(
  { observation }: Exchange,
  after: readonly Message[],
  last: number,
): TurnSignal | undefined {
  const [next, ...more] = after;
  if (next === undefined) return undefined;
  if (next.role === 'user' && more.length === 0) {
    const text = next.leaves.map((leaf) => leaf.text).join(' ');
    if (CORRECTION.test(text)) return 'corrected';
    return MEANT_OTHERWISE.test(text) ? 'meant-otherwise' : undefined;
  }
  if (after.some((message) => message.role !== 'tool')) return undefined;
  const results = contentsOf(observation.messages, last + 1);
  const errors = results.flatMap((result) => errorIn(result) ?? []);
  if (errors.length === 0) return undefined;
  return errors.some((error) => REFUSED_TEXT.test(error)) ? 'refused' : 'failed';
}

/** The contents of the messages from `from` on, where they are texts. */
function contentsOf(messages: string, from: number): string[] {
  const parsed = parseJson(messages);
  if (parsed.kind === 'fault' || parsed.value.kind !== 'array') return [];
  return parsed.value.items.slice(from).flatMap((item) => {
    const content = memberOf(item, 'content');
    return content?.kind === 'string' ? [content.value] : [];
  });
}

/** What a tool's result says went wrong: a text that begins so, or a JSON object with an error. */
function errorIn(result: string): string | undefined {
  if (ERROR_TEXT.test(result)) return result;
  const parsed = parseJson(result);
  if (parsed.kind === 'fault' || parsed.value.kind !== 'object') return undefined;
  const error = memberOf(parsed.value, 'error') ?? memberOf(parsed.value, 'isError');
  return error === undefined || isNothing(error) ? undefined : result;
}

function isNothing(value: Json): boolean {
  if (value.kind === 'null') return true;
  if (value.kind === 'boolean') return !value.value;
  return value.kind === 'string' && value.value === '';
}

/** Whether the call at `before` came again at `last`, its result and nothing else between them. */
function isRepeated(messages: readonly Message[], before: number, last: number): boolean {
  const [first, again] = [messages[before], messages[last]];
  const between = messages.slice(before + 1, last);
  if (first === undefined || again === undefined || between.length === 0) return false;
  if (between.some((message) => message.role !== 'tool')) return false;
  // Skeletons number the calls, so that two of them are never equal: their leaves and the rest are.
  const numberless = (message: Message): string => message.skeleton.replaceAll(/"id"=#\d+/g, '');
  return (
    numberless(first) === numberless(again) &&
    JSON.stringify(first.leaves.map(({ text }) => text)) ===
      JSON.stringify(again.leaves.map(({ text }) => text))
  );
}

/**
 * Weaker than a contradiction, since nobody says what is right: the template has to prove itself anew, once more than
 * before. What was approved has to as well.
 */
export function doubt(
  evidence: Evidence,
  state: NodeState,
): { readonly evidence: Evidence; readonly state: NodeState } {
  const required = Math.max(evidence.required, 1) + 1;
  const contradictions = evidence.contradictions + 1;
  return {
    evidence: { ...evidence, confirmations: 0, contradictions, ...evenBars(required) },
    state: state === 'serving' ? 'probation' : state,
  };
}
