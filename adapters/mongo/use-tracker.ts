/** When each answer was served last, to the hour: noted in memory, and written in batches beside the request path. */
import type { Database } from './connect.ts';
import { DEADLINES, withDeadline } from './deadline.ts';

export interface UseDocument {
  /** An answer node, or an exact answer. */
  readonly _id: string;
  readonly project: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

const HOUR_MS = 3_600_000;
/** Beyond this many different answers in one interval, some uses are not noted: they look older than they are. */
const WAITING_MAX = 10_000;
/** What was written for this hour already; begun anew when it is full. */
const WRITTEN_MAX = 100_000;

export class UseTracker {
  private readonly database: Database;
  private readonly now: () => number;
  private readonly written = new Map<string, number>();
  private waiting = new Map<string, UseDocument>();

  constructor(database: Database, options: { readonly now: () => number }) {
    this.database = database;
    this.now = options.now;
  }

  /** Cheap, and in memory only. */
  note(project: string, id: string): void {
    const at = this.now();
    const hour = Math.floor(at / HOUR_MS);
    if (this.written.get(id) === hour || this.waiting.size >= WAITING_MAX) return;
    if (this.written.size >= WRITTEN_MAX) this.written.clear();
    this.written.set(id, hour);
    this.waiting.set(id, { _id: id, project, at });
  }

  /** Errors: none; what cannot be written is noted again with the next use. */
  async flush(): Promise<void> {
    if (this.waiting.size === 0) return;
    const uses = [...this.waiting.values()];
    this.waiting = new Map();
    try {
      await withDeadline('note uses', DEADLINES.writeMs, () =>
        this.database.uses.bulkWrite(
          uses.map(({ _id, project, at }) => ({
            updateOne: {
              filter: { _id: { $eq: _id } },
              update: { $max: { at }, $setOnInsert: { project } },
              upsert: true,
            },
          })),
          { ordered: false },
        ),
      );
    } catch {
      for (const { _id } of uses) this.written.delete(_id);
    }
  }
}
