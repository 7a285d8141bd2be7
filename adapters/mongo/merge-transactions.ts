/**
 * The two transactions of merges: one in which nodes come and those that they answer for go, one that takes that back.
 * Each writes by id, thousands at a time: `$in` with as many ids costs some servers their square.
 */
import type { ClientSession, Collection, Document } from 'mongodb';
import type { TreeNode } from '../../core/tree/node.ts';
import type { Database } from './connect.ts';
import { DEADLINES } from './deadline.ts';
import { inTransaction, keep, rollback } from './transaction.ts';
import { exemplarId, SCHEMA_VERSION } from './documents.ts';
import {
  sealResult,
  type MergeCommit,
  type MergeOutcome,
  type MergeResult,
  type RetiredNode,
  type UnmergeOutcome,
} from './merge-document.ts';
import { HISTORY_MAX } from './node-document.ts';
import { addNodes } from './node-writes.ts';

interface Place {
  readonly database: Database;
  readonly now: () => number;
}

/** One transaction under way. */
interface Work extends Place {
  readonly session: ClientSession;
}

type AnyCollection = Collection<Document & { _id: string }>;

const LIVE = { deletedAt: { $exists: false } };
const WALKABLE = { state: { $nin: ['quarantined', 'retired'] }, ...LIVE };
/** What somebody pinned is never merged away. */
const UNPINNED = { pinned: { $ne: true }, ...LIVE };
/** Ids in one `$in`. */
const IDS_MAX = 100;

/** Errors: StoreError. */
export function commitMerge(
  place: Place,
  commit: MergeCommit,
  result: MergeResult,
): Promise<MergeOutcome> {
  return inTransaction<MergeOutcome>(
    place.database,
    'commit merge',
    async (session) => {
      const work = { ...place, session };
      const { merges } = place.database;
      const record = await merges.findOne({ _id: { $eq: commit.id } }, { session });
      // The worker may have died after the commit and before it could say so.
      if (record?.state === 'committed') return rollback('committed');
      if (record?.state !== 'running') return rollback('gone');
      const observedAt = await touchObservations(work, commit);
      if (observedAt === undefined) return rollback('gone');
      if (!(await swapVersions(work, commit))) return rollback('conflict');
      const known = await idsIn(work, nodesOf(work), commit.nodes.map(idOf), LIVE);
      const { project, parent } = commit.request;
      const { nodes } = commit;
      const now = place.now();
      const source = { by: 'merge' as const, run: commit.id };
      const add = { nodes, parent, project, observedAt, source, now };
      const added = await addNodes(place.database, session, add);
      if (added === 'gone') return rollback('gone');
      await addExemplars(work, commit);
      const ids = nodes.map(idOf).filter((id) => !known.has(id));
      const sealed = sealResult(place.database.contents, commit.id, result);
      const change = { ...sealed, state: 'committed' as const, endedAt: now };
      await merges.updateOne(
        { _id: { $eq: commit.id } },
        { $set: { ...change, added: ids, retired: commit.retires } },
        { session },
      );
      return keep('committed');
    },
    DEADLINES.mergeMs,
  );
}

/** Errors: StoreError. */
export function takeBack(place: Place, id: string): Promise<UnmergeOutcome> {
  return inTransaction<UnmergeOutcome>(
    place.database,
    'unmerge',
    async (session) => {
      const work = { ...place, session };
      const { merges } = place.database;
      const record = await merges.findOne({ _id: { $eq: id } }, { session });
      if (record === null) return refuse('unknown');
      if (record.state !== 'committed') return refuse('not-committed');
      const { added = [], retired = [], parent, scope } = record;
      // Another merge built on this one: only from the last one back is each what it was.
      const gone = await idsIn(work, nodesOf(work), added, { state: { $eq: 'retired' } });
      if (gone.size > 0) return refuse('superseded');
      const note = `merge ${id} was taken back`;
      if (!(await restore(work, retired, note))) return refuse('changed');
      const below = await subtree(work, added);
      await write(work, nodesOf(work), alike(below, retiring(work, note)));
      const learned = below.filter((node) => !added.includes(node));
      const reopen = await exemplarsOf(work, learned);
      await write(work, versioned(work, scope, parent), alike([parent], RECOUNT));
      await merges.updateOne(
        { _id: { $eq: id } },
        { $set: { state: 'undone', endedAt: place.now() } },
        { session },
      );
      const counts = { restored: retired.length, removed: below.length };
      return keep<UnmergeOutcome>({ kind: 'undone', ...counts, reopen });
    },
    DEADLINES.mergeMs,
  );
}

const RECOUNT = { $inc: { childrenVersion: 1 } };

function refuse(reason: Extract<UnmergeOutcome, { kind: 'refused' }>['reason']) {
  return rollback<UnmergeOutcome>({ kind: 'refused', reason });
}

/**
 * Written, not only read: a deletion of an observation collides with the commit of what was learned from it.
 * Shape: when the newest of them was made; undefined when one is gone.
 */
async function touchObservations(
  work: Work,
  { exemplars }: MergeCommit,
): Promise<number | undefined> {
  const ids = [...new Set(exemplars.map(({ observation }) => observation))];
  const observations = work.database.db.collection<Document & { _id: string }>('observations');
  const explained = { $inc: { commits: 1 }, $unset: { 'induction.unexplained': '' } };
  const touched = await write(work, observations, alike(ids, explained, LIVE));
  if (touched < ids.length) return undefined;
  let newest = 0;
  for (const chunk of chunksOf(ids)) {
    const found = await observations
      .find({ _id: { $in: chunk } }, { session: work.session, projection: { at: 1 } })
      .toArray();
    for (const { at } of found as { at?: unknown }[]) newest = Math.max(newest, Number(at));
  }
  return newest;
}

/** Compares and swaps the versions of all parents; nodes that retire do so by the way. False: one has changed. */
async function swapVersions(work: Work, commit: MergeCommit): Promise<boolean> {
  const { request, versions, retires, id } = commit;
  const retired = new Set(retires.map((node) => node.id));
  for (const [parent, version] of versions) {
    if (retired.has(parent)) continue;
    const own = versioned(work, request.scope, parent);
    const found = { childrenVersion: { $eq: version }, ...WALKABLE };
    if ((await write(work, own, alike([parent], RECOUNT, found))) === 0) return false;
  }
  const update = retiring(work, `merged by ${id}`);
  const writes = retires.map((node) => {
    const version = versions.get(node.id) ?? -1;
    const found = { childrenVersion: { $eq: version }, state: { $eq: node.state }, ...UNPINNED };
    return { id: node.id, update, found };
  });
  return (await write(work, nodesOf(work), writes)) === writes.length;
}

/** False when one is no longer as the merge left it. */
async function restore(
  work: Work,
  retired: readonly RetiredNode[],
  note: string,
): Promise<boolean> {
  const found = { state: { $eq: 'retired' }, ...LIVE };
  const writes = retired.map(({ id, state }) => ({
    ...{ id, found },
    update: { ...RECOUNT, $set: { state }, ...history(work, state, note) },
  }));
  return (await write(work, nodesOf(work), writes)) === writes.length;
}

function retiring(work: Work, note: string): Document {
  return { ...RECOUNT, $set: { state: 'retired' }, ...history(work, 'retired', note) };
}

function history({ now }: Work, state: string, note: string): Document {
  const entry = { at: now(), state, note, by: 'merge' };
  return { $push: { history: { $each: [entry], $slice: -HISTORY_MAX } } };
}

/** The nodes and all that is walkable below them. */
async function subtree(work: Work, roots: readonly string[]): Promise<string[]> {
  const all = new Set(roots);
  let level: readonly string[] = roots;
  while (level.length > 0) {
    const next: string[] = [];
    for (const chunk of chunksOf(level)) {
      const children = await nodesOf(work)
        .find(
          { parent: { $in: chunk }, ...WALKABLE },
          { session: work.session, projection: { _id: 1 } },
        )
        .toArray();
      next.push(...children.map(({ _id }) => _id).filter((id) => !all.has(id)));
    }
    level = next;
    for (const id of level) all.add(id);
  }
  return [...all];
}

/** Ids of the observations that speak for the nodes. */
async function exemplarsOf(work: Work, nodes: readonly string[]): Promise<string[]> {
  const observations = new Set<string>();
  for (const chunk of chunksOf(nodes)) {
    const found = await work.database.exemplars
      .find(
        { node: { $in: chunk }, ...LIVE },
        { session: work.session, projection: { observation: 1 } },
      )
      .toArray();
    for (const { observation } of found) observations.add(observation);
  }
  return [...observations];
}

async function addExemplars({ database, session, now }: Work, commit: MergeCommit): Promise<void> {
  const { project, scope } = commit.request;
  const at = now();
  const operations = commit.exemplars.map(({ node, observation, kind }) => ({
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
  }));
  if (operations.length > 0) {
    await database.exemplars.bulkWrite(operations, { session, ordered: true });
  }
}

/** Those of `ids` that are there and fit `filter`. */
async function idsIn(
  { session }: Work,
  collection: AnyCollection,
  ids: readonly string[],
  filter: Document,
): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const chunk of chunksOf(ids)) {
    const documents = await collection
      .find({ _id: { $in: chunk }, ...filter }, { session, projection: { _id: 1 } })
      .toArray();
    for (const { _id } of documents) found.add(_id);
  }
  return found;
}

interface Write {
  readonly id: string;
  readonly update: Document;
  /** How the document must be for the write to count. */
  readonly found: Document;
}

/** Shape: how many documents were there and as `found` says. */
async function write(
  { session }: Work,
  collection: AnyCollection,
  writes: readonly Write[],
): Promise<number> {
  if (writes.length === 0) return 0;
  const operations = writes.map(({ id, update, found }) => ({
    updateOne: { filter: { _id: { $eq: id }, ...found }, update },
  }));
  return (await collection.bulkWrite(operations, { session, ordered: true })).matchedCount;
}

/** The same change to each of them. */
function alike(ids: readonly string[], update: Document, found: Document = {}): Write[] {
  return ids.map((id) => ({ id, update, found }));
}

function nodesOf({ database }: Work): AnyCollection {
  return database.db.collection<Document & { _id: string }>('nodes');
}

/** The collection that a parent is in: the root of a tree is its scope. */
function versioned(work: Work, scope: string, parent: string): AnyCollection {
  if (parent !== scope) return nodesOf(work);
  return work.database.db.collection<Document & { _id: string }>('scopes');
}

function* chunksOf(ids: readonly string[]): Generator<string[]> {
  for (let from = 0; from < ids.length; from += IDS_MAX) yield ids.slice(from, from + IDS_MAX);
}

const idOf = ({ id }: TreeNode): string => id;
