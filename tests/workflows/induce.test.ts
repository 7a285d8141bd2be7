/** Runs as Temporal keeps them: nothing of a message in them, readable, repeatable, deterministic. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Worker } from '@temporalio/worker';
import type { Client } from '@temporalio/client';
import { readFileSync } from 'node:fs';
import { connectTemporal, workflowIdOf } from '../../adapters/temporal/induction-starter.ts';
import { RunningGhee } from '../support/ghee.ts';

const CANARY = 'Zanzibarovich';

let ghee: RunningGhee;
let client: Client;
let workflowId: string;

beforeAll(async () => {
  ghee = await RunningGhee.start();
  client = connectTemporal({ address: ghee.temporalAddress, namespace: 'default' });
  const response = await fetch(`${ghee.baseUrl}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'demo',
      messages: [{ role: 'user', content: `Say hello to ${CANARY}` }],
    }),
  });
  await response.text();
  await ghee.settle();
  const [observation = ''] = ghee.acknowledged();
  workflowId = workflowIdOf({ project: 'local', observation });
});

afterAll(async () => {
  await client.connection.close();
  await ghee.stop();
});

test('a run tells its steps in counts and names', async () => {
  const handle = client.workflow.getHandle(workflowId);
  expect(await handle.result()).toBe('committed');
  const notes: { step: string; note: string }[] = await handle.query('progress');
  expect(notes.map((entry) => entry.step)).toEqual([
    ...['load', 'bind', 'identify', 'name', 'arrange', 'derive', 'validate', 'commit', 'outcome'],
  ]);
  expect(JSON.stringify(notes)).not.toContain(CANARY);
});

test('no message text is in the history or in a log', async () => {
  const history = await client.workflow.getHandle(workflowId).fetchHistory();
  const payloads = JSON.stringify(history, (_key, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : value,
  );
  expect(payloads).toContain('GheeOutcome');
  expect(payloads).not.toContain(CANARY);
  for (const name of ['proxy', 'worker'] as const) expect(ghee.log(name)).not.toContain(CANARY);
});

test('a run replays as it went', async () => {
  const history = await client.workflow.getHandle(workflowId).fetchHistory();
  const codePath = process.env['GHEE_TEST_WORKFLOW_BUNDLE'] ?? '';
  expect(readFileSync(codePath, 'utf8').length).toBeGreaterThan(0);
  await Worker.runReplayHistory({ workflowBundle: { codePath } }, history, workflowId);
});

test('a repeated run adds nothing', async () => {
  const before = await ghee.collection('nodes').countDocuments();
  const [observation] = ghee.acknowledged();
  const scope = (await ghee.collection('observations').findOne({})) as { scope?: string } | null;
  const result: unknown = await client.workflow.execute('induce', {
    workflowId: 'repeated',
    taskQueue: 'ghee',
    args: [{ observation, project: 'local', scope: scope?.scope ?? '' }],
  });
  expect(typeof result).toBe('string');
  expect(await ghee.collection('nodes').countDocuments()).toBe(before);
});
