/** What is indexed, collection by collection. */
import { MongoServerError, type Collection, type IndexDescription } from 'mongodb';
import type { Database } from './connect.ts';
import { DEADLINES, withDeadline } from './deadline.ts';

const INDEXES: readonly (readonly [string, readonly IndexDescription[]])[] = [
  [
    'observations',
    [
      { key: { scope: 1, shape: 1, at: -1 } },
      { key: { deletedAt: 1 }, partialFilterExpression: { deletedAt: { $exists: true } } },
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
  ['vetoes', [{ key: { scope: 1 } }]],
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

/**
 * Creates the indexes that are missing. Ids are hashes of what must be unique, so none is unique. Those that are there
 * are left alone: the embedded server would wait for all writes to the collection, and a proxy that starts under load
 * waited for more than a minute.
 */
export async function ensureIndexes(database: Database): Promise<void> {
  await withDeadline('create indexes', DEADLINES.scanMs, async () => {
    for (const [name, indexes] of INDEXES) {
      const collection = database.db.collection(name);
      const known = await namesIn(collection);
      const missing = indexes
        .map((index) => ({ ...index, name: nameOf(index) }))
        .filter((index) => !known.has(index.name));
      if (missing.length > 0) await collection.createIndexes(missing);
    }
  });
}

const NAMESPACE_NOT_FOUND = 26;

async function namesIn(collection: Collection): Promise<ReadonlySet<unknown>> {
  try {
    return new Set((await collection.indexes()).map(({ name }) => name));
  } catch (error) {
    if (error instanceof MongoServerError && error.code === NAMESPACE_NOT_FOUND) return new Set();
    throw error;
  }
}

/** As the server itself would call it. */
function nameOf({ key }: IndexDescription): string {
  return Object.entries(key)
    .map(([field, direction]) => `${field}_${String(direction)}`)
    .join('_');
}
