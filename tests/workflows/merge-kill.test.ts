/** kill -9 of the worker at each activity of a merge in turn: the tree is before it or after it, and the merge ends. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createNamedRandom } from '../../evals/workloads/random.ts';
import type { Database } from '../../adapters/mongo/connect.ts';
import { dropDatabase, freshDatabase } from '../../adapters/mongo/test-fixtures.ts';
import { until } from '../support/until.ts';
import type { Death, MortalOptions } from '../support/mortal-worker.ts';
import { callsOf, MERGEABLE } from '../support/merge-behaviours.ts';
import { storeSiblings } from '../support/stored-siblings.ts';

const PROJECT = 'p';
const MORTAL_WORKER = path.join(import.meta.dirname, '..', 'support', 'mortal-worker.ts');
/** At its end: all that the activity has stored is there, and it is done again. */
const DEATHS: readonly Omit<Death, 'scope'>[] = [
  { activity: 'clusterSiblings', when: 'after' },
  { activity: 'planClusters', when: 'after' },
  { activity: 'checkPlans', when: 'after' },
  { activity: 'commitMerge', when: 'within' },
  { activity: 'commitMerge', when: 'after' },
];
const { orders } = MERGEABLE;

let database: Database;
let client: Client;
const workers: ChildProcess[] = [];

beforeAll(async () => {
  database = await freshDatabase(process.env['GHEE_TEST_MONGODB_URI'], 'merge_kill');
  const address = process.env['GHEE_TEST_TEMPORAL_ADDRESS'] ?? '';
  client = new Client({ connection: await Connection.connect({ address }) });
});

afterAll(async () => {
  for (const worker of workers) {
    if (worker.exitCode !== null || worker.signalCode !== null) continue;
    worker.kill('SIGKILL');
    await once(worker, 'exit');
  }
  await client.connection.close();
  await dropDatabase(database);
});

function startWorker(taskQueues: readonly string[], death?: Death): ChildProcess {
  const options: MortalOptions = {
    mongodbUri: process.env['GHEE_TEST_MONGODB_URI'] ?? '',
    temporalAddress: process.env['GHEE_TEST_TEMPORAL_ADDRESS'] ?? '',
    codePath: process.env['GHEE_TEST_WORKFLOW_BUNDLE'] ?? '',
    database: database.db.databaseName,
    taskQueues,
    ...(death === undefined ? {} : { death }),
  };
  const flags = ['--no-node-snapshot', '--disable-warning=ExperimentalWarning'];
  const worker = spawn(process.execPath, [...flags, MORTAL_WORKER, JSON.stringify(options)], {
    stdio: 'ignore',
  });
  workers.push(worker);
  return worker;
}

async function startMerge(scope: string) {
  return client.workflow.start('merge', {
    workflowId: `merge:${PROJECT}:${scope}`,
    taskQueue: scope,
    // The server gives a dead worker's task to the next one after this.
    workflowTaskTimeout: '2 s',
    args: [{ project: PROJECT, scope }],
  });
}

interface Trees {
  readonly states: Readonly<Record<string, number>>;
  readonly exemplars: number;
  readonly version: number;
}

async function readTree(scope: string): Promise<Trees> {
  const nodes = await database.nodes.find({ scope: { $eq: scope } }).toArray();
  const states: Record<string, number> = {};
  for (const { state } of nodes) states[state] = (states[state] ?? 0) + 1;
  const [exemplars, root] = await Promise.all([
    database.exemplars.countDocuments({ scope: { $eq: scope } }),
    database.scopes.findOne({ _id: { $eq: scope } }),
  ]);
  return { states, exemplars, version: root?.childrenVersion ?? 0 };
}

const scopeOf = (index: number): string => `scope-${index}`;

test('killed at the end of a dry run it is told once more, and the tree is as it was', async () => {
  const scope = 'dry-run';
  const recorded = callsOf(createNamedRandom(3, 'orders'), orders ?? (() => []), 8);
  await storeSiblings(database, { scope, project: PROJECT }, recorded);
  const before = await readTree(scope);
  const handle = await client.workflow.start('merge', {
    ...{ workflowId: 'merge-dry-run', taskQueue: scope, workflowTaskTimeout: '2 s' },
    args: [{ project: PROJECT, scope, isDryRun: true }],
  });
  const worker = startWorker([scope], { activity: 'finishMerge', when: 'after', scope });
  await once(worker, 'exit');
  expect(worker.signalCode).toBe('SIGKILL');
  expect(await readTree(scope)).toEqual(before);
  startWorker([scope]);
  expect(await handle.result()).toBe('proposed');
  expect(await readTree(scope)).toEqual(before);
  const record = await database.merges.findOne({ scope: { $eq: scope } });
  expect(record).toMatchObject({ state: 'proposed', templates: [{ members: 8 }] });
  await database.merges.deleteMany({ scope: { $eq: scope } });
});

test('each merge ends on the next worker, and is whole or not there in between', async () => {
  const recorded = callsOf(createNamedRandom(3, 'orders'), orders ?? (() => []), 8);
  for (const index of [...DEATHS.keys(), DEATHS.length]) {
    await storeSiblings(database, { scope: scopeOf(index), project: PROJECT }, recorded);
  }
  const before = await readTree(scopeOf(0));

  // All at once, each on a queue of its own: a dead worker is noticed after a while.
  const handles = await Promise.all(DEATHS.map((_, index) => startMerge(scopeOf(index))));
  const between = await Promise.all(
    DEATHS.map(async (death, index) => {
      const scope = scopeOf(index);
      const worker = startWorker([scope], { ...death, scope });
      await once(worker, 'exit');
      expect(worker.signalCode).toBe('SIGKILL');
      return { death: `${death.when} ${death.activity}`, tree: await readTree(scope) };
    }),
  );
  // What an undisturbed merge makes of these siblings: the others are held against it.
  handles.push(await startMerge(scopeOf(DEATHS.length)));
  startWorker(handles.map((_, index) => scopeOf(index)));
  const outcomes = await Promise.all(handles.map((handle) => handle.result()));
  expect(outcomes).toEqual(handles.map(() => 'committed'));

  const after = await readTree(scopeOf(DEATHS.length));
  expect(after).not.toEqual(before);
  for (const { death, tree } of between) {
    const isOver = death === 'after commitMerge';
    expect({ death, tree }).toEqual({ death, tree: isOver ? after : before });
  }
  for (const index of DEATHS.keys()) expect(await readTree(scopeOf(index))).toEqual(after);
  await until('all merges are recorded as committed, once', async () => {
    const states = await database.merges.distinct('state');
    return states.length === 1 && states[0] === 'committed';
  });
  expect(await database.merges.countDocuments()).toBe(DEATHS.length + 1);
}, 300_000);
