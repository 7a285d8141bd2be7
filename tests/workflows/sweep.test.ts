/** What the sweep makes of observations whose proxy died before it wrote what follows from them. No worker takes the runs. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Client } from '@temporalio/client';
import { startWaiting } from '../../activities/start-waiting.ts';
import type { Database } from '../../adapters/mongo/connect.ts';
import { ObservationStore } from '../../adapters/mongo/observation-store.ts';
import { EXACT_ONLY } from '../../adapters/mongo/outcomes.ts';
import {
  dropDatabase,
  freshDatabase,
  PROJECT,
  recordingOf,
} from '../../adapters/mongo/test-fixtures.ts';
import { TreeStore } from '../../adapters/mongo/tree-store.ts';
import { TurnStore } from '../../adapters/mongo/turn-store.ts';
import {
  connectTemporal,
  InductionStarter,
  workflowIdOf,
} from '../../adapters/temporal/induction-starter.ts';

let database: Database;
let client: Client;

beforeAll(async () => {
  database = await freshDatabase(process.env['GHEE_TEST_MONGODB_URI'], 'sweep');
  const address = process.env['GHEE_TEST_TEMPORAL_ADDRESS'] ?? '';
  client = connectTemporal({ address, namespace: 'default' });
});

afterAll(async () => {
  await client.connection.close();
  await dropDatabase(database);
});

test('what is to be learned from gets its run; the exact answers of all else are written at once', async () => {
  const options = { now: () => 60_000, onSkipped: () => undefined };
  const observations = new ObservationStore(database, options);
  // More than a page of them: a minute of calls on a proxy that died.
  const exactOnly = Array.from({ length: 150 }, (_, index) =>
    recordingOf(`sweep-${index}`, { induce: false, at: 1000 + index }),
  );
  const toLearn = recordingOf('sweep-learn', { at: 2000 });
  const young = recordingOf('sweep-young', { induce: false, at: 50_000 });
  await observations.recordMany([...exactOnly, toLearn, young]);
  const starter = new InductionStarter({ client, taskQueue: database.db.databaseName });
  const counts = await startWaiting({
    observations,
    trees: new TreeStore(database, options),
    turns: new TurnStore(database),
    starter,
    startRevision: () => Promise.resolve(true),
    now: () => 60_000,
    heartbeat: () => undefined,
  });
  expect(counts).toEqual({ started: 1, waiting: 151, finished: 150 });
  const outcomes = await database.observations
    .find({ 'induction.state': { $eq: 'done' } })
    .map(({ induction }) => induction.outcome)
    .toArray();
  expect(outcomes).toEqual(exactOnly.map(() => EXACT_ONLY));
  for (const { exactAnswer } of exactOnly)
    expect(await observations.readExactAnswer(exactAnswer.id)).toEqual(exactAnswer);
  const run = client.workflow.getHandle(
    workflowIdOf({ project: PROJECT, observation: 'sweep-learn' }),
  );
  expect((await run.describe()).status.name).toBe('RUNNING');
  await run.terminate();
  // What cannot be read any more ends, too.
  await database.observations.updateOne({ _id: 'sweep-young' }, { $unset: { messages: '' } });
  await observations.finishExactOnly(['sweep-young']);
  expect(await observations.readInduction('sweep-young')).toEqual({
    state: 'done',
    outcome: 'unreadable',
  });
});
