/** A proxy that serves `behaviour.lock`: it needs no database, no Temporal and no provider, and asks none. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createKeyedHash } from '../../adapters/caller.ts';
import { ConfigError, type Config } from '../../adapters/config.ts';
import type { Logger } from '../../adapters/logger.ts';
import { checkSource } from '../../adapters/sandbox/check-source.ts';
import { MemoisedSandbox } from '../../adapters/sandbox/memoised-sandbox.ts';
import { createSandbox } from '../../adapters/sandbox/sandbox.ts';
import { Strikes } from '../../adapters/sandbox/strikes.ts';
import { readTrees } from '../../adapters/tree-file/read.ts';
import { createCodeRunner } from '../hit/code-runner.ts';
import { Flights } from '../miss/collapse.ts';
import { createListener } from '../app.ts';
import { CODE_LIMITS, type ProxyDeps } from '../deps.ts';
import { closeServer, listen } from '../listen.ts';
import { Frames } from '../hit/frames.ts';
import { sha256 } from '../request/plan.ts';
import { RecordingRoom } from '../miss/recording-room.ts';
import { Repeats } from '../hit/repeats.ts';
import { createUpstream } from '../miss/upstream.ts';
import { openLock, type LockedTrees } from './locked-trees.ts';

/** Resolves with what ends it. Errors: ConfigError for a file that cannot be served. */
export async function serveLock(
  file: string,
  config: Config,
  log: Logger,
): Promise<() => Promise<void>> {
  const trees = await readLock(file);
  const sandbox = createSandbox({ size: 1 });
  const { upstreamBaseUrl: baseUrl, requestBytesMax, staleMaxSeconds, collapseSeconds } = config;
  const upstream = createUpstream({ identity: baseUrl, baseUrl, log });
  const allows = { content: true, audits: false };
  const deps: ProxyDeps = {
    ...{ mirror: trees, lock: trees, upstream, demo: undefined, log },
    record: () => Promise.resolve({ kind: 'lost', code: 'locked' }),
    hashObservation: sha256,
    // Nobody is told apart by it here.
    keyedHash: createKeyedHash(randomBytes(16).toString('hex')),
    code: createCodeRunner(
      new MemoisedSandbox({ run: sandbox.run, strikes: new Strikes(), ...CODE_LIMITS }),
    ),
    ...{
      now: Date.now,
      random: Math.random,
      repeats: new Repeats(),
      frames: new Frames(sha256),
      flights: new Flights(),
    },
    room: new RecordingRoom(0),
    onUnusable: ignore,
    ...{ admitLine: () => true, onCall: ignore, onHit: ignore, onObserved: ignore },
    settings: {
      ...{ requestBytesMax, staleMaxSeconds, collapseSeconds, isOpen: false },
      rules: { mode: 'frozen', isLocked: true, ttlSeconds: undefined, allows },
    },
  };
  const server = await listen(deps, createListener(deps), config);
  log.info({ event: 'proxy.ready', port: config.proxyPort, lock: trees.counts() });
  return async () => {
    await closeServer(server);
    upstream.close();
    await sandbox.close();
  };
}

async function readLock(file: string): Promise<LockedTrees> {
  const refuse = (why: string) =>
    new ConfigError([`BEHAVIOUR_LOCK=${file} cannot be served: ${why}`]);
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw refuse(error instanceof Error ? error.message : 'it cannot be read');
  });
  const read = readTrees(text, { refuseCode });
  if (read.kind === 'problems') {
    throw refuse(read.problems.map(({ line, message }) => `line ${line}: ${message}`).join('; '));
  }
  const opened = openLock(read.archive);
  if (opened.kind === 'problem') throw refuse(opened.message);
  return opened.trees;
}

function refuseCode(source: string): string | undefined {
  const checked = checkSource(source);
  return checked.kind === 'allowed' ? undefined : `is no code that may run: ${checked.reason}`;
}

function ignore(): void {
  // Nothing is written down.
}
