/**
 * Deletes for good, by whatever a person names. What is deleted leaves a tombstone without content, so that mirrors
 * hear of it and neither a run under way nor a spool brings it back (DESIGN §11.18). Everything here may be repeated.
 */
import type { AnyBulkWriteOperation, Document } from 'mongodb';
import { readExchange } from '../../core/induction/exchange.ts';
import {
  partOfTree,
  passesThrough,
  planDeletion,
  subtreeOf,
  type NodeStub,
} from '../../core/tree/deletion.ts';
import type { TreeNode } from '../../core/tree/node.ts';
import type { Database } from './connect.ts';
import type { Sealed } from './contents.ts';
import { DEADLINES, withDeadline } from './deadline.ts';
import { parseObservation, SCHEMA_VERSION, type AnswerDocument } from './documents.ts';
import { forgetInMerges, forgetMerges } from './merge-traces.ts';
import { parseNode } from './node-document.ts';

/** All that is given must hold. `node`: with all below it. `before`: what is older than this time. */
export interface PurgeFilter {
  readonly project?: string | undefined;
  readonly namespace?: string | undefined;
  readonly scope?: string | undefined;
  readonly node?: string | undefined;
  readonly before?: number | undefined;
}

export interface PurgeCounts {
  readonly scopes: number;
  readonly nodes: number;
  readonly answers: number;
  readonly observations: number;
  readonly exemplars: number;
}

/** What one purge is about, as filters of collections. */
interface Selection {
  readonly scopes: Document;
  readonly nodes: Document;
  /** Answer nodes that stay as messages on the way. */
  readonly mute: readonly string[];
  readonly answers: Document;
  readonly observations: Document;
  readonly exemplars: Document;
  readonly requests: Document;
  /** Evidence that waits to be counted. */
  readonly turns: Document;
  readonly merges: {
    /** All that these may tell of what goes. */
    readonly touched: Document;
    /** Undefined: nothing is left of them. */
    readonly parts?: {
      readonly nodes: readonly string[];
      readonly observations: readonly string[];
    };
  };
}

const LIVE = { deletedAt: { $exists: false } };
const NOTHING: Document = { _id: { $in: [] } };
const PAGE = 500;
/** What was being written while a purge began is found by its next round. */
const ROUNDS_MAX = 5;

export class DeletionStore {
  private readonly database: Database;
  private readonly now: () => number;

  constructor(database: Database, options: { readonly now: () => number }) {
    this.database = database;
    this.now = options.now;
  }

  /** How much a purge would delete. Errors: StoreError. */
  async count(filter: PurgeFilter): Promise<PurgeCounts> {
    return this.countAll(await this.select(filter));
  }

  /**
   * Deletes all that the filter names. Answers stop first, on all proxies as soon as their mirrors hear of it; then
   * goes what they were learned from, and then whatever a run committed in between. Errors: StoreError; repeat it then.
   */
  async purge(filter: PurgeFilter): Promise<PurgeCounts> {
    let total: PurgeCounts = { scopes: 0, nodes: 0, answers: 0, observations: 0, exemplars: 0 };
    for (let round = 1; round <= ROUNDS_MAX; round++) {
      const selection = await this.select(filter);
      await this.forgetMerged(selection.merges);
      await this.remove('turns', selection.turns);
      const found = await this.countAll(selection);
      if (Object.values(found).every((count) => count === 0)) break;
      total = {
        scopes: total.scopes + found.scopes,
        nodes: total.nodes + found.nodes,
        answers: total.answers + found.answers,
        observations: total.observations + found.observations,
        exemplars: total.exemplars + found.exemplars,
      };
      await this.removeNodes(selection.nodes, selection.mute);
      await this.removeAnswers(selection.answers);
      await this.removeObservations(selection.observations);
      await this.remove('exemplars', selection.exemplars);
      await this.forgetContent(selection.requests);
      await this.removeScopes(selection.scopes);
    }
    return total;
  }

  /** Deletes nodes by id, and takes their answers from others: what `prune` found superfluous. */
  async removeNodes(filter: Document, mute: readonly string[] = []): Promise<void> {
    const at = this.now();
    await this.write(
      'nodes',
      { ...filter, ...LIVE },
      { $set: { deletedAt: at }, $inc: { childrenVersion: 1 }, $unset: NODE_CONTENT },
    );
    if (mute.length === 0) return;
    const entry = { at, state: 'candidate', note: 'its answer was deleted', by: 'prune' };
    await this.write(
      'nodes',
      { _id: { $in: [...mute] }, ...LIVE },
      { $set: { state: 'candidate' }, $unset: { answer: '' }, $push: { history: entry } },
    );
  }

  /** Deletes exact answers. */
  async removeAnswers(filter: Document): Promise<void> {
    await this.write(
      'answers',
      { ...filter, ...LIVE },
      { $set: { deletedAt: this.now() }, $unset: { answer: '' } },
    );
  }

  /** Deletes observations, the exact answers that they gave, and what they are evidence for. */
  async removeObservations(filter: Document): Promise<void> {
    for (;;) {
      const page = await this.find('observations', { ...filter, ...LIVE }, PAGE);
      if (page.length === 0) return;
      const ids = page.map((document) => String(document['_id']));
      // Its answer may not be written yet: the tombstone is then there before it.
      await this.bulkTombstones(page);
      await this.removeAnswers({ observation: { $in: ids } });
      const [scopes, threads] = ['scope', 'thread'].map((name) => ({
        $in: [...new Set(page.map((document) => String(document[name])))],
      }));
      await this.forgetContent({ scope: scopes, thread: threads });
      await forgetInMerges(this.database, { scope: scopes }, { nodes: [], observations: ids });
      const induction = { state: 'done', outcome: 'deleted', at: this.now() };
      await this.write(
        'observations',
        { _id: { $in: ids } },
        { $set: { deletedAt: this.now(), induction }, $unset: OBSERVATION_CONTENT },
      );
      await this.remove('exemplars', { observation: { $in: ids } });
    }
  }

  private async bulkTombstones(observations: readonly Document[]): Promise<void> {
    const at = this.now();
    const operations = observations.flatMap((observation) => {
      const id = (observation['exact'] as { id?: unknown } | undefined)?.id;
      if (typeof id !== 'string' || id === '') return [];
      const [project, scope, thread] = ['project', 'scope', 'thread'].map((name) =>
        String(observation[name]),
      );
      const fields = { schemaVersion: SCHEMA_VERSION, project, scope, thread, deletedAt: at };
      const filter = { _id: { $eq: id } };
      return [{ updateOne: { filter, update: { $setOnInsert: fields }, upsert: true } }];
    }) as AnyBulkWriteOperation<Sealed<'answers', AnswerDocument>>[];
    if (operations.length === 0) return;
    await withDeadline('delete answers', DEADLINES.writeMs, () =>
      this.database.answers.bulkWrite(operations, { ordered: false }),
    );
  }

  private async removeScopes(filter: Document): Promise<void> {
    const at = this.now();
    await this.write(
      'scopes',
      { ...filter, ...LIVE }, // `purgedAt` outlives the tombstone: what other proxies still have in their spools stays away.
      {
        $set: { deletedAt: at, purgedAt: at },
        $inc: { childrenVersion: 1 },
        $unset: { parameters: '', endpoint: '' },
      },
    );
  }

  private async forgetMerged({ touched, parts }: Selection['merges']): Promise<void> {
    if (parts === undefined) await forgetMerges(this.database, touched);
    else await forgetInMerges(this.database, touched, parts);
  }

  private async forgetContent(filter: Document): Promise<void> {
    await this.write(
      'requests',
      { ...filter, content: { $exists: true } },
      { $unset: { content: '' } },
    );
  }

  private async countAll(selection: Selection): Promise<PurgeCounts> {
    const count = (name: Countable, filter: Document): Promise<number> =>
      withDeadline(`count ${name}`, DEADLINES.scanMs, (signal) =>
        this.database.db.collection(name).countDocuments({ ...filter, ...LIVE }, { signal }),
      );
    const [scopes, nodes, answers, observations, exemplars] = await Promise.all([
      count('scopes', selection.scopes),
      count('nodes', selection.nodes),
      count('answers', selection.answers),
      count('observations', selection.observations),
      count('exemplars', selection.exemplars),
    ]);
    return { scopes, nodes: nodes + selection.mute.length, answers, observations, exemplars };
  }

  private async select(filter: PurgeFilter): Promise<Selection> {
    const base = await this.baseOf(filter);
    if (filter.node !== undefined) return this.selectSubtree(filter.node, filter, base);
    const { before } = filter;
    if (before === undefined) {
      const { scope, ...rest } = base as Record<string, unknown>;
      const scopes = scope === undefined ? rest : { ...rest, _id: scope };
      const all = { nodes: base, answers: base, observations: base, exemplars: base };
      return { ...all, scopes, mute: [], requests: base, turns: base, merges: { touched: base } };
    }
    const old = { ...base, at: { $lt: before } };
    const { remove, mute } = await this.planByAge(base, before);
    const nodes = { _id: { $in: [...remove] } };
    const common = { scopes: NOTHING, nodes, mute, answers: old, observations: old };
    const ids = { $in: [...remove] };
    const more = { requests: old, turns: old, merges: { touched: old } };
    return { ...common, ...more, exemplars: { node: ids } };
  }

  /** What holds of every document that the filter names, but for its node and age. */
  private async baseOf({ project, namespace, scope }: PurgeFilter): Promise<Document> {
    const base: Document = {};
    if (project !== undefined) base['project'] = { $eq: project };
    if (scope !== undefined) base['scope'] = { $eq: scope };
    if (namespace === undefined) return base;
    const named = { ...(project === undefined ? {} : base), namespace: { $eq: namespace } };
    const own = scope === undefined ? {} : { _id: { $eq: scope } };
    const scopes = await this.find('scopes', { ...named, ...own });
    base['scope'] = { $in: scopes.map((document) => String(document['_id'])) };
    return base;
  }

  private async selectSubtree(
    node: string,
    { before }: PurgeFilter,
    base: Document,
  ): Promise<Selection> {
    const [found] = await this.find('nodes', { _id: { $eq: node }, ...base, ...LIVE });
    const scope = String(found?.['scope'] ?? '');
    const nodes = await this.readNodes(scope);
    const part = found === undefined ? new Set<string>() : subtreeOf(node, nodes);
    const ids = { $in: [...part] };
    const observations = await this.observationsOf(scope, nodes, part);
    const old = before === undefined ? {} : { at: { $lt: before } };
    const mine = { _id: { $in: observations }, ...old };
    const answers = { observation: { $in: observations }, ...old };
    const requests = { path: ids, ...old };
    const parts = { nodes: [...part], observations };
    const merges = { touched: { scope: { $eq: scope }, ...old }, parts };
    const turns = { node: ids, ...old };
    const common = { scopes: NOTHING, answers, observations: mine, requests, turns, merges };
    if (before === undefined)
      return { ...common, nodes: { _id: ids }, mute: [], exemplars: { node: ids } };
    const { remove, mute } = await this.planByAge({ scope: { $eq: scope } }, before);
    const gone = { $in: remove.filter((id) => part.has(id)) };
    const muted = mute.filter((id) => part.has(id));
    return { ...common, nodes: { _id: gone }, mute: muted, exemplars: { node: gone } };
  }

  /** Observations of the scope that are evidence for the nodes, or whose messages pass through them. */
  private async observationsOf(
    scope: string,
    nodes: readonly TreeNode[],
    part: ReadonlySet<string>,
  ): Promise<string[]> {
    if (part.size === 0) return [];
    const exemplars = await this.find('exemplars', { node: { $in: [...part] } });
    const ids = new Set(exemplars.map((document) => String(document['observation'])));
    const tree = partOfTree(nodes, part);
    const { contents } = this.database;
    const cursor = this.database.observations.find({ scope: { $eq: scope }, ...LIVE });
    await withDeadline('read observations', DEADLINES.scanMs, async (signal) => {
      for await (const document of cursor) {
        signal.throwIfAborted();
        const observation = parseObservation(contents.open('observations', document));
        const exchange = observation && readExchange(observation);
        if (exchange !== undefined && passesThrough(tree, exchange, part)) ids.add(document._id);
      }
    });
    return [...ids];
  }

  private async planByAge(base: Document, before: number) {
    const documents = await this.find('nodes', { ...base, ...LIVE });
    const ages = new Map(
      documents.map((document) => [String(document['_id']), Number(document['agreedAt'] ?? 0)]),
    );
    const plans = [...Map.groupBy(documents, (document) => String(document['scope']))].map(
      ([scope, nodes]) =>
        planDeletion(nodes.map(toStub), scope, ({ id }) => (ages.get(id) ?? 0) < before),
    );
    return {
      remove: plans.flatMap((plan) => plan.remove),
      mute: plans.flatMap((plan) => plan.mute),
    };
  }

  private async readNodes(scope: string): Promise<TreeNode[]> {
    const documents = await this.find('nodes', { scope: { $eq: scope }, ...LIVE });
    const { contents } = this.database;
    return documents.flatMap((document) => parseNode(contents.open('nodes', document)) ?? []);
  }

  private find(collection: string, filter: Document, limit = 0): Promise<Document[]> {
    return withDeadline(`read ${collection}`, DEADLINES.scanMs, (signal) =>
      this.database.db.collection(collection).find(filter, { limit, signal }).toArray(),
    );
  }

  private async remove(collection: string, filter: Document): Promise<void> {
    await withDeadline(`delete ${collection}`, DEADLINES.scanMs, () =>
      this.database.db.collection(collection).deleteMany(filter),
    );
  }

  private async write(collection: string, filter: Document, update: Document): Promise<void> {
    await withDeadline(`delete ${collection}`, DEADLINES.scanMs, () =>
      this.database.db.collection(collection).updateMany(filter, update),
    );
  }
}

type Countable = keyof PurgeCounts;

/** What a tombstone does not keep. */
const NODE_CONTENT = {
  ...{ template: '', variables: '', guards: '', answer: '', evidence: '', history: '' },
  ...{ pinned: '', reviseAt: '' },
};
const OBSERVATION_CONTENT = {
  ...{ messages: '', answer: '', bindings: '', parameters: '', proposal: '', inducer: '' },
};

export function toStub(document: Document): NodeStub {
  return {
    id: String(document['_id']),
    parent: String(document['parent']),
    isAnswer: document['answer'] != null,
    isPinned: document['pinned'] === true,
  };
}
