/** What model calls have cost today, for all workers together: one counter a day, in micro-dollars. */
import type { Database } from './connect.ts';
import { DEADLINES, withDeadline } from './deadline.ts';
import { isDuplicateKey } from './store-error.ts';

/** Says what a reservation came to, in micro-dollars. */
export type Settle = (spent: number) => Promise<void>;

export class BudgetStore {
  private readonly database: Database;
  private readonly limit: number;
  private readonly now: () => number;

  /** `limit` is in micro-dollars. */
  constructor(database: Database, options: { readonly limit: number; readonly now: () => number }) {
    this.database = database;
    this.limit = options.limit;
    this.now = options.now;
  }

  /**
   * Takes `amount`, unless that would overspend: then undefined. What is given back settles it: a worker that
   * dies before leaves the reservation, which makes the day shorter and never longer. Errors: StoreError.
   */
  async reserve(amount: number): Promise<Settle | undefined> {
    const day = this.today();
    if (!(await this.take(day, amount))) return undefined;
    return async (spent) => {
      if (spent === amount) return;
      await withDeadline('settle budget', DEADLINES.writeMs, () =>
        this.database.counters.updateOne(
          { _id: { $eq: day } },
          { $inc: { value: spent - amount } },
        ),
      );
    };
  }

  /** One atomic update, so that two workers cannot both take the last cent. */
  private async take(day: string, amount: number): Promise<boolean> {
    if (amount > this.limit || this.limit === 0) return false;
    const filter = { _id: { $eq: day }, value: { $lte: this.limit - amount } };
    const update = { $inc: { value: amount } };
    return withDeadline('reserve budget', DEADLINES.writeMs, async () => {
      try {
        await this.database.counters.updateOne(filter, update, { upsert: true });
        return true;
      } catch (error) {
        // The day's counter is there and does not fit the filter: spent. Two that race to be the day's first
        // look the same, so ask again without the upsert.
        if (!isDuplicateKey(error)) throw error;
        const retried = await this.database.counters.updateOne(filter, update);
        return retried.modifiedCount === 1;
      }
    });
  }

  /** Micro-dollars reserved or spent today. */
  async spent(): Promise<number> {
    const counter = await withDeadline('read budget', DEADLINES.readMs, (signal) =>
      this.database.counters.findOne({ _id: { $eq: this.today() } }, { signal }),
    );
    return counter?.value ?? 0;
  }

  private today(): string {
    return `inducer-micro-usd:${new Date(this.now()).toISOString().slice(0, 10)}`;
  }
}
