/** What the admin API is given by the composition root. */
import type { Logger } from '../../adapters/logger.ts';
import type { Metrics } from '../../adapters/metrics.ts';
import type { ArchiveStore } from '../../adapters/mongo/archive-store.ts';
import type { DeletionStore } from '../../adapters/mongo/deletion-store.ts';
import type { FeedbackStore } from '../../adapters/mongo/feedback-store.ts';
import type { Ledger } from '../../adapters/mongo/ledger.ts';
import type { MergeStore } from '../../adapters/mongo/merge-store.ts';
import type { TreeMirror } from '../../adapters/mongo/mirror.ts';
import type { ObservationStore } from '../../adapters/mongo/observation-store.ts';
import type { RequestStore } from '../../adapters/mongo/request-store.ts';
import type { TreeStore } from '../../adapters/mongo/tree-store.ts';
import type { QueueCounts } from '../../adapters/mongo/write-queue.ts';
import type { MergeStarter } from '../../adapters/temporal/merge-starter.ts';
import type { Hash } from '../../core/observation.ts';
import type { CodeRunner } from '../deps.ts';
import type { Permissions } from '../permissions.ts';

export interface AdminDeps {
  readonly requests: RequestStore;
  /** Writes what waits, so that a call can be looked up as soon as it is over. */
  readonly flush: () => Promise<void>;
  readonly logCounts: () => QueueCounts;
  readonly ledger: Ledger;
  readonly feedback: FeedbackStore;
  readonly trees: TreeStore;
  readonly deletions: DeletionStore;
  readonly archives: ArchiveStore;
  readonly observations: ObservationStore;
  readonly merges: MergeStore;
  readonly mergeStarter: MergeStarter;
  readonly mirror: Pick<TreeMirror, 'tree' | 'projectOf' | 'status' | 'counts'>;
  /** The proxy's own: explanations need the results of code derivations, as decisions do. */
  readonly code: CodeRunner;
  readonly metrics: Metrics;
  readonly hash: Hash;
  readonly now: () => number;
  readonly log: Logger;
  readonly allows: Permissions;
  readonly access: AdminAccess;
}

export interface AdminAccess {
  /** Names in a Host header, without ports, that are ours. */
  readonly hosts: ReadonlySet<string>;
  /** Undefined where none is asked for. */
  readonly token: string | undefined;
}
