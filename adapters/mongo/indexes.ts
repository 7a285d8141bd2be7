/** What is indexed, collection by collection. */
import type { IndexDescription } from 'mongodb';
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

/** Creates the indexes that are missing. Ids are hashes of what must be unique, so none is unique. */
export async function ensureIndexes(database: Database): Promise<void> {
  await withDeadline('create indexes', DEADLINES.scanMs, async () => {
    for (const [collection, indexes] of INDEXES) {
      await database.db.collection(collection).createIndexes([...indexes]);
    }
  });
}
