/**
 * Trees as a worker reads them again and again: each read once, and kept up to date by the change stream
 * (worker-memory.ts). A tree here is never older than its versions say, so a commit that is prepared from it is either
 * right or refused.
 */
import type { Document } from 'mongodb';
import type { ScopeTree } from '../../core/tree/scope-tree.ts';
import type { TreeNode } from '../../core/tree/node.ts';
import { updateOf } from './change-stream.ts';
import type { Database } from './connect.ts';
import { DEADLINES, withDeadline } from './deadline.ts';
import { isLive, type OnSkipped } from './documents.ts';
import { parseNode } from './node-document.ts';
import type { StoredTree, TreeStore } from './tree-store.ts';
import { isCount } from './untrusted.ts';

const NODES_MAX = 100_000;
/** Each change is held against all of them. */
const SCOPES_MAX = 1000;
/** Fields that a tree does not hold; the version is taken from the event itself. */
const UNREAD = new Set(['childrenVersion', 'history', 'audited', 'agreedAt', 'reviseAt']);

interface KeptTree {
  readonly tree: ScopeTree;
  readonly childrenVersions: Map<string, number>;
}

type Versions = readonly (readonly [id: string, version: number])[];

/** What a part of the stream says: which nodes are others now, and the versions of parents that were counted up. */
interface Heard {
  readonly ids: readonly string[];
  readonly versions: Versions;
}

/** Nodes as they are now; undefined: gone. */
type Nodes = ReadonlyMap<string, TreeNode | undefined>;

export class TreeMemory {
  private readonly database: Database;
  private readonly trees: Pick<TreeStore, 'readTree'>;
  private readonly onSkipped: OnSkipped;
  /** The one that was read least recently first. */
  private readonly kept = new Map<string, KeptTree>();
  /** Scopes that are being read, with what is heard meanwhile. */
  private readonly loading = new Map<string, Heard[]>();
  private isFollowed = false;

  constructor(
    database: Database,
    options: { readonly trees: Pick<TreeStore, 'readTree'>; readonly onSkipped: OnSkipped },
  ) {
    this.database = database;
    this.trees = options.trees;
    this.onSkipped = options.onSkipped;
  }

  /** From now on every change is told to `hear`. */
  follow(): void {
    this.isFollowed = true;
  }

  /** Changes may be missed: forgets everything, and keeps nothing until `follow`. */
  forgetAll(): void {
    this.isFollowed = false;
    this.kept.clear();
    this.loading.clear();
  }

  /** Somebody knows better: the next reader reads from the primary. */
  forget(scope: string): void {
    this.kept.delete(scope);
    this.loading.delete(scope);
  }

  /**
   * The tree, which goes on changing: what belongs together is to be read from it in one go, versions among it.
   * Errors: StoreError.
   */
  async readTree(scope: string): Promise<StoredTree> {
    const kept = this.kept.get(scope);
    if (kept !== undefined) {
      this.kept.delete(scope);
      this.kept.set(scope, kept);
      return kept;
    }
    if (!this.isFollowed || this.loading.has(scope)) return this.trees.readTree(scope);
    const heard: Heard[] = [];
    this.loading.set(scope, heard);
    try {
      const { tree, childrenVersions } = await this.trees.readTree(scope);
      const read = { tree, childrenVersions: new Map(childrenVersions) };
      while (heard.length > 0) {
        const parts = heard.splice(0);
        const nodes = await this.read(parts.flatMap(({ ids }) => ids));
        const versions = parts.flatMap((part) => part.versions);
        apply(scope, read, { nodes, versions });
      }
      // Not if it was forgotten meanwhile.
      if (this.loading.get(scope) === heard) this.keep(scope, read);
      return read;
    } finally {
      if (this.loading.get(scope) === heard) this.loading.delete(scope);
    }
  }

  /** How many walkable children a parent has; undefined where its tree is not kept. */
  countChildren(scope: string, parent: string): number | undefined {
    const tree = this.kept.get(scope)?.tree;
    return tree && [...tree.childrenOf(parent)].length;
  }

  /** A commit of this worker, before the stream brings it. What was there before is left as it is. */
  committed(
    scope: string,
    commit: {
      readonly parent: string;
      readonly version: number;
      readonly nodes: readonly TreeNode[];
    },
  ): void {
    const kept = this.kept.get(scope);
    if (kept?.childrenVersions.get(commit.parent) !== commit.version - 1) return;
    for (const node of commit.nodes) if (kept.tree.get(node.id) === undefined) kept.tree.put(node);
    kept.childrenVersions.set(commit.parent, commit.version);
  }

  /** A node that this worker changed, as it is now. */
  changed(node: TreeNode): void {
    const tree = this.kept.get(node.scope)?.tree;
    if (tree?.get(node.id) !== undefined) tree.put(node);
  }

  /** Events of nodes and scopes in the order of the change stream, transactions as a whole. Errors: StoreError. */
  async hear(events: readonly Document[]): Promise<void> {
    const ids = new Set<string>();
    const births = new Map<string, TreeNode>();
    const versions: [string, number][] = [];
    for (const event of events) {
      const id = String((event['documentKey'] as Document)['_id']);
      const { updated } = updateOf(event);
      const version: unknown = updated['childrenVersion'];
      if (isCount(version)) versions.push([id, version]);
      if ((event['ns'] as Document)['coll'] === 'scopes') {
        if (isEnd(event)) this.forget(id);
        continue;
      }
      const node =
        event['operationType'] === 'insert' ? this.parse(event['fullDocument']) : undefined;
      if (node !== undefined) births.set(id, node);
      else if (this.mayChange(id, event)) ids.add(id);
    }
    const nodes = await this.read([...ids]);
    const touched = { ids: [...births.keys(), ...ids], versions };
    for (const heard of this.loading.values()) heard.push(touched);
    for (const [scope, kept] of this.kept) {
      for (const node of births.values()) putNew(scope, kept.tree, node);
      apply(scope, kept, { nodes, versions });
    }
    this.shrink();
  }

  private mayChange(id: string, event: Document): boolean {
    // A node that was deleted comes back.
    if (event['operationType'] === 'replace') return true;
    if (!this.mayHold(id)) return false;
    const { updated, removed } = updateOf(event);
    const isUpdate = event['operationType'] === 'update';
    return !isUpdate || [...Object.keys(updated), ...removed].some(isRead);
  }

  private mayHold(id: string): boolean {
    if (this.loading.size > 0) return true;
    return [...this.kept.values()].some(({ tree }) => tree.get(id) !== undefined);
  }

  private async read(ids: readonly string[]): Promise<Nodes> {
    if (ids.length === 0) return new Map();
    const documents = await withDeadline('read nodes', DEADLINES.scanMs, (signal) =>
      this.database.nodes.find({ _id: { $in: [...ids] } }, { signal }).toArray(),
    );
    const found = new Map(documents.map((document) => [document._id, document]));
    const nodes = new Map<string, TreeNode | undefined>();
    for (const id of ids) {
      const document = found.get(id);
      const node = this.parse(document);
      if (isLive(document) && node === undefined) this.onSkipped('nodes', id);
      nodes.set(id, node);
    }
    return nodes;
  }

  private parse(stored: unknown): TreeNode | undefined {
    return parseNode(this.database.contents.open('nodes', stored));
  }

  private keep(scope: string, tree: KeptTree): void {
    this.kept.set(scope, tree);
    this.shrink();
  }

  private shrink(): void {
    let count = [...this.kept.values()].reduce((sum, { tree }) => sum + tree.size + 1, 0);
    for (const [scope, { tree }] of this.kept) {
      if (count <= NODES_MAX && this.kept.size <= SCOPES_MAX) return;
      count -= tree.size + 1;
      this.kept.delete(scope);
    }
  }
}

function isRead(path: string): boolean {
  return !UNREAD.has(path.split('.')[0] ?? '');
}

/** A scope that was deleted begins anew. */
function isEnd(event: Document): boolean {
  const { updated, removed } = updateOf(event);
  const isUpdate = event['operationType'] === 'update';
  return isUpdate
    ? 'deletedAt' in updated || removed.length > 0
    : event['operationType'] !== 'insert';
}

/** A node's birth says nothing of one that was read since; what this worker committed itself has no revision yet. */
function putNew(scope: string, tree: ScopeTree, node: TreeNode): void {
  if (node.scope === scope && (tree.get(node.id)?.revision ?? 0) === 0) tree.put(node);
}

function apply(
  scope: string,
  { tree, childrenVersions }: KeptTree,
  changes: { readonly nodes: Nodes; readonly versions: Versions },
): void {
  for (const [id, node] of changes.nodes) {
    if (node === undefined) tree.remove(id);
    else if (node.scope === scope) tree.put(node);
  }
  for (const [id, version] of changes.versions) {
    if (id !== scope && tree.get(id) === undefined) continue;
    // What was read may be ahead of what is heard.
    childrenVersions.set(id, Math.max(version, childrenVersions.get(id) ?? 0));
  }
}
