/**
 * Merges on MongoDB: what a run of the merge workflow has planned so far, and the one transaction in which its
 * nodes come and the ones that they answer for go. The same record takes a merge back.
 */
import type { ClientSession, Document } from 'mongodb';
import type { MergeRequest } from '../../core/merge/request.ts';
import type { NodeState, TreeNode } from '../../core/tree/node.ts';
import {
  DEADLINES,
  inTransaction,
  keep,
  rollback,
  withDeadline,
  type Database,
  type TransactionResult,
} from './connect.ts';
import { exemplarId, SCHEMA_VERSION } from './documents.ts';
import type {
  MergeCommit,
  MergeDocument,
  MergeOutcome,
  MergeState,
  RetiredNode,
  UnmergeOutcome,
  WideParent,
} from './merge-document.ts';
import { HISTORY_MAX } from './node-document.ts';
import { addNodes } from './node-writes.ts';

const LIVE = { deletedAt: { $exists: false } };
const UNWALKABLE: readonly NodeState[] = ['quarantined', 'retired'];
const WALKABLE = { state: { $nin: UNWALKABLE }, ...LIVE };
const DAY_MS = 86_400_000;
const PROPOSAL_DAYS = 7;

export class MergeStore {
  private readonly database: Database;
  private readonly now: () => number;

  constructor(database: Database, options: { readonly now: () => number }) {
    this.database = database;
    this.now = options.now;
  }

  /** Idempotent: a run that begins again finds itself. */
  async begin(id: string, request: MergeRequest): Promise<void> {
    const fields = { schemaVersion: SCHEMA_VERSION, ...request, state: 'running' as const };
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
    await withDeadline('save merge proposal', DEADLINES.writeMs, () =>
      this.database.mergeProposals.updateOne(
        { _id: { $eq: `${id}:${step}` } },
        { $set: { merge: id, json, expiresAt } },
        { upsert: true },
      ),
    );
  }

  async readProposal(id: string, step: string): Promise<string | undefined> {
    const document = await withDeadline('read merge proposal', DEADLINES.readMs, (signal) =>
      this.database.mergeProposals.findOne({ _id: { $eq: `${id}:${step}` } }, { signal }),
    );
    return document?.json;
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
    return document ?? undefined;
  }

  /** Newest first. */
  async list(filter: {
    readonly parent?: string;
    readonly limit: number;
  }): Promise<MergeDocument[]> {
    const { parent, limit } = filter;
    return withDeadline('list merges', DEADLINES.readMs, (signal) =>
      this.database.merges
        .find(parent === undefined ? {} : { parent: { $eq: parent } }, {
          sort: { at: -1, _id: -1 },
          limit,
          signal,
        })
        .toArray(),
    );
  }

  /** Ends a run that changed nothing. One that was committed stays so. */
  async finish(
    id: string,
    state: Exclude<MergeState, 'running' | 'committed' | 'undone'>,
    result: Partial<Pick<MergeDocument, 'reason' | 'counts' | 'templates' | 'rejected'>> = {},
  ): Promise<void> {
    const document = await this.read(id);
    if (document === undefined) return;
    const childrenAfter = await this.countChildren(document.parent);
    await withDeadline('finish merge', DEADLINES.writeMs, () =>
      this.database.merges.updateOne(
        { _id: { $eq: id }, state: { $eq: 'running' } },
        { $set: { ...result, state, childrenAfter, endedAt: this.now() } },
      ),
    );
    await this.dropProposals(id);
  }

  /** Adds, retires and records in one transaction: the tree is before it or after it. Repeating it changes nothing. */
  async commit(
    commit: MergeCommit,
    result: Pick<MergeDocument, 'counts' | 'templates' | 'rejected'>,
  ): Promise<MergeOutcome> {
    const outcome = await inTransaction<MergeOutcome>(
      this.database,
      'commit merge',
      async (session) => {
        const { merges } = this.database;
        const record = await merges.findOne({ _id: { $eq: commit.id } }, { session });
        if (record?.state === 'committed') return rollback('committed');
        if (record?.state !== 'running') return rollback('gone');
        const touched = await this.touchObservations(commit, session);
        if (touched === undefined) return rollback('gone');
        if (!(await this.swapVersions(commit, session))) return rollback('conflict');
        if (!(await this.retire(commit, session))) return rollback('conflict');
        const { project, parent } = commit.request;
        const known = await this.knownOf(commit.nodes, session);
        const added = await addNodes(this.database, session, {
          nodes: commit.nodes,
          parent,
          project,
          observedAt: touched,
          source: { by: 'merge', run: commit.id },
          now: this.now(),
        });
        if (added === 'gone') return rollback('gone');
        await this.addExemplars(commit, session);
        await merges.updateOne(
          { _id: { $eq: commit.id } },
          {
            $set: {
              ...result,
              state: 'committed',
              endedAt: this.now(),
              added: commit.nodes.flatMap(({ id }) => (known.has(id) ? [] : [id])),
              retired: commit.retires,
            },
          },
          { session },
        );
        return keep('committed');
      },
    );
    if (outcome === 'committed') await this.concludeCommit(commit);
    return outcome;
  }

  /**
   * Takes a merge back: the nodes that it retired are as before, those that it added are retired with all that was
   * learned below them since. The observations behind that are given back, to be learned from again.
   */
  async unmerge(id: string): Promise<UnmergeOutcome & { readonly reopen?: readonly string[] }> {
    return inTransaction(this.database, 'unmerge', async (session) => {
      const { merges } = this.database;
      const record = await merges.findOne({ _id: { $eq: id } }, { session });
      if (record === null) return refuse('unknown');
      if (record.state !== 'committed') return refuse('not-committed');
      const { added = [], retired = [], parent, scope } = record;
      const restored = await this.restore(id, retired, session);
      if (!restored) return refuse('changed');
      const below = await this.subtree(added, session);
      await this.setStates({ ids: below, state: 'retired', note: takenBack(id) }, session);
      const reopen = await this.exemplarsOf(
        below.filter((node) => !added.includes(node)),
        session,
      );
      await this.versioned(scope, parent).updateOne(
        { _id: { $eq: parent } },
        { $inc: { childrenVersion: 1 } },
        { session },
      );
      await merges.updateOne(
        { _id: { $eq: id } },
        { $set: { state: 'undone', endedAt: this.now() } },
        { session },
      );
      const counts = { restored: retired.length, removed: below.length };
      return keep<UnmergeOutcome>({ kind: 'undone', ...counts, reopen });
    });
  }

  /** Walkable children right below a scope or a node. */
  async countChildren(parent: string): Promise<number> {
    return withDeadline('count children', DEADLINES.readMs, (signal) =>
      this.database.nodes.countDocuments({ parent: { $eq: parent }, ...WALKABLE }, { signal }),
    );
  }

  /** How many children the parent had after its last merge, and whether one is under way. */
  async lastOf(
    parent: string,
  ): Promise<{ readonly childrenAfter: number; readonly isRunning: boolean }> {
    const [last] = await withDeadline('read last merge', DEADLINES.readMs, (signal) =>
      this.database.merges
        .find(
          { parent: { $eq: parent }, isDryRun: { $eq: false } },
          { sort: { at: -1 }, limit: 1, signal },
        )
        .toArray(),
    );
    return { childrenAfter: last?.childrenAfter ?? 0, isRunning: last?.state === 'running' };
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

  /**
   * Written, not only read: a deletion of an observation collides with the commit of what was learned from it.
   * Shape: when the newest of them was made; undefined when one is gone.
   */
  private async touchObservations(
    { exemplars }: MergeCommit,
    session: ClientSession,
  ): Promise<number | undefined> {
    const ids = [...new Set(exemplars.map(({ observation }) => observation))];
    const filter = { _id: { $in: ids }, ...LIVE };
    const { observations } = this.database;
    const { matchedCount } = await observations.updateMany(
      filter,
      { $inc: { commits: 1 } },
      { session },
    );
    if (matchedCount < ids.length) return undefined;
    const [newest] = await observations
      .find(filter, { session, sort: { at: -1 }, limit: 1, projection: { at: 1 } })
      .toArray();
    return newest?.at ?? 0;
  }

  private async swapVersions(
    { request, versions }: MergeCommit,
    session: ClientSession,
  ): Promise<boolean> {
    for (const [id, version] of versions) {
      const swapped = await this.versioned(request.scope, id).updateOne(
        { _id: { $eq: id }, ...WALKABLE, childrenVersion: { $eq: version } },
        { $inc: { childrenVersion: 1 } },
        { session },
      );
      if (swapped.matchedCount === 0) return false;
    }
    return true;
  }

  /** False when one is no longer as the plan found it. */
  private async retire({ id, retires }: MergeCommit, session: ClientSession): Promise<boolean> {
    const note = `merged by ${id}`;
    return this.eachState(retires, (ids, from) =>
      this.setStates({ ids, from, state: 'retired', note }, session),
    );
  }

  private restore(
    id: string,
    retired: readonly RetiredNode[],
    session: ClientSession,
  ): Promise<boolean> {
    return this.eachState(retired, (ids, state) =>
      this.setStates({ ids, from: 'retired', state, note: takenBack(id) }, session),
    );
  }

  /** Whether `change` found all nodes, which it is given by their recorded states. */
  private async eachState(
    nodes: readonly RetiredNode[],
    change: (ids: readonly string[], state: NodeState) => Promise<number>,
  ): Promise<boolean> {
    for (const state of new Set(nodes.map((node) => node.state))) {
      const ids = nodes.flatMap((node) => (node.state === state ? [node.id] : []));
      if ((await change(ids, state)) < ids.length) return false;
    }
    return true;
  }

  /** Shape: how many nodes were there, in the state `from` if one is given. */
  private async setStates(
    change: {
      readonly ids: readonly string[];
      readonly from?: NodeState;
      readonly state: NodeState;
      readonly note: string;
    },
    session: ClientSession,
  ): Promise<number> {
    const { ids, from, state, note } = change;
    if (ids.length === 0) return 0;
    const entry = { at: this.now(), state, note, by: 'merge' as const };
    const { matchedCount } = await this.database.nodes.updateMany(
      { _id: { $in: [...ids] }, ...(from === undefined ? {} : { state: { $eq: from } }), ...LIVE },
      {
        $set: { state },
        $push: { history: { $each: [entry], $slice: -HISTORY_MAX } },
        $inc: { childrenVersion: 1 },
      },
      { session },
    );
    return matchedCount;
  }

  /** The nodes and all that is walkable below them. */
  private async subtree(roots: readonly string[], session: ClientSession): Promise<string[]> {
    const all = new Set(roots);
    let level: readonly string[] = roots;
    while (level.length > 0) {
      const children = await this.database.nodes
        .find({ parent: { $in: [...level] }, ...WALKABLE }, { session, projection: { _id: 1 } })
        .toArray();
      level = children.flatMap(({ _id }) => (all.has(_id) ? [] : [_id]));
      for (const id of level) all.add(id);
    }
    return [...all];
  }

  private async exemplarsOf(nodes: readonly string[], session: ClientSession): Promise<string[]> {
    if (nodes.length === 0) return [];
    const documents = await this.database.exemplars
      .find({ node: { $in: [...nodes] }, ...LIVE }, { session, projection: { observation: 1 } })
      .toArray();
    return [...new Set(documents.map(({ observation }) => observation))];
  }

  private async knownOf(
    nodes: readonly TreeNode[],
    session: ClientSession,
  ): Promise<ReadonlySet<string>> {
    const documents = await this.database.nodes
      .find(
        { _id: { $in: nodes.map(({ id }) => id) }, ...LIVE },
        { session, projection: { _id: 1 } },
      )
      .toArray();
    return new Set(documents.map(({ _id }) => _id));
  }

  private async addExemplars(commit: MergeCommit, session: ClientSession): Promise<void> {
    if (commit.exemplars.length === 0) return;
    const { project, scope } = commit.request;
    const at = this.now();
    await this.database.exemplars.bulkWrite(
      commit.exemplars.map(({ node, observation, kind }) => ({
        updateOne: {
          filter: { _id: { $eq: exemplarId(node, observation) } },
          update: {
            $setOnInsert: {
              schemaVersion: SCHEMA_VERSION,
              project,
              scope,
              node,
              observation,
              kind,
              at,
            },
          },
          upsert: true,
        },
      })),
      { session, ordered: true },
    );
  }

  /** The collection that a parent is in: the root of a tree is its scope. */
  private versioned(scope: string, parent: string) {
    return this.database.db.collection<Document & { _id: string }>(
      parent === scope ? 'scopes' : 'nodes',
    );
  }
}

function takenBack(merge: string): string {
  return `merge ${merge} was taken back`;
}

function refuse(
  reason: 'unknown' | 'not-committed' | 'changed',
): TransactionResult<UnmergeOutcome> {
  return rollback<UnmergeOutcome>({ kind: 'refused', reason });
}
