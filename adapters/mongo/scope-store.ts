/** Scopes: what the requests of one tree have in common. Every write is idempotent. */
import type { Scope } from '../../core/observation.ts';
import type { Database } from './connect.ts';
import { DEADLINES, withDeadline } from './deadline.ts';
import { parseScope, toScopeDocument, type OnSkipped, type ScopeDocument } from './documents.ts';
import { insertMissing } from './insert-missing.ts';

/** What has to be known of a scope before it is written. Milliseconds since the epoch. */
export type KnownScope = Pick<ScopeDocument, 'purgedAt' | 'deletedAt'>;

export class ScopeStore {
  private readonly database: Database;
  private readonly onSkipped: OnSkipped;

  constructor(database: Database, onSkipped: OnSkipped) {
    this.database = database;
    this.onSkipped = onSkipped;
  }

  /** Undefined when there is none, it was deleted, or it does not parse. */
  async read(id: string): Promise<Scope | undefined> {
    const document = await withDeadline('read scope', DEADLINES.readMs, (signal) =>
      this.database.scopes.findOne({ _id: { $eq: id }, deletedAt: { $exists: false } }, { signal }),
    );
    if (document === null) return undefined;
    const scope = parseScope(this.database.contents.open('scopes', document));
    if (scope === undefined) this.onSkipped('scopes', id);
    return scope;
  }

  /** By id, those that were deleted included. */
  async find(ids: readonly string[]): Promise<ReadonlyMap<string, KnownScope>> {
    const found = await withDeadline('read scopes', DEADLINES.readMs, (signal) =>
      this.database.scopes
        .find(
          { _id: { $in: [...new Set(ids)] } },
          { projection: { purgedAt: 1, deletedAt: 1 }, signal },
        )
        .toArray(),
    );
    return new Map(found.map((scope) => [scope._id, scope]));
  }

  /** Nearly all are there already: one read says so. */
  async save(scopes: readonly Scope[]): Promise<void> {
    await this.add(scopes, await this.find(scopes.map(({ id }) => id)));
  }

  /** A scope's fields are its id's preimage, so there is nothing to update but a tombstone. `known`: as `find` gave it. */
  async add(scopes: readonly Scope[], known: ReadonlyMap<string, KnownScope>): Promise<void> {
    const isLive = (id: string): boolean => {
      const scope = known.get(id);
      return scope !== undefined && scope.deletedAt === undefined;
    };
    const missing = scopes.filter(({ id }) => !isLive(id));
    const documents = [...new Map(missing.map((scope) => [scope.id, scope])).values()].map(
      (scope) => this.database.contents.seal('scopes', scope.id, toScopeDocument(scope)),
    );
    await withDeadline('save scopes', DEADLINES.writeMs, () =>
      insertMissing(this.database.scopes, documents, async (deleted) => {
        for (const { _id, parameters, endpoint } of deleted) {
          await this.database.scopes.updateOne(
            { _id: { $eq: _id }, deletedAt: { $exists: true } },
            { $set: { parameters, endpoint }, $unset: { deletedAt: '' } },
          );
        }
      }),
    );
  }
}
