/** A merge on a tree in memory: exchanges become observations, the stages run through JSON as a workflow hands them on. */
import { parseJson } from '../../core/json/json.ts';
import { checkMerge } from '../../core/merge/check-merge.ts';
import { clusterChildren } from '../../core/merge/cluster-children.ts';
import type {
  CheckedMerge,
  MergeCluster,
  MergeQuestion,
  PlannedMerge,
} from '../../core/merge/plan.ts';
import { planCluster } from '../../core/merge/plan-cluster.ts';
import { readThread, type Thread } from '../../core/messages/message.ts';
import { observationId, shapeHash, threadHash, type Observation } from '../../core/observation.ts';
import { decide, type Decision } from '../../core/tree/decide.ts';
import { ScopeTree } from '../../core/tree/scope-tree.ts';
import { walk } from '../../core/tree/walk.ts';
import { sha256 } from './memory-inducer.ts';

export const SCOPE = 'scope';

/** One recorded call. */
export interface Recorded {
  readonly messages: readonly unknown[];
  readonly answer: unknown;
}

export function threadOf(messages: readonly unknown[]): Thread {
  const parsed = parseJson(JSON.stringify(messages));
  const read = readThread(parsed.kind === 'json' ? parsed.value : undefined);
  if (read.kind === 'bypass') throw new Error(read.reason);
  return read.thread;
}

export function observe({ messages, answer }: Recorded, at = 0): Observation {
  const thread = threadOf(messages);
  const parts = {
    scope: SCOPE,
    thread: threadHash(sha256, thread),
    bindings: [],
    answer: {
      ...{ message: JSON.stringify(answer), finishReason: 'stop', model: 'm' },
      ...{ usage: undefined, extras: '{}' },
    },
  };
  return {
    ...parts,
    ...{ id: observationId(sha256, parts), project: 'p', shape: shapeHash(sha256, thread) },
    ...{ messages: JSON.stringify(messages), induce: true, at },
  };
}

export function questionOf(
  observations: readonly Observation[],
  more: Partial<MergeQuestion> = {},
): MergeQuestion {
  return {
    ...{ hash: sha256, tree: new ScopeTree(), scope: SCOPE, parent: SCOPE, parameters: '' },
    ...{ observations, trust: { counts: new Map(), budget: 0.005 }, vetoes: new Set<string>() },
    ...more,
  };
}

/** All stages, each result through JSON. */
export function mergeAll(question: MergeQuestion): CheckedMerge {
  const clusters = stored(clusterChildren(question)) as MergeCluster[];
  const planned = clusters.map((cluster) => stored(planCluster(question, cluster)) as PlannedMerge);
  return stored(checkMerge(question, planned)) as CheckedMerge;
}

function stored(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

/** The tree after the commit. */
export function commit(tree: ScopeTree, { nodes, retires }: CheckedMerge): ScopeTree {
  const next = new ScopeTree();
  const gone = new Set(retires);
  let revision = tree.size;
  for (const node of tree.all()) next.put(gone.has(node.id) ? { ...node, state: 'retired' } : node);
  for (const node of nodes) next.put({ ...node, revision: revision++ });
  return next;
}

export function ask(tree: ScopeTree, messages: readonly unknown[]): Decision {
  return decide(walk(tree, SCOPE, threadOf(messages), new Map()));
}
