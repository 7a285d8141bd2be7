/**
 * What the next turn of a conversation says of an answer that a template gives. Signals are few and certain; going on in
 * silence says nothing (DESIGN §11.12).
 */
import { memberOf, parseJson, type Json } from '../json/json.ts';
import type { Message, Thread } from '../messages/message.ts';
import { threadHash, type Hash } from '../observation.ts';
import { variablesOfTemplate, type Bindings } from '../template/template.ts';
import type { ScopeTree } from '../tree/scope-tree.ts';
import { advance, startOf, walkBudget, type WalkState } from '../tree/walk.ts';
import type { TreeNode } from '../tree/node.ts';
import { evenBars } from '../trust/risk.ts';
import type { Exchange } from './exchange.ts';

/** `repeated`: the same call again, after its result. `refused`: the tool did not take the arguments. */
export type TurnSignal = 'corrected' | 'refused' | 'failed' | 'repeated' | 'meant-otherwise';

/** A conversation up to its newest request, whoever answered it. */
export interface Talk {
  readonly scope: string;
  /** The request's `messages` as JSON text. */
  readonly messages: string;
  readonly thread: Thread;
  /** What is known before anything is matched. */
  readonly known: Bindings;
}

export interface NextTurn {
  readonly node: string;
  readonly signal: TurnSignal;
  /** Whether it speaks against the answer; otherwise nothing is settled. */
  readonly isNegative: boolean;
  /** For `repeated`: where it was recorded so, it says nothing (DESIGN §11.12). */
  readonly repeat?: Repeat;
}

/** A call that came again: where to look whether providers said it again there. */
export interface Repeat {
  /** Hash of the thread that it was the answer to. */
  readonly thread: string;
  /** Nodes that give it, which were learned from what providers said. */
  readonly nodes: readonly string[];
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

export function talkOf({ observation, thread, known }: Exchange): Talk {
  const { scope, messages } = observation;
  return { scope, messages, thread, known };
}

/**
 * The signal that the newest turn of a conversation gives about the answer before it, for the node that gives this
 * answer. Undefined where there is none, or where more than one node would give it. Cost: one look at the newest
 * messages, and a walk only where they say something.
 */
export function nextTurnOf(tree: ScopeTree, talk: Talk, hash: Hash): NextTurn | undefined {
  const { messages } = talk.thread;
  const last = messages.findLastIndex((message) => message.role === 'assistant');
  if (last < 0) return undefined;
  const signal = signalOf(talk, messages.slice(last + 1), last);
  if (signal !== undefined) return about(tree, talk, last, { signal });
  const before = messages.slice(0, last).findLastIndex((message) => message.role === 'assistant');
  if (before < 0 || !isRepeated(messages, before, last)) return undefined;
  const thread = threadHash(hash, { ...talk.thread, messages: messages.slice(0, last) });
  const nodes = nodesAt(tree, talk, last)?.map(({ id }) => id) ?? [];
  return about(tree, talk, before, { signal: 'repeated', repeat: { thread, nodes } });
}

/** Whether the answer of an exchange is the call before it, once more. */
export function repeatsItself({ thread, messages }: Exchange): boolean {
  const before = thread.messages.findLastIndex((message) => message.role === 'assistant');
  return before >= 0 && isRepeated(messages, before, messages.length - 1);
}

function about(
  tree: ScopeTree,
  talk: Talk,
  index: number,
  turn: Pick<NextTurn, 'signal' | 'repeat'>,
): NextTurn | undefined {
  const [node, ...more] = nodesAt(tree, talk, index) ?? [];
  if (node?.answer === undefined || more.length > 0) return undefined;
  return { node: node.id, isNegative: NEGATIVE.has(turn.signal), ...turn };
}

/** The nodes that message `index` of the conversation may be; undefined where there are too many. */
function nodesAt(
  tree: ScopeTree,
  { scope, thread, known }: Talk,
  index: number,
): readonly TreeNode[] | undefined {
  const budget = walkBudget();
  let states: readonly WalkState[] = [startOf(scope, known)];
  for (const message of thread.messages.slice(0, index + 1)) {
    const next = advance(tree, states, message, budget);
    if (typeof next === 'string') return undefined;
    states = next;
  }
  return [...new Set(states.flatMap(({ path }) => path.at(-1) ?? []))];
}

function signalOf(talk: Talk, after: readonly Message[], last: number): TurnSignal | undefined {
  const [next, ...more] = after;
  if (next === undefined) return undefined;
  if (next.role === 'user' && more.length === 0) {
    const text = next.leaves.map((leaf) => leaf.text).join(' ');
    if (CORRECTION.test(text)) return 'corrected';
    return MEANT_OTHERWISE.test(text) ? 'meant-otherwise' : undefined;
  }
  if (after.some((message) => message.role !== 'tool') || !after.some(mayBeError)) return undefined;
  const results = contentsOf(talk.messages, last + 1);
  const errors = results.flatMap((result) => errorIn(result) ?? []);
  if (errors.length === 0) return undefined;
  return errors.some((error) => REFUSED_TEXT.test(error)) ? 'refused' : 'failed';
}

/** What no error can be is told without parsing the whole conversation: most results are none. */
function mayBeError({ skeleton, leaves }: Message): boolean {
  return /error/i.test(skeleton) || leaves.some(({ text }) => ERROR_TEXT.test(text));
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
export function doubt({
  evidence,
  state,
  template,
}: TreeNode): Pick<TreeNode, 'evidence' | 'state'> {
  const required = Math.max(evidence.required, 1) + 1;
  const contradictions = evidence.contradictions + 1;
  // Of what the client vouched for no values were kept: from now on they count.
  const names = variablesOfTemplate(template).filter((name) => !name.startsWith('$'));
  const known = new Set(evidence.seen.map(({ name }) => name));
  const more = names.filter((name) => !known.has(name)).map((name) => ({ name, values: [] }));
  return {
    evidence: {
      ...evidence,
      ...{ confirmations: 0, contradictions, ...evenBars(required) },
      seen: evidence.required === 0 ? [...evidence.seen, ...more] : evidence.seen,
    },
    state: state === 'serving' ? 'probation' : state,
  };
}
