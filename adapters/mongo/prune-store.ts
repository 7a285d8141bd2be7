/**
 * Keeps the database small: what is too old, too many, left over or of no use any more. Pinned templates stay. Each step
 * may be repeated, and one that fails half-way is finished by the next run.
 */
import type { Document } from 'mongodb';
import { planDeletion } from '../../core/tree/deletion.ts';
import type { Database } from './connect.ts';
import { DEADLINES, withDeadline } from './deadline.ts';
import { toStub, type DeletionStore } from './deletion-store.ts';
import { parseProject } from './documents.ts';

/** Of one project; 0 stands for no limit. */
export interface PruneLimits {
  /** Answers and templates that nobody confirmed for so long. */
  readonly answerTtlDays: number;
  /** The least recently used beyond these go. */
  readonly answersMax: number;
  readonly templatesMax: number;
  /** Observations that neither a template nor an exact answer needs. */
  readonly observationsMax: number;
  /** How long quarantined and retired templates and tombstones are kept. */
  readonly leftoverDays: number;
}

export interface PruneCounts {
  readonly nodes: number;
  readonly answers: number;
  readonly observations: number;
  readonly tombstones: number;
}

const DAY_MS = 86_400_000;
const LIVE = { deletedAt: { $exists: false } };
const CHUNK = 5000;
/** Settings of a project that differ from the server's. */
const SETTINGS = {
  answerTtlDays: 'answer_ttl_days',
  answersMax: 'answers_max',
  templatesMax: 'templates_max',
  observationsMax: 'observations_max',
  leftoverDays: 'leftover_days',
} as const satisfies Record<keyof PruneLimits, string>;

export class PruneStore {
  private readonly database: Database;
  private readonly deletions: DeletionStore;
  private readonly limits: PruneLimits;
  private readonly now: () => number;

  constructor(
    database: Database,
    options: {
      readonly deletions: DeletionStore;
      readonly limits: PruneLimits;
      readonly now: () => number;
    },
  ) {
    this.database = database;
    this.deletions = options.deletions;
    this.limits = options.limits;
    this.now = options.now;
  }

  /** Every project that has anything. Errors: StoreError. */
  async projects(): Promise<readonly string[]> {
    const found = await withDeadline('read projects', DEADLINES.scanMs, () =>
      this.database.observations.distinct('project'),
    );
    return found.sort();
  }

  /** Errors: StoreError. */
  async prune(project: string): Promise<PruneCounts> {
    const limits = await this.limitsOf(project);
    const aged = await this.removeAged(project, limits.answerTtlDays);
    const nodes = await this.removeNodes(project, limits);
    const answers = await this.removeUnused(project, limits.answersMax);
    const observations = await this.removeUnneeded(project, limits.observationsMax);
    const tombstones = await this.removeTombstones(project, limits.leftoverDays);
    return {
      nodes: aged.nodes + nodes,
      answers: aged.answers + answers,
      observations: aged.observations + observations,
      tombstones,
    };
  }

  private async limitsOf(project: string): Promise<PruneLimits> {
    const document = await withDeadline('read project', DEADLINES.readMs, (signal) =>
      this.database.projects.findOne({ _id: { $eq: project } }, { signal }),
    );
    const settings = new Map(parseProject(document)?.settings);
    const own = Object.entries(SETTINGS).flatMap(([name, setting]) => {
      const value = settings.get(setting);
      // What is no number limits nothing by itself: the server's limit holds.
      return value !== undefined && /^\d{1,9}$/.test(value) ? [[name, Number(value)]] : [];
    });
    return { ...this.limits, ...(Object.fromEntries(own) as Partial<PruneLimits>) };
  }

  private async removeAged(project: string, days: number) {
    if (days === 0) return { nodes: 0, answers: 0, observations: 0 };
    return this.deletions.purge({ project, before: this.now() - days * DAY_MS });
  }

  /** Leftovers, the least recently used templates, branches without answers, and nodes of dead parents. */
  private async removeNodes(project: string, limits: PruneLimits): Promise<number> {
    const documents = await this.find('nodes', project, {
      ...{ scope: 1, parent: 1, state: 1, answer: 1, pinned: 1, agreedAt: 1 },
      history: { $slice: -1 },
    });
    const leftoverBefore = this.now() - limits.leftoverDays * DAY_MS;
    const serving = documents.filter(
      ({ state, answer }) => answer != null && (state === 'serving' || state === 'probation'),
    );
    const doomed = new Set(await this.leastUsed(project, serving, limits.templatesMax, 'agreedAt'));
    for (const document of documents) {
      if (isLeftover(document, leftoverBefore)) doomed.add(String(document['_id']));
    }
    const plans = [...Map.groupBy(documents, ({ scope }) => String(scope))].map(([scope, nodes]) =>
      planDeletion(nodes.map(toStub), scope, ({ id }) => doomed.has(id)),
    );
    const remove = plans.flatMap((plan) => plan.remove);
    const mute = plans.flatMap((plan) => plan.mute);
    for (const ids of chunksOf(remove)) {
      await this.deletions.removeNodes({ _id: { $in: ids } });
    }
    // What is quarantined is no message on the way: it waits until nothing lies below it.
    const muted = mute.filter((id) => serving.some(({ _id }) => _id === id));
    await this.deletions.removeNodes({ _id: { $in: [] } }, muted);
    return remove.length + muted.length;
  }

  private async removeUnused(project: string, most: number): Promise<number> {
    const answers = await this.find('answers', project, { at: 1 });
    const ids = await this.leastUsed(project, answers, most, 'at');
    for (const chunk of chunksOf(ids)) {
      await this.deletions.removeAnswers({ _id: { $in: chunk } });
    }
    return ids.length;
  }

  /** Ids of those beyond `most`, by when they were used last, or made where they never were. */
  private async leastUsed(
    project: string,
    documents: readonly Document[],
    most: number,
    made: 'at' | 'agreedAt',
  ): Promise<string[]> {
    if (most === 0 || documents.length <= most) return [];
    const uses = await withDeadline('read uses', DEADLINES.scanMs, (signal) =>
      this.database.uses.find({ project: { $eq: project } }, { signal }).toArray(),
    );
    const usedAt = new Map(uses.map(({ _id, at }) => [_id, at]));
    const ages = documents
      .filter((document) => document['pinned'] !== true)
      .map((document) => {
        const id = String(document['_id']);
        return { id, at: Math.max(usedAt.get(id) ?? 0, Number(document[made] ?? 0)) };
      });
    ages.sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
    return ages.slice(0, documents.length - most).map(({ id }) => id);
  }

  private async removeUnneeded(project: string, most: number): Promise<number> {
    const observations = await this.find('observations', project, { at: 1 });
    if (most === 0 || observations.length <= most) return 0;
    const needed = new Set<unknown>();
    for (const collection of ['exemplars', 'answers'] as const) {
      for (const { observation } of await this.find(collection, project, { observation: 1 }))
        needed.add(observation);
    }
    const spare = observations
      .filter(({ _id }) => !needed.has(_id))
      .sort((a, b) => Number(a['at']) - Number(b['at']))
      .slice(0, observations.length - most)
      .map(({ _id }) => String(_id));
    for (const chunk of chunksOf(spare)) {
      await this.deletions.removeObservations({ _id: { $in: chunk } });
    }
    return spare.length;
  }

  /** No run lasts so long, and no spool waits so long, that what was deleted could still come back. */
  private async removeTombstones(project: string, days: number): Promise<number> {
    const old = { project: { $eq: project }, deletedAt: { $lt: this.now() - days * DAY_MS } };
    const [nodes, answers, observations] = await withDeadline(
      'delete tombstones',
      DEADLINES.scanMs,
      () =>
        Promise.all([
          this.database.nodes.deleteMany(old),
          this.database.answers.deleteMany(old),
          this.database.observations.deleteMany({ ...old, retracted: { $exists: false } }),
        ]),
    );
    return nodes.deletedCount + answers.deletedCount + observations.deletedCount;
  }

  private find(collection: string, project: string, projection: Document): Promise<Document[]> {
    return withDeadline(`read ${collection}`, DEADLINES.scanMs, (signal) =>
      this.database.db
        .collection(collection)
        .find({ project: { $eq: project }, ...LIVE }, { projection, signal })
        .toArray(),
    );
  }
}

function isLeftover({ state, history }: Document, before: number): boolean {
  if (state !== 'quarantined' && state !== 'retired') return false;
  const last = Array.isArray(history)
    ? (history.at(-1) as { at?: unknown } | undefined)
    : undefined;
  return typeof last?.at === 'number' && last.at < before;
}

function chunksOf(ids: readonly string[]): string[][] {
  const chunks: string[][] = [];
  for (let from = 0; from < ids.length; from += CHUNK) chunks.push(ids.slice(from, from + CHUNK));
  return chunks;
}
