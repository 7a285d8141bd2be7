/** Templates that turn out to be wrong, on a running Ghee: narrowed, split, doubted; each step is in the node's history. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Client } from '@temporalio/client';
import { execa } from 'execa';
import path from 'node:path';
import { until } from '../support/until.ts';
import { connectTemporal } from '../../adapters/temporal/induction-starter.ts';
import { NODE, type NodeShown } from '../../proxy/admin/contract/node.ts';
import { ROOT } from '../../scripts/servers/tools.ts';
import { RunningGhee } from '../support/ghee.ts';
import { startScriptedProvider, type ScriptedProvider } from '../support/provider.ts';

/** A provider, a proxy and a worker have a part in each step. */
const PATIENCE_MS = 60_000;

let ghee: RunningGhee;
let provider: ScriptedProvider;
let client: Client;
/** From this weight on the provider says something else. */
let limit = Infinity;

const answerTo = (verb: string, kilos: number): string =>
  `Your ticket to ${verb} is ${kilos >= limit ? 'void' : kilos} now.`;
const sorryFor = (kilos: number): string => `Sorry about the ${kilos} kilos.`;

beforeAll(async () => {
  provider = await startScriptedProvider();
  provider.respond(({ messages }) => {
    const text = JSON.stringify(messages);
    const [, verb = '', kilos = ''] = /(\w+) (\d+) kilos/.exec(text) ?? [];
    const isComplaint = text.includes('That is wrong.');
    const content = isComplaint ? sorryFor(Number(kilos)) : answerTo(verb, Number(kilos));
    return { kind: 'text', content };
  });
  ghee = await RunningGhee.start({ UPSTREAM_BASE_URL: `${provider.url}/v1` });
  client = connectTemporal({ address: ghee.temporalAddress, namespace: 'default' });
  // So that what is seen here is no sweep's doing.
  await client.schedule.getHandle('ghee-sweep').pause();
});

afterAll(async () => {
  await client.connection.close();
  await ghee.stop();
  await provider.close();
});

interface Answer {
  readonly reason: string | null;
  readonly node: string;
  readonly requestId: string;
  readonly content: string;
}

type Message = Readonly<{ role: string; content: string }>;

const scopeOf = ([first]: readonly Message[]): number =>
  (/Please (\w)/.exec(first?.content ?? '')?.[1] ?? 'a').charCodeAt(0) / 100;

async function ask(
  messages: readonly Message[],
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(`${ghee.baseUrl}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    // A scope for each verb: together they would be one template.
    body: JSON.stringify({ model: 'gpt-4o-mini', messages, temperature: scopeOf(messages) }),
  });
  const body = (await response.json()) as { choices: [{ message: { content: string } }] };
  return {
    reason: response.headers.get('butter-reason'),
    node: response.headers.get('butter-node') ?? '',
    requestId: response.headers.get('x-request-id') ?? '',
    content: body.choices[0].message.content,
  };
}

const asking = (verb: string, kilos: number): Message => ({
  role: 'user',
  content: `Please ${verb} ${kilos} kilos`,
});
const send = (verb: string, kilos: number, headers?: Record<string, string>) =>
  ask([asking(verb, kilos)], headers);
/** The provider answers, and its answer is held against the template. */
const observe = (verb: string, kilos: number) => send(verb, kilos, { 'cache-control': 'no-cache' });

async function admin(method: string, where: string, body?: object): Promise<unknown> {
  const response = await fetch(ghee.adminUrl + where, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return response.json();
}

const node = async (id: string): Promise<NodeShown> =>
  NODE.parse(await admin('GET', `/admin/nodes/${id}`));

async function cli(...args: string[]): Promise<string> {
  const script = path.join(ROOT, 'scripts', 'ghee.js');
  return (await execa(process.execPath, [script, ...args, '--admin-url', ghee.adminUrl])).stdout;
}

/** A template that serves, with four exchanges that speak for it. */
async function learn(verb: string): Promise<string> {
  limit = Infinity;
  // One after the other, so that each confirms what was learned from those before it.
  for (const kilos of [30, 10, 20, 50]) {
    await observe(verb, kilos);
    await ghee.settle();
  }
  let served: Answer | undefined;
  await until('it serves', async () => {
    served = await send(verb, 40);
    return served.reason === 'template';
  });
  return served?.node ?? '';
}

/** The node whose id begins as the history of the revised one says, `which` from the end. */
async function replacedBy(id: string, which: number): Promise<string> {
  const note = (await node(id)).history.at(-1)?.note ?? '';
  const start = note.split(': ').at(-1)?.split(', ')[which] ?? 'none';
  const [found] = await ghee
    .collection('nodes')
    .find({ _id: new RegExp(`^${start}`) })
    .toArray();
  return found?._id ?? '';
}

async function untilState(id: string, state: string): Promise<void> {
  await until(
    `${id} is ${state}`,
    async () =>
      (await node(id)).history.at(-1)?.by === 'revise' && (await node(id)).state === state,
    PATIENCE_MS,
  );
}

describe('a provider that answers otherwise in a part of the range', () => {
  test('narrows the template, which proves itself anew and never gives the old answer there', async () => {
    const id = await learn('ship');
    limit = 100;
    await observe('ship', 150);
    await untilState(id, 'retired');
    const run = `revise:local:${id}`;
    expect((await node(id)).history.slice(-2)).toMatchObject([
      { state: 'quarantined', note: 'contradicted by an observation', by: 'induce' },
      {
        state: 'retired',
        note: expect.stringContaining('narrowed by conditions on `number`'),
        run,
      },
    ]);
    const narrowed = await replacedBy(id, 0);
    expect(await node(narrowed)).toMatchObject({
      state: 'probation',
      guards: [{ name: 'number' }],
      history: [{ note: 'created', by: 'revise', run }],
    });
    for (const kilos of [31, 42]) {
      expect(await send('ship', kilos)).toMatchObject({ reason: 'probation' });
      await ghee.settle();
    }
    await until('the narrowed one serves', async () => {
      const served = await send('ship', 17);
      return served.reason === 'template' && served.node === narrowed;
    });
    expect((await send('ship', 170)).content).toBe(answerTo('ship', 170));
    const shown = await cli('node', 'show', narrowed);
    expect(shown).toContain('only for some values of number');
    expect(shown).toMatch(/created \(revise, revise:local:[0-9a-f]+\)/);
    expect(shown).toMatch(/serving +serves after \d confirmation/);
  });

  test('splits it, where two had come before anybody looked', async () => {
    const id = await learn('carry');
    limit = 100;
    // Both are recorded while nobody learns.
    ghee.kill('worker');
    await Promise.all([observe('carry', 150), observe('carry', 180)]);
    await ghee.settle();
    await untilState(id, 'retired');
    expect((await node(id)).history.at(-1)?.note).toContain('split by conditions on `number`');
    const branch = await replacedBy(id, 1);
    expect(await node(branch)).toMatchObject({ state: 'probation', guards: [{ name: 'number' }] });
    for (const kilos of [160, 170, 175]) {
      expect((await send('carry', kilos)).content).toBe(answerTo('carry', kilos));
      await ghee.settle();
    }
    await until('the branch serves', async () => {
      const { reason, content } = await send('carry', 155);
      return reason === 'template' && content === answerTo('carry', 155);
    });
  });
});

test('feedback stops the template, and the revision is not left to the sweep', async () => {
  const id = await learn('move');
  const { requestId } = await send('move', 44);
  await admin('POST', '/admin/feedback', { requestId, verdict: 'wrong' });
  expect((await node(id)).state).toBe('quarantined');
  await untilState(id, 'quarantined');
  expect((await node(id)).history.slice(-2)).toMatchObject([
    { note: 'feedback: wrong answer', by: 'feedback', run: requestId },
    { note: 'revise: nothing tells right from wrong (no-counterexample)', by: 'revise' },
  ]);
});

test('the next turn of a conversation counts when both answers were hits', async () => {
  const id = await learn('lift');
  const complain = (kilos: number): Message[] => [
    asking('lift', kilos),
    { role: 'assistant', content: answerTo('lift', kilos) },
    { role: 'user', content: 'That is wrong.' },
  ];
  // How complaints are answered is learned from some, which count against the template, too: a person sets that right.
  for (const kilos of [30, 10]) {
    await ask(complain(kilos));
    await ghee.settle();
  }
  const answers = await ghee.collection('nodes').find({ depth: 3 }).toArray();
  for (const { _id } of answers) await cli('node', 'approve', _id);
  const counted = (await node(id)).history.filter(({ note }) => note === 'next turn: corrected');
  expect(counted).toContainEqual(expect.objectContaining({ by: 'induce' }));
  await cli('node', 'approve', id);
  await until('both turns are hits', async () => {
    const first = await send('lift', 45);
    return first.reason === 'template';
  });
  const second = await ask(complain(45));
  expect(second).toMatchObject({ reason: 'template', content: sorryFor(45) });
  await until(
    'the template is doubted',
    async () => {
      const { state, history } = await node(id);
      return state === 'probation' && history.at(-1)?.by === 'revise';
    },
    PATIENCE_MS,
  );
  const doubts = (await node(id)).history.filter(({ note }) => note === 'next turn: corrected');
  expect(doubts.at(-1)).toMatchObject({ by: 'revise', run: `revise:local:${id}` });
  expect(await send('lift', 46)).toMatchObject({ reason: 'probation' });
  // Nothing of the conversation was kept, but that it counts.
  expect(await ghee.collection('turns').countDocuments()).toBe(0);
});
