/** The whole of Ghee, started as its users start it: `npm start`, the official client, the model `demo`. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import OpenAI from 'openai';
import { ChatCompletionStream } from 'openai/lib/ChatCompletionStream';
import type {
  ChatCompletionMessageParam,
  ChatCompletionTool,
} from 'openai/resources/chat/completions';
import type { ServiceName } from '../../scripts/own-ghee.ts';
import { RunningGhee } from '../support/ghee.ts';

let ghee: RunningGhee;
let client: OpenAI;

beforeAll(async () => {
  ghee = await RunningGhee.start();
  // The SDK's own two retries last 1.2 s: a proxy that was killed is back by then, unless the cores are taken.
  client = new OpenAI({ baseURL: ghee.baseUrl, apiKey: 'sk-test', maxRetries: 6 });
});

afterAll(async () => {
  await ghee.stop();
});

const TOOLS: ChatCompletionTool[] = [
  {
    type: 'function',
    function: {
      name: 'get_weather',
      description: 'Current weather of a city',
      parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
    },
  },
];

interface Asked {
  readonly cache: string | null;
  readonly reason: string | null;
  readonly content: string | null;
  readonly id: string;
}

async function ask(content: string, headers: Record<string, string> = {}): Promise<Asked> {
  const { data, response } = await client.chat.completions
    .create({ model: 'demo', messages: [{ role: 'user', content }] }, { headers })
    .withResponse();
  return {
    cache: response.headers.get('butter-cache'),
    reason: response.headers.get('butter-reason'),
    content: data.choices[0]?.message.content ?? null,
    id: data.id,
  };
}

async function askStreaming(content: string): Promise<{ cache: string | null; content: string }> {
  const { data, response } = await client.chat.completions
    .create({ model: 'demo', messages: [{ role: 'user', content }], stream: true })
    .withResponse();
  let text = '';
  for await (const chunk of data) text += chunk.choices[0]?.delta.content ?? '';
  return { cache: response.headers.get('butter-cache'), content: text };
}

describe("the README's tour", () => {
  test('a miss, the same call a hit, another value a confirmation, a third one a templated hit', async () => {
    expect(await ask('Say hello to Erik')).toMatchObject({ cache: 'miss' });
    await ghee.settle();
    expect(await ask('Say hello to Erik')).toMatchObject({ cache: 'hit', reason: 'exact' });
    expect(await ask('Say hello to Ann')).toMatchObject({ cache: 'miss', reason: 'probation' });
    await ghee.settle();
    const first = await ask('Say hello to Grace');
    expect(first).toMatchObject({
      cache: 'hit',
      reason: 'template',
      content: 'Hello, Grace! Nice to meet you.',
    });
    expect((await ask('Say hello to Grace')).id).not.toBe(first.id);
    expect(await askStreaming('Say hello to Linus')).toEqual({
      cache: 'hit',
      content: 'Hello, Linus! Nice to meet you.',
    });
  });

  test('named values serve at once', async () => {
    const bound = (word: string) =>
      ask(`say ${word} 3 times`, { 'Butter-Bindings': JSON.stringify({ word }) });
    expect(await bound('butter')).toMatchObject({ cache: 'miss' });
    await ghee.settle();
    expect(await bound('honey')).toMatchObject({ cache: 'hit', reason: 'template' });
  });

  test('what was learned from a stream serves plain calls', async () => {
    expect((await askStreaming('Reverse "stressed"')).cache).toBe('miss');
    await ghee.settle();
    expect(await ask('Reverse "stressed"')).toMatchObject({ cache: 'hit' });
  });
});

test('50 values of one behaviour: at most 3 calls reach the model and no answer is wrong', async () => {
  let misses = 0;
  for (let index = 1; index <= 50; index++) {
    const [a, b] = [index * 7, 1000 + index * 13];
    const answer = await ask(`What is ${a} + ${b}?`);
    expect(answer.content).toBe(`${a} + ${b} = ${a + b}`);
    if (answer.cache === 'miss') {
      misses++;
      await ghee.settle();
    }
  }
  expect(misses).toBeLessThanOrEqual(3);
});

describe('two-turn tool conversations', () => {
  /** Runs an agent's loop; gives back what each turn came from and the final answer. */
  async function converse(city: string, temperature: number, condition: string, stream: boolean) {
    const messages: ChatCompletionMessageParam[] = [
      { role: 'user', content: `What is the weather in ${city}?` },
    ];
    const caches: (string | null)[] = [];
    for (let turn = 0; turn < 2; turn++) {
      const body = { model: 'demo', messages, tools: TOOLS } as const;
      const { message, cache } = stream ? await streamed(body) : await plain(body);
      caches.push(cache);
      const call = message.tool_calls?.[0];
      if (call?.type !== 'function') return { caches, content: message.content };
      expect(JSON.parse(call.function.arguments)).toEqual({ city });
      messages.push(message, {
        role: 'tool',
        tool_call_id: call.id,
        content: JSON.stringify({ temperature, condition }),
      });
    }
    return { caches, content: null };
  }

  async function plain(body: {
    model: string;
    messages: ChatCompletionMessageParam[];
    tools: ChatCompletionTool[];
  }) {
    const { data, response } = await client.chat.completions.create(body).withResponse();
    const message = data.choices[0]?.message;
    if (message === undefined) throw new Error('no message');
    return { message, cache: response.headers.get('butter-cache') };
  }

  async function streamed(body: {
    model: string;
    messages: ChatCompletionMessageParam[];
    tools: ChatCompletionTool[];
  }) {
    const request = client.chat.completions.create({ ...body, stream: true });
    const { data, response } = await request.withResponse();
    const stream = ChatCompletionStream.fromReadableStream(data.toReadableStream());
    const message = (await stream.finalChatCompletion()).choices[0]?.message;
    if (message === undefined) throw new Error('no message');
    return { message, cache: response.headers.get('butter-cache') };
  }

  test('are learned from two cities and served for others, plain and streamed', async () => {
    const learn = async (city: string, temperature: number, condition: string) => {
      await converse(city, temperature, condition, false);
      await ghee.settle();
    };
    await learn('Paris', 25, 'sunny');
    await learn('Oslo', -3, 'snowy');
    for (const stream of [false, true]) {
      const served = await converse(stream ? 'Rome' : 'Madrid', 31, 'cloudy', stream);
      expect(served.caches).toEqual(['hit', 'hit']);
      expect(served.content).toBe(`It is 31°C and cloudy in ${stream ? 'Rome' : 'Madrid'}.`);
    }
  });
});

test('a restart keeps everything', async () => {
  expect(await ghee.halt()).toBe(0);
  await ghee.resume();
  expect(await ask('Say hello to Erik')).toMatchObject({ cache: 'hit', reason: 'exact' });
  expect(await ask('Say hello to Ada')).toMatchObject({ cache: 'hit', reason: 'template' });
});

test('kill -9 of each process in turn: every call is answered, no acknowledged observation is lost', async () => {
  const victims: ServiceName[] = ['proxy', 'worker', 'temporal', 'mongodb'];
  let answered = 0;
  for (let index = 0; index < 200; index++) {
    if (index % 50 === 10) ghee.kill(victims[Math.floor(index / 50)] ?? 'proxy');
    // Every fourth call is new, the others repeat what is known.
    const answer = await ask(
      index % 4 === 0
        ? `Is ${10_007 + index} prime?`
        : `Say hello to ${index % 2 === 0 ? 'Erik' : 'Ada'}`,
    );
    expect(answer.content).toBeTruthy();
    answered++;
  }
  expect(answered).toBe(200);
  await ghee.settle();
  const acknowledged = ghee.acknowledged();
  expect(acknowledged.length).toBeGreaterThanOrEqual(45);
  const stored = await ghee
    .collection('observations')
    .find()
    .project<{ _id: string }>({ _id: 1 })
    .toArray();
  const ids = new Set(stored.map(({ _id }) => _id));
  expect(acknowledged.filter((id) => !ids.has(id))).toEqual([]);
});
