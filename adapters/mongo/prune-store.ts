/**
 * Keeps the database small: what is too old, too many, left over or of no use any more. Pinned templates stay. Each step
 * may be repeated, and one that fails half-way is finished by the next run.
 */
import type { Document } from 'mongodb';
import type { PruneCounts } from '../../core/prune-report.ts';
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

/** Ids, by what they are of; `mute`: answers that stay as messages on the way. */
interface PrunePlan {
  readonly nodes: readonly string[];
  readonly mute: readonly string[];
  readonly answers: readonly string[];
  readonly observations: readonly string[];
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

  /** What pruning the project now would remove. Errors: StoreError. */
  async count(project: string): Promise<PruneCounts> {
    const limits = await this.limitsOf(project);
    const { answerTtlDays: days } = limits;
    const plan = await this.plan(project, limits, days === 0 ? 0 : this.now() - days * DAY_MS);
    return countsOf(plan, await this.countTombstones(project, limits.leftoverDays));
  }

  /** Errors: StoreError. */
  async prune(project: string): Promise<PruneCounts> {
    const limits = await this.limitsOf(project);
    const aged = await this.removeAged(project, limits.answerTtlDays);
    const plan = await this.plan(project, limits, 0);
    for (const ids of chunksOf(plan.nodes)) {
      await this.deletions.removeNodes({ _id: { $in: ids } });
      await this.removeEvidence(ids);
    }
    await this.deletions.removeNodes({ _id: { $in: [] } }, plan.mute);
    for (const ids of chunksOf(plan.answers)) {
      await this.deletions.removeAnswers({ _id: { $in: ids } });
    }
    for (const ids of chunksOf(plan.observations)) {
      await this.deletions.removeObservations({ _id: { $in: ids } });
    }
    const counts = countsOf(plan, await this.removeTombstones(project, limits.leftoverDays));
    return {
      nodes: aged.nodes + counts.nodes,
      answers: aged.answers + counts.answers,
      observations: aged.observations + counts.observations,
      tombstones: counts.tombstones,
    };
  }

  /** What goes; whatever is older than `before` (0: nothing) is taken to go with its age. */
  private async plan(project: string, limits: PruneLimits, before: number): Promise<PrunePlan> {
    const { remove, mute } = await this.planNodes(project, limits, before);
    const answers = await this.unusedAnswers(project, limits.answersMax, before);
    const gone = { nodes: new Set(remove), answers: new Set(answers) };
    const most = limits.observationsMax;
    const observations = await this.unneeded(project, { most, before, gone });
    return { nodes: remove, mute, answers, observations };
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
  private async planNodes(project: string, limits: PruneLimits, before: number) {
    const documents = await this.find('nodes', project, {
      ...{ scope: 1, parent: 1, state: 1, answer: 1, pinned: 1, agreedAt: 1 },
      history: { $slice: -1 },
    });
    const leftoverBefore = this.now() - limits.leftoverDays * DAY_MS;
    const isAged = ({ answer, agreedAt }: Document): boolean =>
      answer != null && Number(agreedAt ?? 0) < before;
    const serving = documents.filter(
      ({ state, answer }) => answer != null && (state === 'serving' || state === 'probation'),
    );
    const young = serving.filter((document) => !isAged(document));
    const doomed = new Set(await this.leastUsed(project, young, limits.templatesMax, 'agreedAt'));
    for (const document of documents) {
      if (isAged(document) || isLeftover(document, leftoverBefore))
        doomed.add(String(document['_id']));
    }
    const plans = [...Map.groupBy(documents, ({ scope }) => String(scope))].map(([scope, nodes]) =>
      planDeletion(nodes.map(toStub), scope, ({ id }) => doomed.has(id)),
    );
    const mute = plans.flatMap((plan) => plan.mute);
    return {
      remove: plans.flatMap((plan) => plan.remove),
      // What is quarantined is no message on the way: it waits until nothing lies below it.
      mute: mute.filter((id) => serving.some(({ _id }) => _id === id)),
    };
  }

  private async removeEvidence(nodes: readonly string[]): Promise<void> {
    await withDeadline('delete exemplars', DEADLINES.scanMs, () =>
      this.database.exemplars.deleteMany({ node: { $in: [...nodes] } }),
    );
  }

  private async unusedAnswers(project: string, most: number, before: number): Promise<string[]> {
    const answers = await this.find('answers', project, { at: 1 });
    const aged = answers.filter(({ at }) => Number(at) < before);
    const young = answers.filter(({ at }) => Number(at) >= before);
    const unused = await this.leastUsed(project, young, most, 'at');
    return [...aged.map(({ _id }) => String(_id)), ...unused];
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

  /** Observations that are too old, or too many and evidence for nothing that stays: the oldest first. */
  private async unneeded(
    project: string,
    {
      most,
      before,
      gone,
    }: {
      readonly most: number;
      readonly before: number;
      readonly gone: Readonly<Record<'nodes' | 'answers', ReadonlySet<string>>>;
    },
  ): Promise<string[]> {
    const observations = await this.find('observations', project, { at: 1 });
    const young = observations.filter(({ at }) => Number(at) >= before);
    const aged = observations.filter(({ at }) => Number(at) < before);
    const ids = aged.map(({ _id }) => String(_id));
    if (most === 0 || young.length <= most) return ids;
    const needed = new Set<unknown>();
    for (const { node, observation } of await this.find('exemplars', project, {
      ...{ node: 1, observation: 1 },
    }))
      if (!gone.nodes.has(String(node))) needed.add(observation);
    for (const { _id, observation } of await this.find('answers', project, { observation: 1 }))
      if (!gone.answers.has(String(_id))) needed.add(observation);
    const spare = young
      .filter(({ _id }) => !needed.has(_id))
      .sort((a, b) => Number(a['at']) - Number(b['at']))
      .slice(0, young.length - most)
      .map(({ _id }) => String(_id));
    return [...ids, ...spare];
  }

  private async countTombstones(project: string, days: number): Promise<number> {
    const old = this.oldTombstones(project, days);
    const counts = await withDeadline('count tombstones', DEADLINES.scanMs, () =>
      Promise.all([
        this.database.nodes.countDocuments(old),
        this.database.answers.countDocuments(old),
        this.database.observations.countDocuments({ ...old, retracted: { $exists: false } }),
      ]),
    );
    return counts.reduce((sum, count) => sum + count, 0);
  }

  private oldTombstones(project: string, days: number) {
    return { project: { $eq: project }, deletedAt: { $lt: this.now() - days * DAY_MS } };
  }

  /** No run lasts so long, and no spool waits so long, that what was deleted could still come back. */
  private async removeTombstones(project: string, days: number): Promise<number> {
    const old = this.oldTombstones(project, days);
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

function countsOf({ nodes, mute, ...plan }: PrunePlan, tombstones: number): PruneCounts {
  const { answers, observations } = plan;
  return {
    nodes: nodes.length + mute.length,
    answers: answers.length,
    observations: observations.length,
    tombstones,
  };
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
