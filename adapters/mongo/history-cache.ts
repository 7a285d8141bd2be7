/**
 * The newest observations of a shape, or of a scope, as a worker reads them again and again: read once, and kept up to
 * date by the change stream (worker-memory.ts).
 */
import { LRUCache } from 'lru-cache';
import type { Document } from 'mongodb';
import { MERGE_LIMITS } from '../../core/merge/plan.ts';
import type { Observation } from '../../core/observation.ts';
import type { Database } from './connect.ts';
import { DEADLINES, withDeadline } from './deadline.ts';
import { parseObservation, type OnSkipped } from './documents.ts';
import { updateOf } from './change-stream.ts';
import { isFields } from './untrusted.ts';

/** Observations of a shape that words and types of values are learned from. */
export const HISTORY_MAX = 800;
/** What is in the history of its shape is in that of its scope, too, and counts twice. */
const CHARACTERS_MAX = 64_000_000;

interface Entry {
  readonly observation: Observation;
  /** When its run ended and left it as an exact answer that nothing explains yet. */
  readonly unexplainedAt: number | undefined;
}

/** Newest first. */
type History = readonly Entry[];

/** What a history is of. */
interface Place {
  readonly scope: string;
  /** Undefined: all of the scope's. */
  readonly shape: string | undefined;
}

/** What is heard of an observation. `induction`: how its run ended; `entry` undefined: it is gone. */
type Change =
  | { readonly kind: 'entry'; readonly id: string; readonly entry: Entry | undefined }
  | { readonly kind: 'induction'; readonly id: string; readonly unexplainedAt: number | undefined };

export class HistoryCache {
  private readonly database: Database;
  private readonly onSkipped: OnSkipped;
  private readonly histories = new LRUCache<string, History>({
    maxSize: CHARACTERS_MAX,
    sizeCalculation: (history) => history.reduce((sum, entry) => sum + sizeOf(entry), 1),
    dispose: (history, key, reason) => {
      if (reason === 'set') return;
      for (const { observation } of history) this.link(key, observation.id, false);
    },
  });
  /** Observation → the histories that it is in. */
  private readonly keys = new Map<string, Set<string>>();
  /** Histories that are being read, with what is heard meanwhile. */
  private readonly loading = new Map<string, Change[]>();
  private isFollowed = false;

  constructor(database: Database, options: { readonly onSkipped: OnSkipped }) {
    this.database = database;
    this.onSkipped = options.onSkipped;
  }

  /** From now on every change is told to `hear`. */
  follow(): void {
    this.isFollowed = true;
  }

  /** Changes may be missed: forgets everything, and keeps nothing until `follow`. */
  forgetAll(): void {
    this.isFollowed = false;
    this.histories.clear();
    this.loading.clear();
  }

  /** As `ObservationStore.byShape` with `HISTORY_MAX`. Errors: StoreError. */
  async byShape(scope: string, shape: string): Promise<readonly Observation[]> {
    return (await this.historyOf({ scope, shape })).map(({ observation }) => observation);
  }

  /** As `ObservationStore.byScope` with the number that a merge reads. Errors: StoreError. */
  async byScope(scope: string): Promise<readonly Observation[]> {
    const history = await this.historyOf({ scope, shape: undefined });
    return history.map(({ observation }) => observation);
  }

  /** As `ObservationStore.readMany`; only what is not kept is read. Errors: StoreError. */
  async readMany(
    ids: readonly string[],
    readOthers: (ids: readonly string[]) => Promise<ReadonlyMap<string, Observation>>,
  ): Promise<ReadonlyMap<string, Observation>> {
    const found = new Map<string, Observation>();
    for (const id of ids) {
      const [key = ''] = this.keys.get(id) ?? [];
      const entry = this.histories.peek(key)?.find(isOf(id));
      if (entry !== undefined) found.set(id, entry.observation);
    }
    const others = ids.filter((id) => !found.has(id));
    return others.length === 0 ? found : new Map([...found, ...(await readOthers(others))]);
  }

  /** As `ObservationStore.unexplained`, among the observations that are kept. Errors: StoreError. */
  async unexplained(
    among: { readonly scope: string; readonly shape: string; readonly after: number },
    limit: number,
  ): Promise<readonly Observation[]> {
    const { scope, shape } = among;
    const history = await this.historyOf({ scope, shape });
    return history
      .filter(({ unexplainedAt = 0 }) => unexplainedAt > among.after)
      .slice(0, limit)
      .map(({ observation }) => observation);
  }

  /** What this worker has read or done itself, before the stream brings it. */
  put(observation: Observation): void {
    if (this.keys.has(observation.id)) return;
    const entry = { observation, unexplainedAt: undefined };
    this.change({ kind: 'entry', id: observation.id, entry });
  }

  /** The same of the end of a run. */
  conclude(id: string, unexplainedAt: number | undefined): void {
    this.change({ kind: 'induction', id, unexplainedAt });
  }

  /** Events of the collection, in the order of the change stream. Errors: StoreError. */
  async hear(events: readonly Document[]): Promise<void> {
    for (const event of events) {
      const change = await this.changeOf(event);
      if (change !== undefined) this.change(change);
    }
  }

  private async changeOf(event: Document): Promise<Change | undefined> {
    const id = String((event['documentKey'] as Document)['_id']);
    const { updated, removed } = updateOf(event);
    if (event['operationType'] === 'insert') return this.entryOf(id, event['fullDocument']);
    if (event['operationType'] === 'delete' || 'deletedAt' in updated)
      return this.entryOf(id, undefined);
    const isRevived = removed.includes('deletedAt');
    if (!isRevived && !this.keys.has(id) && this.loading.size === 0) return undefined;
    const induction: unknown = updated['induction'];
    if (!isRevived && isFields(induction))
      return { kind: 'induction', id, unexplainedAt: endOf(induction) };
    const document = await withDeadline('read observation', DEADLINES.readMs, (signal) =>
      this.database.observations.findOne({ _id: { $eq: id } }, { signal }),
    );
    return this.entryOf(id, document);
  }

  private entryOf(id: string, stored: unknown): Change {
    return { kind: 'entry', id, entry: this.parse(stored) };
  }

  private parse(stored: unknown): Entry | undefined {
    const document = this.database.contents.open('observations', stored);
    const observation = parseObservation(document);
    if (observation === undefined || !isFields(document)) return undefined;
    const { induction } = document;
    return { observation, unexplainedAt: isFields(induction) ? endOf(induction) : undefined };
  }

  private change(change: Change): void {
    for (const changes of this.loading.values()) changes.push(change);
    for (const key of this.keysOf(change)) {
      const before = this.histories.peek(key);
      if (before === undefined) continue;
      const after = changed(before, change, maxOf(key));
      this.histories.set(key, after);
      const isKept = this.histories.has(key);
      // The one that it is about, and the oldest, which it may have pushed out; all, if it has grown too large.
      const oldest = before.at(-1)?.observation.id ?? change.id;
      const ids = isKept ? [change.id, oldest] : before.map(({ observation }) => observation.id);
      for (const id of ids) this.link(key, id, isKept && after.some(isOf(id)));
    }
  }

  private keysOf(change: Change): readonly string[] {
    if (change.kind === 'entry' && change.entry !== undefined) return keysFor(change.entry);
    return [...(this.keys.get(change.id) ?? [])];
  }

  private keep(key: string, history: History): void {
    this.histories.set(key, history);
    // One that is larger than all that may be kept is not.
    if (!this.histories.has(key)) return;
    for (const { observation } of history) this.link(key, observation.id, true);
  }

  private link(key: string, id: string, isIn: boolean): void {
    const keys = this.keys.get(id) ?? new Set();
    if (isIn) keys.add(key);
    else keys.delete(key);
    if (keys.size > 0) this.keys.set(id, keys);
    else this.keys.delete(id);
  }

  private async historyOf(place: Place): Promise<History> {
    const key = keyOf(place);
    const kept = this.histories.get(key);
    if (kept !== undefined) return kept;
    if (!this.isFollowed || this.loading.has(key)) return this.read(place);
    const changes: Change[] = [];
    this.loading.set(key, changes);
    try {
      const read = await this.read(place);
      const history = changes
        .filter((change) => belongs(change, key))
        .reduce((before, change) => changed(before, change, maxOf(key)), read);
      // Not if everything was forgotten meanwhile.
      if (this.loading.get(key) === changes) this.keep(key, history);
      return history;
    } finally {
      if (this.loading.get(key) === changes) this.loading.delete(key);
    }
  }

  private async read(place: Place): Promise<History> {
    const { scope, shape } = place;
    const filter: Document = {
      scope: { $eq: scope },
      ...(shape === undefined ? {} : { shape: { $eq: shape } }),
      deletedAt: { $exists: false },
    };
    const options = { sort: { at: -1, _id: -1 }, limit: maxOf(keyOf(place)) } as const;
    const documents = await withDeadline('read observations', DEADLINES.scanMs, (signal) =>
      this.database.db
        .collection('observations')
        .find(filter, { ...options, signal })
        .toArray(),
    );
    return documents.flatMap((document) => {
      const entry = this.parse(document);
      if (entry === undefined) this.onSkipped('observations', String(document['_id']));
      return entry ?? [];
    });
  }
}

/** No shape has spaces in it. */
function keyOf({ scope, shape = '' }: Place): string {
  return `${shape} ${scope}`;
}

function keysFor({ observation: { scope, shape } }: Entry): readonly string[] {
  return [keyOf({ scope, shape }), keyOf({ scope, shape: undefined })];
}

function maxOf(key: string): number {
  return key.startsWith(' ') ? MERGE_LIMITS.observationsMax : HISTORY_MAX;
}

function sizeOf({ observation: { messages, answer } }: Entry): number {
  return messages.length + answer.message.length;
}

function endOf(induction: Readonly<Record<string, unknown>>): number | undefined {
  const { unexplained, at } = induction;
  return unexplained === true && typeof at === 'number' ? at : undefined;
}

/** Whether it may concern a history: of an observation that is gone only its id is known. */
function belongs(change: Change, key: string): boolean {
  if (change.kind === 'induction' || change.entry === undefined) return true;
  return keysFor(change.entry).includes(key);
}

function changed(history: History, change: Change, max: number): History {
  const before = history.find(isOf(change.id));
  const others = before === undefined ? history : history.filter((entry) => entry !== before);
  const entry =
    change.kind === 'entry'
      ? change.entry
      : before && { ...before, unexplainedAt: change.unexplainedAt };
  if (entry === undefined) return others;
  const index = others.findIndex((other) => isNewer(entry.observation, other.observation));
  const at = index < 0 ? others.length : index;
  return [...others.slice(0, at), entry, ...others.slice(at)].slice(0, max);
}

function isOf(id: string): (entry: Entry) => boolean {
  return ({ observation }) => observation.id === id;
}

function isNewer(a: Observation, b: Observation): boolean {
  return a.at > b.at || (a.at === b.at && a.id > b.id);
}
