/** Induction with models, end to end: real proxy, worker, sandbox, Temporal and MongoDB, a scripted model. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Worker } from '@temporalio/worker';
import type { Client } from '@temporalio/client';
import { connectTemporal, workflowIdOf } from '../../adapters/temporal/induction-starter.ts';
import { STATS } from '../../proxy/admin/contract/stats.ts';
import { RunningGhee } from '../support/ghee.ts';
import { startScriptedProvider, type ScriptedProvider } from '../support/provider.ts';
import {
  dawdle,
  plausible,
  startScriptedModel,
  type AgentCall,
  type AnswerAgent,
  type Knowledge,
  type ScriptedModel,
} from '../support/scripted-model.ts';
import { EXAMPLES, knowledgeOf, type Example } from '../support/world-knowledge.ts';

let ghee: RunningGhee;
let provider: ScriptedProvider;
let model: ScriptedModel;
let client: Client;

beforeAll(async () => {
  provider = await startScriptedProvider();
  model = await startScriptedModel(plausible(knowledgeOf));
  ghee = await RunningGhee.start({
    UPSTREAM_BASE_URL: `${provider.url}/v1`,
    INDUCER_BASE_URL: model.baseUrl,
    INDUCER_MODEL: 'scripted',
    INDUCER_PRICES: '1/1',
    INDUCER_DAILY_USD: '5',
    INDUCER_TIMEOUT_MS: '1500',
  });
  client = connectTemporal({ address: ghee.temporalAddress, namespace: 'default' });
});

afterAll(async () => {
  await Promise.all([client.connection.close(), provider.close(), model.close()]);
  await ghee.stop();
});

interface Answered {
  readonly cache: string | null;
  readonly reason: string | null;
  readonly message: object;
}

async function ask(
  example: Pick<Example, 'ask' | 'answer'>,
  value: string,
  headers: Record<string, string> = {},
): Promise<Answered> {
  provider.respond(() => toReply(example.answer(value)));
  const response = await fetch(`${ghee.baseUrl}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({
      model: 'gpt-5.4-mini',
      messages: [{ role: 'user', content: example.ask(value) }],
    }),
  });
  const body = (await response.json()) as { choices?: [{ message: object }] };
  return {
    cache: response.headers.get('butter-cache'),
    reason: response.headers.get('butter-reason'),
    message: body.choices?.[0].message ?? {},
  };
}

/** Nobody waits for code longer than 20 ms, but what it gave is there the next time: on a busy machine it takes two. */
async function served(example: Pick<Example, 'ask' | 'answer'>, value: string): Promise<Answered> {
  const headers = { 'cache-control': 'only-if-cached' };
  let answered = await ask(example, value, headers);
  for (let attempt = 1; attempt < 20 && answered.cache !== 'hit'; attempt++) {
    answered = await ask(example, value, headers);
  }
  return answered;
}

function toReply(message: object) {
  const { content, tool_calls: calls } = message as {
    content: string | null;
    tool_calls?: { function: { name: string; arguments: string } }[];
  };
  return calls === undefined
    ? ({ kind: 'text', content: content ?? '' } as const)
    : ({ kind: 'tool-calls', calls: calls.map((call) => call.function) } as const);
}

/** Without the parts that are fresh in every answer. */
function saidIn(message: object): object {
  const { content, calls } = { calls: undefined, ...toReply(message) } as Record<string, unknown>;
  return { content, calls };
}

describe('with the agents', () => {
  test.each(EXAMPLES)('$name is learned, confirmed twice, and served', async (example) => {
    for (const value of example.taught) {
      expect(await ask(example, value)).toMatchObject({ cache: 'miss' });
      await ghee.settle();
    }
    for (const value of example.fresh) {
      const { cache, reason, message } = await served(example, value);
      expect(`${cache} ${reason}`).toBe('hit template');
      expect(saidIn(message)).toEqual(saidIn(example.answer(value)));
    }
    expect(await ask(example, example.unknown)).toMatchObject({ cache: 'miss' });
    await ghee.settle();
  });

  test('the admin API shows the code of an answer, and explains a miss with what the code gives', async () => {
    const hit = (await decisionOf('outcome=hit&reason=template')).path?.at(-1);
    expect(hit?.derivations).toContainEqual({
      name: expect.any(String),
      javascript: expect.stringContaining('=>'),
      variables: [expect.any(String)],
    });
    const { explanation } = await decisionOf('outcome=miss&reason=probation');
    // Without its results the walk would come to an answer that abstains.
    expect(explanation?.remedy).toContain('learned since');
  });
});

interface Decision {
  readonly path?: readonly { readonly derivations: readonly object[] }[];
  readonly explanation?: { readonly remedy: string };
}

/** Of the newest call that the filter lets through. */
async function decisionOf(filter: string): Promise<Decision> {
  const read = async (path: string): Promise<unknown> =>
    (await fetch(`${ghee.adminUrl}/admin/${path}`)).json();
  const { requests } = (await read(`requests?limit=1&${filter}`)) as {
    requests: readonly { readonly requestId: string }[];
  };
  return (await read(`decisions/${requests[0]?.requestId ?? ''}`)) as Decision;
}

/** The run of the newest observation, as people see it. */
function newestRun() {
  const observation = ghee.acknowledged().at(-1) ?? '';
  return client.workflow.getHandle(workflowIdOf({ project: 'local', observation }));
}

async function notesOf(): Promise<string> {
  const notes: { step: string; note: string }[] = await newestRun().query('progress');
  return notes.map(({ step, note }) => `${step}: ${note}`).join('\n');
}

/** A tool call whose second argument follows from the city by nothing but the model's word. */
const lookUp = (topic: string): Pick<Example, 'ask' | 'answer'> => ({
  ask: (city) => `Look up the ${topic} in ${city}`,
  answer: (city) => ({
    role: 'assistant',
    content: null,
    tool_calls: [
      {
        id: 'call_abcdefgh12345678',
        type: 'function',
        function: {
          // A tool of its own for each topic: otherwise the third one is learned as a table, with no model.
          name: `look_up_${topic.replaceAll(' ', '_')}`,
          arguments: JSON.stringify({ city, station: CODES[city] ?? '' }),
        },
      },
    ],
  }),
});
const CODES: Readonly<Record<string, string>> = {
  ...{ Lisbon: 'Q7X', Oslo: 'W2K', Quito: 'Z9B', Cairo: 'K4D', Porto: 'P5M' },
  ...{ Turin: 'T6R', Graz: 'G3N', Lyon: 'L8V' },
};

const knowLookUp = (city: string, code: (variable: string) => string): Knowledge => ({
  spans: [
    { quote: city, in: 'request', label: 'city' },
    { quote: city, in: 'answer', label: 'city' },
    { quote: CODES[city] ?? '', in: 'answer', label: 'station' },
  ],
  names: { [city]: 'city' },
  from: { [city]: [city], [CODES[city] ?? '']: [city] },
  code: { [CODES[city] ?? '']: (nameOf) => code(nameOf(city)) },
});

describe('what a model must not achieve', () => {
  test.each([
    ['an endless loop', (city: string) => `({ ${city} }) => { for (;;) {} }`],
    ['a reach for the process', (city: string) => `({ ${city} }) => process.env.PATH`],
    [
      'a way out through a constructor',
      (city: string) => `({ ${city} }) => ${city}['constr' + 'uctor']['constructor']('return 1')()`,
    ],
    ['a constant in disguise', (city: string) => `({ ${city} }) => ${city} ? 'Q7X' : 'Q7X'`],
    [
      'a table with a default',
      (city: string) => `({ ${city} }) => ({ Rome: 'R1' })[${city}] ?? 'Q7X'`,
    ],
    ['an object', (city: string) => `({ ${city} }) => ({ toString: () => 'Q7X' })`],
    ['memory without end', (city: string) => `({ ${city} }) => ${city}.repeat(5e8).slice(0, 3)`],
  ])('%s as a derivation is refused, and nothing of it is kept', async (what, code) => {
    model.script(plausible(() => knowLookUp('Lisbon', code)));
    expect(await ask(lookUp(what), 'Lisbon')).toMatchObject({ cache: 'miss' });
    await ghee.settle();
    expect(await notesOf()).toContain('deriver abstains: proposal_invalid');
    expect(await ghee.collection('nodes').countDocuments({ variables: /Q7X/ })).toBe(0);
    expect(await ask(lookUp(what), 'Oslo')).toMatchObject({ cache: 'miss' });
    await ghee.settle();
  });

  const misbehave =
    (agent: AgentCall['agent'], answer: AnswerAgent): AnswerAgent =>
    (call) =>
      call.agent === agent ? answer(call) : plausible(() => KNOWN_SHOUT)(call);
  /** Lower case tells no recogniser anything, so that the symbolic steps give up and models take all four. */
  const shout = (topic: string): Pick<Example, 'ask' | 'answer'> => ({
    ask: (word) => `Translate the ${topic} word ${word}`,
    answer: (word) => ({ role: 'assistant', content: WORDS[word] ?? '' }),
  });
  const WORDS: Readonly<Record<string, string>> = { pomme: 'apple', poire: 'pear' };
  const KNOWN_SHOUT: Knowledge = {
    spans: [
      { quote: 'pomme', in: 'request', label: 'word' },
      { quote: 'apple', in: 'answer', label: 'translation' },
    ],
    names: { pomme: 'foreign' },
    from: { apple: ['pomme'] },
    code: { apple: (nameOf) => `(v) => ({ pomme: 'apple' })[v.${nameOf('pomme')}] ?? ''` },
  };

  test.each<[string, string, AnswerAgent, string]>([
    [
      'spans that do not occur',
      'one',
      misbehave('identifier', () => spans('banana')),
      'identifier abstains: proposal_invalid',
    ],
    [
      'spans inside words',
      'two',
      misbehave('identifier', () => spans('omm')),
      'identifier abstains: proposal_invalid',
    ],
    [
      'broken JSON',
      'three',
      misbehave('identifier', () => '{"spans": ['),
      'identifier abstains: proposal_invalid',
    ],
    [
      'a refusal',
      'four',
      misbehave('identifier', () => 'I cannot help with that.'),
      'identifier abstains: model_refused',
    ],
    ['silence', 'five', misbehave('identifier', () => dawdle(60_000)), 'the model did not answer'],
    [
      'a value for a name',
      'six',
      misbehave('namer', () => ({ names: [{ span: 0, name: 'pomme' }] })),
      'candidates `word`',
    ],
    ['a circle', 'seven', misbehave('arranger', circle), 'arranger abstains: proposal_invalid'],
    [
      'a value from thin air',
      'eight',
      misbehave('arranger', thinAir),
      'arranger abstains: proposal_invalid',
    ],
  ])('%s is not believed, and the run ends well', async (_what, topic, script, note) => {
    model.script(script);
    expect(await ask(shout(topic), 'pomme')).toMatchObject({ cache: 'miss' });
    await ghee.settle();
    expect(await newestRun().result()).toMatch(/^(?:committed|rejected:)/);
    expect(await notesOf()).toContain(note);
    model.script(plausible(() => undefined));
    expect(await ask(shout(topic), 'poire')).toMatchObject({ cache: 'miss' });
    await ghee.settle();
  });

  function spans(quote: string): object {
    const kind = 'word';
    const place = { message: 0, leaf: 0, occurrence: 1, role: 'data', kind, label: 'word' };
    return { spans: [{ ...place, quote }] };
  }

  function circle({ data: { sinks = [] } }: AgentCall): object {
    return {
      roles: sinks.map(({ sink }) => ({ sink, role: 'dependent', from: [sink] })),
    };
  }

  function thinAir({ data: { sinks = [] } }: AgentCall): object {
    return { roles: sinks.map(({ sink }) => ({ sink, role: 'dependent', from: [] })) };
  }
});

test('a derivation that turns hostile after it was learned is killed, serves nothing, and holds nobody up', async () => {
  const topic = 'turncoat';
  const code = (city: string) =>
    `({ ${city} }) => {
      const table = ${JSON.stringify(CODES)};
      if (${city}.startsWith('Evil')) { let text = ''; for (;;) { text = ${city} + text.slice(0, 9); } }
      return table[${city}] ?? '';
    }`;
  model.script(plausible(() => knowLookUp('Lisbon', code)));
  // How many confirmations code needs depends on how other code fared in this project.
  for (const city of ['Lisbon', 'Oslo', 'Quito', 'Porto', 'Turin', 'Graz']) {
    await ask(lookUp(topic), city);
    await ghee.settle();
  }
  expect(await served(lookUp(topic), 'Cairo')).toMatchObject({ cache: 'hit', reason: 'template' });
  const greeting = {
    ask: (name: string) => `Say the word of ${name} once more`,
    answer: (name: string) => ({ role: 'assistant', content: `The word of ${name}.` }),
  };
  for (const name of ['Ada', 'Grace', 'Barbara', 'Frances', 'Jean']) {
    await ask(greeting, name);
    await ghee.settle();
  }
  // Each of these is a miss that is learned from: with values that the code does not know, and with hostile ones.
  const calm = await hitTimesDuring('Calm');
  const attacked = await hitTimesDuring('Evil');
  // Who waits for such code waits for all of its 500 ms; below 300 the machine's own noise decides.
  expect(p99(attacked)).toBeLessThan(3 * Math.max(p99(calm), 100));
  // Two strikes: the source is never run again, not even for a value that it was right about.
  expect(await ask(lookUp(topic), 'Lyon')).toMatchObject({ cache: 'miss' });
  await ghee.settle();
  const killed = { 'variables.derivation.source': /Evil/, state: { $ne: 'quarantined' } };
  expect(await ghee.collection('nodes').countDocuments(killed)).toBe(0);

  /** How long hits take, in milliseconds, while eight cities of such names are looked up. */
  async function hitTimesDuring(prefix: string): Promise<number[]> {
    const busy = { done: false };
    const lookUps = (async () => {
      for (let index = 0; index < 8; index++) {
        const city = `${prefix}${String.fromCharCode(65 + index)}`;
        expect(await ask(lookUp(topic), city)).toMatchObject({ cache: 'miss' });
      }
    })().finally(() => (busy.done = true));
    const times: number[] = [];
    for (let index = 0; !busy.done || times.length < 300; index++) {
      const startedAt = performance.now();
      const name = `Q${'abcdefghij'.charAt(index % 10)}${'klmnop'.charAt(index % 6)}`;
      expect(await ask(greeting, name)).toMatchObject({ cache: 'hit', reason: 'template' });
      times.push(performance.now() - startedAt);
    }
    await lookUps;
    return times;
  }
});

describe('what is kept of it', () => {
  test('a run with models replays as it went, and holds no text of a message', async () => {
    model.script(plausible(knowledgeOf));
    const example = { ...lookUp('canaries'), ask: (city: string) => `Zanzibarovich in ${city}` };
    await ask(example, 'Quito');
    await ghee.settle();
    expect(await notesOf()).toMatch(/\d+ \+ \d+ tokens, \$0\.\d{6}/);
    const run = newestRun();
    const history = await run.fetchHistory();
    const texts = JSON.stringify(history, (_key, value: unknown) =>
      value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : value,
    );
    expect(texts).toContain('ByModel');
    for (const text of [texts, ghee.log('worker'), ghee.log('proxy')]) {
      expect(text).not.toMatch(/Zanzibarovich|Quito|Z9B/);
    }
    const codePath = process.env['GHEE_TEST_WORKFLOW_BUNDLE'] ?? '';
    await Worker.runReplayHistory({ workflowBundle: { codePath } }, history, run.workflowId);
  });

  test('tokens and dollars are kept with the observation', async () => {
    const spent = await ghee
      .collection('observations')
      .countDocuments({ 'inducer.calls': { $gt: 0 }, 'inducer.microUsd': { $gt: 0 } });
    expect(spent).toBeGreaterThan(EXAMPLES.length);
  });

  test('what models cost is taken off what was saved', async () => {
    const response = await fetch(`${ghee.adminUrl}/admin/stats`);
    const { total, models } = STATS.parse(await response.json());
    const observations = await ghee.collection('observations').find().toArray();
    const microUsd = observations
      .map((one) => (one as { inducer?: { microUsd?: number } }).inducer?.microUsd ?? 0)
      .reduce((sum, cost) => sum + cost, 0);
    expect(total.induction.calls).toBeGreaterThan(0);
    expect(total.induction.usd).toBeCloseTo(microUsd / 1e6, 5);
    expect(total.netUsd).toBeCloseTo(total.saved.usd - total.induction.usd, 5);
    // It stands beside the model that was asked, not the one that clients ask.
    expect(models.filter(({ induction }) => induction.calls > 0)).toHaveLength(1);
  });

  test('beyond the budget of the day no call is made, and the reason is written down', async () => {
    const day = `inducer-micro-usd:${new Date().toISOString().slice(0, 10)}`;
    await ghee.collection('counters').updateOne({ _id: day }, { $set: { value: 5_000_000 } });
    const before = model.calls.length;
    await ask(lookUp('budget'), 'Quito');
    await ghee.settle();
    expect(model.calls).toHaveLength(before);
    expect(await notesOf()).toContain('abstains: budget_spent');
    expect(await newestRun().result()).toBe('committed');
    expect(
      await ghee.collection('observations').countDocuments({ 'inducer.refused.budget_spent': 1 }),
    ).toBe(1);
  });
});

test('with INDUCER=llm models take every step, whatever the symbolic ones could do', async () => {
  const other = await RunningGhee.start({
    UPSTREAM_BASE_URL: `${provider.url}/v1`,
    ...{ INDUCER: 'llm', INDUCER_BASE_URL: model.baseUrl, INDUCER_MODEL: 'scripted' },
    INDUCER_PRICES: '0/0',
  });
  try {
    const before = model.calls.length;
    model.script(
      plausible(() => ({
        spans: [
          { quote: 'butter', in: 'request', label: 'ingredient', kind: 'word' },
          { quote: 'BUTTER', in: 'answer', label: 'shouted', kind: 'word' },
        ],
        names: { butter: 'food' },
        from: { BUTTER: ['butter'] },
        code: { BUTTER: (nameOf) => `(v) => v.${nameOf('butter')}.toUpperCase()` },
      })),
    );
    provider.respond(() => ({ kind: 'text', content: 'BUTTER' }));
    await fetch(`${other.baseUrl}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'gpt-5.4-mini',
        messages: [{ role: 'user', content: 'Say butter in capitals' }],
      }),
    });
    await other.settle();
    expect(model.calls.slice(before).map((call) => call.agent)).toEqual([
      ...['identifier', 'namer', 'arranger', 'deriver'],
    ]);
    // The code is not kept: our own language says the same.
    const nodes = await other.collection('nodes').find({}).toArray();
    expect(JSON.stringify(nodes)).toContain('"op":"upper"');
    expect(JSON.stringify(nodes)).toContain('food');
    expect(JSON.stringify(nodes)).not.toContain('toUpperCase');
  } finally {
    await other.stop();
  }
});

function p99(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? 0;
}
