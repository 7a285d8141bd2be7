/**
 * The admin server inside the proxy's process: what it shows is this proxy's memory, and its decisions are
 * explained on the very tree that they were made on. It never stands in the proxy's way: without its port the
 * proxy goes on alone.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { KeyedHash } from '../../adapters/caller.ts';
import type { Config, ShownSetting } from '../../adapters/config.ts';
import { describeError, type Logger } from '../../adapters/logger.ts';
import { pingMongo, type Database } from '../../adapters/mongo/connect.ts';
import { ArchiveStore } from '../../adapters/mongo/archive-store.ts';
import { DeletionStore } from '../../adapters/mongo/deletion-store.ts';
import type { OnSkipped } from '../../adapters/mongo/documents.ts';
import { FeedbackStore } from '../../adapters/mongo/feedback-store.ts';
import { MergeStore } from '../../adapters/mongo/merge-store.ts';
import type { TreeMirror } from '../../adapters/mongo/mirror.ts';
import { ObservationStore } from '../../adapters/mongo/observation-store.ts';
import { TreeReader } from '../../adapters/mongo/tree-reader.ts';
import { PruneStore } from '../../adapters/mongo/prune-store.ts';
import { ProjectStore } from '../../adapters/mongo/project-store.ts';
import { TreeStore } from '../../adapters/mongo/tree-store.ts';
import { connectTemporal } from '../../adapters/temporal/induction-starter.ts';
import { RunViewer } from '../../adapters/temporal/run-viewer.ts';
import { sumMetrics } from '../../adapters/metrics.ts';
import type { MergeStarter } from '../../adapters/temporal/merge-starter.ts';
import type { Bookkeeping } from '../record/bookkeeping.ts';
import type { ProcessFamily } from '../processes.ts';
import type { CodeRunner } from '../deps.ts';
import { sha256 } from '../request/plan.ts';
import { createAdminApp } from './app.ts';
import type { AdminDeps, AdminSite } from './deps.ts';
import { adminAccess } from './guard.ts';

export interface AdminServer {
  close(): void;
}

export interface AdminOptions {
  readonly config: Config;
  readonly database: Database;
  readonly mirror: TreeMirror;
  readonly keyedHash: KeyedHash;
  readonly code: CodeRunner;
  readonly books: Bookkeeping;
  readonly serving: {
    /** Where other processes serve the clients. */
    readonly family: ProcessFamily | undefined;
    readonly processes: AdminDeps['processes'];
  };
  readonly settings: readonly ShownSetting[];
  readonly mergeStarter: MergeStarter;
  readonly startRevision: AdminDeps['startRevision'];
  readonly runPrune: AdminDeps['runPrune'];
  readonly log: Logger;
}

/** Errors: none; a port that is taken is logged. */
export async function startAdmin(options: AdminOptions): Promise<AdminServer> {
  const { config, database, mirror, keyedHash, code, books, serving, settings, log, ...runs } =
    options;
  const { family, processes } = serving;
  const store = {
    now: Date.now,
    onSkipped: (collection: string, id: string): void =>
      log.warn({ event: 'document.skipped', collection, id }),
  };
  const { adminBindAddress: address, adminPort: port } = config;
  const { close: stopLooking, ...outside } = lookAround(config, database);
  const app = createAdminApp({
    requests: books.requests,
    flush: async () => {
      await Promise.all([books.flush(), family?.flush()]);
    },
    processes,
    processCount: config.proxyProcesses,
    readMetrics: async () => {
      const { registry } = books.metrics;
      return family === undefined
        ? registry.metrics()
        : sumMetrics([await registry.getMetricsAsJSON(), ...(await family.metrics())]);
    },
    ledger: books.ledger,
    ...openStores(database, store, config.prune),
    keyedHash,
    ...{ mirror, code, ...runs },
    metrics: books.metrics,
    hash: sha256,
    now: Date.now,
    log,
    allows: { content: config.logContent, audits: config.audits },
    access: adminAccess({
      address,
      hosts: config.adminHosts,
      token: config.adminToken?.reveal(),
      viewers: config.viewers.map(({ token, projects }) => [token.reveal(), projects] as const),
    }),
    site: siteOf(config, settings),
    ...outside,
  });
  const server = createServer(app);
  try {
    server.listen(port, address);
    await once(server, 'listening');
    log.info({ event: 'admin.ready', port });
  } catch (error) {
    log.error({ event: 'admin.failed', port, ...describeError(error) });
  }
  return {
    close: () => {
      server.close();
      server.closeAllConnections();
      stopLooking();
    },
  };
}

function openStores(database: Database, options: StoreOptions, limits: Config['prune']) {
  const observations = new ObservationStore(database, options);
  const deletions = new DeletionStore(database, options);
  return {
    observations,
    feedback: new FeedbackStore(database, options),
    trees: new TreeStore(database, options),
    reader: new TreeReader(database, options),
    projects: new ProjectStore(database, options),
    deletions,
    prunes: new PruneStore(database, { ...options, deletions, limits }),
    archives: new ArchiveStore(database, { ...options, observations }),
    merges: new MergeStore(database, options),
  };
}

interface StoreOptions {
  readonly now: () => number;
  readonly onSkipped: OnSkipped;
}

function siteOf(config: Config, settings: AdminSite['settings']): AdminSite {
  const { bindAddress, proxyPort } = config;
  return {
    proxyUrl: `http://${bindAddress.includes(':') ? `[${bindAddress}]` : bindAddress}:${proxyPort}`,
    upstream: new URL(config.upstreamBaseUrl).origin,
    temporalUiUrl: config.temporalUiUrl,
    temporalNamespace: config.temporalNamespace,
    errorBudget: config.errorBudget,
    webRoot: config.webRoot,
    settings,
  };
}

/** A connection of its own, made when it is first needed. */
function lookAround(config: Config, database: Database) {
  const { temporalAddress: address, temporalNamespace: namespace, temporalTaskQueue } = config;
  const viewer = new RunViewer(connectTemporal({ address, namespace }), temporalTaskQueue);
  return {
    probes: {
      mongodb: () => pingMongo(database),
      temporal: () => viewer.probeServer(),
      worker: () => viewer.probeWorker(),
    },
    runSteps: (workflowId: string) => viewer.steps(workflowId),
    close: () => void viewer.close().catch(() => undefined),
  };
}
