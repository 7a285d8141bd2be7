/** The proxy's composition root: `node proxy/server.ts`. */
import type { Client } from '@temporalio/client';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import path from 'node:path';
import type { NodeRef } from '../core/tree/node.ts';
import { createKeyedHash, readOrMakeSecret, secretFingerprint } from '../adapters/caller.ts';
import { isLoopback, loadConfig, shownSettings } from '../adapters/config.ts';
import { respondDemo } from '../adapters/demo-provider/respond-demo.ts';
import { DEMO_LATENCY_MS, startProvider } from '../adapters/demo-provider/start-provider.ts';
import { createLogger, describeError } from '../adapters/logger.ts';
import { connectMongo, type Database } from '../adapters/mongo/connect.ts';
import { TreeMirror } from '../adapters/mongo/mirror.ts';
import { TreeStore } from '../adapters/mongo/tree-store.ts';
import { TurnStore, type Turn } from '../adapters/mongo/turn-store.ts';
import { WriteQueue } from '../adapters/mongo/write-queue.ts';
import { ObservationStore } from '../adapters/mongo/observation-store.ts';
import { prepareDatabase } from '../adapters/mongo/prepare.ts';
import { createObservationRecorder } from '../adapters/mongo/recorder.ts';
import { MemoisedSandbox } from '../adapters/sandbox/memoised-sandbox.ts';
import { createSandbox, type Sandbox } from '../adapters/sandbox/sandbox.ts';
import { Strikes } from '../adapters/sandbox/strikes.ts';
import { stopWhenTold } from '../adapters/shutdown.ts';
import { openSpool } from '../adapters/spool/spool.ts';
import { connectTemporal, InductionStarter } from '../adapters/temporal/induction-starter.ts';
import { MergeStarter } from '../adapters/temporal/merge-starter.ts';
import { runPrune } from '../adapters/temporal/prune-starter.ts';
import { startRevision } from '../adapters/temporal/revision-starter.ts';
import { startAdmin } from './admin/start-admin.ts';
import { createListener } from './app.ts';
import { Auditor, type ServedHit } from './audit.ts';
import { openBookkeeping, type Bookkeeping } from './bookkeeping.ts';
import { Flights } from './collapse.ts';
import { createCodeRunner } from './code-runner.ts';
import { PROXY_LIMITS, type ProxyDeps, type ProxySettings } from './deps.ts';
import { Frames } from './frames.ts';
import { heedNextTurn } from './heed-next-turn.ts';
import { learn, type LearnDeps } from './learn.ts';
import { sha256 } from './plan.ts';
import { RecordingRoom } from './recording-room.ts';
import { Repeats } from './repeats.ts';
import { Sampler } from './sampler.ts';
import { handleUpgrade, isWebSocket } from './upgrade.ts';
import { createUpstream } from './upstream.ts';

/** Clients whose proxy was restarted try again after about 0.5 s: better late than a miss. */
const MIRROR_WAIT_MS = 600;
/** A hit by a model's code waits no longer than 20 ms (PITFALLS §1b): beyond it the provider is asked. */
const CODE_LIMITS = { patienceMs: 20, budgetMs: 500 };
/** Whoever asks for it waits; the run goes on after that. */
const PRUNE_PATIENCE_MS = 120_000;
/** Longer than the idle time of load balancers and SDKs, so that they close first. */
const KEEP_ALIVE_MS = 120_000;
/** Lines of the log on single calls in a second. Each is a write of its own; all calls are in the counts. */
const CALL_LINES_PER_SECOND = 100;

const config = loadConfig(process.env);
const log = createLogger({ level: config.logLevel, name: 'proxy' });
await run().catch((error: unknown) => {
  end('proxy.failed', error);
});

async function run(): Promise<void> {
  const secret = config.secret?.reveal() ?? readOrMakeSecret(config.home);
  const keyedHash = createKeyedHash(secret);
  const database = connectMongo({ uri: config.mongodbUri, database: config.mongodbDatabase });
  const mirror = createMirror(database);
  // While MongoDB is down this waits, and everything is forwarded.
  prepareDatabase(database, secretFingerprint(keyedHash), (error) => {
    log.warn({ event: 'waiting', for: 'mongodb', ...describeError(error) });
  }).then(
    () => mirror.start(),
    (error: unknown) => end('proxy.refused', error),
  );
  const { temporalAddress: address, temporalNamespace: namespace, temporalTaskQueue } = config;
  const temporal = {
    client: connectTemporal({ address, namespace }),
    taskQueue: temporalTaskQueue,
  };
  const recording = await createRecording(database, temporal);
  const demo = await startProvider({ respond: respondDemo, latencyMs: DEMO_LATENCY_MS });
  const upstreams = createUpstreams(demo.url);
  // Its children start with the first derivation that needs them.
  const sandbox = createSandbox({ size: 1 });
  const code = createRunner(sandbox.run, database);
  const books = openBookkeeping({ database, config, log });
  const record: LearnDeps['record'] = (entry) => recording.recorder.record(entry);
  const room = new RecordingRoom(PROXY_LIMITS.recordingsBytesMax);
  const { onUnusable } = books;
  const auditor = createAuditor({ log, record, mirror, now: Date.now, onUnusable }, books, room);
  const watched = watchHits(auditor, mirror, createTurnQueue(database, temporal));
  const lines = new Sampler(CALL_LINES_PER_SECOND, () => performance.now());
  const deps: ProxyDeps = {
    mirror,
    record,
    keyedHash,
    code,
    ...upstreams,
    log,
    now: Date.now,
    random: Math.random,
    repeats: new Repeats(),
    frames: new Frames(sha256),
    room,
    onUnusable,
    flights: new Flights(),
    admitLine: () => lines.admit(),
    onCall: books.onCall,
    onHit: watched.onHit,
    onObserved: books.onObserved,
    settings: proxySettings(),
  };
  await mirror.whenLive(MIRROR_WAIT_MS);
  const server = await listen(deps);
  log.info({ event: 'proxy.ready', port: config.proxyPort, mirror: mirror.status().kind });
  // Clients come first: after a crash they wait for the proxy, nobody waits for the admin API.
  const admin = startAdmin({
    ...{ config, database, mirror, keyedHash, code, books, log },
    settings: shownSettings(process.env),
    ...runsBy(temporal),
  });
  stopWhenTold(async () => {
    (await admin).close();
    await closeServer(server);
    await watched.close();
    await recording.close();
    await books.close();
    await mirror.stop();
    Object.values(upstreams).forEach((upstream) => upstream.close());
    await Promise.all([database.close(), demo.close(), sandbox.close()]);
  });
}

function createRunner(run: Sandbox['run'], database: Database) {
  return createCodeRunner(
    new MemoisedSandbox({
      run,
      strikes: new Strikes(),
      ...CODE_LIMITS,
      onQuarantined: (source) => void quarantine(database, source),
    }),
  );
}

function createUpstreams(demoUrl: string) {
  const { upstreamBaseUrl: baseUrl } = config;
  return {
    upstream: createUpstream({ identity: baseUrl, baseUrl, log }),
    demo: createUpstream({ identity: 'demo', baseUrl: `${demoUrl}/v1`, log }),
  };
}

function proxySettings(): ProxySettings {
  const { requestBytesMax, staleMaxSeconds, collapseSeconds } = config;
  const { mode, ttlSeconds, logContent, audits } = config;
  return {
    collapseSeconds,
    requestBytesMax,
    staleMaxSeconds,
    rules: { mode, ttlSeconds, allows: { content: logContent, audits } },
    isOpen: !isLoopback(config.bindAddress),
  };
}

async function listen(deps: ProxyDeps): Promise<Server> {
  const maxHeaderSize = PROXY_LIMITS.headerBytesMax;
  const server = createServer(
    { maxHeaderSize, shouldUpgradeCallback: isWebSocket },
    createListener(deps),
  );
  server.on('upgrade', (req, socket, head) => handleUpgrade(deps, req, socket, head));
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.listen(config.proxyPort, config.bindAddress);
  await once(server, 'listening');
  return server;
}

/** Code that had to be killed twice is not run by other proxies either, nor by this one after a restart. */
async function quarantine(database: Database, source: string): Promise<void> {
  try {
    const trees = new TreeStore(database, { now: Date.now, onSkipped });
    const nodes = await trees.quarantineCode(source, 'its code had to be killed twice');
    log.warn({ event: 'code.quarantined', nodes });
  } catch (error) {
    // This proxy has its own memory of the strikes.
    log.error({ event: 'code.not_quarantined', ...describeError(error) });
  }
}

function createMirror(database: Database): TreeMirror {
  return new TreeMirror(database, {
    now: Date.now,
    onSkipped,
    onInterrupted: (error) => log.warn({ event: 'mirror.interrupted', ...describeError(error) }),
    onLoaded: (counts) => log.info({ event: 'mirror.loaded', ...counts }),
  });
}

type AuditDeps = LearnDeps & { readonly mirror: Pick<TreeMirror, 'auditsOf'> };

function createAuditor(deps: AuditDeps, books: Bookkeeping, room: RecordingRoom): Auditor {
  return new Auditor({
    rate: config.auditRate,
    auditsOf: (node) => deps.mirror.auditsOf(node),
    random: Math.random,
    clock: () => performance.now(),
    log,
    bounds: { bytesMax: PROXY_LIMITS.answerBytesMax, room },
    learn: (lesson, answer) => learn(deps, sha256, lesson, answer),
    onAudit: books.onAudit,
  });
}

/** What becomes of a hit when its client has its answer. */
function watchHits(auditor: Auditor, mirror: TreeMirror, turns: WriteQueue<Turn>) {
  const heed = { mirror, now: Date.now, log, keep: (turn: Turn) => turns.add(turn) };
  return {
    onHit: (hit: ServedHit): void => {
      auditor.consider(hit);
      heedNextTurn(heed, hit.asked, hit.found);
    },
    close: async (): Promise<void> => {
      await auditor.close();
      await turns.close();
    },
  };
}

/** The runs that people start. */
function runsBy(temporal: Temporal) {
  return {
    mergeStarter: new MergeStarter(temporal),
    startRevision: (ref: NodeRef) => startRevision(temporal, ref),
    runPrune: () => runPrune(temporal, PRUNE_PATIENCE_MS),
  };
}

interface Temporal {
  readonly client: Client;
  readonly taskQueue: string;
}

/** Kept first; what speaks against a template is then looked at at once, or by the sweep. */
function createTurnQueue(database: Database, temporal: Temporal): WriteQueue<Turn> {
  const store = new TurnStore(database);
  return new WriteQueue<Turn>({
    write: async (turns) => {
      await store.insert(turns);
      for (const turn of new Map(turns.map((each) => [each.node, each])).values()) {
        const { node, scope, project } = turn;
        void startRevision(temporal, { node, scope, project });
      }
    },
    onFailed: (error) => log.warn({ event: 'next_turns.waiting', ...describeError(error) }),
  });
}

async function createRecording(database: Database, temporal: Temporal) {
  const starter = new InductionStarter({
    ...temporal,
    onFailed: (error) => log.warn({ event: 'induction.not_started', ...describeError(error) }),
  });
  const spool = await openSpool({
    directory: path.join(config.home, 'spool'),
    bytesMax: config.spoolBytesMax,
    pid: process.pid,
    now: Date.now,
    onTorn: (file, bytes) => log.warn({ event: 'spool.torn', file, bytes }),
  });
  const recorder = createObservationRecorder({
    store: new ObservationStore(database, { now: Date.now, onSkipped }),
    spool,
    onStored: (ref) => void starter.start(ref),
    onProblem: ({ kind, ...problem }) => {
      const { error, ...counts } = { error: undefined, ...problem };
      const details = error === undefined ? {} : describeError(error);
      log.warn({ event: `recorder.${kind}`, ...counts, ...details });
    },
  });
  const close = async (): Promise<void> => {
    await recorder.close();
    await spool.close();
    await starter.close();
    await temporal.client.connection.close();
  };
  return { recorder, close };
}

/** Answers under way are finished; idle connections end at once. */
async function closeServer(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, 4000).unref())]);
  server.closeAllConnections();
}

function onSkipped(collection: string, id: string): void {
  log.warn({ event: 'document.skipped', collection, id });
}

/** Messages of our own errors say what to do and quote nothing. */
function end(event: string, error: unknown): void {
  const isOurs = error instanceof Error && 'retryable' in error;
  log.fatal({ event, ...describeError(error), help: isOurs ? error.message : undefined });
  process.exitCode = 1;
  setTimeout(() => process.exit(1), 50);
}
