/** Trees as a whole, out of the database and into one. What is there already is never changed by an import. */
import type { AnyBulkWriteOperation, ClientSession, Document } from 'mongodb';
import { readExchange } from '../../core/induction/exchange.ts';
import type { Observation, Scope } from '../../core/observation.ts';
import type { Archive, ArchivedContents, ArchivedScope } from '../../core/tree/archive.ts';
import { contradictedNodes } from '../../core/tree/import-guard.ts';
import { ScopeTree } from '../../core/tree/scope-tree.ts';
import type { TreeNode } from '../../core/tree/node.ts';
import { templateText } from '../../core/template/template.ts';
import type { Database } from './connect.ts';
import { DEADLINES, withDeadline } from './deadline.ts';
import { inTransaction, keep } from './transaction.ts';
import {
  exemplarId,
  parseExactAnswer,
  parseExemplar,
  parseObservation,
  parseScope,
  SCHEMA_VERSION,
  toAnswerDocument,
  toObservationDocument,
  type OnSkipped,
} from './documents.ts';
import { parseNode } from './node-document.ts';
import { addNodes, type StoredNode } from './node-writes.ts';
import { hasTexts, isFields } from './untrusted.ts';
import { insertMissing } from './insert-missing.ts';
import type { ObservationStore } from './observation-store.ts';

/** `content`: the id is taken by another node. `contradicts`: an observation here says otherwise; quarantined. */
export interface ImportConflict {
  readonly node: string;
  readonly what: 'content' | 'state' | 'evidence' | 'contradicts';
}

export interface Imported {
  readonly scopes: number;
  /** New ones. */
  readonly nodes: number;
  readonly known: number;
  readonly observations: number;
  readonly conflicts: readonly ImportConflict[];
}

/** Each has what the one before it has. */
export type ArchiveParts = 'templates' | 'answers' | 'exemplars';

const LIVE = { deletedAt: { $exists: false } };
const CHUNK = 500;
/** Exchanges of a scope that what is imported is held against, the newest first. */
const REPLAYED_MAX = 2000;

export class ArchiveStore {
  private readonly database: Database;
  private readonly observations: ObservationStore;
  private readonly now: () => number;
  private readonly onSkipped: OnSkipped;

  constructor(
    database: Database,
    options: {
      readonly observations: ObservationStore;
      readonly now: () => number;
      readonly onSkipped: OnSkipped;
    },
  ) {
    this.database = database;
    this.observations = options.observations;
    this.now = options.now;
    this.onSkipped = options.onSkipped;
  }

  /** All trees of a project, or one tree, or all. Scopes that have nothing to show are left out. Errors: StoreError. */
  async read(
    {
      project,
      scope,
    }: { readonly project?: string | undefined; readonly scope?: string | undefined },
    include: ArchiveParts,
  ): Promise<Archive> {
    const filter: Document = {
      ...(project === undefined ? {} : { project: { $eq: project } }),
      ...(scope === undefined ? {} : { _id: { $eq: scope } }),
    };
    const scopes: ArchivedScope[] = [];
    for (const found of await this.readAll('scopes', filter, parseScope)) {
      const mine = { scope: { $eq: found.id } };
      const nodes = await this.readAll('nodes', mine, parseNode);
      const answers =
        include === 'templates' ? undefined : await this.readAll('answers', mine, parseExactAnswer);
      const contents = include === 'exemplars' ? await this.readContents(mine) : undefined;
      if (nodes.length === 0 && (answers ?? []).length === 0) continue;
      const vetoes = await this.readAll('vetoes', mine, parseVeto);
      scopes.push({ scope: found, nodes, vetoes, answers, contents });
    }
    return { scopes };
  }

  /** Adds what is not there yet; with `isDryRun` it only says what that would be. Errors: StoreError; repeat it then. */
  async write({ scopes }: Archive, isDryRun: boolean): Promise<Imported> {
    const all = { scopes: scopes.length, nodes: 0, known: 0, observations: 0 };
    const conflicts: ImportConflict[] = [];
    const { contents } = this.database;
    for (const archived of scopes) {
      const { fresh, known } = await this.sort(archived, conflicts);
      all.nodes += fresh.length;
      all.known += known;
      all.observations += archived.contents?.observations.length ?? 0;
      if (isDryRun) continue;
      await this.observations.scopes.save([archived.scope]);
      // First, so that no template gives for a moment what was taken back.
      await this.insert(
        'vetoes',
        archived.vetoes.map((key) => this.vetoOf(archived.scope, key)),
      );
      if (archived.contents !== undefined) await this.writeContents(archived, archived.contents);
      await this.insert(
        'answers',
        (archived.answers ?? []).map((answer) =>
          contents.seal('answers', answer.id, toAnswerDocument(answer)),
        ),
      );
      await this.addNodes(archived, fresh);
    }
    return { ...all, conflicts };
  }

  /** The new nodes as they will be, those that contradict what was observed here out of service. */
  private async sort(
    { scope, nodes }: ArchivedScope,
    conflicts: ImportConflict[],
  ): Promise<{ readonly fresh: readonly TreeNode[]; readonly known: number }> {
    const here = await this.readAll('nodes', { scope: { $eq: scope.id } }, parseNode);
    const byId = new Map(here.map((node) => [node.id, node]));
    const fresh = nodes.filter((node) => !byId.has(node.id));
    for (const node of nodes) {
      const what = differenceOf(node, byId.get(node.id));
      if (what !== undefined) conflicts.push({ node: node.id, what });
    }
    const tree = new ScopeTree();
    for (const node of [...here, ...fresh]) tree.put(node);
    const exchanges = (await this.newestObservations(scope.id)).flatMap(
      (observation) => readExchange(observation) ?? [],
    );
    const contradicted = contradictedNodes(tree, exchanges, new Set(fresh.map(({ id }) => id)));
    for (const node of contradicted) conflicts.push({ node, what: 'contradicts' });
    const guarded = fresh.map((node): TreeNode =>
      contradicted.has(node.id) && node.state !== 'retired'
        ? { ...node, state: 'quarantined' }
        : node,
    );
    return { fresh: guarded, known: nodes.length - fresh.length };
  }

  private async newestObservations(scope: string): Promise<readonly Observation[]> {
    const options = { sort: { at: -1, _id: -1 }, limit: REPLAYED_MAX } as const;
    return this.readAll('observations', { scope: { $eq: scope } }, parseObservation, options);
  }

  private async addNodes(
    { scope, contents }: ArchivedScope,
    nodes: readonly TreeNode[],
  ): Promise<void> {
    if (nodes.length === 0) return;
    const now = this.now();
    await inTransaction(this.database, 'import nodes', async (session) => {
      const source = { by: 'import' as const };
      // Later than any tombstone: whoever imports wants back what was deleted.
      const birth = { parent: scope.id, project: scope.project, observedAt: now + 1, now, source };
      await addNodes(this.database, session, { nodes, ...birth });
      await this.setAges(nodes, contents, session);
      await this.database.scopes.updateOne(
        { _id: { $eq: scope.id } },
        { $inc: { childrenVersion: 1 } },
        { session },
      );
      return keep(undefined);
    });
  }

  /** With its exemplars a template is as old as they are; without them nobody knows, and it counts as new. */
  private async setAges(
    nodes: readonly TreeNode[],
    contents: ArchivedContents | undefined,
    session: ClientSession,
  ): Promise<void> {
    if (contents === undefined) return;
    const at = new Map(
      contents.observations.map((observation) => [observation.id, observation.at]),
    );
    const ages = new Map<string, number>();
    for (const { node, observation, kind } of contents.exemplars) {
      if (kind !== 'example') continue;
      ages.set(node, Math.max(ages.get(node) ?? 0, at.get(observation) ?? 0));
    }
    const operations = nodes.flatMap(({ id, answer }): AnyBulkWriteOperation<StoredNode>[] => {
      const agreedAt = ages.get(id);
      if (answer === undefined || agreedAt === undefined) return [];
      return [{ updateOne: { filter: { _id: { $eq: id } }, update: { $set: { agreedAt } } } }];
    });
    if (operations.length > 0) await this.database.nodes.bulkWrite(operations, { session });
  }

  private vetoOf({ id: scope, project }: Scope, key: string) {
    return { _id: key, schemaVersion: SCHEMA_VERSION, project, scope, at: this.now() };
  }

  private async writeContents(
    { scope, answers }: ArchivedScope,
    contents: ArchivedContents,
  ): Promise<void> {
    const exactIds = new Map(answers?.map(({ thread, id }) => [thread, id]));
    const observations = contents.observations.map((observation) => {
      const { thread, answer, at } = observation;
      const id = exactIds.get(thread) ?? '';
      const own = { project: scope.project, scope: scope.id, thread, observation: observation.id };
      const document = toObservationDocument({
        observation,
        scope,
        exactAnswer: { id, ...own, answer, at },
      });
      const done = { state: 'done' as const, outcome: 'imported', at: this.now() };
      return this.database.contents.seal('observations', observation.id, {
        ...document,
        induction: done,
      });
    });
    const exemplars = contents.exemplars.map(({ node, observation, kind }) => ({
      ...{ _id: exemplarId(node, observation), schemaVersion: SCHEMA_VERSION },
      ...{ project: scope.project, scope: scope.id, node, observation, kind, at: this.now() },
    }));
    await this.insert('observations', observations);
    await this.insert('exemplars', exemplars);
  }

  /** In place of tombstones, too, but not of what feedback took back. */
  private async insert(
    collection: 'observations' | 'answers' | 'exemplars' | 'vetoes',
    documents: readonly { readonly _id: string }[],
  ): Promise<void> {
    const target = this.database.db.collection<{ _id: string; deletedAt?: number }>(collection);
    for (let from = 0; from < documents.length; from += CHUNK) {
      const chunk = documents.slice(from, from + CHUNK);
      const ids = chunk.map(({ _id }) => _id);
      await withDeadline(`import ${collection}`, DEADLINES.scanMs, async () => {
        const dead = { deletedAt: { $exists: true }, retracted: { $exists: false } };
        await target.deleteMany({ _id: { $in: ids }, ...dead });
        await insertMissing(target, chunk);
      });
    }
  }

  private async readContents(filter: Document): Promise<ArchivedContents> {
    return {
      observations: await this.readAll('observations', filter, parseObservation),
      exemplars: await this.readAll('exemplars', filter, parseExemplar),
    };
  }

  private async readAll<T>(
    collection: string,
    filter: Document,
    parse: (json: unknown) => T | undefined,
    options: { readonly sort?: Record<string, 1 | -1>; readonly limit?: number } = {},
  ): Promise<T[]> {
    const documents = await withDeadline(`read ${collection}`, DEADLINES.scanMs, (signal) =>
      this.database.db
        .collection(collection)
        .find({ ...filter, ...LIVE }, { ...options, signal })
        .toArray(),
    );
    return documents.flatMap((document) => {
      const parsed = parse(this.database.contents.open(collection, document));
      if (parsed === undefined) this.onSkipped(collection, String(document['_id']));
      return parsed ?? [];
    });
  }
}

function parseVeto(json: unknown): string | undefined {
  return isFields(json) && hasTexts(json, '_id') ? json._id : undefined;
}

/** How a node differs from the one of the same id that is here already; what is here stays. */
function differenceOf(
  node: TreeNode,
  here: TreeNode | undefined,
): ImportConflict['what'] | undefined {
  if (here === undefined) return undefined;
  const content = ({ parent, template, variables, guards, answer }: TreeNode): string =>
    JSON.stringify([parent, templateText(template), variables, guards, answer !== undefined]);
  if (content(node) !== content(here)) return 'content';
  if (node.state !== here.state) return 'state';
  const counts = ({ evidence }: TreeNode): string =>
    JSON.stringify([evidence.confirmations, evidence.contradictions, evidence.required]);
  return counts(node) === counts(here) ? undefined : 'evidence';
}
