/**
 * What Ghee saved and what its audits and its learning cost, counted for every call whatever the request log samples. Each
 * process writes its own documents with absolute numbers, so writing one again changes nothing.
 */
import type { Document } from 'mongodb';
import type { Database } from './connect.ts';
import { DEADLINES, withDeadline } from './deadline.ts';
import { isFields } from './untrusted.ts';

export const LEDGER_COUNTS = [
  ...(['hitsExact', 'hitsTemplate', 'misses', 'bypasses', 'refused'] as const),
  ...(['savedInputTokens', 'savedOutputTokens', 'savedMicroUsd'] as const),
  /** Hits whose price nobody knows: their tokens are counted, their dollars are not. */
  'hitsUnpriced',
  ...(['spentInputTokens', 'spentOutputTokens', 'spentMicroUsd'] as const),
  ...(['audits', 'auditInputTokens', 'auditOutputTokens', 'auditMicroUsd'] as const),
  /** Calls to models that helped to learn, under the model that was asked. */
  ...(['inductions', 'inductionInputTokens', 'inductionOutputTokens'] as const),
  'inductionMicroUsd',
  /** Calls in the mode `observe` that would have been hits, by how they compare with the provider's answers. */
  ...(['wouldAgree', 'wouldContradict', 'wouldBeUnsettled'] as const),
  ...(['wouldSaveInputTokens', 'wouldSaveOutputTokens', 'wouldSaveMicroUsd'] as const),
  'feedback',
  /** Calls that have no row in the request log: sampled out, or no room for them. */
  'rowsLeftOut',
] as const;
export type LedgerCount = (typeof LEDGER_COUNTS)[number];
export type LedgerCounts = Readonly<Partial<Record<LedgerCount, number>>>;

export interface LedgerDocument {
  readonly _id: string;
  /** Of UTC, such as 2026-11-25. */
  readonly day: string;
  /** Of UTC, such as 2026-11-25T13: each hour has documents of its own. */
  readonly hour: string;
  readonly process: string;
  readonly project: string;
  readonly model: string;
  readonly counts: LedgerCounts;
}

export interface LedgerSum {
  readonly model: string;
  readonly counts: LedgerCounts;
}

interface Account {
  readonly document: Omit<LedgerDocument, 'counts'>;
  readonly counts: Partial<Record<LedgerCount, number>>;
  isDirty: boolean;
}

/** Names of models come from clients: beyond this many accounts an hour the rest is one. */
const ACCOUNTS_MAX = 1000;
const OTHER = 'other';
const HOUR_MS = 3_600_000;
const DAY_CHARACTERS = 10;
const MODELS_MAX = 200;
/** Of a series: a month of hours, or ten years of days. */
const POINTS_MAX = 3700;

/** Whose calls are counted: all, where it is undefined. */
export type ProjectNames = readonly string[] | undefined;

export interface LedgerPoint {
  /** A day, or an hour. */
  readonly at: string;
  readonly counts: LedgerCounts;
}

export class Ledger {
  private readonly database: Database;
  private readonly now: () => number;
  private readonly process: string;
  private readonly accounts = new Map<string, Account>();
  private flushing: Promise<boolean> | undefined;
  private time = { index: NaN, day: '', hour: '' };

  /** `process`: unique among all processes that ever write here. */
  constructor(
    database: Database,
    options: { readonly now: () => number; readonly process: string },
  ) {
    this.database = database;
    this.now = options.now;
    this.process = options.process;
  }

  add(project: string, model: string, counts: LedgerCounts): void {
    const account = this.accountOf(project, model);
    let name: LedgerCount;
    for (name in counts) account.counts[name] = (account.counts[name] ?? 0) + (counts[name] ?? 0);
    account.isDirty = true;
  }

  /** Resolves with whether all is written. Errors: none; what could not be written is tried again with the next. */
  flush(): Promise<boolean> {
    this.flushing ??= this.write().finally(() => (this.flushing = undefined));
    return this.flushing;
  }

  /** Sums by model since a day or an hour, of all processes. Errors: StoreError. */
  async sums(since: string, projects?: ProjectNames): Promise<readonly LedgerSum[]> {
    const unit = since.length > DAY_CHARACTERS ? 'hour' : 'day';
    const groups = await this.group(rangeOf(unit, since), 'model', MODELS_MAX, projects);
    return groups.map(({ at: model, counts }) => ({ model, counts }));
  }

  /** Sums by hour or day since then, oldest first; times without a call are left out. Errors: StoreError. */
  series(
    unit: 'hour' | 'day',
    since: string,
    projects?: ProjectNames,
  ): Promise<readonly LedgerPoint[]> {
    return this.group(rangeOf(unit, since), unit, POINTS_MAX, projects);
  }

  private async group(
    range: Document,
    field: 'model' | 'hour' | 'day',
    limit: number,
    projects: ProjectNames,
  ): Promise<readonly LedgerPoint[]> {
    const sums = LEDGER_COUNTS.map((name) => [name, { $sum: `$counts.${name}` }] as const);
    const whose = projects === undefined ? {} : { project: { $in: [...projects] } };
    const documents = await withDeadline('read ledger', DEADLINES.readMs, (signal) =>
      this.database.db
        .collection('ledger')
        .aggregate(
          [
            { $match: { ...range, ...whose } },
            { $group: { _id: `$${field}`, ...Object.fromEntries(sums) } },
            { $sort: { _id: 1 } },
            { $limit: limit },
          ],
          { signal },
        )
        .toArray(),
    );
    return documents.flatMap((document) => {
      const { _id: at, ...counts } = document;
      return typeof at === 'string' ? [{ at, counts: countsOf(counts) }] : [];
    });
  }

  private accountOf(project: string, model: string): Account {
    const { day, hour } = this.clock();
    const isFull = this.accounts.size >= ACCOUNTS_MAX;
    const id = [hour, this.process, project, model].join('|');
    const known = this.accounts.get(id);
    if (known !== undefined) return known;
    if (isFull && model !== OTHER) return this.accountOf(project, OTHER);
    const document = { _id: id, day, hour, process: this.process, project, model };
    const account: Account = { document, counts: {}, isDirty: false };
    this.accounts.set(id, account);
    return account;
  }

  /** Formatting a date takes longer than all other counting. */
  private clock(): { readonly day: string; readonly hour: string } {
    const index = Math.floor(this.now() / HOUR_MS);
    if (index !== this.time.index) {
      const ms = index * HOUR_MS;
      this.time = { index, day: dayOf(ms), hour: hourOf(ms) };
    }
    return this.time;
  }

  private async write(): Promise<boolean> {
    const dirty = [...this.accounts.values()].filter((account) => account.isDirty);
    for (const account of dirty) account.isDirty = false;
    try {
      if (dirty.length > 0) {
        const operations = dirty.map(({ document, counts }) => {
          const { _id, ...fields } = document;
          const update = { $set: { ...fields, counts: { ...counts } } };
          return { updateOne: { filter: { _id: { $eq: _id } }, update, upsert: true } };
        });
        await withDeadline('write ledger', DEADLINES.writeMs, () =>
          this.database.ledger.bulkWrite(operations, { ordered: false }),
        );
      }
    } catch {
      // Counted on in memory; the next flush brings the same documents with newer numbers.
      for (const account of dirty) account.isDirty = true;
      return false;
    }
    const { hour } = this.clock();
    for (const [id, { document, isDirty }] of this.accounts) {
      if (document.hour < hour && !isDirty) this.accounts.delete(id);
    }
    return true;
  }
}

/** Days have the index: an hour's day first. */
function rangeOf(unit: 'hour' | 'day', since: string): Document {
  return { day: { $gte: since.slice(0, DAY_CHARACTERS) }, [unit]: { $gte: since } };
}

/** The day of UTC that a time is in. */
export function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** The hour of UTC that a time is in. */
export function hourOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 13);
}

function countsOf(json: unknown): LedgerCounts {
  if (!isFields(json)) return {};
  return Object.fromEntries(
    LEDGER_COUNTS.flatMap((name) => {
      const value = json[name];
      return typeof value === 'number' && value !== 0 ? [[name, value]] : [];
    }),
  );
}
