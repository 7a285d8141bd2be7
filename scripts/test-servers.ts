/** MongoDB and Temporal for tests and benchmarks: free ports, a throw-away home, the clone's binaries. */
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadConfig } from '../adapters/config.ts';
import { ensureWorkflowBundle, WORKFLOWS_ENTRY } from './bundle-workflows.ts';
import { findFreePorts } from './ports.ts';
import { Problem } from './problem.ts';
import { claimRunFolder } from './run-folder.ts';
import { planMongodb } from './servers/mongodb.ts';
import type { ServerPlan } from './servers/plan.ts';
import { planTemporal } from './servers/temporal.ts';
import { ROOT, toolsFolder } from './servers/tools.ts';
import { Supervisor } from './supervisor.ts';

export interface TestServers {
  readonly home: string;
  readonly mongodbUri: string;
  readonly temporalAddress: string;
  /** Undefined until workflows/bundle.ts exists. */
  readonly workflowBundle: string | undefined;
  readonly stop: () => Promise<void>;
}

const PREFIX = 'ghee-test-';
/** A folder without an owner is left alone for this long: its owner may be about to claim it. */
const CLAIM_TIME_MS = 60_000;

export async function startTestServers(report: (line: string) => void): Promise<TestServers> {
  await endLeftTestServers();
  const home = mkdtempSync(path.join(tmpdir(), PREFIX));
  await claimRunFolder(path.join(home, 'run'));
  const supervisor = new Supervisor({ home, report });
  const stop = async () => {
    await supervisor.stop();
    rmSync(home, { recursive: true, force: true });
  };
  try {
    const run = async (planned: Promise<ServerPlan>) => {
      const { service, address } = await planned;
      if (service === undefined) throw new Problem('tests use servers of their own');
      await supervisor.start(service);
      return address;
    };
    const [mongodbPort, temporalPort] = await findFreePorts(2);
    const env = { MONGODB_PORT: String(mongodbPort), TEMPORAL_PORT: String(temporalPort) };
    const config = loadConfig(env);
    const context = { home, tools: toolsFolder(home), report };
    const [mongodbUri, temporalAddress, workflowBundle] = await Promise.all([
      run(planMongodb(config, context)),
      run(planTemporal({ ...config, temporalUiPort: undefined }, context)),
      // Bundles depend on sources only, so that tests share the clone's.
      existsSync(WORKFLOWS_ENTRY) ? ensureWorkflowBundle(path.join(ROOT, '.ghee')) : undefined,
    ]);
    return { home, mongodbUri, temporalAddress, workflowBundle, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Ends servers, and deletes folders, of test runs whose process is gone. */
export async function endLeftTestServers(): Promise<void> {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(PREFIX))) {
    const home = path.join(tmpdir(), name);
    const run = path.join(home, 'run');
    const isNew =
      Date.now() - (statSync(home, { throwIfNoEntry: false })?.ctimeMs ?? 0) < CLAIM_TIME_MS;
    if (isNew && !existsSync(path.join(run, 'supervisor.json'))) continue;
    try {
      const { kind } = await claimRunFolder(run);
      if (kind === 'claimed') rmSync(home, { recursive: true, force: true });
    } catch {
      // Another user's folder: not ours to end.
    }
  }
}
