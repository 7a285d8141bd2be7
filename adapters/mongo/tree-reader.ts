/** Trees in pages, for people who look into them. Runs and proxies read them whole (tree-store, mirror). */
import type { Document } from 'mongodb';
import type { Scope } from '../../core/observation.ts';
import type { NodeState, TreeNode } from '../../core/tree/node.ts';
import type { Database } from './connect.ts';
import { DEADLINES, withDeadline } from './deadline.ts';
import { parseScope, type OnSkipped } from './documents.ts';
import { parseNode } from './node-document.ts';

/** `after`: the id of the last one of the page before. */
export interface Page {
  readonly limit: number;
  readonly after?: string | undefined;
}

/** Matches what is no tombstone. */
const LIVE = { deletedAt: { $exists: false } };

export class TreeReader {
  private readonly database: Database;
  private readonly onSkipped: OnSkipped;

  constructor(database: Database, options: { readonly onSkipped: OnSkipped }) {
    this.database = database;
    this.onSkipped = options.onSkipped;
  }

  /** In the order of their ids; `projects` undefined: of all. Errors: StoreError. */
  async scopes(projects: readonly string[] | undefined, page: Page): Promise<readonly Scope[]> {
    const whose = projects === undefined ? {} : { project: { $in: [...projects] } };
    const documents = await this.find('scopes', { ...whose, ...afterId(page), ...LIVE }, page);
    return documents.flatMap(
      (document) => parseScope(this.database.contents.open('scopes', document)) ?? [],
    );
  }

  /** The nodes right below a scope's root or a node, in the order of their ids. Errors: StoreError. */
  children(parent: string, page: Page): Promise<readonly TreeNode[]> {
    return this.nodes({ parent: { $eq: parent }, ...afterId(page) }, page, { _id: 1 });
  }

  /** The newest nodes in a state; `projects` undefined: of all. Errors: StoreError. */
  newest(
    state: NodeState,
    projects: readonly string[] | undefined,
    limit: number,
  ): Promise<readonly TreeNode[]> {
    const whose = projects === undefined ? {} : { project: { $in: [...projects] } };
    return this.nodes({ state: { $eq: state }, ...whose }, { limit }, { revision: -1 });
  }

  /** By id; those that are gone are not in it. Errors: StoreError. */
  async byId(ids: readonly string[]): Promise<ReadonlyMap<string, TreeNode>> {
    const nodes = await this.nodes({ _id: { $in: [...ids] } }, { limit: ids.length }, { _id: 1 });
    return new Map(nodes.map((node) => [node.id, node]));
  }

  /** How many children each of these parents has; those without any are not in it. Errors: StoreError. */
  async childCounts(parents: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const documents = await withDeadline('count children', DEADLINES.readMs, (signal) =>
      this.database.db
        .collection('nodes')
        .aggregate(
          [
            { $match: { parent: { $in: [...parents] }, ...LIVE } },
            { $group: { _id: '$parent', count: { $sum: 1 } } },
          ],
          { signal },
        )
        .toArray(),
    );
    return new Map(documents.map((one) => [String(one['_id']), Number(one['count'])]));
  }

  private async nodes(
    filter: Document,
    page: Page,
    sort: Readonly<Record<string, 1 | -1>>,
  ): Promise<readonly TreeNode[]> {
    if (page.limit === 0) return [];
    const documents = await this.find('nodes', { ...filter, ...LIVE }, page, sort);
    return documents.flatMap((document) => {
      const node = parseNode(this.database.contents.open('nodes', document));
      if (node === undefined) this.onSkipped('nodes', String(document['_id']));
      return node ?? [];
    });
  }

  private find(
    collection: 'nodes' | 'scopes',
    filter: Document,
    { limit }: Page,
    sort: Readonly<Record<string, 1 | -1>> = { _id: 1 },
  ): Promise<Document[]> {
    return withDeadline(`read ${collection}`, DEADLINES.readMs, (signal) =>
      this.database.db
        .collection(collection)
        .find(filter, { sort: { ...sort }, limit, signal })
        .toArray(),
    );
  }
}

function afterId({ after }: Page): Document {
  return after === undefined ? {} : { _id: { $gt: after } };
}
