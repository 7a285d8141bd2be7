/**
 * The stages of a merge and what each hands to the next: many siblings below one parent → few templates.
 * `clusterChildren` → `planCluster` for each cluster → `checkMerge` for all plans at once, so that one commit under the
 * parent carries the whole merge. Every result is plain JSON; the question is read again for each stage.
 */
import type { Hash, Observation } from '../observation.ts';
import type { TreeNode } from '../tree/node.ts';
import type { ScopeTree } from '../tree/scope-tree.ts';
import type { Trust } from '../trust/risk.ts';

/** What is merged, the same for all stages of one merge. */
export interface MergeQuestion {
  readonly hash: Hash;
  /** The scope's tree as read, quarantined and retired nodes included: what was taken back is not proposed again. */
  readonly tree: ScopeTree;
  readonly scope: string;
  /** The scope's id, or the id of the node whose children are merged. */
  readonly parent: string;
  /** Canonical text of the scope's parameters: tool schemas are a legitimate origin of constants. */
  readonly parameters: string;
  /**
   * Live observations of the scope, those whose threads pass through `parent`; others do no harm. They are the siblings
   * that are exact answers only, the evidence of the child nodes, and what the guard replays. The newest
   * `MERGE_LIMITS.observationsMax` count; of several answers to one thread only the oldest does (DESIGN §11.3).
   */
  readonly observations: readonly Observation[];
  readonly trust: Trust;
  /** Keys (`answerKey`) of answers that feedback took back: no template may give one again. */
  readonly vetoes: ReadonlySet<string>;
}

/** Observations whose requests below the parent read alike. */
export interface MergeCluster {
  /** Hash of the members: the same for the same siblings in any order. */
  readonly id: string;
  /** Ids of observations, ascending. Threads of more turns that begin alike are members too. */
  readonly members: readonly string[];
}

/** Why siblings stay as they are. */
export type RejectionReason =
  /** Too few siblings read alike. */
  | 'too-few'
  /** No program and no condition explains the answers of these. */
  | 'unexplained'
  /** A sibling that was held back was answered otherwise than predicted. */
  | 'mispredicted'
  /** Something varies that neither flows into an answer nor is shown to have no influence (DESIGN §11.4). */
  | 'no-flow'
  /** The template reads a sibling in several ways, or says too little about itself. */
  | 'ambiguous'
  | 'too-general'
  | 'too-many-variables'
  /** An exemplar below the parent would be answered otherwise (replay guard). */
  | 'contradicts-exemplar'
  /** Feedback took such an answer back. */
  | 'vetoed'
  /** The same template was quarantined or retired before. */
  | 'taken-back'
  /** The tree answers all of these as well already. */
  | 'nothing-gained';

/** Siblings that stay as they are. */
export interface Rejection {
  readonly reason: RejectionReason;
  /** Ids of observations. */
  readonly members: readonly string[];
}

/** An observation that speaks for an answer node. */
export interface NodeExemplar {
  readonly node: string;
  readonly observation: string;
}

/** What one cluster becomes, before anybody else's exemplars were looked at. */
export interface PlannedMerge {
  readonly cluster: string;
  /** Parents first; answer nodes carry their evidence and state. `revision` is 0: it is the commit's to give. */
  readonly nodes: readonly TreeNode[];
  readonly exemplars: readonly NodeExemplar[];
  readonly rejected: readonly Rejection[];
}

/** One new path, for people: a dry run, a progress note. It holds texts of the siblings: never into payloads or logs. */
export interface MergedTemplate {
  /** The path's last node: an answer. */
  readonly node: string;
  /** The messages from below the parent down to the answer, as people see them. */
  readonly text: readonly string[];
  /** How many siblings it answers. */
  readonly members: number;
  /** Up to three of them: ids of observations. */
  readonly examples: readonly string[];
  /** Old nodes that this merge makes superfluous. */
  readonly retires: readonly string[];
}

/** What is to be committed under the parent, all at once or not at all. */
export interface CheckedMerge {
  /** New nodes only, parents first. Empty: there is nothing to merge. */
  readonly nodes: readonly TreeNode[];
  /** Ids of nodes below the parent that the new ones answer for; their exemplars stay as evidence. */
  readonly retires: readonly string[];
  readonly exemplars: readonly NodeExemplar[];
  readonly rejected: readonly Rejection[];
  readonly templates: readonly MergedTemplate[];
  /** Different threads below the parent, how many of them the new templates answer, and how many stay as they are. */
  readonly counts: { readonly siblings: number; readonly covered: number; readonly left: number };
}

/** Every bound of a merge, each with its reason. */
export const MERGE_LIMITS = {
  /** A merge reads all of them into memory and compares them: some seconds. */
  observationsMax: 5000,
  /** Fewer different siblings than this show no pattern that one of them does not. */
  siblingsMin: 3,
} as const;
