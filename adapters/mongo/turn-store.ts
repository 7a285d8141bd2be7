/**
 * What next turns said of answers that Ghee served: a hit keeps no exchange, so its conversation's evidence waits here
 * until `revise` has counted it. Ids, codes and hashes only.
 */
import type { NextTurn } from '../../core/induction/next-turn.ts';
import type { NodeRef } from '../../core/tree/node.ts';
import type { Database } from './connect.ts';
import { DEADLINES, withDeadline } from './deadline.ts';
import { SCHEMA_VERSION } from './documents.ts';
import { insertMissing } from './insert-missing.ts';

/** Evidence about `node`, in the conversation whose thread has the hash `thread`. */
export interface Turn extends NextTurn {
  readonly project: string;
  readonly scope: string;
  readonly thread: string;
  readonly at: number;
}

export type TurnDocument = Turn & {
  /** Node and thread: said twice it counts once. */
  readonly _id: string;
  readonly schemaVersion: number;
  readonly expiresAt: Date;
};

/** A template that no run has looked at for so long is gone. */
const KEPT_MS = 30 * 86_400_000;
/** Evidence that one run counts; more of it changes nothing. */
const TURNS_MAX = 200;

export class TurnStore {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  /** Idempotent. Errors: StoreError when some may not be stored. */
  async insert(turns: readonly Turn[]): Promise<void> {
    const documents = turns.map((turn) => ({
      _id: turnId(turn),
      schemaVersion: SCHEMA_VERSION,
      ...turn,
      expiresAt: new Date(turn.at + KEPT_MS),
    }));
    await withDeadline('keep next turns', DEADLINES.writeMs, () =>
      insertMissing(this.database.turns, documents),
    );
  }

  /** What waits to be counted for a node. */
  async of(node: string): Promise<readonly Turn[]> {
    return withDeadline('read next turns', DEADLINES.readMs, (signal) =>
      this.database.turns.find({ node: { $eq: node } }, { limit: TURNS_MAX, signal }).toArray(),
    );
  }

  /** Nodes for which something waits since before `before`. */
  async waiting(before: number, limit: number): Promise<readonly NodeRef[]> {
    const turns = await withDeadline('find next turns', DEADLINES.readMs, (signal) =>
      this.database.turns
        .find({ at: { $lt: before } }, { sort: { at: 1 }, limit, signal })
        .toArray(),
    );
    const byNode = new Map(turns.map((turn) => [turn.node, turn]));
    return [...byNode.values()].map(({ node, scope, project }) => ({ node, scope, project }));
  }

  /** They are counted. */
  async remove(turns: readonly Turn[]): Promise<void> {
    await withDeadline('drop next turns', DEADLINES.writeMs, () =>
      this.database.turns.deleteMany({ _id: { $in: turns.map(turnId) } }),
    );
  }
}

function turnId({ node, thread }: Turn): string {
  return `${node}:${thread}`;
}
