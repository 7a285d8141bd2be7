/**
 * The log of requests: one row for each call, for people. It holds ids, counts and names of variables;
 * messages and values only where the project has opted in.
 */
import type { Document } from 'mongodb';
import type { Database } from './connect.ts';
import { DEADLINES, withDeadline } from './deadline.ts';
import { StoreError } from './store-error.ts';
import { hasTexts, isCount, isFields, isPairList, isTextList } from './untrusted.ts';

export const CALL_OUTCOMES = ['hit', 'miss', 'bypass', 'refused'] as const;
export type CallOutcome = (typeof CALL_OUTCOMES)[number];

export interface TokenCounts {
  readonly input: number;
  /** Part of `input` that the provider had in its own cache. */
  readonly cached: number;
  readonly output: number;
}

export interface LoggedContent {
  /** The request's `messages` and the answer, as JSON texts. */
  readonly messages: string;
  readonly answer: string | undefined;
  readonly values: readonly (readonly [string, string])[];
}

export interface RequestEntry {
  /** Ours, unique; `requestId` is what the client saw, and on a miss the provider's. */
  readonly id: string;
  readonly requestId: string;
  readonly at: number;
  readonly project?: string | undefined;
  readonly endpoint: string;
  readonly outcome: CallOutcome;
  readonly reason?: string | undefined;
  readonly status?: number | undefined;
  readonly isAborted: boolean;
  readonly model?: string | undefined;
  /** What a hit saved, or what a miss used. */
  readonly tokens?: TokenCounts | undefined;
  /** Their price in millionths of a dollar; absent where nobody knows it. */
  readonly microUsd?: number | undefined;
  /** Milliseconds since the call began at which each part was over. */
  readonly ms: Readonly<Record<string, number>>;
  /** The exact answer or the answer node of a hit, and the nodes from the root down to it. */
  readonly node?: string | undefined;
  readonly path: readonly string[];
  readonly variables: readonly string[];
  /** What feedback needs to find the call's thread and its answer again: hashes. */
  readonly scope?: string | undefined;
  readonly thread?: string | undefined;
  readonly answerKey?: string | undefined;
  readonly content?: LoggedContent | undefined;
}

export type RequestDocument = Omit<RequestEntry, 'id'> & {
  readonly _id: string;
  readonly expiresAt: Date;
};

export type RequestFilter = Readonly<
  { outcome?: CallOutcome } & Partial<Record<'reason' | 'node' | 'model', string>>
>;

/** What is asked for besides equal fields. Times are milliseconds since the epoch. */
export interface RequestRange {
  readonly since?: number | undefined;
  /** Not included. */
  readonly until?: number | undefined;
  readonly projects?: readonly string[] | undefined;
  readonly nodes?: readonly string[] | undefined;
}

/** The last row of the page before. */
export interface RequestCursor {
  readonly at: number;
  readonly id: string;
}

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
/** After these all the rest is one. */
const WINDOWS_MS = [MINUTE_MS, 10 * MINUTE_MS, 100 * MINUTE_MS, DAY_MS, 10 * DAY_MS];
const TEXT_FIELDS = ['project', 'reason', 'model', 'node', 'scope', 'thread', 'answerKey'] as const;

export class RequestStore {
  private readonly database: Database;
  private readonly now: () => number;
  private readonly keepMs: number;

  constructor(database: Database, options: { readonly now: () => number; readonly days: number }) {
    this.database = database;
    this.now = options.now;
    this.keepMs = options.days * DAY_MS;
  }

  /**
   * Idempotent. By the command itself: the driver's bulk insert takes as long again for each row, and rows are
   * what a busy proxy writes most. Errors: StoreError when some may not be stored; rows that the server refuses
   * are left out.
   */
  async insert(entries: readonly RequestEntry[]): Promise<void> {
    if (entries.length === 0) return;
    const { contents } = this.database;
    const documents = entries.map(({ id, ...entry }) =>
      contents.seal('requests', id, {
        _id: id,
        ...entry,
        expiresAt: new Date(entry.at + this.keepMs),
      }),
    );
    const reply = await withDeadline('log requests', DEADLINES.writeMs, (signal) =>
      this.database.db.command(
        { insert: 'requests', documents, ordered: false, writeConcern: { w: 1 } },
        { signal, ignoreUndefined: true },
      ),
    );
    if (reply['writeConcernError'] !== undefined) {
      throw new StoreError('store_unavailable', 'log requests: write concern');
    }
  }

  /** The newest call that its client knows by this id; providers may repeat theirs. */
  async find(requestId: string): Promise<RequestEntry | undefined> {
    const [entry] = await this.read({ requestId: { $eq: requestId } }, 1);
    return entry;
  }

  /**
   * Newest first. Looks back in windows of time, each longer than the one before, until the page is full: a server
   * that sorts what fits in memory, as the embedded one does, then sorts a window and not the whole log.
   */
  async list(
    filter: RequestFilter,
    page: { readonly limit: number; readonly after?: RequestCursor | undefined },
    range: RequestRange = {},
  ): Promise<readonly RequestEntry[]> {
    const { limit, after } = page;
    const rest = restOf(filter, range);
    if (after !== undefined) {
      rest['$or'] = [{ at: { $lt: after.at } }, { at: { $eq: after.at }, _id: { $lt: after.id } }];
    }
    const { since = -Infinity, until = Infinity } = range;
    // Clocks of other proxies may be ahead: the newest window has no end.
    let end = Math.min(until, after === undefined ? Infinity : after.at + 1);
    const rows: RequestEntry[] = [];
    for (let index = 0; rows.length < limit && end > since; index++) {
      const ms = WINDOWS_MS[index] ?? Infinity;
      const start = Math.max(since, Math.min(end, this.now()) - ms);
      rows.push(...(await this.read({ ...rest, ...between(start, end) }, limit - rows.length)));
      end = start;
    }
    return rows;
  }

  private async read(filter: Document, limit: number): Promise<readonly RequestEntry[]> {
    const documents = await withDeadline('read requests', DEADLINES.readMs, (signal) =>
      this.database.db
        .collection('requests')
        // The server removes what has expired once a minute at most.
        .find(
          { ...filter, expiresAt: { $gt: new Date(this.now()) } },
          { sort: { at: -1, _id: -1 }, limit, signal },
        )
        .toArray(),
    );
    const { contents } = this.database;
    return documents.flatMap((document) => parseRequest(contents.open('requests', document)) ?? []);
  }
}

/** All that is asked for but the time. */
function restOf(filter: RequestFilter, { projects, nodes }: RequestRange): Document {
  const rest: Document = {
    ...(projects === undefined ? {} : { project: { $in: [...projects] } }),
    ...(nodes === undefined ? {} : { node: { $in: [...nodes] } }),
  };
  for (const [name, value] of Object.entries(filter)) {
    rest[name] = { ...(rest[name] as Document | undefined), $eq: value };
  }
  return rest;
}

/** `start` is included, `end` is not. */
function between(start: number, end: number): Document {
  const at = {
    ...(start === -Infinity ? {} : { $gte: start }),
    ...(end === Infinity ? {} : { $lt: end }),
  };
  return Object.keys(at).length === 0 ? {} : { at };
}

/** Undefined for what is no row of ours. */
export function parseRequest(json: unknown): RequestEntry | undefined {
  if (!isFields(json) || !hasTexts(json, '_id', 'requestId', 'endpoint')) return undefined;
  const { at, outcome, status, isAborted, microUsd, path, variables, ms } = json;
  if (!isCount(at) || !isOutcome(outcome) || !isFields(ms)) return undefined;
  const texts = TEXT_FIELDS.flatMap((name) => {
    const text = json[name];
    return typeof text === 'string' ? [[name, text] as const] : [];
  });
  const parts = Object.entries(ms).flatMap(([name, value]) =>
    typeof value === 'number' ? [[name, value] as const] : [],
  );
  return {
    id: json._id,
    requestId: json.requestId,
    at,
    endpoint: json.endpoint,
    outcome,
    ...Object.fromEntries(texts),
    status: isCount(status) ? status : undefined,
    isAborted: isAborted === true,
    ms: Object.fromEntries(parts),
    path: isTextList(path) ? path : [],
    variables: isTextList(variables) ? variables : [],
    tokens: parseTokens(json['tokens']),
    microUsd: typeof microUsd === 'number' ? microUsd : undefined,
    content: parseContent(json['content']),
  };
}

function isOutcome(json: unknown): json is CallOutcome {
  return CALL_OUTCOMES.some((outcome) => outcome === json);
}

function parseTokens(json: unknown): TokenCounts | undefined {
  if (!isFields(json)) return undefined;
  const { input, cached, output } = json;
  return isCount(input) && isCount(cached) && isCount(output)
    ? { input, cached, output }
    : undefined;
}

function parseContent(json: unknown): LoggedContent | undefined {
  if (!isFields(json) || !hasTexts(json, 'messages')) return undefined;
  const { answer, values } = json;
  if (!isPairList(values)) return undefined;
  return {
    messages: json.messages,
    answer: typeof answer === 'string' ? answer : undefined,
    values,
  };
}
