/** What the admin API reads, on a database of the tests' server: its trees are held in memory as a proxy holds them. */
import type { Database } from '../../adapters/mongo/connect.ts';
import { toNodeDocument } from '../../adapters/mongo/node-document.ts';
import { ObservationStore } from '../../adapters/mongo/observation-store.ts';
import { recordingOf } from '../../adapters/mongo/test-fixtures.ts';
import { TreeReader } from '../../adapters/mongo/tree-reader.ts';
import type { TreeNode } from '../../core/tree/node.ts';
import { ScopeTree } from '../../core/tree/scope-tree.ts';
import type { AdminUser } from '../../proxy/admin/deps.ts';

export const OWNER: AdminUser = { role: 'owner', projects: undefined };

export class StoredTrees {
  readonly reader: TreeReader;
  readonly observations: ObservationStore;
  readonly mirror: {
    readonly tree: (scope: string) => ScopeTree | undefined;
    readonly whenHeld: () => Promise<void>;
  };
  readonly #database: Database;
  readonly #trees = new Map<string, ScopeTree>();

  constructor(database: Database) {
    const onSkipped = (): void => undefined;
    this.#database = database;
    this.reader = new TreeReader(database, { onSkipped });
    this.observations = new ObservationStore(database, { now: () => 1, onSkipped });
    this.mirror = {
      tree: (scope) => this.#trees.get(scope),
      whenHeld: () => Promise.resolve(),
    };
  }

  /** All of one scope of `project`. */
  async store(project: string, scope: string, nodes: readonly TreeNode[]): Promise<void> {
    const known = recordingOf('o', { project, scope }).scope;
    await this.observations.scopes.save([known]);
    const tree = this.#trees.get(scope) ?? new ScopeTree();
    for (const node of nodes) tree.put(node);
    this.#trees.set(scope, tree);
    if (nodes.length === 0) return;
    await this.#database.nodes.insertMany(
      nodes.map((node) => {
        const birth = {
          project,
          revision: node.revision,
          at: 1,
          by: 'induce',
          run: 'run',
        } as const;
        return this.#database.contents.seal('nodes', node.id, toNodeDocument(node, birth));
      }),
    );
  }

  async clear(): Promise<void> {
    this.#trees.clear();
    for (const name of ['nodes', 'scopes']) {
      await this.#database.db.collection(name).deleteMany({});
    }
  }
}
