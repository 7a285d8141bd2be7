/**
 * The descent of a thread through a tree. Every node that fits counts, served or not: differing
 * answers of candidates that are not strictly nested are a miss, never a guess (DESIGN §11.2).
 */
import { derive, inputsOf } from '../expressions/derivation.ts';
import { appendMessage, type Message, type Thread } from '../messages/message.ts';
import { callIdBindings } from '../messages/call-ids.ts';
import { messageWriter, type WriteMessage } from '../messages/rebuild.ts';
import { parseJson } from '../json/json.ts';
import { LIMITS } from '../limits.ts';
import { holds, namesInCondition } from '../template/condition.ts';
import type { Budget } from '../template/cuts.ts';
import { matchMessage } from '../template/match.ts';
import { ANYTHING } from '../template/matcher.ts';
import {
  conditionalSegments,
  hydrateLeaf,
  literalCharacters,
  templateText,
  templateWidth,
  variablesOfTemplate,
  type Bindings,
} from '../template/template.ts';
import type { AnswerForm, AnswerNode, TreeNode } from './node.ts';
import type { ScopeTree } from './scope-tree.ts';

/** One way to reach a node: the path to it and what was read off on the way. */
export interface WalkState {
  /** The node's id, or the scope's id at the root. */
  readonly at: string;
  readonly path: readonly TreeNode[];
  readonly bindings: Bindings;
  /** Variables of the path whose values are ambiguous: whatever uses one is ambiguous too. */
  readonly open: ReadonlySet<string>;
}

/** An answer that a path reaches. `message` is undefined where the answer cannot be computed. */
export interface ReachedAnswer {
  readonly node: AnswerNode;
  readonly path: readonly TreeNode[];
  readonly bindings: Bindings;
  /** The hydrated assistant message as JSON text, its tool-call ids as recorded. */
  readonly message: string | undefined;
  readonly texts: readonly string[];
  /** Whether it uses a value that is ambiguous. */
  readonly isAmbiguous: boolean;
}

/**
 * Why a walk gave up: more nodes fit than it follows, values are ambiguous, a node may fit whose derivation does
 * not know, or it would take too long.
 */
export type Overflow = 'too_many_candidates' | 'ambiguous' | 'derivation_abstains' | 'over_budget';

export type Walk =
  | {
      readonly kind: 'reached';
      readonly states: readonly WalkState[];
      readonly answers: readonly ReachedAnswer[];
      /** What was known before the first message: ids of tool calls and the client's bindings. */
      readonly known: Bindings;
    }
  /** No node fits message `depth`; `states` are those that fitted all before it. */
  | { readonly kind: 'diverged'; readonly depth: number; readonly states: readonly WalkState[] }
  | {
      readonly kind: 'overflow';
      readonly reason: Overflow;
      readonly depth: number;
      readonly states: readonly WalkState[];
    };

const NOTHING: ReadonlySet<string> = new Set();

/**
 * Walks `thread` from the root of the scope. `explicit` are bindings that the client gave: they
 * constrain variables of the same name and nothing else.
 */
export function walk(tree: ScopeTree, scope: string, thread: Thread, explicit: Bindings): Walk {
  const begun = beginWalk(tree, scope, thread, explicit);
  return isBegun(begun) ? endWalk(begun, thread) : begun;
}

/**
 * A walk that has come to a thread's last message. It can be ended for every thread with the same beginning, call
 * ids and explicit bindings, as long as the tree has the same version.
 */
export interface BegunWalk {
  readonly tree: ScopeTree;
  readonly version: number;
  readonly states: readonly WalkState[];
  readonly known: Bindings;
  /** What is left of the budget. */
  readonly steps: number;
}

/** Walks to the last message, or to the end of the walk before it. */
export function beginWalk(
  tree: ScopeTree,
  scope: string,
  thread: Thread,
  explicit: Bindings,
): BegunWalk | Walk {
  const known = new Map([...callIdBindings(thread), ...explicit]);
  const total = walkBudget();
  let states: readonly WalkState[] = [startOf(scope, known)];
  for (const [depth, message] of thread.messages.slice(0, -1).entries()) {
    const next = advance(tree, states, message, total);
    if (typeof next === 'string') return { kind: 'overflow', reason: next, depth, states };
    if (next.length === 0) return { kind: 'diverged', depth, states };
    states = next;
  }
  return { tree, version: tree.version, states, known, steps: total.steps };
}

export function isBegun(walk: BegunWalk | Walk): walk is BegunWalk {
  return 'version' in walk;
}

/** The last message, and the answers below it. */
export function endWalk({ tree, states, known, steps }: BegunWalk, thread: Thread): Walk {
  const message = thread.messages.at(-1);
  const depth = thread.messages.length - 1;
  const next = message === undefined ? states : advance(tree, states, message, { steps });
  if (typeof next === 'string') return { kind: 'overflow', reason: next, depth, states };
  if (next.length === 0) return { kind: 'diverged', depth, states };
  const answers = answersOf(tree, next);
  if (answers !== undefined) return { kind: 'reached', states: next, answers, known };
  return { kind: 'overflow', reason: 'too_many_candidates', depth: depth + 1, states: next };
}

/** The state before the first message below `at`. */
export function startOf(at: string, bindings: Bindings): WalkState {
  return { at, path: [], bindings, open: NOTHING };
}

/**
 * The states after one more message. Cost: bounded for all candidates together, and by `total`, which all
 * messages of a walk share.
 */
export function advance(
  tree: ScopeTree,
  states: readonly WalkState[],
  message: Message,
  total: Budget = walkBudget(),
): readonly WalkState[] | Overflow {
  const granted = Math.min(total.steps, LIMITS.matchStepsMax);
  const budget = { steps: granted };
  const next = matchCandidates(tree, states, message, budget);
  total.steps -= granted - budget.steps;
  return next;
}

/** What one walk may take, the same for each walk of a thread. */
export function walkBudget(): Budget {
  return { steps: LIMITS.walkStepsMax };
}

function matchCandidates(
  tree: ScopeTree,
  states: readonly WalkState[],
  message: Message,
  budget: Budget,
): readonly WalkState[] | Overflow {
  const next: WalkState[] = [];
  const abstaining: { readonly node: TreeNode; readonly state: WalkState }[] = [];
  for (const state of states) {
    const candidates = tree.candidates(state.at, message);
    if (candidates === 'over-limit') return 'too_many_candidates';
    for (const node of candidates) {
      if (usesOpen(node, state.open)) {
        if (mayFit(node, message, state, budget)) return 'ambiguous';
        continue;
      }
      budget.steps -= derivingSteps(node, state.bindings);
      if (budget.steps < 0) return 'over_budget';
      const known = knownBindings(node, state.bindings);
      if (known === 'abstains') abstaining.push({ node, state });
      if (typeof known === 'string') continue;
      const match = matchMessage(node.template, message, known, budget);
      if (match.kind === 'over-limit') return 'over_budget';
      if (match.kind === 'no-match') continue;
      const open = match.open.length === 0 ? state.open : state.open.union(new Set(match.open));
      for (const bindings of match.parses) {
        next.push({ at: node.id, path: [...state.path, node], bindings, open });
      }
      if (next.length > LIMITS.frontierMax) return 'too_many_candidates';
    }
  }
  const isOpen = abstaining.some(
    ({ node, state }) => !isSettledBy(node, next) && mayFit(node, message, state, budget),
  );
  return isOpen ? 'derivation_abstains' : next;
}

/**
 * Whether an abstention is settled by a later node of the same template at the same place: that one was only
 * committed because it fits every exemplar of the earlier one, and was learned from what the earlier one left open.
 */
function isSettledBy(node: TreeNode, states: readonly WalkState[]): boolean {
  return states.some(({ path }) => {
    const other = path.at(-1);
    return (
      other !== undefined &&
      other.parent === node.parent &&
      other.revision > node.revision &&
      templateText(other.template) === templateText(node.template)
    );
  });
}

/** What the node's derivations cost, in steps of the budget: a copy of the bindings, and about 1 µs a program. */
function derivingSteps(node: TreeNode, bindings: Bindings): number {
  let programs = 0;
  for (const variable of node.variables) {
    if (variable.role !== 'dependent') continue;
    const { derivation } = variable;
    programs += derivation.kind === 'programs' ? derivation.programs.length : 1;
  }
  return programs === 0 ? 0 : (bindings.size >> 2) + 8 * programs;
}

/**
 * The bindings with the node's derived values. `excluded`: a guard does not hold, or the client says that a value is
 * another. `abstains`: a derivation does not know its value, so the node may fit or not.
 */
export function knownBindings(
  node: TreeNode,
  bindings: Bindings,
): Bindings | 'excluded' | 'abstains' {
  if (!guardsHold(node, bindings)) return 'excluded';
  let known: Map<string, string> | undefined;
  for (const variable of node.variables) {
    if (variable.role !== 'dependent') continue;
    known ??= new Map(bindings);
    const derived = derive(variable.derivation, known);
    if (derived.kind !== 'value') return 'abstains';
    // What the client says that the value is, it is.
    if ((known.get(variable.name) ?? derived.value) !== derived.value) return 'excluded';
    known.set(variable.name, derived.value);
  }
  return known ?? bindings;
}

/** Whether the node says anything about a variable whose value is ambiguous. */
function usesOpen(node: TreeNode, open: ReadonlySet<string>): boolean {
  if (open.size === 0) return false;
  const names = [
    ...variablesOfTemplate(node.template),
    ...node.guards.flatMap(({ name, condition }) => [name, ...namesInCondition(condition)]),
    ...node.variables.flatMap((variable) =>
      variable.role === 'dependent' ? inputsOf(variable.derivation) : [],
    ),
    ...conditionalSegments(node.template.leaves).flatMap(({ condition }) =>
      namesInCondition(condition),
    ),
  ];
  return names.some((name) => open.has(name));
}

/** Whether the message would fit if whatever depends on ambiguous values could be anything. */
function mayFit(
  node: TreeNode,
  message: Message,
  { bindings, open }: WalkState,
  budget: Budget,
): boolean {
  const free = new Set(open);
  for (const variable of node.variables) if (variable.role === 'dependent') free.add(variable.name);
  const leaves = node.template.leaves.map((leaf) =>
    leaf.map((segment) => {
      if (segment.kind === 'literal') return segment;
      const { kind, name, matcher } = segment;
      return { kind, name, matcher: free.has(name) ? ANYTHING : matcher };
    }),
  );
  return matchMessage({ ...node.template, leaves }, message, bindings, budget).kind !== 'no-match';
}

/** The answers that the states reach, or undefined where there are more than can be held against one another. */
function answersOf(tree: ScopeTree, states: readonly WalkState[]): ReachedAnswer[] | undefined {
  const answers: ReachedAnswer[] = [];
  for (const state of states) {
    for (const node of tree.answersOf(state.at)) {
      if (answers.length >= LIMITS.answersMax) return undefined;
      if (usesOpen(node, state.open)) answers.push(unknownAnswer(node, state, true));
      else if (guardsHold(node, state.bindings)) answers.push(hydrateAnswer(node, state));
    }
  }
  return answers.sort(byPreference);
}

function unknownAnswer(node: AnswerNode, state: WalkState, isAmbiguous: boolean): ReachedAnswer {
  const { bindings } = state;
  const path = [...state.path, node];
  return { node, path, bindings, message: undefined, texts: [], isAmbiguous };
}

function hydrateAnswer(node: AnswerNode, state: WalkState): ReachedAnswer {
  const bindings = knownBindings(node, state.bindings);
  if (typeof bindings === 'string') return unknownAnswer(node, state, false);
  const texts = hydrateTexts(node, bindings);
  if (texts === undefined) return unknownAnswer(node, state, false);
  const message = writerOf(node.answer)?.(texts);
  return { node, path: [...state.path, node], bindings, message, texts, isAmbiguous: false };
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

/** Undefined where what was recorded is no message. Kept as long as the answer itself. */
function writerOf(answer: AnswerForm): WriteMessage | undefined {
  if (writers.has(answer)) return writers.get(answer);
  const parsed = parseJson(answer.message);
  // Ids of calls are in no leaf, so it does not matter which ones there are before it.
  const read =
    parsed.kind === 'json' ? appendMessage({ messages: [], callIds: [] }, parsed.value) : parsed;
  const recorded = read.kind === 'thread' ? read.thread.messages[0] : undefined;
  const writer = recorded && messageWriter(answer.message, recorded);
  writers.set(answer, writer);
  return writer;
}

const writers = new WeakMap<AnswerForm, WriteMessage | undefined>();

/** Whether all of the node's conditions on inherited values hold. */
export function guardsHold(node: Pick<TreeNode, 'guards'>, bindings: Bindings): boolean {
  return node.guards.every(({ name, condition }) => {
    const value = bindings.get(name);
    return value !== undefined && holds(condition, value, bindings);
  });
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
