/**
 * Merges on MongoDB: what a run of the merge workflow has planned so far, and the one transaction in which its
 * nodes come and the ones that they answer for go. The same record takes a merge back.
 */
import type { Document } from 'mongodb';
import type { MergeRequest } from '../../core/merge/request.ts';
import type { NodeState } from '../../core/tree/node.ts';
import type { Database } from './connect.ts';
import { DEADLINES, withDeadline } from './deadline.ts';
import { SCHEMA_VERSION } from './documents.ts';
import {
  openMerge,
  sealResult,
  type MergeCommit,
  type MergeDocument,
  type MergeOutcome,
  type MergeResult,
  type MergeState,
  type UnmergeOutcome,
  type WideParent,
} from './merge-document.ts';
import { commitMerge, takeBack } from './merge-transactions.ts';
import { hasTexts, isFields } from './untrusted.ts';

const LIVE = { deletedAt: { $exists: false } };
const UNWALKABLE: readonly NodeState[] = ['quarantined', 'retired'];
const WALKABLE = { state: { $nin: UNWALKABLE }, ...LIVE };
const DAY_MS = 86_400_000;
const PROPOSAL_DAYS = 7;

/** More than run at one time. */
const RUNNING_MAX = 1000;

export interface LastMerge {
  readonly at: number;
  /** How many children the parent had when it was over. */
  readonly childrenAfter: number;
  /** Siblings that stayed as they were. */
  readonly left: number;
  readonly isRunning: boolean;
}

export class MergeStore {
  private readonly database: Database;
  private readonly now: () => number;

  constructor(database: Database, options: { readonly now: () => number }) {
    this.database = database;
    this.now = options.now;
  }

  /** Idempotent: a run that begins again finds itself. */
  async begin(id: string, request: MergeRequest, workflowId: string): Promise<void> {
    const known = { schemaVersion: SCHEMA_VERSION, workflowId, ...request };
    const fields = { ...known, state: 'running' as const };
    await withDeadline('begin merge', DEADLINES.writeMs, () =>
      this.database.merges.updateOne(
        { _id: { $eq: id } },
        { $setOnInsert: { ...fields, at: this.now() } },
        { upsert: true },
      ),
    );
  }

  async saveProposal(id: string, step: string, json: string): Promise<void> {
    const expiresAt = new Date(this.now() + PROPOSAL_DAYS * DAY_MS);
    const _id = `${id}:${step}`;
    const sealed = this.database.contents.seal('mergeProposals', _id, { json });
    await withDeadline('save merge proposal', DEADLINES.writeMs, () =>
      this.database.mergeProposals.updateOne(
        { _id: { $eq: _id } },
        { $set: { merge: id, ...sealed, expiresAt } },
        { upsert: true },
      ),
    );
  }

  async readProposal(id: string, step: string): Promise<string | undefined> {
    const document = await withDeadline('read merge proposal', DEADLINES.readMs, (signal) =>
      this.database.mergeProposals.findOne({ _id: { $eq: `${id}:${step}` } }, { signal }),
    );
    const opened = this.database.contents.open('mergeProposals', document);
    return isFields(opened) && hasTexts(opened, 'json') ? opened.json : undefined;
  }

  private async dropProposals(id: string): Promise<void> {
    await withDeadline('drop merge proposals', DEADLINES.writeMs, () =>
      this.database.mergeProposals.deleteMany({ merge: { $eq: id } }),
    );
  }

  async read(id: string): Promise<MergeDocument | undefined> {
    const document = await withDeadline('read merge', DEADLINES.readMs, (signal) =>
      this.database.merges.findOne({ _id: { $eq: id } }, { signal }),
    );
    return document === null ? undefined : openMerge(this.database.contents, document);
  }

  /** Newest first. */
  async list(filter: {
    readonly parent?: string;
    readonly limit: number;
  }): Promise<MergeDocument[]> {
    const { parent, limit } = filter;
    const merges = await withDeadline('list merges', DEADLINES.readMs, (signal) =>
      this.database.merges
        .find(parent === undefined ? {} : { parent: { $eq: parent } }, {
          sort: { at: -1, _id: -1 },
          limit,
          signal,
        })
        .toArray(),
    );
    return merges.map((merge) => openMerge(this.database.contents, merge));
  }

  /** Those whose runs are under way, as far as their records know. */
  async running(): Promise<readonly MergeDocument[]> {
    const merges = await withDeadline('read running merges', DEADLINES.readMs, (signal) =>
      this.database.merges
        .find({ state: { $eq: 'running' } }, { limit: RUNNING_MAX, signal })
        .toArray(),
    );
    return merges.map((merge) => openMerge(this.database.contents, merge));
  }

  /** Ends a run that changed nothing. One that was committed stays so. */
  async finish(
    id: string,
    state: Exclude<MergeState, 'running' | 'committed' | 'undone'>,
    result: Partial<MergeResult & Pick<MergeDocument, 'reason'>> = {},
  ): Promise<void> {
    const document = await this.read(id);
    if (document === undefined) return;
    const childrenAfter = await this.countChildren(document.parent);
    await withDeadline('finish merge', DEADLINES.writeMs, () =>
      this.database.merges.updateOne(
        { _id: { $eq: id }, state: { $eq: 'running' } },
        {
          $set: {
            ...sealResult(this.database.contents, id, result),
            state,
            childrenAfter,
            endedAt: this.now(),
          },
        },
      ),
    );
    await this.dropProposals(id);
  }

  /** Adds, retires and records in one transaction: the tree is before it or after it. Repeating it changes nothing. */
  async commit(commit: MergeCommit, result: MergeResult): Promise<MergeOutcome> {
    const outcome = await commitMerge({ database: this.database, now: this.now }, commit, result);
    if (outcome === 'committed') await this.concludeCommit(commit);
    return outcome;
  }

  /**
   * Takes a merge back: the nodes that it retired are as before, those that it added are retired with all that was
   * learned below them since. The observations behind that are to be learned from again.
   */
  unmerge(id: string): Promise<UnmergeOutcome> {
    return takeBack({ database: this.database, now: this.now }, id);
  }

  /** Walkable children right below a scope or a node. */
  async countChildren(parent: string): Promise<number> {
    return withDeadline('count children', DEADLINES.readMs, (signal) =>
      this.database.nodes.countDocuments({ parent: { $eq: parent }, ...WALKABLE }, { signal }),
    );
  }

  /** The last merge of a parent that was no dry run; nothing but zeros before the first. */
  async lastOf(parent: string): Promise<LastMerge> {
    const [last] = await withDeadline('read last merge', DEADLINES.readMs, (signal) =>
      this.database.merges
        .find(
          { parent: { $eq: parent }, isDryRun: { $eq: false } },
          { sort: { at: -1 }, limit: 1, signal },
        )
        .toArray(),
    );
    const { at = 0, childrenAfter = 0, counts, state } = last ?? {};
    const isRunning = state === 'running';
    return { at, childrenAfter, left: counts?.left ?? 0, isRunning };
  }

  /** Parents with at least `threshold` walkable children, the widest first. */
  async wideParents(threshold: number, limit: number): Promise<readonly WideParent[]> {
    const documents = await withDeadline('find wide parents', DEADLINES.scanMs, (signal) =>
      this.database.nodes
        .aggregate(
          [
            { $match: WALKABLE },
            {
              $group: {
                _id: { project: '$project', scope: '$scope', parent: '$parent' },
                children: { $sum: 1 },
              },
            },
            { $match: { children: { $gte: threshold } } },
            { $sort: { children: -1 } },
            { $limit: limit },
          ],
          { signal },
        )
        .toArray(),
    );
    return documents.map((document) => {
      const { project, scope, parent } = document['_id'] as Document;
      return {
        project: String(project),
        scope: String(scope),
        parent: String(parent),
        children: Number(document['children']),
      };
    });
  }

  private async concludeCommit({ id, request: { parent } }: MergeCommit): Promise<void> {
    await this.dropProposals(id);
    const childrenAfter = await this.countChildren(parent);
    await withDeadline('finish merge', DEADLINES.writeMs, () =>
      this.database.merges.updateOne({ _id: { $eq: id } }, { $set: { childrenAfter } }),
    );
  }
}
