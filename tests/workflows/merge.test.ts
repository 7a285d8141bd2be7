/** When a merge is started by itself, and how its run bears steps that fail: real servers, short timers. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { ApplicationFailure, Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import {
  considerSibling,
  startDueMerges,
  type DueMergesDeps,
} from '../../activities/start-merges.ts';
import { readExchange } from '../../core/induction/exchange.ts';
import type { MergeRequest } from '../../core/merge/request.ts';
import { createNamedRandom } from '../../evals/workloads/random.ts';
import type { Database } from '../../adapters/mongo/connect.ts';
import { MergeStore } from '../../adapters/mongo/merge-store.ts';
import { ObservationStore } from '../../adapters/mongo/observation-store.ts';
import { dropDatabase, freshDatabase } from '../../adapters/mongo/test-fixtures.ts';
import { callsOf, MERGEABLE } from '../support/merge-behaviours.ts';
import { storeSiblings } from '../support/stored-siblings.ts';

const PLACE = { project: 'p', scope: 's', parent: 's' };
const THRESHOLD = 8;

describe('what starts a merge', () => {
  let database: Database;
  let observations: ObservationStore;
  let merges: MergeStore;
  let deps: DueMergesDeps;
  let started: MergeRequest[] = [];
  /** What Temporal says of runs. */
  let ended: string | undefined;

  beforeAll(async () => {
    database = await freshDatabase(process.env['GHEE_TEST_MONGODB_URI'], 'merge_triggers');
    observations = new ObservationStore(database, { now: Date.now, onSkipped: () => undefined });
    merges = new MergeStore(database, { now: Date.now });
    const start = (request: MergeRequest) => {
      started.push(request);
      return Promise.resolve({ id: 'run', workflowId: 'merge' });
    };
    const endOf = () => Promise.resolve(ended);
    deps = { observations, merges, mergeStarter: { start, endOf }, mergeThreshold: THRESHOLD };
  });

  beforeEach(async () => {
    started = [];
    ended = undefined;
    for (const name of ['observations', 'merges'])
      await database.db.collection(name).deleteMany({});
  });

  afterAll(() => dropDatabase(database));

  /** Gives back the exchange of the last one, whose run has just ended. */
  async function exactSiblings(counts: Readonly<Record<string, number>>) {
    const recorded = Object.entries(counts).flatMap(([name, count]) => {
      const talk = MERGEABLE[name];
      return talk === undefined ? [] : callsOf(createNamedRandom(4, name), talk, count);
    });
    const last = (await storeSiblings(database, PLACE, recorded)).at(-1) ?? '';
    const observation = await observations.read(last);
    const exchange = observation === undefined ? undefined : readExchange(observation);
    if (exchange === undefined) throw new Error('the sibling was not stored');
    return exchange;
  }

  test('an exact answer that reads like many others', async () => {
    await considerSibling(deps, PLACE, await exactSiblings({ orders: THRESHOLD }));
    expect(started).toEqual([{ ...PLACE, isDryRun: false, by: 'threshold' }]);
  });

  test('not one that reads like few of them', async () => {
    await considerSibling(deps, PLACE, await exactSiblings({ orders: THRESHOLD, sum: 3 }));
    expect(started).toEqual([]);
  });

  test('not once more for the same siblings, nor beside a run that is under way', async () => {
    const exchange = await exactSiblings({ orders: THRESHOLD });
    await merges.begin('m1', { ...PLACE, isDryRun: false, by: 'hand' }, 'merge');
    await considerSibling(deps, PLACE, exchange);
    expect(await startDueMerges(deps)).toMatchObject({ started: 0 });
    await merges.finish('m1', 'unchanged');
    await considerSibling(deps, PLACE, exchange);
    expect(await startDueMerges(deps)).toMatchObject({ started: 0 });
    expect(started).toEqual([]);
  });

  test('the Schedule, beside the record of a run that Temporal has ended', async () => {
    await exactSiblings({ orders: THRESHOLD });
    await merges.begin('m2', { ...PLACE, isDryRun: false, by: 'hand' }, 'merge');
    ended = 'run_timed_out';
    await startDueMerges(deps);
    expect(await merges.read('m2')).toMatchObject({ state: 'failed', reason: 'run_timed_out' });
  });

  test('the Schedule, for what nothing has started', async () => {
    await exactSiblings({ orders: 3, sum: 5 });
    expect(await startDueMerges(deps)).toMatchObject({ started: 1 });
    expect(started).toEqual([{ ...PLACE, isDryRun: false, by: 'schedule' }]);
  });
});

describe('a step that fails', () => {
  let client: Client;
  let connection: NativeConnection;

  beforeAll(async () => {
    const address = process.env['GHEE_TEST_TEMPORAL_ADDRESS'] ?? '';
    client = new Client({ connection: await Connection.connect({ address }) });
    connection = await NativeConnection.connect({ address });
  });

  afterAll(async () => {
    await client.connection.close();
    await connection.close();
  });

  async function merge(taskQueue: string, clusterSiblings: () => Promise<object>) {
    const ends: unknown[] = [];
    const worker = await Worker.create({
      connection,
      taskQueue,
      workflowBundle: { codePath: process.env['GHEE_TEST_WORKFLOW_BUNDLE'] ?? '' },
      activities: {
        clusterSiblings,
        checkPlans: () => Promise.resolve({ isEmpty: true, note: 'nothing' }),
        finishMerge: (_id: string, end: unknown) => Promise.resolve(void ends.push(end)),
      },
    });
    const result: unknown = await worker.runUntil(
      client.workflow
        .execute('merge', { workflowId: taskQueue, taskQueue, args: [PLACE] })
        .catch((error: unknown) => error),
    );
    return { result, ends };
  }

  const failure = (type: string, nonRetryable: boolean) =>
    ApplicationFailure.create({ type, message: type, nonRetryable });

  test('for a while: it is tried again', async () => {
    let attempts = 0;
    const { result, ends } = await merge('merge-retries', () => {
      attempts += 1;
      if (attempts < 3) return Promise.reject(failure('store_unavailable', false));
      return Promise.resolve({ clusters: 0, note: 'none' });
    });
    expect({ result, ends, attempts }).toEqual({
      ...{ result: 'unchanged', ends: [{ state: 'unchanged' }], attempts: 3 },
    });
  });

  test('for good: the run fails with its code, and the record says so', async () => {
    let attempts = 0;
    const { result, ends } = await merge('merge-fails', () => {
      attempts += 1;
      return Promise.reject(failure('proposal_invalid', true));
    });
    expect(result).toMatchObject({ cause: { type: 'proposal_invalid' } });
    expect({ ends, attempts }).toEqual({
      ...{ ends: [{ state: 'failed', reason: 'proposal_invalid' }], attempts: 1 },
    });
  });
});
