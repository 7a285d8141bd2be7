/**
 * Trees on MongoDB. What replicas and runs could do to one another is decided here: commits under one
 * parent are serialised by compare-and-swap on its `childrenVersion`, in one transaction with their nodes.
 */
import type { ClientSession, Document } from 'mongodb';
import type { FirstPrediction } from '../../core/induction/evidence.ts';
import { ScopeTree } from '../../core/tree/scope-tree.ts';
import type { TrustCounts } from '../../core/trust/risk.ts';
import {
  isWalkable,
  type Evidence,
  type NodeRef,
  type NodeState,
  type NodeVariable,
  type TreeNode,
} from '../../core/tree/node.ts';
import type { Database } from './connect.ts';
import { DEADLINES, withDeadline } from './deadline.ts';
import { inTransaction, keep, rollback } from './transaction.ts';
import {
  exemplarId,
  parseExemplar,
  SCHEMA_VERSION,
  type Exemplar,
  type ExemplarDocument,
  type ExemplarKind,
  type OnSkipped,
} from './documents.ts';
import { addNodes } from './node-writes.ts';
import { countTrust, readTrust } from './trust-store.ts';
import {
  HISTORY_MAX,
  parseNode,
  toEvidenceDocument,
  type ChangeSource,
  type NodeHistoryEntry,
} from './node-document.ts';

export interface StoredTree {
  readonly tree: ScopeTree;
  /** Scope or node → its version when the tree was read: what `commit` compares. */
  readonly childrenVersions: ReadonlyMap<string, number>;
}

export interface TreeCommit {
  readonly scope: string;
  /** The scope's id or a node's: all new nodes lie below it. */
  readonly parent: string;
  readonly expectedChildrenVersion: number;
  /** `revision` is not read: the store gives it. */
  readonly nodes: readonly TreeNode[];
  /** The observation that the run learned from; it must still exist. */
  readonly observation: string;
  readonly exemplars: readonly Exemplar[];
  /** For the history of the new nodes. */
  readonly source?: ChangeSource;
}

/** `conflict`: somebody else committed, read and replay again. `gone`: give up, parent or observation went away. */
export type CommitOutcome = 'committed' | 'conflict' | 'gone';

export interface EvidenceChange extends ChangeSource {
  readonly evidence: Evidence;
  readonly state: NodeState;
  readonly note: string;
  /** Whether a person wants it kept; as it was where it is left out. */
  readonly pinned?: boolean | undefined;
  /** Whether `revise` is to look at it. Evidence says so; a person's word, or the run's own, ends the waiting. */
  readonly revise?: boolean | undefined;
  /** How the node's first fresh prediction came out, where this was it. */
  readonly first?: FirstPrediction | undefined;
}

export interface EvidenceAbout {
  readonly node: string;
  readonly observation: string;
  readonly kind?: ExemplarKind;
  /** The observation was made to check this very node. */
  readonly audit?: boolean;
  /** When the observation's answer was complete, where it agrees. */
  readonly agreedAt?: number | undefined;
}

export type EvidenceOutcome =
  | { readonly kind: 'changed'; readonly node: TreeNode }
  | { readonly kind: 'known' }
  | { readonly kind: 'gone' };

export interface NodeLife {
  readonly project: string;
  readonly history: readonly NodeHistoryEntry[];
  /** How many of its answers were audited. */
  readonly audited: number;
}

export type ChangeOutcome =
  { readonly kind: 'changed' | 'unchanged'; readonly node: TreeNode } | { readonly kind: 'gone' };

const UNWALKABLE: readonly NodeState[] = ['quarantined', 'retired'];
/** Matches what is no tombstone. */
const LIVE = { deletedAt: { $exists: false } };

export class TreeStore {
  private readonly database: Database;
  private readonly now: () => number;
  private readonly onSkipped: OnSkipped;

  constructor(
    database: Database,
    options: { readonly now: () => number; readonly onSkipped: OnSkipped },
  ) {
    this.database = database;
    this.now = options.now;
    this.onSkipped = options.onSkipped;
  }

  /** A scope's tree as of now, from the primary. A scope that does not exist has an empty one. */
  async readTree(scope: string): Promise<StoredTree> {
    const read = async (session: ClientSession) => {
      const root = await this.database.scopes.findOne(
        { _id: { $eq: scope } },
        { projection: { childrenVersion: 1 }, session },
      );
      const childrenVersions = new Map([[scope, root?.childrenVersion ?? 0]]);
      const tree = new ScopeTree();
      const cursor = this.database.nodes.find({ scope: { $eq: scope }, ...LIVE }, { session });
      for await (const document of cursor) {
        childrenVersions.set(document._id, document.childrenVersion);
        const node = this.parse(document);
        if (node === undefined) this.onSkipped('nodes', document._id);
        else tree.put(node);
      }
      return keep<StoredTree>({ tree, childrenVersions });
    };
    // Of one moment: with a version that is newer than the children, the replay guard would miss some of them.
    return inTransaction(this.database, 'read tree', read, DEADLINES.scanMs);
  }

  /** Nodes that evidence spoke against before `before` and that no run has looked at. */
  async waitingForRevision(before: number, limit: number): Promise<readonly NodeRef[]> {
    const documents = await withDeadline('find contradicted', DEADLINES.readMs, (signal) =>
      this.database.nodes
        .find({ reviseAt: { $lt: before }, ...LIVE }, { sort: { reviseAt: 1 }, limit, signal })
        .toArray(),
    );
    return documents.map(({ _id: node, scope, project }) => ({ node, scope, project }));
  }

  /** How the templates of a project fared so far. */
  readTrust(project: string): Promise<TrustCounts> {
    return readTrust(this.database, project);
  }

  async readNode(id: string): Promise<TreeNode | undefined> {
    const document = await withDeadline('read node', DEADLINES.readMs, (signal) =>
      this.database.nodes.findOne({ _id: { $eq: id }, ...LIVE }, { signal }),
    );
    const node = this.parse(document);
    if (document !== null && node === undefined) this.onSkipped('nodes', id);
    return node;
  }

  /** What happened to a node, oldest first. */
  async readHistory(id: string): Promise<readonly NodeHistoryEntry[]> {
    return (await this.readLife(id)).history;
  }

  /** What a node's document says besides the node. */
  async readLife(id: string): Promise<NodeLife> {
    const projection = { history: 1, project: 1, audited: 1 };
    const document = await withDeadline('read history', DEADLINES.readMs, (signal) =>
      this.database.nodes.findOne({ _id: { $eq: id } }, { projection, signal }),
    );
    const { project = '', history = [], audited = 0 } = document ?? {};
    return { project, history, audited };
  }

  /** How audits of all templates came out, by the kind of evidence that they are. */
  async auditCounts(
    projects?: readonly string[],
  ): Promise<Readonly<Partial<Record<ExemplarKind, number>>>> {
    const filter = { audit: { $eq: true }, ...ofProjects(projects) };
    const documents = await this.countBy('exemplars', filter, 'kind');
    return Object.fromEntries(documents);
  }

  /** `projects`: of these only; undefined: of all. */
  async stateCounts(
    projects?: readonly string[],
  ): Promise<Readonly<Partial<Record<NodeState, number>>>> {
    const filter = { ...LIVE, ...ofProjects(projects) };
    return Object.fromEntries(await this.countBy('nodes', filter, 'state'));
  }

  private async countBy(
    collection: string,
    filter: Document,
    field: string,
  ): Promise<readonly (readonly [string, number])[]> {
    const group = { _id: `$${field}`, count: { $sum: 1 } };
    const documents = await withDeadline('count', DEADLINES.readMs, (signal) =>
      this.database.db
        .collection(collection)
        .aggregate([{ $match: filter }, { $group: group }], { signal })
        .toArray(),
    );
    return documents.map((document) => [String(document['_id']), Number(document['count'])]);
  }

  /** The observations that speak for or against a node, newest first. */
  async exemplarsOf(node: string, limit: number): Promise<readonly Exemplar[]> {
    const documents = await withDeadline('read exemplars', DEADLINES.readMs, (signal) =>
      this.database.exemplars
        .find({ node: { $eq: node }, ...LIVE }, { sort: { at: -1, _id: -1 }, limit, signal })
        .toArray(),
    );
    return documents.flatMap((document) => parseExemplar(document) ?? []);
  }

  /** Adds nodes and exemplars below one parent, all or none. Repeating a commit changes nothing. */
  async commit(commit: TreeCommit): Promise<CommitOutcome> {
    return inTransaction<CommitOutcome>(this.database, 'commit nodes', async (session) => {
      // Written, not only read: a deletion of the observation then collides with this commit.
      const observation = await this.database.observations.findOneAndUpdate(
        { _id: { $eq: commit.observation }, scope: { $eq: commit.scope }, ...LIVE },
        { $inc: { commits: 1 } },
        { session, projection: { project: 1, at: 1 } },
      );
      if (observation === null) return rollback('gone');
      const parent = await this.swapVersion(commit, session);
      if (parent !== 'committed') return rollback(parent);
      const { project, at } = observation;
      const added = await addNodes(this.database, session, {
        nodes: commit.nodes,
        parent: commit.parent,
        project,
        observedAt: at,
        now: this.now(),
        source: commit.source ?? { by: 'induce' },
      });
      if (added === 'gone') return rollback('gone');
      await this.addExemplars(commit, project, session);
      return keep('committed');
    });
  }

  /**
   * Counts one observation for or against a node; the same one again changes nothing. `change` is pure:
   * it is called again when the transaction collides. A node that no walk goes through is `gone`.
   */
  async addEvidence(
    about: EvidenceAbout,
    change: (evidence: Evidence, state: NodeState, node: TreeNode) => EvidenceChange,
  ): Promise<EvidenceOutcome> {
    return inTransaction<EvidenceOutcome>(this.database, 'add evidence', async (session) => {
      const { nodes, exemplars } = this.database;
      const document = await nodes.findOne({ _id: { $eq: about.node }, ...LIVE }, { session });
      const node = this.parse(document);
      if (document === null || node === undefined || !isWalkable(node))
        return rollback({ kind: 'gone' });
      const exemplar = this.exemplarDocument(
        { ...about, kind: about.kind ?? 'example' },
        document.scope,
        document.project,
      );
      const known = await exemplars.findOne({ _id: { $eq: exemplar._id } }, { session });
      if (known !== null) return rollback({ kind: 'known' });
      if (await this.isDeleted(about.observation, session)) return rollback({ kind: 'gone' });
      const isAudit = about.audit === true;
      await exemplars.insertOne({ ...exemplar, ...(isAudit ? { audit: true } : {}) }, { session });
      const changed = change(node.evidence, node.state, node);
      const { evidence, state, first } = changed;
      await nodes.updateOne(
        { _id: { $eq: node.id } },
        {
          ...this.updateOf(node.id, changed),
          ...(isAudit ? { $inc: { audited: 1 } } : {}),
          ...(about.agreedAt === undefined ? {} : { $max: { agreedAt: about.agreedAt } }),
        },
        { session },
      );
      if (first !== undefined) {
        const { project } = document;
        const { classes, outcome } = first;
        await countTrust(this.database, session, { project, classes }, outcome);
      }
      return keep({ kind: 'changed', node: { ...node, evidence, state } });
    });
  }

  /** Sets a node's state, whatever it is now. */
  async setState(id: string, state: NodeState, note: string): Promise<'changed' | 'gone'> {
    const { kind } = await this.changeNode(id, ({ evidence }) => ({ evidence, state, note }));
    return kind === 'gone' ? 'gone' : 'changed';
  }

  /** Quarantines every node whose derivation is this code, in all scopes. Shape: how many. Rare: a scan of the nodes. */
  async quarantineCode(source: string, note: string): Promise<number> {
    const ids = await withDeadline('find code', DEADLINES.scanMs, async (signal) => {
      const found: string[] = [];
      // Compared here: in the database it may be sealed.
      const cursor = this.database.nodes.find(
        { state: { $nin: [...UNWALKABLE] }, ...LIVE },
        { signal },
      );
      for await (const document of cursor)
        if (this.parse(document)?.variables.some(isComputedBy(source))) found.push(document._id);
      return found;
    });
    for (const id of ids) {
      await this.changeNode(id, ({ evidence }) => {
        return { evidence, state: 'quarantined', note, by: 'sandbox' };
      });
    }
    return ids.length;
  }

  /**
   * Changes a node by hand; `change` is pure, and undefined leaves the node as it is. One that walks go
   * through again may now contradict what was committed while they did not, so its parent's version moves.
   */
  async changeNode(
    id: string,
    change: (node: TreeNode) => EvidenceChange | undefined,
  ): Promise<ChangeOutcome> {
    return inTransaction<ChangeOutcome>(this.database, 'change node', async (session) => {
      const before = this.parse(
        await this.database.nodes.findOne({ _id: { $eq: id }, ...LIVE }, { session }),
      );
      if (before === undefined) return rollback({ kind: 'gone' });
      const changed = change(before);
      if (changed === undefined) return rollback({ kind: 'unchanged', node: before });
      const { evidence, state, pinned = before.pinned === true } = changed;
      await this.database.nodes.updateOne({ _id: { $eq: id } }, this.updateOf(id, changed), {
        session,
      });
      const node = { ...before, evidence, state, pinned };
      if (isWalkable(before) !== isWalkable(node)) {
        await this.versioned(before.scope, before.parent).updateOne(
          { _id: { $eq: before.parent } },
          { $inc: { childrenVersion: 1 } },
          { session },
        );
      }
      return keep({ kind: 'changed', node });
    });
  }

  private async swapVersion(commit: TreeCommit, session: ClientSession): Promise<CommitOutcome> {
    const parents = this.versioned(commit.scope, commit.parent);
    const alive = { _id: { $eq: commit.parent }, ...LIVE, state: { $nin: [...UNWALKABLE] } };
    const swapped = await parents.updateOne(
      { ...alive, childrenVersion: { $eq: commit.expectedChildrenVersion } },
      { $inc: { childrenVersion: 1 } },
      { session },
    );
    if (swapped.matchedCount === 1) return 'committed';
    const parent = await parents.findOne(alive, { session, projection: { _id: 1 } });
    return parent === null ? 'gone' : 'conflict';
  }

  /** The collection that a parent is in: the root of a tree is its scope. */
  private versioned(scope: string, parent: string) {
    return this.database.db.collection<Document & { _id: string }>(
      parent === scope ? 'scopes' : 'nodes',
    );
  }

  private async addExemplars(
    commit: TreeCommit,
    project: string,
    session: ClientSession,
  ): Promise<void> {
    if (commit.exemplars.length === 0) return;
    const operations = commit.exemplars.map((exemplar) => {
      const { _id, ...fields } = this.exemplarDocument(exemplar, commit.scope, project);
      const filter = { _id: { $eq: _id } };
      return { updateOne: { filter, update: { $setOnInsert: fields }, upsert: true } };
    });
    await this.database.exemplars.bulkWrite(operations, { session, ordered: true });
  }

  private exemplarDocument(exemplar: Exemplar, scope: string, project: string): ExemplarDocument {
    const { node, observation, kind } = exemplar;
    return {
      _id: exemplarId(node, observation),
      schemaVersion: SCHEMA_VERSION,
      project,
      scope,
      node,
      observation,
      kind,
      at: this.now(),
    };
  }

  /** Written, not only read: a deletion of the observation then collides with this. Feedback has none. */
  private async isDeleted(observation: string, session: ClientSession): Promise<boolean> {
    const { observations } = this.database;
    const _id = { $eq: observation };
    const update = { $inc: { commits: 1 } };
    const { matchedCount } = await observations.updateOne({ _id, ...LIVE }, update, { session });
    return matchedCount === 0 && (await observations.findOne({ _id }, { session })) !== null;
  }

  private parse(document: unknown): TreeNode | undefined {
    return parseNode(this.database.contents.open('nodes', document));
  }

  private updateOf(id: string, change: EvidenceChange) {
    const { evidence, state, note, by, run, pinned, revise } = change;
    const at = this.now();
    const entry: NodeHistoryEntry = { at, state, note, by, run };
    return {
      $set: {
        ...this.database.contents.seal('nodes', id, { evidence: toEvidenceDocument(evidence) }),
        state,
        ...(pinned === true ? { pinned } : {}),
        ...(revise === true ? { reviseAt: at } : {}),
      },
      $unset: {
        ...(pinned === false ? { pinned: '' as const } : {}),
        ...(revise === false ? { reviseAt: '' as const } : {}),
      },
      $push: { history: { $each: [entry], $slice: -HISTORY_MAX } },
    };
  }
}

function ofProjects(projects: readonly string[] | undefined): Document {
  return projects === undefined ? {} : { project: { $in: [...projects] } };
}

function isComputedBy(source: string) {
  return (variable: NodeVariable): boolean => {
    if (variable.role !== 'dependent') return false;
    const { derivation } = variable;
    return derivation.kind === 'javascript' && derivation.source === source;
  };
}
