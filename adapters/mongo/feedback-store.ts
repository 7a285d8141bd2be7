/**
 * What people say of answers. A veto keeps one answer to one thread from ever being served by a template
 * again; an exact answer that is taken back leaves a tombstone, so that no run brings it back.
 */
import type { ExactAnswer } from '../../core/observation.ts';
import type { Database } from './connect.ts';
import { DEADLINES, withDeadline } from './deadline.ts';
import { SCHEMA_VERSION } from './documents.ts';
import { isDuplicateKey } from './store-error.ts';

export interface Veto {
  /** `answerKey` of core/observation. */
  readonly key: string;
  readonly project: string;
  readonly scope: string;
  /** Who gave the answer: a node, an exact answer, or the provider. */
  readonly node?: string;
}

export interface VetoDocument {
  readonly _id: string;
  readonly schemaVersion: number;
  readonly project: string;
  readonly scope: string;
  readonly node?: string;
  readonly at: number;
  readonly deletedAt?: number;
}

/** `quarantined`: the template. `removed`: the exact answer. `none`: nothing of the call was kept. */
export type FeedbackEffect = 'quarantined' | 'removed' | 'none';

export interface FeedbackDocument {
  /** The log's own id of the call: feedback on a call is given once. */
  readonly _id: string;
  readonly requestId: string;
  readonly verdict: 'wrong';
  readonly effect: FeedbackEffect;
  readonly isCorrected: boolean;
  readonly project: string;
  readonly node?: string;
  readonly at: number;
}

export class FeedbackStore {
  private readonly database: Database;
  private readonly now: () => number;

  constructor(database: Database, options: { readonly now: () => number }) {
    this.database = database;
    this.now = options.now;
  }

  /** Idempotent. */
  async veto({ key, ...veto }: Veto): Promise<void> {
    const document = { schemaVersion: SCHEMA_VERSION, ...veto, at: this.now() };
    await withDeadline('veto an answer', DEADLINES.writeMs, () =>
      this.database.vetoes.updateOne(
        { _id: { $eq: key } },
        { $setOnInsert: document },
        { upsert: true },
      ),
    );
  }

  /** The keys of all answers of a scope that were taken back. */
  async vetoesOf(scope: string): Promise<ReadonlySet<string>> {
    const documents = await withDeadline('read vetoes', DEADLINES.readMs, (signal) =>
      this.database.vetoes
        .find(
          { scope: { $eq: scope }, deletedAt: { $exists: false } },
          { projection: { _id: 1 }, signal },
        )
        .toArray(),
    );
    return new Set(documents.map(({ _id }) => _id));
  }

  /**
   * Takes an exact answer back, known here or not yet: another proxy may still have it in its spool. Only an
   * answer that is complete later than now takes its place. Idempotent.
   */
  async removeExact(
    answer: Pick<ExactAnswer, 'id' | 'project' | 'scope' | 'thread'>,
  ): Promise<void> {
    const { id, project, scope, thread } = answer;
    await withDeadline('remove exact answer', DEADLINES.writeMs, () =>
      this.database.answers.updateOne(
        { _id: { $eq: id } },
        {
          $set: { deletedAt: this.now() },
          $setOnInsert: { schemaVersion: SCHEMA_VERSION, project, scope, thread },
          // What was wrong is not kept.
          $unset: { answer: '' },
        },
        { upsert: true },
      ),
    );
  }

  /** What feedback on this call did before, if any was given. */
  async read(id: string): Promise<FeedbackDocument | undefined> {
    const document = await withDeadline('read feedback', DEADLINES.readMs, (signal) =>
      this.database.feedback.findOne({ _id: { $eq: id } }, { signal }),
    );
    return document ?? undefined;
  }

  /** The first one stays. */
  async save(feedback: Omit<FeedbackDocument, 'at'>): Promise<void> {
    await withDeadline('save feedback', DEADLINES.writeMs, async () => {
      try {
        await this.database.feedback.insertOne({ ...feedback, at: this.now() });
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
      }
    });
  }
}
