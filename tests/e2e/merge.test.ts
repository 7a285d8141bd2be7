/** Merges as people meet them: started by hand or by themselves, watched, cancelled, taken back, on a real Ghee. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Client } from '@temporalio/client';
import { execa } from 'execa';
import path from 'node:path';
import { createNamedRandom } from '../../evals/workloads/random.ts';
import type { Database } from '../../adapters/mongo/connect.ts';
import { until } from '../support/until.ts';
import { connectTemporal } from '../../adapters/temporal/induction-starter.ts';
import { ensureSchedule } from '../../adapters/temporal/schedules.ts';
import { MERGE, type Merge } from '../../proxy/admin/contract/merge.ts';
import { ROOT } from '../../scripts/servers/tools.ts';
import { RunningGhee } from '../support/ghee.ts';
import { callsOf, MERGEABLE } from '../support/merge-behaviours.ts';
import type { Recorded } from '../support/merge-in-memory.ts';
import { startScriptedProvider, type ScriptedProvider } from '../support/provider.ts';
import { connectTo, storeSiblings } from '../support/stored-siblings.ts';

const BEHAVIOURS = Object.entries(MERGEABLE);
const MERGE_MS = 120_000;

let ghee: RunningGhee;
let client: Client;
let database: Database;
let provider: ScriptedProvider;

beforeAll(async () => {
  provider = await startScriptedProvider();
  provider.respond(() => ({ kind: 'text', content: 'Good morning' }));
  ghee = await RunningGhee.start({ UPSTREAM_BASE_URL: `${provider.url}/v1` });
  client = connectTemporal({ address: ghee.temporalAddress, namespace: 'default' });
  database = connectTo(ghee.mongodbUri);
});

afterAll(async () => {
  await client.connection.close();
  await database.close();
  await ghee.stop();
  await provider.close();
});

/** `temperature` tells scopes apart. */
async function ask(temperature: number, messages: readonly unknown[], onlyIfCached = true) {
  const response = await fetch(`${ghee.baseUrl}/chat/completions`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(onlyIfCached ? { 'cache-control': 'only-if-cached' } : {}),
    },
    body: JSON.stringify({ model: 'gpt-4o-mini', temperature, messages }),
  });
  const body = (await response.json()) as { choices?: { message: Answer }[] };
  return { status: response.status, answer: body.choices?.[0]?.message };
}

interface Answer {
  readonly content?: string | null;
  readonly tool_calls?: readonly { readonly function: unknown }[];
}

/** Ids of calls are minted anew for each hit. */
const whatItSays = (answer: unknown): string => {
  const { content, tool_calls: calls = [] } = answer as Answer;
  return JSON.stringify([content ?? null, calls.map((call) => call.function)]);
};

/** A scope of its own, by a first call, with siblings that no run could explain. */
async function scopeWith(temperature: number, recorded: readonly Recorded[]): Promise<string> {
  const before = new Set(await database.scopes.distinct('_id'));
  await ask(temperature, [{ role: 'user', content: 'Good morning' }], false);
  await ghee.settle();
  const scope = (await database.scopes.distinct('_id')).find((id) => !before.has(id)) ?? '';
  await storeSiblings(database, { scope, project: 'local' }, recorded);
  return scope;
}

function siblings(seed: number, behaviours: readonly string[], count: number): Recorded[] {
  return behaviours.flatMap((name) => {
    const talk = MERGEABLE[name];
    return talk === undefined ? [] : callsOf(createNamedRandom(seed, name), talk, count);
  });
}

async function admin(route: string, body?: object): Promise<{ status: number; json: unknown }> {
  const response = await fetch(`${ghee.adminUrl}${route}`, {
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    headers: { 'content-type': 'application/json' },
  });
  return { status: response.status, json: await response.json() };
}

async function readMerge(id: string): Promise<Merge | undefined> {
  const { status, json } = await admin(`/admin/merges/${id}`);
  return status === 200 ? MERGE.parse(json) : undefined;
}

async function untilOver(id: string): Promise<Merge> {
  let merge: Merge | undefined;
  await until(
    'the merge is over',
    async () => {
      merge = await readMerge(id);
      return merge !== undefined && merge.state !== 'running';
    },
    MERGE_MS,
  );
  return MERGE.parse(merge);
}

function cli(...args: string[]) {
  const script = path.join(ROOT, 'scripts', 'ghee.js');
  return execa(process.execPath, [script, ...args, '--admin-url', ghee.adminUrl], {
    reject: false,
    all: true,
  });
}

async function nodesOf(scope: string): Promise<Record<string, string>> {
  const nodes = await database.nodes.find({ scope: { $eq: scope } }).toArray();
  return Object.fromEntries(nodes.map(({ _id, state }) => [_id, state]));
}

test('200 exact siblings of 20 behaviours: a dry run shows the templates, the merge serves them, unmerge takes them back', async () => {
  const names = BEHAVIOURS.map(([name]) => name);
  const recorded = siblings(7, names, 10);
  const scope = await scopeWith(0.1, recorded);
  const before = await nodesOf(scope);

  const dry = await cli('merge', '--scope', scope, '--dry-run');
  expect(dry.all).toContain('Say hello to {{');
  expect(dry.all).toContain(`npx ghee merge --scope ${scope}`);
  // Content is shown to nobody unless the project says so.
  expect(dry.all).not.toContain('e.g.');
  expect(await nodesOf(scope)).toEqual(before);

  const done = await cli('merge', '--scope', scope);
  const id = /npx ghee unmerge (\S+)/.exec(done.all)?.[1] ?? '';
  expect(done.exitCode).toBe(0);
  const merge = await untilOver(id);
  expect(merge).toMatchObject({ state: 'committed', by: 'hand', dryRun: false, scope });
  expect(merge.templates.length).toBeGreaterThan(10);
  expect(merge.templates.length).toBeLessThanOrEqual(25);

  const fresh = siblings(99, names, 10);
  await until('the proxy serves a merged template', async () => {
    const served = await Promise.all(fresh.slice(0, 10).map(({ messages }) => ask(0.1, messages)));
    return served.some(({ status }) => status === 200);
  });
  for (const { messages, answer } of recorded) {
    const served = await ask(0.1, messages);
    expect(whatItSays(served.answer)).toBe(whatItSays(answer));
  }
  let hits = 0;
  for (const { messages, answer } of fresh) {
    const served = await ask(0.1, messages);
    if (served.status !== 200) continue;
    expect(whatItSays(served.answer)).toBe(whatItSays(answer));
    hits += 1;
  }
  expect(hits).toBeGreaterThan(fresh.length / 2);

  const undone = await cli('unmerge', id);
  expect(undone.all).toContain('Taken back');
  const after = await nodesOf(scope);
  for (const [node, state] of Object.entries(after)) expect(state).toBe(before[node] ?? 'retired');
  const again = await cli('unmerge', id);
  expect(again.exitCode).toBe(1);
  expect(again.all).toContain('was taken back before');
}, 300_000);

test('merges of one parent at one time are one run, and the next one finds nothing to do', async () => {
  const scope = await scopeWith(0.2, siblings(5, ['orders', 'greet'], 10));
  const asked = await Promise.all(
    Array.from({ length: 4 }, () => admin('/admin/merge', { scope })),
  );
  const ids = new Set(asked.map(({ json }) => (json as { id: string }).id));
  expect(ids.size).toBe(1);
  const [id = ''] = ids;
  expect((await untilOver(id)).state).toBe('committed');
  expect((await readMerge(id))?.templates).toHaveLength(2);

  const { json } = await admin('/admin/merge', { scope });
  expect((await untilOver((json as { id: string }).id)).state).toBe('unchanged');
});

test('a merge that is cancelled leaves the tree as it was', async () => {
  const scope = await scopeWith(
    0.3,
    siblings(
      5,
      BEHAVIOURS.map(([name]) => name),
      10,
    ),
  );
  const before = await nodesOf(scope);
  const { json } = await admin('/admin/merge', { scope });
  const { id } = json as { id: string };
  await until('it has begun', async () => (await readMerge(id)) !== undefined);
  const cancelled = await admin(`/admin/merges/${id}/cancel`, {});
  expect(cancelled).toMatchObject({ status: 200, json: { state: 'cancelling' } });
  expect((await untilOver(id)).state).toBe('cancelled');
  expect(await nodesOf(scope)).toEqual(before);
  expect((await admin(`/admin/merges/${id}/cancel`, {})).status).toBe(409);
});

test('what nobody has is not merged', async () => {
  expect((await admin('/admin/merge', { scope: 'nothing' })).status).toBe(404);
  expect((await admin('/admin/merge', { node: 'nothing' })).status).toBe(404);
  expect((await admin('/admin/merge', {})).status).toBe(400);
  expect((await admin('/admin/merges/nothing')).status).toBe(404);
  const foreign = await client.workflow.start('merge', {
    ...{ workflowId: 'foreign', taskQueue: 'ghee' },
    args: [{ project: 'another', scope: await anyScope() }],
  });
  await expect(foreign.result()).rejects.toMatchObject({ cause: { type: 'scope_unknown' } });
});

const anyScope = async (): Promise<string> => (await database.scopes.distinct('_id'))[0] ?? '';

test('siblings that nobody merged are merged by the Schedule', async () => {
  const scope = await scopeWith(0.4, siblings(5, ['orders'], 12));
  // Every second, not every ten minutes.
  await ensureSchedule(client, 'ghee', {
    ...{ id: 'merge-soon', workflow: 'mergeSchedule', everyMs: 1000 },
  });
  try {
    await until('the scope is merged', async () => {
      const found = await database.merges.findOne({ scope: { $eq: scope } });
      return found?.state === 'committed' && found.by === 'schedule';
    });
  } finally {
    await client.schedule.getHandle('merge-soon').delete();
  }
});
