/**
 * The connection: typed collections, safe defaults, and one deadline around every call.
 * The driver's `timeoutMS` and the server's `maxTimeMS` do not hold here (PITFALLS §4): signals and a race do.
 */
import {
  MongoClient,
  MongoError,
  type ClientSession,
  type Collection,
  type Db,
  type IndexDescription,
} from 'mongodb';
import type {
  AnswerDocument,
  ExemplarDocument,
  ObservationDocument,
  ProjectDocument,
  ScopeDocument,
} from './documents.ts';
import type { LedgerDocument } from './ledger.ts';
import type { MergeDocument, MergeProposalDocument } from './merge-document.ts';
import type { NodeDocument } from './node-document.ts';
import type { FeedbackDocument, VetoDocument } from './feedback-store.ts';
import type { RequestDocument } from './request-store.ts';
import { isDuplicateKey, StoreError, toStoreError } from './store-error.ts';
import type { TrustDocument } from './trust-store.ts';
import type { TurnDocument } from './turn-store.ts';
import type { UseDocument } from './use-tracker.ts';

export interface Database {
  readonly client: MongoClient;
  readonly db: Db;
  readonly projects: Collection<ProjectDocument>;
  readonly scopes: Collection<ScopeDocument>;
  readonly nodes: Collection<NodeDocument>;
  readonly observations: Collection<ObservationDocument>;
  readonly answers: Collection<AnswerDocument>;
  readonly exemplars: Collection<ExemplarDocument>;
  readonly requests: Collection<RequestDocument>;
  readonly ledger: Collection<LedgerDocument>;
  readonly vetoes: Collection<VetoDocument>;
  readonly feedback: Collection<FeedbackDocument>;
  readonly settings: Collection<{ _id: string; value: string }>;
  readonly counters: Collection<{ _id: string; value: number }>;
  readonly trust: Collection<TrustDocument>;
  readonly turns: Collection<TurnDocument>;
  readonly uses: Collection<UseDocument>;
  readonly merges: Collection<MergeDocument>;
  readonly mergeProposals: Collection<MergeProposalDocument>;
  close(): Promise<void>;
}

/** How long a call may take. A miss is never worth more, and the request path makes none of them. */
export const DEADLINES = {
  /** One document, or a page of them. */
  readMs: 3000,
  /** A whole tree, or an index build. */
  scanMs: 60_000,
  writeMs: 5000,
  /** All attempts of one transaction together. */
  transactionMs: 15_000,
  /** One that writes thousands of documents; MongoDB itself ends transactions after 60 s. */
  mergeMs: 50_000,
} as const;

/**
 * Opens no connection yet: the driver connects at the first call, so a proxy starts while MongoDB is down.
 * Errors: StoreError `store_rejected` when the connection string cannot be read.
 */
export function connectMongo(options: {
  readonly uri: string;
  readonly database: string;
}): Database {
  const client = createClient(options.uri);
  const db = client.db(options.database);
  return {
    client,
    db,
    projects: db.collection('projects'),
    scopes: db.collection('scopes'),
    nodes: db.collection('nodes'),
    observations: db.collection('observations'),
    answers: db.collection('answers'),
    exemplars: db.collection('exemplars'),
    requests: db.collection('requests'),
    ledger: db.collection('ledger'),
    vetoes: db.collection('vetoes'),
    feedback: db.collection('feedback'),
    settings: db.collection('settings'),
    counters: db.collection('counters'),
    trust: db.collection('trust'),
    turns: db.collection('turns'),
    uses: db.collection('uses'),
    merges: db.collection('merges'),
    mergeProposals: db.collection('mergeProposals'),
    close: () => client.close(true),
  };
}

function createClient(uri: string): MongoClient {
  try {
    return new MongoClient(uri, {
      appName: 'ghee',
      serverSelectionTimeoutMS: 1500,
      connectTimeoutMS: 2000,
      // A server that accepts and never answers: more than any deadline below but `scanMs`.
      socketTimeoutMS: 20_000,
      retryWrites: true,
      retryReads: true,
      writeConcern: { w: 'majority', journal: true },
      readPreference: 'primary',
      ignoreUndefined: true,
    });
  } catch {
    // The driver's message may quote the connection string, and with it the password.
    throw new StoreError('store_rejected', 'the connection string cannot be read; set MONGODB_URI');
  }
}

/** Whether the server answers. Errors: StoreError. */
export async function pingMongo({ db }: Database): Promise<void> {
  await withDeadline('ping', PING_MS, (signal) => db.command({ ping: 1 }, { signal }));
}

const PING_MS = 1500;

const INDEXES: readonly (readonly [string, readonly IndexDescription[]])[] = [
  [
    'observations',
    [
      { key: { scope: 1, shape: 1, at: -1 } },
      {
        key: { 'induction.state': 1, at: 1 },
        partialFilterExpression: { 'induction.state': 'waiting' },
      },
      {
        key: { 'induction.unexplained': 1, scope: 1, 'induction.at': 1 },
        partialFilterExpression: { 'induction.unexplained': true },
      },
    ],
  ],
  [
    'nodes',
    [
      { key: { scope: 1, _id: 1 } },
      { key: { parent: 1, _id: 1 } },
      { key: { state: 1, revision: -1 } },
      { key: { reviseAt: 1 }, partialFilterExpression: { reviseAt: { $exists: true } } },
    ],
  ],
  [
    'exemplars',
    [
      { key: { node: 1, at: -1 } },
      { key: { observation: 1 } },
      { key: { audit: 1 }, partialFilterExpression: { audit: true } },
    ],
  ],
  [
    'requests',
    [
      { key: { at: -1, _id: -1 } },
      { key: { requestId: 1 } },
      { key: { node: 1, at: -1 } },
      { key: { outcome: 1, at: -1 } },
      { key: { project: 1, at: -1 } },
      { key: { expiresAt: 1 }, expireAfterSeconds: 0 },
    ],
  ],
  ['ledger', [{ key: { day: 1 } }]],
  ['answers', [{ key: { scope: 1 } }]],
  ['scopes', [{ key: { project: 1 } }]],
  ['trust', [{ key: { project: 1 } }]],
  [
    'turns',
    [{ key: { node: 1 } }, { key: { at: 1 } }, { key: { expiresAt: 1 }, expireAfterSeconds: 0 }],
  ],
  ['uses', [{ key: { project: 1 } }]],
  ['merges', [{ key: { parent: 1, at: -1 } }, { key: { at: -1, _id: -1 } }]],
  ['mergeProposals', [{ key: { merge: 1 } }, { key: { expiresAt: 1 }, expireAfterSeconds: 0 }]],
];

/** Creates the indexes that are missing. Ids are hashes of what must be unique, so none is unique. */
export async function ensureIndexes(database: Database): Promise<void> {
  await withDeadline('create indexes', DEADLINES.scanMs, async () => {
    for (const [collection, indexes] of INDEXES) {
      await database.db.collection(collection).createIndexes([...indexes]);
    }
  });
}

/**
 * Ties the database to one GHEE_SECRET: hashes made with another one would find nothing, and two
 * proxies with different ones would part the same callers (DESIGN §11.14).
 * Errors: StoreError `secret_mismatch` when another fingerprint is stored.
 */
export async function claimSecret(database: Database, fingerprint: string): Promise<void> {
  const stored = await withDeadline('claim secret', DEADLINES.writeMs, async (signal) => {
    try {
      await database.settings.insertOne({ _id: 'secret', value: fingerprint });
      return fingerprint;
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      const settings = await database.settings.findOne({ _id: { $eq: 'secret' } }, { signal });
      return settings?.value;
    }
  });
  if (stored === fingerprint) return;
  throw new StoreError(
    'secret_mismatch',
    'this database was set up with another GHEE_SECRET; give every proxy and worker the same one, or use another database',
  );
}

/**
 * Runs `work` and gives up on it after `deadlineMs`: reads stop through the signal, a write that is
 * given up may still happen, so every write is idempotent. Errors: only StoreError.
 */
export async function withDeadline<T>(
  operation: string,
  deadlineMs: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const error = new StoreError(
      'store_unavailable',
      `${operation}: no answer in ${deadlineMs} ms`,
    );
    late.reject(error);
    controller.abort(error);
  }, deadlineMs);
  try {
    return await Promise.race([work(controller.signal), late.promise]);
  } catch (error) {
    throw toStoreError(operation, error);
  } finally {
    clearTimeout(timer);
  }
}

export type TransactionResult<T> = { readonly keep: boolean; readonly value: T };

/** Ends a transaction's work: its writes are committed. */
export function keep<T>(value: T): TransactionResult<T> {
  return { keep: true, value };
}

/** Ends a transaction's work: nothing of it was written. */
export function rollback<T>(value: T): TransactionResult<T> {
  return { keep: false, value };
}

/** Backoff between attempts: conflicts last as long as the rival's few round trips. */
const RETRY_MS = { first: 2, max: 100 };

/**
 * Runs `work` in one transaction and again for as long as it collides with others: `work` must not
 * have effects of its own. Own loop, since the driver's goes on for 120 s. Errors: only StoreError.
 */
export async function inTransaction<T>(
  database: Database,
  operation: string,
  work: (session: ClientSession) => Promise<TransactionResult<T>>,
  deadlineMs: number = DEADLINES.transactionMs,
): Promise<T> {
  return withDeadline(operation, deadlineMs, async (signal) => {
    const session = database.client.startSession();
    try {
      for (let pauseMs = RETRY_MS.first; ; pauseMs = Math.min(2 * pauseMs, RETRY_MS.max)) {
        signal.throwIfAborted();
        try {
          return await attempt(session, work, signal);
        } catch (error) {
          if (session.inTransaction()) await session.abortTransaction();
          if (!isCollision(error)) throw error;
        }
        await pause(pauseMs * (0.5 + Math.random()));
      }
    } finally {
      await session.endSession();
    }
  });
}

async function attempt<T>(
  session: ClientSession,
  work: (session: ClientSession) => Promise<TransactionResult<T>>,
  signal: AbortSignal,
): Promise<T> {
  // The write concern is the client's: majority and journaled.
  session.startTransaction({ readConcern: { level: 'snapshot' }, readPreference: 'primary' });
  const result = await work(session);
  if (!result.keep) {
    await session.abortTransaction();
    return result.value;
  }
  for (;;) {
    try {
      await session.commitTransaction();
      return result.value;
    } catch (error) {
      // Unknown whether it was committed: committing again is idempotent, running the work again is not.
      if (signal.aborted || !hasLabel(error, 'UnknownTransactionCommitResult')) throw error;
      await pause(RETRY_MS.max);
    }
  }
}

/** Two upserts of one id are either a write conflict or, from a real server, a duplicate key. */
function isCollision(error: unknown): boolean {
  return hasLabel(error, 'TransientTransactionError') || isDuplicateKey(error);
}

function hasLabel(error: unknown, label: string): boolean {
  return error instanceof MongoError && error.hasErrorLabel(label);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
