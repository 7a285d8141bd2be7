/** The connection: typed collections and safe defaults. */
import { MongoClient, type Collection, type Db } from 'mongodb';
import type {
  AnswerDocument,
  ExemplarDocument,
  ObservationDocument,
  ProjectDocument,
  ScopeDocument,
} from './documents.ts';
import type { Config } from '../config.ts';
import { createCipher } from './cipher.ts';
import { Contents, NO_KEY, type Sealed } from './contents.ts';
import type { LedgerDocument } from './ledger.ts';
import type { MergeProposalDocument, StoredMerge } from './merge-document.ts';
import type { NodeDocument } from './node-document.ts';
import type { FeedbackDocument, VetoDocument } from './feedback-store.ts';
import type { RequestDocument } from './request-store.ts';
import { DEADLINES, withDeadline } from './deadline.ts';
import { isDuplicateKey, StoreError } from './store-error.ts';
import type { TrustDocument } from './trust-store.ts';
import type { TurnDocument } from './turn-store.ts';
import type { UseDocument } from './use-tracker.ts';

export interface Database {
  readonly client: MongoClient;
  readonly db: Db;
  readonly contents: Contents;
  readonly projects: Collection<ProjectDocument>;
  readonly scopes: Collection<Sealed<'scopes', ScopeDocument>>;
  readonly nodes: Collection<Sealed<'nodes', NodeDocument>>;
  readonly observations: Collection<Sealed<'observations', ObservationDocument>>;
  readonly answers: Collection<Sealed<'answers', AnswerDocument>>;
  readonly exemplars: Collection<ExemplarDocument>;
  readonly requests: Collection<Sealed<'requests', RequestDocument>>;
  readonly ledger: Collection<LedgerDocument>;
  readonly vetoes: Collection<VetoDocument>;
  readonly feedback: Collection<FeedbackDocument>;
  readonly settings: Collection<{ _id: string; value: string }>;
  readonly counters: Collection<{ _id: string; value: number }>;
  readonly trust: Collection<TrustDocument>;
  readonly turns: Collection<TurnDocument>;
  readonly uses: Collection<UseDocument>;
  readonly merges: Collection<StoredMerge>;
  readonly mergeProposals: Collection<Sealed<'mergeProposals', MergeProposalDocument>>;
  close(): Promise<void>;
}

/**
 * The database of the settings: whoever left out the key would write content that is not encrypted. No content is written
 * before `claimEncryption`.
 */
export function connectConfigured({
  mongodbUri: uri,
  mongodbDatabase: database,
  encryptionKey,
}: Pick<Config, 'mongodbUri' | 'mongodbDatabase' | 'encryptionKey'>): Database {
  const configured = connectMongo({ uri, database, encryptionKey: encryptionKey?.reveal() });
  configured.contents.withhold();
  return configured;
}

/**
 * Opens no connection yet: the driver connects at the first call, so a proxy starts while MongoDB is down.
 * Errors: StoreError `store_rejected` when the connection string cannot be read.
 */
export function connectMongo(options: {
  readonly uri: string;
  readonly database: string;
  /** 64 hexadecimal digits: content is sealed with it. */
  readonly encryptionKey?: string | undefined;
}): Database {
  const client = createClient(options.uri);
  const db = client.db(options.database);
  const { encryptionKey } = options;
  return {
    client,
    db,
    contents: new Contents(encryptionKey === undefined ? undefined : createCipher(encryptionKey)),
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
      // Whoever waits for a connection has given up by then (deadline.ts): it must not be made later.
      waitQueueTimeoutMS: 5000,
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

/**
 * Ties the database to one GHEE_SECRET: hashes made with another one would find nothing, and two
 * proxies with different ones would part the same callers (DESIGN §11.14).
 * Errors: StoreError `secret_mismatch` when another fingerprint is stored.
 */
export async function claimSecret(database: Database, fingerprint: string): Promise<void> {
  if ((await claim(database, 'secret', fingerprint)) === fingerprint) return;
  throw new StoreError(
    'secret_mismatch',
    'this database was set up with another GHEE_SECRET; give every proxy and worker the same one, or use another database',
  );
}

/**
 * Ties the database to one GHEE_ENCRYPTION_KEY, or to none: with another one nothing could be read, and a part that is
 * not encrypted would be taken for one that is. Errors: StoreError `encryption_key_mismatch`.
 */
export async function claimEncryption(database: Database): Promise<void> {
  const { fingerprint } = database.contents;
  const stored = await claim(database, 'encryption', fingerprint);
  if (stored !== fingerprint)
    throw new StoreError('encryption_key_mismatch', mismatchOf(stored, fingerprint));
  database.contents.release();
}

const OTHER_DATABASE = 'or use another database (MONGODB_DATABASE or GHEE_HOME)';

function mismatchOf(stored: string | undefined, own: string): string {
  if (stored === NO_KEY)
    return `this database was set up without GHEE_ENCRYPTION_KEY, and what is in it is not encrypted; unset the key, ${OTHER_DATABASE} and import into it what \`ghee export\` gives of this one`;
  const isWithout = own === NO_KEY;
  return `this database is encrypted${isWithout ? '' : ' with another key'}; set GHEE_ENCRYPTION_KEY to ${isWithout ? 'its' : 'that'} key on every proxy and worker, ${OTHER_DATABASE}`;
}

/** Keeps the first value that is given for a setting of the database. Shape: the one that is kept. */
async function claim(database: Database, _id: string, value: string): Promise<string | undefined> {
  return withDeadline(`claim ${_id}`, DEADLINES.writeMs, async (signal) => {
    try {
      await database.settings.insertOne({ _id, value });
      return value;
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      return (await database.settings.findOne({ _id: { $eq: _id } }, { signal }))?.value;
    }
  });
}
