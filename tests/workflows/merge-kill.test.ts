/** kill -9 of the worker at each activity of a merge in turn: the tree is before it or after it, and the merge ends. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createNamedRandom } from '../../evals/workloads/random.ts';
import type { Database } from '../../adapters/mongo/connect.ts';
import { dropDatabase, freshDatabase, until } from '../../adapters/mongo/test-fixtures.ts';
import type { Death, MortalOptions } from '../support/mortal-worker.ts';
import { callsOf, MERGEABLE } from '../support/merge-behaviours.ts';
import { storeSiblings } from '../support/stored-siblings.ts';

const PROJECT = 'p';
const TASK_QUEUE = 'mortal';
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
let worker: ChildProcess | undefined;

beforeAll(async () => {
  database = await freshDatabase(process.env['GHEE_TEST_MONGODB_URI'], 'merge_kill');
  const address = process.env['GHEE_TEST_TEMPORAL_ADDRESS'] ?? '';
  client = new Client({ connection: await Connection.connect({ address }) });
}, 60_000);

afterAll(async () => {
  if (worker?.exitCode === null) {
    worker.kill('SIGKILL');
    await once(worker, 'exit');
  }
  await client.connection.close();
  await dropDatabase(database);
}, 60_000);

function startWorker(death?: Death): ChildProcess {
  const options: MortalOptions = {
    mongodbUri: process.env['GHEE_TEST_MONGODB_URI'] ?? '',
    temporalAddress: process.env['GHEE_TEST_TEMPORAL_ADDRESS'] ?? '',
    codePath: process.env['GHEE_TEST_WORKFLOW_BUNDLE'] ?? '',
    database: database.db.databaseName,
    taskQueue: TASK_QUEUE,
    ...(death === undefined ? {} : { death }),
  };
  const flags = ['--no-node-snapshot', '--disable-warning=ExperimentalWarning'];
  return spawn(process.execPath, [...flags, MORTAL_WORKER, JSON.stringify(options)], {
    stdio: 'ignore',
  });
}

async function startMerge(scope: string) {
  return client.workflow.start('merge', {
    workflowId: `merge:${PROJECT}:${scope}`,
    taskQueue: TASK_QUEUE,
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

test('each merge ends on the next worker, and is whole or not there in between', async () => {
  const recorded = callsOf(createNamedRandom(3, 'orders'), orders ?? (() => []), 8);
  for (const index of [...DEATHS.keys(), DEATHS.length]) {
    await storeSiblings(database, { scope: scopeOf(index), project: PROJECT }, recorded);
  }
  const before = await readTree(scopeOf(0));

  // What an undisturbed merge makes of these siblings, by the last worker; the others are held against it.
  const ended: Promise<string>[] = [];
  const between: { death: string; tree: Trees }[] = [];
  for (const [index, death] of DEATHS.entries()) {
    worker = startWorker({ ...death, scope: scopeOf(index) });
    const handle = await startMerge(scopeOf(index));
    ended.push(handle.result() as Promise<string>);
    await once(worker, 'exit');
    expect(worker.signalCode).toBe('SIGKILL');
    between.push({
      death: `${death.when} ${death.activity}`,
      tree: await readTree(scopeOf(index)),
    });
  }
  worker = startWorker();
  const undisturbed = await startMerge(scopeOf(DEATHS.length));
  expect(await undisturbed.result()).toBe('committed');
  expect(new Set(await Promise.all(ended))).toEqual(new Set(['committed']));

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
