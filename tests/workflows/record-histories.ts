/**
 * Records the histories that tests/workflows/replay.test.ts replays, anew: `node tests/workflows/record-histories.ts
 * [name...]`, in a Ghee of its own. Do so when a workflow was changed on purpose, and never for a change that must be
 * behind `patched(...)`: runs that are under way replay what is recorded here.
 */
import type { Client, WorkflowHandle } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { connectTemporal, workflowIdOf } from '../../adapters/temporal/induction-starter.ts';
import { createNamedRandom } from '../../evals/workloads/random.ts';
import { RunningGhee } from '../support/ghee.ts';
import { callsOf, MERGEABLE } from '../support/merge-behaviours.ts';
import { connectTo, storeSiblings, type Place } from '../support/stored-siblings.ts';

const FOLDER = path.join(import.meta.dirname, 'histories');

interface Recording {
  readonly ghee: RunningGhee;
  readonly client: Client;
  /** A scope with siblings that no run could explain. */
  readonly place: Place;
}

/** File name → a run that is over, or the history ends where it is. One for each way through a workflow. */
const RUNS: Readonly<
  Record<string, (recording: Recording) => WorkflowHandle | Promise<WorkflowHandle>>
> = {
  induce: ({ ghee, client }) => {
    const [observation = ''] = ghee.acknowledged();
    return client.workflow.getHandle(workflowIdOf({ project: 'local', observation }));
  },
  'merge-dry-run': ({ client, place }) => start(client, 'merge', [{ ...place, isDryRun: true }]),
  'merge-committed': ({ client, place }) => start(client, 'merge', [place]),
  'merge-unchanged': ({ client, place }) => start(client, 'merge', [place]),
  'merge-refused': ({ client }) => start(client, 'merge', [{ scope: 'none' }]),
  'merge-failed': ({ client }) => start(client, 'merge', [{ project: 'none', scope: 'none' }]),
  sweep: ({ client }) => start(client, 'sweep', []),
  // A template that nothing speaks against: it stays as it is.
  revise: async ({ ghee, client }) => {
    const answer = await ghee.collection('nodes').findOne({ project: 'local', depth: 1 });
    const { _id: node = '', scope = '' } = (answer ?? {}) as { _id?: string; scope?: string };
    return start(client, 'revise', [{ project: 'local', scope, node }]);
  },
  prune: ({ client }) => start(client, 'prune', []),
  'merge-schedule': ({ client }) => start(client, 'mergeSchedule', []),
};

function start(client: Client, workflow: string, args: unknown[]): Promise<WorkflowHandle> {
  const workflowId = `recorded-${workflow}-${Date.now()}`;
  return client.workflow.start(workflow, { workflowId, taskQueue: 'ghee', args });
}

async function record(wanted: readonly string[]): Promise<void> {
  const ghee = await RunningGhee.start();
  const client = connectTemporal({ address: ghee.temporalAddress, namespace: 'default' });
  try {
    const place = await prepare(ghee);
    mkdirSync(FOLDER, { recursive: true });
    // In order: a merge that is committed leaves the next one nothing to do.
    for (const [name, run] of Object.entries(RUNS)) {
      const handle = await run({ ghee, client, place });
      const outcome: unknown = await handle.result().catch((error: unknown) => error);
      const said = outcome instanceof Error ? outcome.message : JSON.stringify(outcome);
      process.stdout.write(`${name}: ${said}\n`);
      if (wanted.length > 0 && !wanted.includes(name)) continue;
      const json = historyToJSON(await handle.fetchHistory());
      writeFileSync(path.join(FOLDER, `${name}.json`), `${json}\n`);
    }
  } finally {
    await client.connection.close();
    await ghee.stop();
  }
}

async function prepare(ghee: RunningGhee): Promise<Place> {
  const response = await fetch(`${ghee.baseUrl}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'demo',
      messages: [{ role: 'user', content: 'Say hello to Ann' }],
    }),
  });
  await response.text();
  await ghee.settle();
  const place = { scope: 'recorded', project: 'local' };
  const database = connectTo(ghee.mongodbUri);
  const { orders } = MERGEABLE;
  const calls = callsOf(createNamedRandom(3, 'orders'), orders ?? (() => []), 12);
  await storeSiblings(database, place, calls);
  await database.close();
  return place;
}

await record(process.argv.slice(2));
process.exit();
