/**
 * The newest observations of a shape, as a worker reads them again and again: what it has read before it keeps, and asks
 * for what is new and for what was deleted since.
 */
import { LRUCache } from 'lru-cache';
import type { Document } from 'mongodb';
import type { Observation } from '../../core/observation.ts';
import type { Database } from './connect.ts';
import { DEADLINES, withDeadline } from './deadline.ts';
import { parseObservation, type OnSkipped } from './documents.ts';

interface History {
  /** When all of it was read. */
  readonly wholeAt: number;
  /** When deletions were asked for. */
  readonly readAt: number;
  /** Newest first. */
  readonly observations: readonly Observation[];
}

const CHARACTERS_MAX = 32_000_000;
/** Clocks of several proxies differ, and an observation is stored a moment after its answer. */
const OVERLAP_MS = 5000;
/** What comes late, out of a spool, is among the old ones: then all is read again. */
const WHOLE_MS = 60_000;

export class HistoryCache {
  private readonly database: Database;
  private readonly now: () => number;
  private readonly onSkipped: OnSkipped;
  private readonly histories = new LRUCache<string, History>({
    maxSize: CHARACTERS_MAX,
    sizeCalculation: ({ observations }) =>
      observations.reduce(
        (sum, { messages, answer }) => sum + messages.length + answer.message.length,
        1,
      ),
  });

  constructor(
    database: Database,
    options: { readonly now: () => number; readonly onSkipped: OnSkipped },
  ) {
    this.database = database;
    this.now = options.now;
    this.onSkipped = options.onSkipped;
  }

  /** As `ObservationStore.byShape`; what came out of a spool is missing for a minute at most. Errors: StoreError. */
  async byShape(scope: string, shape: string, limit: number): Promise<readonly Observation[]> {
    const key = `${scope} ${shape} ${limit}`;
    const readAt = this.now();
    const known = this.histories.get(key);
    const isKept = known !== undefined && readAt - known.wholeAt < WHOLE_MS;
    const history = isKept
      ? await this.update(known, { scope, shape, limit, readAt })
      : { wholeAt: readAt, readAt, observations: await this.find({ scope, shape, limit }) };
    this.histories.set(key, history);
    return history.observations;
  }

  private async update(
    known: History,
    asked: {
      readonly scope: string;
      readonly shape: string;
      readonly limit: number;
      readonly readAt: number;
    },
  ): Promise<History> {
    const newest = known.observations[0]?.at ?? 0;
    const [fresh, deleted] = await Promise.all([
      this.find({ ...asked, since: newest - OVERLAP_MS }),
      this.deletedSince(asked.scope, known.readAt - OVERLAP_MS),
    ]);
    const live = new Map<string, Observation>();
    for (const one of known.observations) if (!deleted.has(one.id)) live.set(one.id, one);
    for (const one of fresh) live.set(one.id, one);
    const observations = [...live.values()].sort(newestFirst).slice(0, asked.limit);
    return { ...known, readAt: asked.readAt, observations };
  }

  private async find(asked: {
    readonly scope: string;
    readonly shape: string;
    readonly limit: number;
    readonly since?: number;
  }): Promise<readonly Observation[]> {
    const { scope, shape, limit, since } = asked;
    const filter: Document = {
      scope: { $eq: scope },
      shape: { $eq: shape },
      deletedAt: { $exists: false },
      ...(since === undefined ? {} : { at: { $gte: since } }),
    };
    const documents = await withDeadline('read observations', DEADLINES.readMs, (signal) =>
      this.database.db
        .collection('observations')
        .find(filter, { sort: { at: -1, _id: -1 }, limit, signal })
        .toArray(),
    );
    return documents.flatMap((document) => {
      const observation = parseObservation(this.database.contents.open('observations', document));
      if (observation === undefined) this.onSkipped('observations', String(document['_id']));
      return observation ?? [];
    });
  }

  private async deletedSince(scope: string, since: number): Promise<ReadonlySet<string>> {
    const documents = await withDeadline('read deletions', DEADLINES.readMs, (signal) =>
      this.database.observations
        .find(
          { deletedAt: { $gt: since }, scope: { $eq: scope } },
          { projection: { _id: 1 }, signal },
        )
        .toArray(),
    );
    return new Set(documents.map(({ _id }) => _id));
  }
}

function newestFirst(a: Observation, b: Observation): number {
  return b.at - a.at || (a.id < b.id ? 1 : -1);
}
