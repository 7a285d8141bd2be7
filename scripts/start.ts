/**
 * `npm start`: checks, then MongoDB, Temporal and the workflow bundle side by side, then worker and
 * proxy; says where everything is; stops all of it on Ctrl-C. A composition root of processes only.
 */
import { Listr, type ListrTaskWrapper } from 'listr2';
import { accessSync, constants, mkdirSync, statfsSync } from 'node:fs';
import path from 'node:path';
import { loadConfig, type Config } from '../adapters/config.ts';
import { buildWeb } from './build-web.ts';
import { checkDatabase } from './check-database.ts';
import { ensureWorkflowBundle } from './bundle-workflows.ts';
import { checkPorts, type PortUse } from './ports.ts';
import { explain, Problem } from './problem.ts';
import { claimRunFolder, releaseRunFolder } from './run-folder.ts';
import { planMongodb } from './servers/mongodb.ts';
import type { PlanContext, ServerPlan } from './servers/plan.ts';
import { planTemporal } from './servers/temporal.ts';
import { ROOT, toolsFolder } from './servers/tools.ts';
import { proxyService, workerService, type Entries } from './services.ts';
import { describeReady } from './summary.ts';
import { Supervisor } from './supervisor.ts';

export const ENTRIES: Entries = {
  proxy: path.join(ROOT, 'proxy', 'server.ts'),
  worker: path.join(ROOT, 'activities', 'worker.ts'),
  bundle: ensureWorkflowBundle,
};

/** Databases and logs need room to breathe; below this a start would only fail later. */
const FREE_BYTES_MIN = 100 * 1024 * 1024;

/** What the tasks find out, for the ones after them. */
interface Found {
  mongodb?: ServerPlan;
  temporal?: ServerPlan;
  workflowBundle?: string;
  webRoot?: string;
}
type Task = Pick<ListrTaskWrapper<Found, never, never>, 'title' | 'output'>;

/** Runs until it is told to stop; gives back the exit code. */
export async function start(entries: Entries = ENTRIES): Promise<number> {
  const startedAt = performance.now();
  const config = loadConfig(process.env);
  await claimHome(config);
  const supervisor = new Supervisor({ home: config.home, report: say });
  const stopped = untilToldToStop();
  try {
    const found: Found = {};
    const tasks = config.behaviourLock === undefined ? startTasks : startLocked;
    const work = tasks(config, supervisor, entries).run(found);
    const isReady = await Promise.race([work.then(() => true), stopped.then(() => false)]);
    work.catch(() => undefined); // Told to stop: tasks under way fail, as they should.
    if (isReady) {
      const seconds = (performance.now() - startedAt) / 1000;
      console.log(describeReady(config, found, seconds));
      await stopped;
    }
    say('stopping');
    return 0;
  } finally {
    await supervisor.stop();
    releaseRunFolder(supervisor.runFolder);
    say('stopped; the state is kept in ' + config.home);
  }
}

const RENDERING = {
  registerSignalListeners: false,
  fallbackRenderer: 'simple',
  rendererOptions: { collapseSubtasks: false, showErrorMessage: false },
  fallbackRendererOptions: {},
} as const;

/** A file of trees needs nothing but the proxy. */
function startLocked(config: Config, supervisor: Supervisor, entries: Entries): Listr<Found> {
  const proxy = proxyService(config, entries.proxy, undefined);
  return new Listr<Found>(
    [
      { title: 'Ports', task: () => checkPorts(portsOf(config).slice(0, 1)) },
      { title: 'Proxy', task: () => supervisor.start(proxy) },
    ],
    RENDERING,
  );
}

function startTasks(config: Config, supervisor: Supervisor, entries: Entries): Listr<Found> {
  const run = async (plan: ServerPlan) => {
    if (plan.service !== undefined) await supervisor.start(plan.service);
  };
  const servers = [
    serverTask('MongoDB', async (found, context) => {
      found.mongodb = await planMongodb(config, context);
      await run(found.mongodb);
      return found.mongodb.source;
    }),
    serverTask('Temporal', async (found, context) => {
      found.temporal = await planTemporal(config, context);
      await run(found.temporal);
      return found.temporal.source;
    }),
    {
      title: 'Workflow bundle',
      task: async (found: Found) => {
        found.workflowBundle = await entries.bundle(config.home, config.otlpEndpoint !== undefined);
      },
    },
    { title: 'Dashboard', task: (found: Found, task: Task) => build(config, found, task) },
  ];
  const ours = [
    {
      title: 'Worker',
      task: ({ workflowBundle }: Found) =>
        supervisor.start(workerService(config, entries.worker, workflowBundle)),
    },
    {
      title: 'Proxy',
      task: ({ webRoot }: Found) => supervisor.start(proxyService(config, entries.proxy, webRoot)),
    },
  ];
  return new Listr<Found>(
    [
      { title: 'Ports', task: () => checkPorts(portsOf(config)) },
      {
        title: 'Servers',
        task: (_found, task) => task.newListr(servers, { concurrent: true }),
      },
      { title: 'Database', task: () => checkDatabase(config) },
      { title: 'Ghee', task: (_found, task) => task.newListr(ours, { concurrent: true }) },
    ],
    RENDERING,
  );

  function serverTask(
    title: string,
    work: (found: Found, context: PlanContext) => Promise<string>,
  ) {
    return {
      title,
      task: async (found: Found, task: Task) => {
        const report = (line: string) => (task.output = line);
        const { home } = config;
        const source = await work(found, { home, tools: toolsFolder(home), report });
        task.title = `${title}, from ${source}`;
      },
    };
  }
}

/** Without a dashboard everything else works, so this never fails. */
async function build(config: Config, found: Found, task: Task): Promise<void> {
  const built = await buildWeb(config.home);
  if (built.kind === 'built') found.webRoot = built.folder;
  else task.title = `Dashboard: not built, the rest works. ${built.why}`;
}

/** Makes the home ours; what a crashed run left behind is ended. */
async function claimHome(config: Config): Promise<void> {
  const { home } = config;
  mkdirSync(home, { recursive: true });
  accessSync(home, constants.W_OK);
  const { bavail, bsize } = statfsSync(home);
  if (bavail * bsize < FREE_BYTES_MIN) {
    throw new Problem(
      `The disk of ${home} has less than ${FREE_BYTES_MIN / 1024 / 1024} MB left. Free some space, or set GHEE_HOME to a folder on another disk, and start again.`,
    );
  }
  const claim = await claimRunFolder(path.join(home, 'run'));
  if (claim.kind === 'taken') {
    throw new Problem(
      `Another Ghee already runs with this home (${home}, pid ${claim.pid}). Stop it with Ctrl-C in its window or \`kill ${claim.pid}\`; or run a second one beside it by setting GHEE_HOME to another folder and PROXY_PORT, ADMIN_PORT, TEMPORAL_PORT, TEMPORAL_UI_PORT and MONGODB_PORT to free ports.`,
    );
  }
  if (claim.ended.length > 0) {
    say(`a previous run had crashed; ended what it left: ${claim.ended.join(', ')}`);
  }
}

/** Ports of servers that somebody else runs are not ours to check. */
function portsOf(config: Config): PortUse[] {
  const local = (port: number, variable: string, what: string): PortUse => ({
    port,
    host: '127.0.0.1',
    variable,
    what,
  });
  return [
    { port: config.proxyPort, host: config.bindAddress, variable: 'PROXY_PORT', what: 'the proxy' },
    {
      port: config.adminPort,
      host: config.adminBindAddress,
      variable: 'ADMIN_PORT',
      what: 'the admin API',
    },
    ...(config.isTemporalEmbedded
      ? [
          local(config.temporalPort, 'TEMPORAL_PORT', 'Temporal'),
          local(config.temporalUiPort, 'TEMPORAL_UI_PORT', 'the Temporal UI'),
        ]
      : []),
    ...(config.isMongodbEmbedded ? [local(config.mongodbPort, 'MONGODB_PORT', 'MongoDB')] : []),
  ];
}

/** Repeats are one: npm, the launcher and the terminal may each pass on the same Ctrl-C. */
function untilToldToStop(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => resolve());
    process.on('disconnect', () => resolve()); // The launcher was killed outright.
    process.on('uncaughtException', (error) => {
      console.error(explain(error));
      process.exitCode = 1;
      resolve();
    });
  });
}

function say(line: string): void {
  console.log(`ghee: ${line}`);
}
