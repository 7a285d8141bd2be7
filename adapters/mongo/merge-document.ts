/** One merge as it is stored: what was asked, what came of it, and what takes it back. */
import type { MergeRequest } from '../../core/merge/request.ts';
import type { NodeState, TreeNode } from '../../core/tree/node.ts';
import type { Contents, Place, Stored } from './contents.ts';
import type { Exemplar } from './documents.ts';
import { isTextList } from './untrusted.ts';

/** `proposed`: a dry run has ended. `unchanged`: there was nothing to merge. `undone`: taken back. */
export type MergeState =
  'running' | 'proposed' | 'unchanged' | 'committed' | 'cancelled' | 'failed' | 'undone';

export interface MergeCounts {
  readonly siblings: number;
  readonly covered: number;
  readonly left: number;
}

/** One new path as it is listed: it holds texts of the siblings. */
export interface ProposedTemplate {
  readonly node: string;
  readonly text: readonly string[];
  readonly members: number;
  readonly examples: readonly string[];
  readonly retires: readonly string[];
}

export interface RetiredNode {
  readonly id: string;
  /** What unmerging gives it back. */
  readonly state: NodeState;
}

export interface MergeDocument extends MergeRequest {
  /** The id of the workflow's run. */
  readonly _id: string;
  readonly workflowId: string;
  readonly schemaVersion: number;
  readonly state: MergeState;
  readonly at: number;
  readonly endedAt?: number;
  /** A code, where it failed. */
  readonly reason?: string;
  readonly counts?: MergeCounts;
  readonly templates?: readonly ProposedTemplate[];
  /** How many siblings stayed as they were, by reason. */
  readonly rejected?: readonly (readonly [string, number])[];
  readonly added?: readonly string[];
  readonly retired?: readonly RetiredNode[];
  /** Children of the parent once it was over: the next merge waits until there are some more. */
  readonly childrenAfter?: number;
}

/** As it lies in the database. */
export type StoredMerge = Omit<MergeDocument, 'templates'> & {
  readonly templates?: readonly StoredTemplate[];
};

type StoredTemplate = Omit<ProposedTemplate, 'text'> & {
  readonly text: Stored<ProposedTemplate['text']>;
};

/** What a step of a run has found: a document of its own, since all of them together may be large. */
export interface MergeProposalDocument {
  /** The run's id and the step. */
  readonly _id: string;
  readonly merge: string;
  readonly json: string;
  /** For the server to delete what a run left that nobody ended. */
  readonly expiresAt: Date;
}

/** What people are told of a merge. */
export type MergeResult = Pick<MergeDocument, 'counts' | 'templates' | 'rejected'>;

/** What one transaction changes. */
export interface MergeCommit {
  readonly id: string;
  readonly request: MergeRequest;
  /** Parents whose children were read → their versions then: any other version is a conflict. */
  readonly versions: ReadonlyMap<string, number>;
  readonly nodes: readonly TreeNode[];
  /** With the states in which the plan found them. */
  readonly retires: readonly RetiredNode[];
  readonly exemplars: readonly Exemplar[];
}

/** `conflict`: the tree changed meanwhile, plan again. `gone`: what the plan rests on was deleted. */
export type MergeOutcome = 'committed' | 'conflict' | 'gone';

/** Why a merge cannot be taken back: it never was or was already, nodes changed since, or a later merge built on it. */
export type UnmergeOutcome =
  | {
      readonly kind: 'undone';
      readonly restored: number;
      readonly removed: number;
      /** Ids of the observations behind what was learned since. */
      readonly reopen: readonly string[];
    }
  | {
      readonly kind: 'refused';
      readonly reason: 'unknown' | 'not-committed' | 'changed' | 'superseded';
    };

/** A parent with so many children that a merge may be worth it. */
export interface WideParent {
  readonly project: string;
  readonly scope: string;
  readonly parent: string;
  readonly children: number;
}

/** The result of a merge as it is stored with its record. */
export function sealResult<R extends Partial<MergeResult>>(
  contents: Contents,
  id: string,
  { templates, ...result }: R,
): Omit<R, 'templates'> & Pick<StoredMerge, 'templates'> {
  if (templates === undefined) return result;
  const sealed = templates.map(({ text, ...template }) => ({
    ...template,
    text: contents.sealValue(textPlace(id, template.node), text),
  }));
  return { ...result, templates: sealed };
}

/** Inverse: texts that cannot be opened are left out. */
export function openMerge(contents: Contents, merge: StoredMerge): MergeDocument {
  const { templates, ...rest } = merge;
  if (templates === undefined) return rest;
  const opened = templates.map(({ text: sealed, ...template }) => {
    const text = contents.openValue(textPlace(merge._id, template.node), sealed);
    return { ...template, text: isTextList(text) ? text : [] };
  });
  return { ...rest, templates: opened };
}

/** Within its array, which is changed in place: a template by its node. */
function textPlace(merge: string, node: string): Place {
  return { collection: 'merges', id: merge, field: `text of ${node}` };
}
