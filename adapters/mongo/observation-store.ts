/**
 * Observations, and what follows from them: scopes and exact answers. Every write is idempotent, since a
 * write that seemed to fail may have happened, and the spool and the workflows repeat themselves.
 */
import type { Document } from 'mongodb';
import type { ExactAnswer, Observation, ObservationRef } from '../../core/observation.ts';
import type { Database } from './connect.ts';
import type { Sealed } from './contents.ts';
import { DEADLINES, withDeadline } from './deadline.ts';
import {
  parseExactAnswer,
  parseObservation,
  parseRecording,
  toAnswerDocument,
  toObservationDocument,
  type AnswerDocument,
  type ObservationDocument,
  type OnSkipped,
  type Recording,
} from './documents.ts';
import { insertMissing } from './insert-missing.ts';
import { EXACT_ONLY, isUnexplained } from './outcomes.ts';
import { fieldName, proposalField, proposalPlace } from './proposal-fields.ts';
import { ScopeStore, type KnownScope } from './scope-store.ts';
import { StoreError } from './store-error.ts';
import { isFields } from './untrusted.ts';

export interface WaitingObservation extends ObservationRef {
  readonly at: number;
  /** Whether it is to be learned from. */
  readonly induce: boolean;
}

/** What was recorded, and the JSON texts that the steps of its run have proposed so far, by step. */
export interface InductionRecord {
  readonly recording: Recording;
  readonly proposals: ReadonlyMap<string, string>;
}

/** What one question to a model used. */
export type ModelUsage = Readonly<Record<(typeof USAGE_FIELDS)[number], number>>;
const USAGE_FIELDS = ['calls', 'inputTokens', 'cachedTokens', 'outputTokens', 'microUsd'] as const;

export type StoredObservation = Sealed<'observations', ObservationDocument>;

export class ObservationStore {
  readonly scopes: ScopeStore;
  private readonly database: Database;
  private readonly now: () => number;
  private readonly onSkipped: OnSkipped;

  constructor(
    database: Database,
    options: { readonly now: () => number; readonly onSkipped: OnSkipped },
  ) {
    this.scopes = new ScopeStore(database, options.onSkipped);
    this.database = database;
    this.now = options.now;
    this.onSkipped = options.onSkipped;
  }

  /** Inserts the observation, alone: when this resolves it survives a crash of the server. */
  async record(recording: Recording, deadlineMs: number = DEADLINES.writeMs): Promise<void> {
    const [rejected] = await this.recordMany([recording], deadlineMs);
    if (rejected === undefined) return;
    throw new StoreError('store_rejected', `record observation: ${rejected} was refused`);
  }

  /**
   * Inserts many at the price of one. Resolves with the ids that the server refuses for good, when all
   * others are stored. Errors: StoreError when some may not be stored; do it all again.
   */
  async recordMany(
    recordings: readonly Recording[],
    deadlineMs: number = DEADLINES.writeMs,
  ): Promise<readonly string[]> {
    const { contents } = this.database;
    const documents = recordings.map((each) =>
      contents.seal('observations', each.observation.id, toObservationDocument(each)),
    );
    return withDeadline('record observations', deadlineMs, () =>
      insertMissing(this.database.observations, documents, (known) => this.revive(known)),
    );
  }

  /** A recording as it lies in the spool, which is as it lies in MongoDB. */
  sealed(recording: Recording): StoredObservation {
    const { id } = recording.observation;
    return this.database.contents.sealAside('observations', id, toObservationDocument(recording));
  }

  /**
   * Inverse of `sealed`, of anything; also of what a spool has kept since before there was a key. `locked`: sealed with a
   * key that is not ours. Undefined for what is no recording.
   */
  unsealed(json: unknown): Recording | 'locked' | undefined {
    const { contents } = this.database;
    const recording = parseRecording(contents.open('observations', json)) ?? parseRecording(json);
    return recording ?? (contents.isLocked('observations', json) ? 'locked' : undefined);
  }

  /** The same exchange again, after it was deleted: it may be learned from again, but not what feedback took back. */
  private async revive(documents: readonly StoredObservation[]): Promise<void> {
    for (const document of documents) {
      const { _id, ...fields } = document;
      await this.database.observations.updateOne(
        { _id: { $eq: _id }, deletedAt: { $lt: document.at }, retracted: { $exists: false } },
        { $set: fields, $unset: { deletedAt: '' } },
      );
    }
  }

  /**
   * Those of the recordings whose scopes were not deleted as a whole after they were made; the others, which waited
   * in a spool meanwhile, become tombstones.
   */
  private async dropPurged(
    recordings: readonly Recording[],
    scopes: ReadonlyMap<string, KnownScope>,
  ): Promise<readonly Recording[]> {
    const isLate = ({ scope, observation }: Recording): boolean =>
      observation.at > (scopes.get(scope.id)?.purgedAt ?? -1);
    for (const { observation } of recordings.filter((recording) => !isLate(recording))) {
      await withDeadline('delete observation', DEADLINES.writeMs, () =>
        this.database.observations.updateOne(
          { _id: { $eq: observation.id }, ...LIVE },
          {
            $set: { deletedAt: this.now(), induction: { state: 'done' } },
            $unset: { messages: '', answer: '', bindings: '', parameters: '' },
          },
        ),
      );
    }
    return recordings.filter(isLate);
  }

  /** The first complete answer of a thread stays; one with `replace` takes the place of an older one. */
  async saveExactAnswers(
    entries: readonly { readonly exactAnswer: ExactAnswer; readonly replace?: boolean }[],
  ): Promise<void> {
    const documents = entries.map(({ exactAnswer }) =>
      this.database.contents.seal('answers', exactAnswer.id, toAnswerDocument(exactAnswer)),
    );
    const refreshed = documents.filter((_, index) => entries[index]?.replace === true);
    await withDeadline('save exact answers', DEADLINES.writeMs, async () => {
      await insertMissing(this.database.answers, documents, (known) => this.replaceRemoved(known));
      if (refreshed.length === 0) return;
      await this.database.answers.bulkWrite(
        refreshed.map(({ _id, ...fields }) => ({
          // Only over an older one: a repeated refresh must not undo a later refresh.
          updateOne: {
            filter: { _id: { $eq: _id }, at: { $lt: fields.at } },
            update: { $set: fields },
          },
        })),
        { ordered: true },
      );
    });
  }

  /** Where an answer was taken back, one that was complete later takes its place; an older one never does. */
  private async replaceRemoved(
    documents: readonly Sealed<'answers', AnswerDocument>[],
  ): Promise<void> {
    const { answers } = this.database;
    const ids = documents.map((document) => document._id);
    const removed = await answers
      .find({ _id: { $in: ids }, deletedAt: { $exists: true } }, { projection: { _id: 1 } })
      .toArray();
    const gone = new Set(removed.map((document) => document._id));
    for (const { _id, ...fields } of documents) {
      if (!gone.has(_id)) continue;
      await answers.updateOne(
        { _id: { $eq: _id }, deletedAt: { $lt: fields.at } },
        { $set: fields, $unset: { deletedAt: '' } },
      );
    }
  }

  /** Takes an observation back: it is evidence for nothing any more, and no run commits what it learned from it. */
  async retract(id: string): Promise<void> {
    await withDeadline('retract observation', DEADLINES.writeMs, () =>
      this.database.observations.updateOne(
        { _id: { $eq: id }, ...LIVE },
        { $set: { deletedAt: this.now(), retracted: true } },
      ),
    );
  }

  /**
   * Writes what follows from stored observations: scopes, exact answers, and the end of those of which the client wants
   * no more. Idempotent. Shape: those that are to be learned from.
   */
  async followUp(stored: readonly Recording[]): Promise<readonly Observation[]> {
    if (stored.length === 0) return [];
    const known = await this.scopes.find(stored.map(({ scope }) => scope.id));
    const recordings = await this.dropPurged(stored, known);
    if (recordings.length === 0) return [];
    const scopes = recordings.map(({ scope }) => scope);
    await this.scopes.add(scopes, known);
    await this.saveExactAnswers(recordings);
    const observations = recordings.map((recording) => recording.observation);
    const exactOnly = observations.filter(({ induce }) => !induce).map(({ id }) => id);
    if (exactOnly.length > 0) await this.finishMany(exactOnly, EXACT_ONLY);
    return observations.filter(({ induce }) => induce);
  }

  /**
   * The same, where the proxy died before it did it, for observations that nothing is learned from. Those that cannot be
   * read any more end as well.
   */
  async finishExactOnly(ids: readonly string[]): Promise<void> {
    const documents = await this.find({ _id: { $in: [...ids] } });
    const recordings = this.parseAll('observations', documents, parseRecording);
    await this.followUp(recordings);
    const readable = new Set(recordings.map(({ observation }) => observation.id));
    const unreadable = ids.filter((id) => !readable.has(id));
    if (unreadable.length > 0) await this.finishMany(unreadable, 'unreadable');
  }

  /**
   * Writes what follows from an observation, where the proxy died before it did (DESIGN §11.18). Shape: what was
   * recorded; undefined where it is gone.
   */
  async repair(id: string): Promise<Recording | undefined> {
    const recording = await this.readRecording(id);
    if (recording === undefined) return undefined;
    await this.scopes.save([recording.scope]);
    const known = await this.readExactAnswer(recording.exactAnswer.id);
    if (known === undefined || recording.replace === true) await this.saveExactAnswers([recording]);
    return recording;
  }

  /** The observation, or undefined when there is none, it was deleted, or it does not parse. */
  async read(id: string): Promise<Observation | undefined> {
    const documents = await this.find({ _id: { $eq: id } });
    return this.parseAll('observations', documents, parseObservation)[0];
  }

  /** By id; those that are gone are not in it. */
  async readMany(ids: readonly string[]): Promise<ReadonlyMap<string, Observation>> {
    const documents = await this.find({ _id: { $in: [...ids] } });
    const observations = this.parseAll('observations', documents, parseObservation);
    return new Map(observations.map((observation) => [observation.id, observation]));
  }

  async readRecording(id: string): Promise<Recording | undefined> {
    return this.parseAll('observations', await this.find({ _id: { $eq: id } }), parseRecording)[0];
  }

  async readExactAnswer(id: string): Promise<ExactAnswer | undefined> {
    const document = await withDeadline('read exact answer', DEADLINES.readMs, (signal) =>
      this.database.answers.findOne({ _id: { $eq: id } }, { signal }),
    );
    return document === null
      ? undefined
      : this.parseAll('answers', [document], parseExactAnswer)[0];
  }

  /** The newest observations with the same skeletons: what a new template of that shape must not break. */
  async byShape(scope: string, shape: string, limit: number): Promise<readonly Observation[]> {
    const filter = { scope: { $eq: scope }, shape: { $eq: shape } };
    const documents = await this.find(filter, { sort: { at: -1, _id: -1 }, limit });
    return this.parseAll('observations', documents, parseObservation);
  }

  /** The newest observations of a scope: what a merge learns from. */
  async byScope(scope: string, limit: number): Promise<readonly Observation[]> {
    const documents = await withDeadline('read observations', DEADLINES.scanMs, (signal) =>
      this.database.db
        .collection('observations')
        .find({ scope: { $eq: scope }, ...LIVE }, { sort: { at: -1, _id: -1 }, limit, signal })
        .toArray(),
    );
    return this.parseAll('observations', documents, parseObservation);
  }

  /** The newest exact answers of a shape, whose runs ended after `after`, that nothing explains yet. */
  async unexplained(
    among: { readonly scope: string; readonly shape: string; readonly after: number },
    limit: number,
  ): Promise<readonly Observation[]> {
    const { scope, shape, after } = among;
    const filter = { ...unexplainedIn(scope, after), shape: { $eq: shape } };
    const documents = await this.find(filter, { sort: { at: -1, _id: -1 }, limit });
    return this.parseAll('observations', documents, parseObservation);
  }

  async countUnexplained(scope: string, after: number): Promise<number> {
    return withDeadline('count observations', DEADLINES.scanMs, (signal) =>
      this.database.observations.countDocuments(unexplainedIn(scope, after), { signal }),
    );
  }

  /** Scopes with at least `threshold` exact answers that nothing explains yet, those with the most first. */
  async scopesWithUnexplained(
    threshold: number,
    limit: number,
  ): Promise<readonly { readonly project: string; readonly scope: string }[]> {
    const documents = await withDeadline('find scopes', DEADLINES.scanMs, (signal) =>
      this.database.observations
        .aggregate(
          [
            { $match: { 'induction.unexplained': true, ...LIVE } },
            { $group: { _id: { project: '$project', scope: '$scope' }, count: { $sum: 1 } } },
            { $match: { count: { $gte: threshold } } },
            { $sort: { count: -1 } },
            { $limit: limit },
          ],
          { signal },
        )
        .toArray(),
    );
    return documents.map((document) => {
      const { project, scope } = document['_id'] as Document;
      return { project: String(project), scope: String(scope) };
    });
  }

  /**
   * Observations recorded before `before` that no run has finished, oldest first. Those whose runs are
   * under way are among them, so a page may be full of them: `after` is the last of the page before.
   */
  async waiting(page: {
    readonly limit: number;
    readonly before: number;
    readonly after?: WaitingObservation | undefined;
  }): Promise<readonly WaitingObservation[]> {
    const { limit, before, after } = page;
    const rest = after === undefined ? {} : afterInOrder(after);
    const documents = await this.find(
      { 'induction.state': { $eq: 'waiting' }, at: { $lt: before }, ...rest },
      { sort: { at: 1, _id: 1 }, limit, projection: { project: 1, scope: 1, at: 1, induce: 1 } },
    );
    return documents.map((document) => ({
      observation: String(document['_id']),
      project: String(document['project']),
      scope: String(document['scope']),
      at: Number(document['at']),
      induce: document['induce'] !== false,
    }));
  }

  /** Keeps what a step proposed with the observation, so that payloads of workflows carry ids only. */
  async saveProposal(id: string, step: string, json: string): Promise<'saved' | 'gone'> {
    const sealed = this.database.contents.sealValue(proposalPlace(id, step), json);
    const result = await withDeadline('save proposal', DEADLINES.writeMs, () =>
      this.database.observations.updateOne(
        { _id: { $eq: id }, ...LIVE },
        { $set: { [proposalField(step)]: sealed } },
      ),
    );
    return result.matchedCount === 1 ? 'saved' : 'gone';
  }

  /** Everything that a step needs, in one read; undefined when the observation is gone. */
  async readForInduction(id: string): Promise<InductionRecord | undefined> {
    const documents = await this.find({ _id: { $eq: id } });
    const [recording] = this.parseAll('observations', documents, parseRecording);
    const proposal: unknown = documents[0]?.['proposal'];
    if (recording === undefined) return undefined;
    const entries = isFields(proposal) ? Object.entries(proposal) : [];
    const texts = entries.flatMap(([step, sealed]) => {
      const json = this.database.contents.openValue(proposalPlace(id, step), sealed);
      return typeof json === 'string' ? [[step, json] as const] : [];
    });
    return { recording, proposals: new Map(texts) };
  }

  /** How far learning from it is; undefined when it is gone. */
  async readInduction(
    id: string,
  ): Promise<
    { readonly state: 'waiting' | 'done'; readonly outcome: string | undefined } | undefined
  > {
    const [document] = await this.find({ _id: { $eq: id } }, { projection: { induction: 1 } });
    const induction: unknown = document?.['induction'];
    if (!isFields(induction)) return undefined;
    const { state, outcome } = induction;
    return {
      state: state === 'done' ? 'done' : 'waiting',
      outcome: typeof outcome === 'string' ? outcome : undefined,
    };
  }

  /** Gives back when. */
  async finish(id: string, outcome: string): Promise<number> {
    return this.finishMany([id], outcome);
  }

  /** Adds to what the run's model calls have used; `refusal` is why one gave nothing: a code of ours. */
  async addModelUsage(id: string, usage: ModelUsage, refusal: string | undefined): Promise<void> {
    const counts: Record<string, number> = {};
    for (const name of USAGE_FIELDS) counts[`inducer.${name}`] = usage[name];
    if (refusal !== undefined) counts[`inducer.refused.${fieldName(refusal)}`] = 1;
    await withDeadline('add model usage', DEADLINES.writeMs, () =>
      this.database.observations.updateOne({ _id: { $eq: id }, ...LIVE }, { $inc: counts }),
    );
  }

  /** Ends the induction of observations and drops what their runs proposed. Gives back when. */
  async finishMany(ids: readonly string[], outcome: string): Promise<number> {
    const unexplained = isUnexplained(outcome) ? { unexplained: true as const } : {};
    const at = this.now();
    const induction = { state: 'done' as const, outcome, at, ...unexplained };
    await withDeadline('finish induction', DEADLINES.writeMs, () =>
      this.database.observations.updateMany(
        { _id: { $in: [...ids] } },
        { $set: { induction }, $unset: { proposal: '' } },
      ),
    );
    return at;
  }

  /** Puts a finished observation back: its template was retired, so it must be learned from again. */
  async reopen(ids: readonly string[]): Promise<void> {
    await withDeadline('reopen induction', DEADLINES.writeMs, () =>
      this.database.observations.updateMany(
        { _id: { $in: [...ids] }, ...LIVE },
        { $set: { induction: { state: 'waiting' } } },
      ),
    );
  }

  private find(
    filter: Document,
    options: { sort?: Record<string, 1 | -1>; limit?: number; projection?: Document } = {},
  ): Promise<Document[]> {
    return withDeadline('read observations', DEADLINES.readMs, (signal) =>
      this.database.db
        .collection('observations')
        .find({ ...filter, ...LIVE }, { ...options, signal })
        .toArray(),
    );
  }

  private parseAll<T>(
    collection: string,
    documents: readonly Document[],
    parse: (json: unknown) => T | undefined,
  ): T[] {
    return documents.flatMap((document) => {
      const parsed = parse(this.database.contents.open(collection, document));
      if (parsed === undefined) this.onSkipped(collection, String(document['_id']));
      return parsed === undefined ? [] : [parsed];
    });
  }
}

/** Matches what is no tombstone. */
const LIVE = { deletedAt: { $exists: false } };

function unexplainedIn(scope: string, after: number): Document {
  return {
    'induction.unexplained': true,
    scope: { $eq: scope },
    'induction.at': { $gt: after },
    ...LIVE,
  };
}

function afterInOrder({ at, observation }: WaitingObservation): Document {
  return {
    $or: [{ at: { $gt: at } }, { at: { $eq: at }, _id: { $gt: observation } }],
  };
}
