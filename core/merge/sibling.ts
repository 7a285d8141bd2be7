/**
 * Threads below one node, and their next turns: what was asked from there on, up to the reply that followed. A turn that
 * several threads share counts once, so that conversations that go on are siblings of those that end there.
 */
import { isExactOnly, readExchange, type Exchange } from '../induction/exchange.ts';
import { LIMITS } from '../limits.ts';
import type { Message } from '../messages/message.ts';
import type { Observation } from '../observation.ts';
import type { Bindings } from '../template/template.ts';
import type { TreeNode } from '../tree/node.ts';
import { ScopeTree } from '../tree/scope-tree.ts';
import { advance, startOf, type WalkState } from '../tree/walk.ts';
import { MERGE_LIMITS, type MergeQuestion } from './plan.ts';

/** A recorded thread that has come down to some node. */
export interface Follower {
  readonly exchange: Exchange;
  /** How many of its messages are matched above. */
  readonly from: number;
  /** What is bound there. */
  readonly bindings: Bindings;
}

/** One turn: the messages from `from` up to `to`, where the reply stands. */
export interface Sibling extends Follower {
  readonly to: number;
  readonly reply: Message;
  /** The threads that begin with this turn, its own among them. */
  readonly followers: readonly Follower[];
}

/** The observations that count, by id: one for each thread, the oldest; the newest threads where there are too many. */
export function observationsOf(question: MergeQuestion): Observation[] {
  const byThread = new Map<string, Observation>();
  for (const observation of question.observations) {
    if (observation.scope !== question.scope) continue;
    const other = byThread.get(observation.thread);
    if (other === undefined || byAge(observation, other) < 0)
      byThread.set(observation.thread, observation);
  }
  return [...byThread.values()]
    .toSorted((a, b) => byAge(b, a))
    .slice(0, MERGE_LIMITS.observationsMax)
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

export function readExchanges(observations: readonly Observation[]): Exchange[] {
  return observations.flatMap((observation) => readExchange(observation) ?? []);
}

function byAge(a: Observation, b: Observation): number {
  return a.at - b.at || (a.id < b.id ? -1 : 1);
}

/**
 * Whether something may be learned from the exchange here: clients that asked not to are obeyed, and what clients bound
 * is a template of its own at once.
 */
export function mayTeach({ observation }: Exchange): boolean {
  return observation.induce && observation.bindings.length === 0 && !isExactOnly(observation);
}

/** The nodes from the root of the scope down to `parent`; undefined where one of them is gone. */
export function pathTo(tree: ScopeTree, scope: string, parent: string): TreeNode[] | undefined {
  const path: TreeNode[] = [];
  for (let at = parent; at !== scope;) {
    const node = tree.get(at);
    if (node === undefined || path.length >= LIMITS.threadMessagesMax) return undefined;
    path.unshift(node);
    at = node.parent;
  }
  return path;
}

/** The exchanges that pass through the nodes of `path` in just one way, and what they bind on it. */
export function followersOf(
  { scope }: MergeQuestion,
  path: readonly TreeNode[],
  exchanges: readonly Exchange[],
): Follower[] {
  const tree = new ScopeTree();
  for (const node of path) tree.put(node);
  return exchanges.flatMap((exchange) => {
    let state = startOf(scope, exchange.known);
    for (const [depth, node] of path.entries()) {
      const message = exchange.thread.messages[depth];
      const next = message && onlyState(advance(tree, [state], message));
      if (next?.at !== node.id) return [];
      state = next;
    }
    return [{ exchange, from: path.length, bindings: state.bindings }];
  });
}

/** The state if it is the only one and nothing is ambiguous in it. */
function onlyState(states: ReturnType<typeof advance>): WalkState | undefined {
  if (typeof states === 'string' || states.length !== 1) return undefined;
  return states[0]?.open.size === 0 ? states[0] : undefined;
}

/**
 * The next turns of the threads, in the order of their observations. Of several replies to one turn one counts: an
 * answer that was recorded as such before one that is only known from inside a thread, the older before the newer.
 */
export function turnsOf(followers: readonly Follower[]): Sibling[] {
  const byTurn = new Map<string, Sibling>();
  for (const follower of followers) {
    const { exchange, from } = follower;
    const { messages } = exchange;
    const to = messages.findIndex(({ role }, index) => index >= from && role === 'assistant');
    const reply = messages[to];
    if (reply === undefined) continue;
    const turn = { ...follower, to, reply, followers: [follower] };
    const key = textOf(messages.slice(0, to));
    const other = byTurn.get(key);
    if (other === undefined) byTurn.set(key, turn);
    else byTurn.set(key, isBefore(turn, other) ? joined(turn, other) : joined(other, turn));
  }
  return [...byTurn.values()].toSorted((a, b) => (idOf(a) < idOf(b) ? -1 : 1));
}

function joined(first: Sibling, second: Sibling): Sibling {
  const isSame = textOf([first.reply]) === textOf([second.reply]);
  return isSame ? { ...first, followers: [...first.followers, ...second.followers] } : first;
}

function isBefore(a: Sibling, b: Sibling): boolean {
  if (isAnswered(a) !== isAnswered(b)) return isAnswered(a);
  return byAge(a.exchange.observation, b.exchange.observation) < 0;
}

function textOf(messages: readonly Message[]): string {
  return JSON.stringify(
    messages.map(({ skeleton, leaves }) => [skeleton, leaves.map(({ text }) => text)]),
  );
}

/** Whether the reply is an answer that was recorded, not only a message of a longer thread. */
export function isAnswered({ exchange, to }: Pick<Sibling, 'exchange' | 'to'>): boolean {
  return to === exchange.messages.length - 1;
}

/** The observation that stands for the turn. */
export function idOf({ exchange }: Follower): string {
  return exchange.observation.id;
}

/** What was asked in this turn. */
export function requestsOf({ exchange, from, to }: Sibling): readonly Message[] {
  return exchange.messages.slice(from, to);
}
