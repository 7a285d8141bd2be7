/** What the admin API is given by the composition root. */
import type { ShownSetting } from '../../adapters/config.ts';
import type { KeyedHash } from '../../adapters/caller.ts';
import type { Logger } from '../../adapters/logger.ts';
import type { Metrics } from '../../adapters/metrics.ts';
import type { ArchiveStore } from '../../adapters/mongo/archive-store.ts';
import type { DeletionStore } from '../../adapters/mongo/deletion-store.ts';
import type { FeedbackStore } from '../../adapters/mongo/feedback-store.ts';
import type { Ledger } from '../../adapters/mongo/ledger.ts';
import type { MergeStore } from '../../adapters/mongo/merge-store.ts';
import type { TreeMirror } from '../../adapters/mongo/mirror.ts';
import type { ObservationStore } from '../../adapters/mongo/observation-store.ts';
import type { PruneStore } from '../../adapters/mongo/prune-store.ts';
import type { ProjectStore } from '../../adapters/mongo/project-store.ts';
import type { RequestStore } from '../../adapters/mongo/request-store.ts';
import type { TreeReader } from '../../adapters/mongo/tree-reader.ts';
import type { TreeStore } from '../../adapters/mongo/tree-store.ts';
import type { RunSteps } from '../../adapters/temporal/run-viewer.ts';
import type { MergeStarter } from '../../adapters/temporal/merge-starter.ts';
import type { Hash } from '../../core/observation.ts';
import type { PruneReport } from '../../core/prune-report.ts';
import type { NodeRef } from '../../core/tree/node.ts';
import type { ProcessState } from '../processes.ts';
import type { CodeRunner } from '../deps.ts';
import type { Permissions } from '../request/permissions.ts';

/** A person who looks waits so long for a tree that is not in memory. */
export const TREE_WAIT_MS = 3000;

export interface AdminDeps {
  readonly requests: RequestStore;
  /** Writes what waits, so that a call can be looked up as soon as it is over. */
  readonly flush: () => Promise<void>;
  /** Those that serve clients and can be heard: this one, or the others of its family. */
  readonly processes: () => readonly ProcessState[];
  readonly processCount: number;
  /** The text of /metrics: of all processes together. */
  readonly readMetrics: () => Promise<string>;
  readonly ledger: Ledger;
  readonly feedback: FeedbackStore;
  readonly trees: TreeStore;
  readonly deletions: DeletionStore;
  readonly prunes: Pick<PruneStore, 'projects' | 'count'>;
  /** Resolves when a run is over. Errors: of the server or the run. */
  readonly runPrune: () => Promise<readonly PruneReport[]>;
  readonly archives: ArchiveStore;
  readonly observations: ObservationStore;
  readonly reader: TreeReader;
  readonly projects: ProjectStore;
  readonly keyedHash: KeyedHash;
  readonly merges: MergeStore;
  readonly mergeStarter: MergeStarter;
  /** Resolves with whether a run is under way; otherwise the sweep starts one. Errors: none. */
  readonly startRevision: (ref: NodeRef) => Promise<boolean>;
  readonly mirror: Pick<TreeMirror, 'tree' | 'whenHeld' | 'projectOf' | 'status' | 'counts'>;
  /** The proxy's own: explanations need the results of code derivations, as decisions do. */
  readonly code: CodeRunner;
  readonly metrics: Metrics;
  readonly hash: Hash;
  readonly now: () => number;
  readonly log: Logger;
  readonly allows: Permissions;
  readonly access: AdminAccess;
  /** What the dashboard and the checks of health know of this installation. */
  readonly site: AdminSite;
  /** Asks whether the parts outside this process answer. Errors: those of the clients. */
  readonly probes: Readonly<Record<'mongodb' | 'temporal' | 'worker', () => Promise<void>>>;
  /** What the run of an observation says of itself; undefined while Temporal cannot tell. */
  readonly runSteps: (workflowId: string) => Promise<RunSteps | undefined>;
}

export interface AdminSite {
  /** The proxy of this process: `http://127.0.0.1:8787`. */
  readonly proxyUrl: string;
  readonly upstream: string;
  /** Undefined where Temporal is somebody else's, whose UI we do not know. */
  readonly temporalUiUrl: string | undefined;
  readonly temporalNamespace: string;
  /** The share of served answers that may be wrong. */
  readonly errorBudget: number;
  /** Folder of the built dashboard. */
  readonly webRoot: string | undefined;
  /** Name → value as people may see it; secrets are told as set or not. */
  readonly settings: readonly ShownSetting[];
}

/** Who asks. `projects` undefined: of all. */
export interface AdminUser {
  readonly role: 'owner' | 'viewer';
  readonly projects: readonly string[] | undefined;
}

export interface AdminAccess {
  /** Names in a Host header, without ports, that are ours. */
  readonly hosts: ReadonlySet<string>;
  /** Empty where none is asked for. */
  readonly tokens: readonly { readonly token: string; readonly user: AdminUser }[];
}
