/** The worker's composition root: `node activities/worker.ts`. Says `ready` over IPC when it polls. */
import type { Client } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import pRetry from 'p-retry';
import { createKeyedHash, readOrMakeSecret, secretFingerprint } from '../adapters/caller.ts';
import { loadConfig } from '../adapters/config.ts';
import { createLogger, describeError, type Logger } from '../adapters/logger.ts';
import { connectConfigured, type Database } from '../adapters/mongo/connect.ts';
import { DeletionStore } from '../adapters/mongo/deletion-store.ts';
import { FeedbackStore } from '../adapters/mongo/feedback-store.ts';
import { MergeStore } from '../adapters/mongo/merge-store.ts';
import { ObservationStore } from '../adapters/mongo/observation-store.ts';
import { PruneStore } from '../adapters/mongo/prune-store.ts';
import { prepareDatabase } from '../adapters/mongo/prepare.ts';
import { TreeStore } from '../adapters/mongo/tree-store.ts';
import { TurnStore } from '../adapters/mongo/turn-store.ts';
import { WorkerMemory, type KeptScopes } from '../adapters/mongo/worker-memory.ts';
import { createSandbox } from '../adapters/sandbox/sandbox.ts';
import { stopWhenTold } from '../adapters/shutdown.ts';
import { connectTemporal, InductionStarter } from '../adapters/temporal/induction-starter.ts';
import { MergeStarter } from '../adapters/temporal/merge-starter.ts';
import { startRevision } from '../adapters/temporal/revision-starter.ts';
import { ensureSchedule, schedulesOf } from '../adapters/temporal/schedules.ts';
import { ensureSearchAttributes } from '../adapters/temporal/search-attributes.ts';
import { startTracing, type WorkerTracing } from '../adapters/tracing/tracing.ts';
import { SEARCH_ATTRIBUTES } from '../workflows/search-attributes.ts';
import { createAgents } from './create-agents.ts';
import {
  createInductionActivities,
  createPruneActivities,
  createReviseActivities,
  createMergeActivities,
  createSweepActivities,
} from './create-activities.ts';
import { failureInterceptor } from './failure.ts';
import { RunMemory } from './run.ts';
import { settleMerges } from './start-merges.ts';

/** Runs side by side: most of a run's time is spent waiting for the servers. */
const CONCURRENT_ACTIVITIES = 20;
const SHUTDOWN_GRACE = '4 s';
const RETRY = { retries: Infinity, minTimeout: 200, maxTimeout: 5000 };

const config = loadConfig(process.env);
const log = createLogger({ level: config.logLevel, name: 'worker' });
try {
  await runWorker();
  process.exit(0);
} catch (error) {
  // The message of a StoreError is ours: it says what to do.
  log.fatal({ event: 'worker.ended', ...describeError(error), help: helpOf(error) });
  process.exit(1);
}

async function runWorker(): Promise<void> {
  installRuntime(log);
  const secret = config.secret?.reveal() ?? readOrMakeSecret(config.home);
  const database = connectConfigured(config);
  const waiting = (what: string) => (error: unknown) =>
    log.warn({ event: 'waiting', for: what, ...describeError(error) });
  await prepareDatabase(database, secretFingerprint(createKeyedHash(secret)), waiting('mongodb'));
  const { temporalAddress: address, temporalNamespace: namespace, temporalTaskQueue } = config;
  const tracing = await startTracing(config.otlpEndpoint, 'ghee-worker');
  const interceptors = tracing?.clientInterceptors;
  const client = connectTemporal({ address, namespace, interceptors });
  const starter = new InductionStarter({ client, taskQueue: temporalTaskQueue });
  const onSkipped = (collection: string, id: string): void =>
    log.warn({ event: 'document.skipped', collection, id });
  const onInterrupted = (error: unknown): void =>
    log.warn({ event: 'stream.interrupted', ...describeError(error) });
  const observations = new ObservationStore(database, { now: Date.now, onSkipped });
  const trees = new TreeStore(database, { now: Date.now, onSkipped });
  const connection = await connectNatively(address, waiting('temporal'));
  await ensureSearchAttributes(client, SEARCH_ATTRIBUTES);
  const scopes = new WorkerMemory(database, { trees, onSkipped, onInterrupted });
  const sandbox = createSandbox({ size: 1 });
  const agents = await createAgents(config.inducer, database, log);
  const { errorBudget } = config;
  const merging = createMerging(client, { database, observations, trees, scopes });
  await settleMerges(merging);
  const activities = {
    ...createInductionActivities({
      observations,
      trees,
      errorBudget,
      merging,
      scopes,
      runDerivation: sandbox.run,
      ...(agents === undefined ? { memory: new RunMemory() } : { agents }),
    }),
    ...createCareActivities({ database, observations, trees, scopes }),
    ...createSweepActivities({
      observations,
      trees,
      turns: new TurnStore(database),
      starter,
      startRevision: (ref) => startRevision({ client, taskQueue: temporalTaskQueue }, ref),
      now: Date.now,
    }),
    ...createMergeActivities(merging),
  };
  const worker = await createWorker(connection, activities, tracing?.worker);
  stopWhenTold(async () => {
    worker.shutdown();
    await running;
    await Promise.all([starter.close(), sandbox.close(), scopes.stop()]);
    await Promise.all([client.connection.close(), connection.close(), database.close()]);
    await tracing?.close();
  });
  scopes.start();
  const running = worker.run();
  for (const schedule of schedulesOf(config))
    await ensureSchedule(client, temporalTaskQueue, schedule);
  process.send?.({ kind: 'ready' });
  log.info({ event: 'worker.ready', taskQueue: temporalTaskQueue });
  await running;
}

/** Waits for Temporal, and says so once. */
function connectNatively(
  address: string,
  onWaiting: (error: unknown) => void,
): Promise<NativeConnection> {
  return pRetry(() => NativeConnection.connect({ address }), {
    ...RETRY,
    onFailedAttempt: ({ error, attemptNumber }) => {
      if (attemptNumber === 1) onWaiting(error);
    },
  });
}

interface Stores {
  readonly database: Database;
  readonly observations: ObservationStore;
  readonly trees: TreeStore;
  readonly scopes: KeptScopes;
}

function createMerging(client: Client, { database, ...stores }: Stores) {
  const { errorBudget, mergeThreshold, temporalTaskQueue: taskQueue } = config;
  const now = Date.now;
  const mergeStarter = new MergeStarter({
    client,
    taskQueue,
    onFailed: (error) => log.warn({ event: 'merge.not_started', ...describeError(error) }),
  });
  return {
    ...{ ...stores, errorBudget, mergeThreshold, mergeStarter, now },
    merges: new MergeStore(database, { now }),
    feedback: new FeedbackStore(database, { now }),
  };
}

/** What looks after templates once they were learned. */
function createCareActivities({ database, ...stores }: Stores) {
  const now = Date.now;
  const deletions = new DeletionStore(database, { now });
  return {
    ...createReviseActivities({
      ...stores,
      feedback: new FeedbackStore(database, { now }),
      turns: new TurnStore(database),
    }),
    ...createPruneActivities(new PruneStore(database, { deletions, limits: config.prune, now })),
  };
}

function createWorker(
  connection: NativeConnection,
  activities: object,
  tracing: WorkerTracing | undefined,
): Promise<Worker> {
  const { workflowBundle } = config;
  return Worker.create({
    connection,
    namespace: config.temporalNamespace,
    taskQueue: config.temporalTaskQueue,
    activities,
    ...(workflowBundle === undefined
      ? { workflowsPath: new URL('../workflows/bundle.ts', import.meta.url).pathname }
      : { workflowBundle: { codePath: workflowBundle } }),
    maxConcurrentActivityTaskExecutions: CONCURRENT_ACTIVITIES,
    maxConcurrentLocalActivityExecutions: CONCURRENT_ACTIVITIES,
    shutdownGraceTime: SHUTDOWN_GRACE,
    ...(tracing === undefined ? {} : { sinks: tracing.sinks }),
    interceptors: {
      workflowModules: tracing?.workflowModules ?? [],
      activity: [
        // The outer one: of a fault it sees the code only.
        ...(tracing === undefined ? [] : [tracing.activity]),
        (context) => ({ inbound: failureInterceptor(log, context.info.activityType) }),
      ],
    },
  });
}

/** The SDK's own lines, its native part's among them, in our format and without stacks. */
function installRuntime(target: Logger): void {
  const logger = new DefaultLogger('WARN', ({ level, message }) => {
    const method = level === 'ERROR' ? 'error' : 'warn';
    target[method]({ event: 'temporal.sdk', about: message.slice(0, 200) });
  });
  Runtime.install({ logger, shutdownSignals: [] });
}

function helpOf(error: unknown): string | undefined {
  return error instanceof Error && error.name === 'StoreError' ? error.message : undefined;
}
