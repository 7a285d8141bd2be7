/** Our own two processes, as services of the supervisor; settings reach them as environment. */
import type { ChildProcess } from 'node:child_process';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../adapters/config.ts';
import type { Service } from './supervisor.ts';

export interface Entries {
  /** Files that are run under Node. */
  readonly proxy: string;
  readonly worker: string;
  /** Makes the workflow bundle in a home; gives back its path. */
  readonly bundle: (home: string, isTraced: boolean) => Promise<string>;
}

const READY_POLL_MS = 30;

export function proxyService(config: Config, entry: string, webRoot: string | undefined): Service {
  const host = config.bindAddress.includes(':') ? `[${config.bindAddress}]` : config.bindAddress;
  const url = `http://${host}:${config.proxyPort}/readyz`;
  const { env, ...service } = nodeService('proxy', entry, config);
  return {
    ...service,
    env: webRoot === undefined ? env : { ...env, WEB_ROOT: webRoot },
    layer: 3,
    ready: (_child, signal) => untilOk(url, signal),
  };
}

export function workerService(config: Config, entry: string, bundle: string | undefined): Service {
  const { env, ...service } = nodeService('worker', entry, config);
  return {
    ...service,
    env: bundle === undefined ? env : { ...env, WORKFLOW_BUNDLE: bundle },
    layer: 2,
    ready: untilReadyMessage,
  };
}

function nodeService(name: string, entry: string, config: Config) {
  return {
    name,
    command: process.execPath,
    args: ['--disable-warning=ExperimentalWarning', entry],
    hasIpc: true,
    env: {
      GHEE_HOME: config.home,
      MONGODB_URI: config.mongodbUri,
      TEMPORAL_ADDRESS: config.temporalAddress,
      TEMPORAL_UI_URL: config.temporalUiUrl ?? '',
      // Compiled code of a former run: a restart must be quicker than the clients' retries.
      NODE_COMPILE_CACHE: path.join(config.home, 'cache', 'node'),
    },
  };
}

async function untilOk(url: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const isOk = await fetch(url, { signal }).then(
      async (response) => {
        await response.body?.cancel();
        return response.ok;
      },
      () => false, // Not listening yet.
    );
    if (isOk) return;
    await sleep(READY_POLL_MS);
  }
}

function untilReadyMessage(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.on('message', (message: unknown) => {
      const isReady =
        typeof message === 'object' &&
        message !== null &&
        'kind' in message &&
        message.kind === 'ready';
      if (isReady) resolve();
    });
  });
}
