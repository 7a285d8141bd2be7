/**
 * The descent of a thread through a tree. Every node that fits counts, served or not: differing
 * answers of candidates that are not strictly nested are a miss, never a guess (DESIGN §11.2).
 */
import { derive } from '../expressions/derivation.ts';
import { appendMessage, type Message, type Thread } from '../messages/message.ts';
import { callIdBindings } from '../messages/call-ids.ts';
import { rebuildMessage } from '../messages/rebuild.ts';
import { parseJson } from '../json/json.ts';
import { LIMITS } from '../limits.ts';
import { matchMessage } from '../template/match.ts';
import {
  hydrateLeaf,
  literalCharacters,
  templateWidth,
  type Bindings,
} from '../template/template.ts';
import type { AnswerForm, TreeNode } from './node.ts';
import type { ScopeTree } from './scope-tree.ts';

/** One way to reach a node: the path to it and what was read off on the way. */
export interface WalkState {
  /** The node's id, or the scope's id at the root. */
  readonly at: string;
  readonly path: readonly TreeNode[];
  readonly bindings: Bindings;
}

/** An answer that a path reaches. `message` is undefined where its derivations abstain. */
export interface ReachedAnswer {
  readonly node: TreeNode & { readonly answer: AnswerForm };
  readonly path: readonly TreeNode[];
  readonly bindings: Bindings;
  /** The hydrated assistant message as JSON text, its tool-call ids as recorded. */
  readonly message: string | undefined;
  readonly texts: readonly string[];
}

export type Walk =
  | {
      readonly kind: 'reached';
      readonly states: readonly WalkState[];
      readonly answers: readonly ReachedAnswer[];
    }
  /** No node fits message `depth`; `states` are those that fitted all before it. */
  | { readonly kind: 'diverged'; readonly depth: number; readonly states: readonly WalkState[] }
  | { readonly kind: 'overflow'; readonly depth: number; readonly states: readonly WalkState[] };

/**
 * Walks `thread` from the root of the scope. `explicit` are bindings that the client gave: they
 * constrain variables of the same name and nothing else.
 */
export function walk(tree: ScopeTree, scope: string, thread: Thread, explicit: Bindings): Walk {
  const root = new Map([...callIdBindings(thread), ...explicit]);
  let states: readonly WalkState[] = [{ at: scope, path: [], bindings: root }];
  for (const [depth, message] of thread.messages.entries()) {
    const next = advance(tree, states, message);
    if (next === 'overflow') return { kind: 'overflow', depth, states };
    if (next.length === 0) return { kind: 'diverged', depth, states };
    states = next;
  }
  return { kind: 'reached', states, answers: answersOf(tree, states, thread) };
}

/** The states after one more message. */
export function advance(
  tree: ScopeTree,
  states: readonly WalkState[],
  message: Message,
): readonly WalkState[] | 'overflow' {
  const next: WalkState[] = [];
  for (const state of states) {
    const candidates = tree.candidates(state.at, message);
    if (candidates === 'over-limit') return 'overflow';
    for (const node of candidates) {
      const known = knownBindings(node, state.bindings);
      if (known === undefined) continue;
      const match = matchMessage(node.template, message, known);
      if (match.kind === 'over-limit') return 'overflow';
      if (match.kind === 'no-match') continue;
      for (const bindings of match.parses) {
        next.push({ at: node.id, path: [...state.path, node], bindings });
      }
      if (next.length > LIMITS.frontierMax) return 'overflow';
    }
  }
  return next;
}

/** The bindings with the node's derived values, or undefined where a guard or a derivation says no. */
export function knownBindings(node: TreeNode, bindings: Bindings): Bindings | undefined {
  for (const guard of node.guards) if (bindings.get(guard.name) !== guard.value) return undefined;
  let known: Map<string, string> | undefined;
  for (const variable of node.variables) {
    if (variable.role !== 'dependent') continue;
    known ??= new Map(bindings);
    const derived = derive(variable.derivation, known);
    if (derived.kind !== 'value') return undefined;
    known.set(variable.name, derived.value);
  }
  return known ?? bindings;
}

function answersOf(tree: ScopeTree, states: readonly WalkState[], thread: Thread): ReachedAnswer[] {
  const answers: ReachedAnswer[] = [];
  for (const state of states) {
    for (const node of tree.answersOf(state.at)) {
      if (guardsHold(node, state.bindings)) answers.push(hydrateAnswer(node, state, thread));
    }
  }
  return answers.sort(byPreference);
}

function hydrateAnswer(
  node: TreeNode & { readonly answer: AnswerForm },
  state: WalkState,
  thread: Thread,
): ReachedAnswer {
  const reached = { node, path: [...state.path, node] };
  const bindings = knownBindings(node, state.bindings);
  const texts = bindings === undefined ? undefined : hydrateTexts(node, bindings);
  if (bindings === undefined || texts === undefined) {
    return { ...reached, bindings: state.bindings, message: undefined, texts: [] };
  }
  return { ...reached, bindings, message: writeMessage(node.answer, thread, texts), texts };
}

function hydrateTexts(node: TreeNode, bindings: Bindings): readonly string[] | undefined {
  const texts: string[] = [];
  for (const leaf of node.template.leaves) {
    const text = hydrateLeaf(leaf, bindings);
    if (text === undefined) return undefined;
    texts.push(text);
  }
  return texts;
}

function writeMessage(
  answer: AnswerForm,
  thread: Thread,
  texts: readonly string[],
): string | undefined {
  const parsed = parseJson(answer.message);
  if (parsed.kind === 'fault') return undefined;
  const read = appendMessage({ messages: [], callIds: thread.callIds }, parsed.value);
  const recorded = read.kind === 'thread' ? read.thread.messages[0] : undefined;
  return recorded === undefined ? undefined : rebuildMessage(answer.message, recorded, texts);
}

function guardsHold(node: TreeNode, bindings: Bindings): boolean {
  return node.guards.every((guard) => bindings.get(guard.name) === guard.value);
}

/** More literal first, then narrower, then older, then by id: the same on every replica. */
function byPreference(a: ReachedAnswer, b: ReachedAnswer): number {
  return (
    sum(b.path, literalCharacters) - sum(a.path, literalCharacters) ||
    sum(a.path, templateWidth) - sum(b.path, templateWidth) ||
    a.node.revision - b.node.revision ||
    (a.node.id < b.node.id ? -1 : 1)
  );
}

function sum(
  path: readonly TreeNode[],
  measure: (template: TreeNode['template']) => number,
): number {
  return path.reduce((total, node) => total + measure(node.template), 0);
}
