/** The proxy's composition root: `node proxy/server.ts`. */
import type { Client } from '@temporalio/client';
import cluster from 'node:cluster';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import type { Hash } from '../core/observation.ts';
import type { NodeRef } from '../core/tree/node.ts';
import {
  createKeyedHash,
  readOrMakeSecret,
  rememberHashes,
  secretFingerprint,
} from '../adapters/caller.ts';
import { isLoopback, loadConfig, shownSettings } from '../adapters/config.ts';
import { respondDemo } from '../adapters/demo-provider/respond-demo.ts';
import { DEMO_LATENCY_MS, startProvider } from '../adapters/demo-provider/start-provider.ts';
import { createLogger, describeError } from '../adapters/logger.ts';
import { connectConfigured, type Database } from '../adapters/mongo/connect.ts';
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
import {
  connectTemporal,
  InductionStarter,
  type InductionStarterOptions,
} from '../adapters/temporal/induction-starter.ts';
import { MergeStarter } from '../adapters/temporal/merge-starter.ts';
import { runPrune } from '../adapters/temporal/prune-starter.ts';
import { startRevision } from '../adapters/temporal/revision-starter.ts';
import { startTracing, type Tracing } from '../adapters/tracing/tracing.ts';
import { startAdmin, type AdminOptions } from './admin/start-admin.ts';
import { createListener } from './app.ts';
import { Auditor, type ServedHit } from './hit/audit.ts';
import { openBookkeeping, type Bookkeeping } from './record/bookkeeping.ts';
import { NAME_CHARACTERS_MAX } from './call.ts';
import { Flights } from './miss/collapse.ts';
import { createCodeRunner } from './hit/code-runner.ts';
import { CODE_LIMITS, PROXY_LIMITS, type ProxyDeps, type ProxySettings } from './deps.ts';
import { Frames } from './hit/frames.ts';
import { heedNextTurn } from './record/heed-next-turn.ts';
import { learn, type LearnDeps } from './miss/learn.ts';
import { closeServer, listen } from './listen.ts';
import { serveLock } from './lock/serve-lock.ts';
import { sha256 } from './request/plan.ts';
import { joinFamily, ProcessFamily, stateOf } from './processes.ts';
import { RecordingRoom } from './miss/recording-room.ts';
import { Repeats } from './hit/repeats.ts';
import { Sampler } from './record/sampler.ts';
import { createUpstream } from './miss/upstream.ts';

/** Clients whose proxy was restarted try again after about 0.5 s: better late than a miss. */
const MIRROR_WAIT_MS = 600;
/** Whoever asks for it waits; the run goes on after that. */
const PRUNE_PATIENCE_MS = 120_000;
/** Lines of the log on single calls in a second. Each is a write of its own; all calls are in the counts. */
const CALL_LINES_PER_SECOND = 100;
const LOCKED =
  'sealed with another GHEE_ENCRYPTION_KEY: docs/security.md says how to have them stored; or delete the file';

// Several threads collect what few calls leave behind, and most of the time wait for one another, busily: on two cores
// up to a third of the CPU time of a hit.
setFlagsFromString('--no-parallel-scavenge');

const config = loadConfig(process.env);
const name = cluster.worker === undefined ? 'proxy' : `proxy-${cluster.worker.id}`;
const log = createLogger({ level: config.logLevel, name });
const { behaviourLock } = config;
await open().catch((error: unknown) => {
  end('proxy.failed', error);
});

async function open(): Promise<void> {
  if (behaviourLock !== undefined) stopWhenTold(await serveLock(behaviourLock, config, log));
  else if (config.proxyProcesses === 1) await runAlone();
  else if (cluster.isPrimary) await runFamily(config.proxyProcesses);
  else await runMember();
}

/** Clients and admin API in one process. */
async function runAlone(): Promise<void> {
  const shared = await openShared();
  const { state, stop } = await serve(shared);
  // Clients come first: after a crash they wait for the proxy, nobody waits for the admin API.
  const admin = administer(shared, { family: undefined, processes: () => [state()] });
  stopWhenTold(async () => {
    (await admin).close();
    await stop();
    await shared.close();
  });
}

/** The first of several processes: the admin API, and the end and new beginning of the others. */
async function runFamily(count: number): Promise<void> {
  const family = new ProcessFamily({
    count,
    onEnded: (pid, how) => log.error({ event: 'process.ended', pid, how }),
  });
  family.start();
  const shared = await openShared();
  const admin = await administer(shared, { family, processes: () => family.states() });
  stopWhenTold(async () => {
    admin.close();
    await family.stop();
    await shared.close();
  });
}

/** One of several that share the port. */
async function runMember(): Promise<void> {
  const shared = await openShared();
  const { books } = shared;
  const { state, stop } = await serve(shared);
  joinFamily({
    flush: books.flush,
    metrics: () => books.metrics.registry.getMetricsAsJSON(),
    state,
  });
  stopWhenTold(async () => {
    await stop();
    await shared.close();
  });
}

type Shared = Awaited<ReturnType<typeof openShared>>;

/** What clients and the admin API both need. */
async function openShared() {
  const secret = config.secret?.reveal() ?? readOrMakeSecret(config.home);
  const keyedHash = createKeyedHash(secret);
  const database = connectConfigured(config);
  const mirror = createMirror(database);
  // While MongoDB is down this waits, and everything is forwarded.
  prepareDatabase(database, secretFingerprint(keyedHash), (error) => {
    log.warn({ event: 'waiting', for: 'mongodb', ...describeError(error) });
  }).then(
    () => mirror.start(),
    (error: unknown) => end('proxy.refused', error),
  );
  const tracing = await startTracing(config.otlpEndpoint, 'ghee-proxy');
  const temporal = temporalClient(tracing);
  // Its children start with the first derivation that needs them.
  const sandbox = createSandbox({ size: 1 });
  const code = createRunner(sandbox.run, database);
  const books = openBookkeeping({ database, config, log });
  const close = async (): Promise<void> => {
    await temporal.client.connection.close();
    await books.close();
    await mirror.stop();
    await Promise.all([database.close(), sandbox.close(), tracing?.close()]);
  };
  return { keyedHash, database, mirror, temporal, tracing, code, books, close };
}

function administer(shared: Shared, serving: AdminOptions['serving']) {
  const { keyedHash, database, mirror, code, books } = shared;
  return startAdmin({
    ...{ config, log, serving, keyedHash, database, mirror, code, books },
    settings: shownSettings(process.env),
    ...runsBy(shared.temporal),
  });
}

/** Resolves with how it is and what ends it, once clients can connect. */
async function serve(shared: Shared) {
  const { database, mirror, temporal, tracing, keyedHash, code, books } = shared;
  const recording = await createRecording(database, { ...temporal, around: tracing?.within });
  const demo = await startProvider({ respond: respondDemo, latencyMs: DEMO_LATENCY_MS });
  const upstreams = createUpstreams(demo.url);
  const record: LearnDeps['record'] = (entry) => {
    tracing?.observed(entry.observation.id);
    return recording.recorder.record(entry);
  };
  const room = new RecordingRoom(PROXY_LIMITS.recordingsBytesMax);
  const { onUnusable } = books;
  const hashObservation: Hash = (text) => keyedHash('observation', [text]);
  const learning = { log, record, mirror, now: Date.now, onUnusable, hashObservation };
  const auditor = createAuditor(learning, books, room);
  const watched = watchHits(auditor, mirror, createTurnQueue(database, temporal));
  const clock = () => performance.now();
  const lines = new Sampler({ all: CALL_LINES_PER_SECOND, sample: CALL_LINES_PER_SECOND, clock });
  const deps: ProxyDeps = {
    mirror,
    record,
    keyedHash: rememberHashes(keyedHash),
    hashObservation,
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
    onCall: tracing === undefined ? books.onCall : tellOf(tracing, books),
    onHit: watched.onHit,
    onObserved: books.onObserved,
    settings: proxySettings(),
  };
  await mirror.whenLive(MIRROR_WAIT_MS);
  const listener = createListener(deps);
  const server = await listen(deps, tracing?.traced(listener) ?? listener, config);
  log.info({ event: 'proxy.ready', port: config.proxyPort, mirror: mirror.status().kind });
  const stop = async (): Promise<void> => {
    await closeServer(server);
    await watched.close();
    await recording.close();
    Object.values(upstreams).forEach((upstream) => upstream.close());
    await demo.close();
  };
  return { state: () => stateOf(books, mirror, recording.spool), stop };
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

/** What the log tells of a call, its span tells as well. */
function tellOf(tracing: Tracing, books: Bookkeeping): ProxyDeps['onCall'] {
  return (closed, res) => {
    const { call, ms } = closed;
    const { outcome } = call;
    tracing.tell(res, {
      'ghee.cache': outcome?.cache ?? 'refused',
      'ghee.reason': outcome?.reason,
      'ghee.node': outcome?.cache === 'hit' ? outcome.node : undefined,
      'ghee.request_id': call.requestId,
      'gen_ai.request.model': call.model?.slice(0, NAME_CHARACTERS_MAX),
      ...Object.fromEntries(Object.entries(ms).map(([part, value]) => [`ghee.ms.${part}`, value])),
    });
    books.onCall(closed);
  };
}

function temporalClient(tracing: Tracing | undefined) {
  const { temporalAddress: address, temporalNamespace: namespace, temporalTaskQueue } = config;
  const interceptors = tracing?.clientInterceptors;
  return {
    client: connectTemporal({ address, namespace, interceptors }),
    taskQueue: temporalTaskQueue,
  };
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
    entriesMax: config.mirrorEntriesMax,
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

async function createRecording(
  database: Database,
  temporal: Pick<InductionStarterOptions, 'client' | 'taskQueue' | 'around'>,
) {
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
    onLocked: (locked) => log.warn({ event: 'spool.locked', ...locked, help: LOCKED }),
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
  };
  return { recorder, spool, close };
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
