/**
 * Which results of code derivations a walk needs. The walk itself runs nothing: a node whose derivation lacks its
 * result is not on it, and all candidates count, so every result is there before a walk decides.
 */
import { derive, type CodeCall } from '../expressions/derivation.ts';
import { callIdBindings } from '../messages/call-ids.ts';
import type { Thread } from '../messages/message.ts';
import type { Bindings } from '../template/template.ts';
import type { TreeNode } from './node.ts';
import type { ScopeTree } from './scope-tree.ts';
import { advance, guardsHold, startOf, walkBudget, type WalkState } from './walk.ts';

export interface CodeQuestion {
  readonly tree: ScopeTree;
  readonly scope: string;
  readonly thread: Thread;
  readonly explicit: Bindings;
}

export interface CodeLookUp {
  /** The explicit bindings with all results that are known: what to walk with. */
  readonly bindings: Bindings;
  /** Calls to be made before the walk may decide. */
  readonly missing: readonly CodeCall[];
}

/** A derivation may read what another one gives, in chains no longer than this. */
const ROUNDS_MAX = 8;

/** `recall` knows results of earlier calls. Cost: nothing where the scope has no code derivation. */
export function lookUpCode(
  question: CodeQuestion,
  recall: (call: CodeCall) => string | undefined,
): CodeLookUp {
  let bindings = question.explicit;
  if (!question.tree.hasCode) return { bindings, missing: [] };
  for (let round = 1; round <= ROUNDS_MAX; round++) {
    const missing = missingCalls({ ...question, explicit: bindings });
    const known = missing.flatMap((call) => {
      const value = recall(call);
      return value === undefined ? [] : [[call.key, value] as const];
    });
    if (known.length === 0) return { bindings, missing };
    bindings = new Map([...bindings, ...known]);
  }
  // A longer chain has no value: the walk finds it undefined.
  return { bindings, missing: [] };
}

function missingCalls({ tree, scope, thread, explicit }: CodeQuestion): readonly CodeCall[] {
  const calls = new Map<string, CodeCall>();
  const root = new Map([...callIdBindings(thread), ...explicit]);
  const total = walkBudget();
  let states: readonly WalkState[] = [startOf(scope, root)];
  for (const message of thread.messages) {
    collect(calls, states, (state) => {
      const candidates = tree.candidates(state.at, message);
      return candidates === 'over-limit' ? [] : candidates;
    });
    const next = advance(tree, states, message, total);
    // The walk gives up there, whatever it knew.
    if (typeof next === 'string') return [];
    states = next;
  }
  collect(calls, states, (state) => tree.answersOf(state.at));
  return [...calls.values()];
}

function collect(
  calls: Map<string, CodeCall>,
  states: readonly WalkState[],
  nodesBelow: (state: WalkState) => Iterable<TreeNode>,
): void {
  for (const state of states) {
    for (const node of nodesBelow(state)) {
      const call = neededCall(node, state.bindings);
      if (call !== undefined) calls.set(call.key, call);
    }
  }
}

/** The first call that the node lacks: those after it may depend on its result. */
function neededCall(node: TreeNode, bindings: Bindings): CodeCall | undefined {
  if (!guardsHold(node, bindings)) return undefined;
  const known = new Map(bindings);
  for (const variable of node.variables) {
    if (variable.role !== 'dependent') continue;
    const derived = derive(variable.derivation, known);
    if (derived.kind === 'needs-code') return derived.call;
    if (derived.kind !== 'value') return undefined;
    known.set(variable.name, derived.value);
  }
  return undefined;
}
