/** How a commit's nodes are written: new ones inserted, known ones left as they are but for a first answer. */
import type { AnyBulkWriteOperation, ClientSession } from 'mongodb';
import type { NodeState, TreeNode } from '../../core/tree/node.ts';
import type { Database } from './connect.ts';
import type { Sealed } from './contents.ts';
import {
  HISTORY_MAX,
  toEvidenceDocument,
  toNodeDocument,
  type ChangeSource,
  type NodeDocument,
} from './node-document.ts';

export interface NodesToAdd {
  readonly nodes: readonly TreeNode[];
  /** Its version was counted up by the caller. */
  readonly parent: string;
  readonly project: string;
  /** When the observation was made that the nodes were learned from. */
  readonly observedAt: number;
  readonly now: number;
  readonly source: ChangeSource;
}

export type StoredNode = Sealed<'nodes', NodeDocument>;

type KnownNode = Pick<StoredNode, '_id' | 'state' | 'answer' | 'deletedAt' | 'childrenVersion'>;

/**
 * Adds nodes within a transaction. A node that exists keeps its state and evidence, whatever the commit
 * says of them; one without an answer may get its first. `gone`: a node was deleted after the observation was
 * made, so the run would bring back what somebody removed; learned from later traffic it may come back.
 */
export async function addNodes(
  database: Database,
  session: ClientSession,
  add: NodesToAdd,
): Promise<'added' | 'gone'> {
  const nodes = [...new Map(add.nodes.map((node) => [node.id, node])).values()];
  const known = await readKnown(database, session, nodes);
  const isDeleted = (node: KnownNode): boolean =>
    node.deletedAt !== undefined && node.deletedAt >= add.observedAt;
  if ([...known.values()].some(isDeleted)) return 'gone';
  const isNew = (node: TreeNode): boolean => {
    const before = known.get(node.id);
    return before === undefined || before.deletedAt !== undefined;
  };
  const fresh = nodes.filter(isNew);
  const firstRevision = await takeRevisions(database, session, add.project, fresh.length);
  const operations: AnyBulkWriteOperation<StoredNode>[] = fresh.map((node, index) => {
    const revision = firstRevision + index;
    const { project, source, now: at, observedAt: agreedAt } = add;
    const birth = { project, ...source, revision, at, agreedAt };
    const document = database.contents.seal('nodes', node.id, toNodeDocument(node, birth));
    const { _id, ...replacement } = document;
    const before = known.get(_id);
    if (before === undefined) return { insertOne: { document: { _id, ...replacement } } };
    // The version goes on counting: a commit prepared before the deletion must still lose.
    const childrenVersion = before.childrenVersion + 1;
    const filter = { _id: { $eq: _id } };
    return { replaceOne: { filter, replacement: { ...replacement, childrenVersion } } };
  });
  for (const node of nodes) {
    const before = known.get(node.id);
    if (before !== undefined && !isNew(node))
      operations.push(...firstAnswer(database, { node, before, add }));
  }
  // Known nodes inside the commit that get children are parents like the commit's own.
  const parents = new Set(fresh.map((node) => node.parent));
  for (const id of parents) {
    if (id === add.parent || !known.has(id) || fresh.some((node) => node.id === id)) continue;
    const update = { $inc: { childrenVersion: 1 } };
    operations.push({ updateOne: { filter: { _id: { $eq: id } }, update } });
  }
  if (operations.length > 0) await database.nodes.bulkWrite(operations, { session, ordered: true });
  return 'added';
}

async function readKnown(
  database: Database,
  session: ClientSession,
  nodes: readonly TreeNode[],
): Promise<ReadonlyMap<string, KnownNode>> {
  const cursor = database.nodes.find<KnownNode>(
    { _id: { $in: nodes.map((node) => node.id) } },
    { session, projection: { state: 1, answer: 1, deletedAt: 1, childrenVersion: 1 } },
  );
  return new Map((await cursor.toArray()).map((node) => [node._id, node]));
}

/** Counts up the project's counter in the same transaction and gives the first of the new revisions. */
async function takeRevisions(
  database: Database,
  session: ClientSession,
  project: string,
  count: number,
): Promise<number> {
  if (count === 0) return 0;
  const counter = await database.counters.findOneAndUpdate(
    { _id: { $eq: `revision:${project}` } },
    { $inc: { value: count } },
    { session, upsert: true, returnDocument: 'after' },
  );
  return (counter?.value ?? count) - count + 1;
}

const DEAD: ReadonlySet<NodeState> = new Set<NodeState>(['quarantined', 'retired']);

/**
 * A message known only from inside threads becomes an answer. Until now its state and evidence were about
 * no answer, so those of the answer come with it: `serving` must not pass from the one to the other.
 */
function firstAnswer(
  { contents }: Database,
  {
    node,
    before,
    add,
  }: { readonly node: TreeNode; readonly before: KnownNode; readonly add: NodesToAdd },
): AnyBulkWriteOperation<StoredNode>[] {
  if (node.answer === undefined || before.answer != null || DEAD.has(before.state)) return [];
  const { answer, state } = node;
  const content = { answer, evidence: toEvidenceDocument(node.evidence) };
  const entry = { at: add.now, state, note: 'got an answer', ...add.source };
  return [
    {
      updateOne: {
        filter: { _id: { $eq: node.id } },
        update: {
          $set: { ...contents.seal('nodes', node.id, content), state },
          $max: { agreedAt: add.observedAt },
          $push: { history: { $each: [entry], $slice: -HISTORY_MAX } },
        },
      },
    },
  ];
}
