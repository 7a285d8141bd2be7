import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import OpenAI from 'openai';
import { createChunkAccumulator, readCompletion } from '../../core/completion/accumulate.ts';
import { respondDemo } from './respond-demo.ts';
import type { Reply } from './reply.ts';
import { startProvider, type Provider } from './start-provider.ts';

let provider: Provider;
let client: OpenAI;
let scripted: Reply | undefined;

beforeAll(async () => {
  provider = await startProvider({
    respond: (request) => scripted ?? respondDemo(request),
    latencyMs: 0,
  });
  client = new OpenAI({ apiKey: 'none', baseURL: `${provider.url}/v1`, maxRetries: 0 });
});
afterAll(() => provider.close());

const WEATHER = {
  model: 'demo',
  messages: [{ role: 'user' as const, content: 'weather in Boston' }],
  tools: [{ type: 'function' as const, function: { name: 'get_weather', parameters: {} } }],
};
const HELLO = {
  model: 'demo',
  messages: [{ role: 'user' as const, content: 'Say hello to Erik' }],
};

const post = (body: string | Buffer, headers: Record<string, string> = {}) =>
  fetch(`${provider.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : new Uint8Array(body),
  });

async function chunksOf(
  request: object,
): Promise<{ chunks: Record<string, unknown>[]; text: string }> {
  const text = await (await post(JSON.stringify({ ...request, stream: true }))).text();
  const events = text.split('\n\n').filter((event) => event !== '' && event !== 'data: [DONE]');
  return {
    chunks: events.map((event) => JSON.parse(event.slice(6)) as Record<string, unknown>),
    text,
  };
}

async function withReply<T>(reply: Reply, run: () => Promise<T>): Promise<T> {
  scripted = reply;
  try {
    return await run();
  } finally {
    scripted = undefined;
  }
}

test('the openai client reads an answer, whole, in chunks and with its helper', async () => {
  const answer = 'Hello, Erik! Nice to meet you.';
  const whole = await client.chat.completions.create(HELLO);
  expect(whole).toMatchObject({
    model: 'demo',
    choices: [{ message: { content: answer, refusal: null } }],
  });
  expect(whole.usage).toMatchObject({ completion_tokens: 8 });
  let text = '';
  for await (const chunk of await client.chat.completions.create({ ...HELLO, stream: true })) {
    text += chunk.choices[0]?.delta.content ?? '';
  }
  expect(text).toBe(answer);
  expect(await client.chat.completions.stream(HELLO).finalContent()).toBe(answer);
});

test('the openai client reads tool calls, whose ids are fresh in each run', async () => {
  const whole = await client.chat.completions.create(WEATHER);
  const streamed = await client.chat.completions.stream(WEATHER).finalChatCompletion();
  const [first] = whole.choices[0]?.message.tool_calls ?? [];
  const [second] = streamed.choices[0]?.message.tool_calls ?? [];
  for (const call of [first, second]) {
    expect(call).toMatchObject({
      function: { name: 'get_weather', arguments: '{"city":"Boston"}' },
    });
    expect(call?.id).toMatch(/^call_[0-9A-Za-z]{24}$/);
  }
  expect(first?.id).not.toBe(second?.id);
  expect(streamed.choices[0]).toMatchObject({
    finish_reason: 'tool_calls',
    message: { content: null },
  });
});

test.each([HELLO, WEATHER])(
  'what Ghee learns is the same with and without streaming',
  async (request) => {
    const accumulator = createChunkAccumulator();
    const { chunks } = await chunksOf({ ...request, stream_options: { include_usage: true } });
    for (const chunk of chunks) accumulator.push(chunk);
    const withoutIds = (value: unknown) =>
      JSON.parse(
        JSON.stringify(value, (key, item: unknown) =>
          key === 'id' || key === 'annotations' ? undefined : item,
        ),
      ) as unknown;
    const whole = readCompletion(await (await post(JSON.stringify(request))).json());
    expect(whole.kind).toBe('completion');
    expect(withoutIds(accumulator.finish(true))).toEqual(withoutIds(whole));
  },
);

describe('a stream', () => {
  test('has usage and padding as the options say', async () => {
    const plain = await chunksOf(HELLO);
    expect(plain.text.endsWith('data: [DONE]\n\n')).toBe(true);
    expect(plain.chunks.every((chunk) => 'obfuscation' in chunk && !('usage' in chunk))).toBe(true);
    const options = { include_usage: true, include_obfuscation: false };
    const asked = await chunksOf({ ...HELLO, stream_options: options });
    expect(asked.chunks.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: 8 } });
    expect(asked.chunks.slice(0, -1).every((chunk) => chunk['usage'] === null)).toBe(true);
    expect(asked.text).not.toContain('obfuscation');
  });

  test('and a body take the time that they are given', async () => {
    const reply = { kind: 'text', content: 'one two three four', latencyMs: 60 } as const;
    await withReply(reply, async () => {
      for (const stream of [false, true]) {
        const started = performance.now();
        await (await post(JSON.stringify({ ...HELLO, stream }))).text();
        expect(performance.now() - started).toBeGreaterThan(55);
      }
    });
  });
});

describe('errors', () => {
  test.each<[string, string, number, object]>([
    ['a body that is no JSON', '{"model"', 400, { param: null }],
    ['a body that is a list', '[]', 400, { param: null }],
    ['no model', '{"messages":[{}]}', 400, { message: 'you must provide a model parameter' }],
    [
      'no messages',
      '{"model":"demo"}',
      400,
      { param: 'messages', code: 'missing_required_parameter' },
    ],
    [
      'empty messages',
      '{"model":"demo","messages":[]}',
      400,
      { param: 'messages', code: 'empty_array' },
    ],
    ['two choices', '{"model":"demo","messages":[{}],"n":2}', 400, { param: 'n' }],
  ])("%s is refused in OpenAI's shape", async (_, body, status, error) => {
    const response = await post(body);
    expect(response.status).toBe(status);
    expect(response.headers.get('x-request-id')).toMatch(/^req_[0-9a-f]{32}$/);
    expect(await response.json()).toMatchObject({
      error: { type: 'invalid_request_error', ...error },
    });
  });

  test('unknown paths are 404', async () => {
    const response = await fetch(`${provider.url}/v1/embeddings`, { method: 'POST' });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({
      error: { message: 'Invalid URL (POST /v1/embeddings)' },
    });
  });

  test('a responder decides on status and headers, and the client raises its class', async () => {
    const error = {
      message: 'slow down',
      type: 'requests',
      param: null,
      code: 'rate_limit_exceeded',
    };
    await withReply(
      { kind: 'error', status: 429, error, headers: { 'retry-after': '1' } },
      async () => {
        await expect(client.chat.completions.create(HELLO)).rejects.toBeInstanceOf(
          OpenAI.RateLimitError,
        );
      },
    );
  });

  test('a responder that throws is a failing provider', async () => {
    const failing = await startProvider({ respond: () => Promise.reject(new Error('secret')) });
    const response = await fetch(`${failing.url}/v1/chat/completions`, {
      method: 'POST',
      body: JSON.stringify(HELLO),
    });
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('secret');
    await failing.close();
  });

  test('a taken port is reported', async () => {
    const port = Number(new URL(provider.url).port);
    await expect(startProvider({ respond: respondDemo, port })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
  });
});

test('compressed requests are read, unknown codings and corrupt bytes refused', async () => {
  const body = Buffer.from(JSON.stringify(HELLO));
  expect((await post(gzipSync(body), { 'content-encoding': 'gzip' })).status).toBe(200);
  expect((await post(zstdCompressSync(body), { 'content-encoding': 'zstd' })).status).toBe(200);
  expect((await post(body, { 'content-encoding': 'gzip' })).status).toBe(400);
  expect((await post(body, { 'content-encoding': 'rot13' })).status).toBe(415);
});

test('the models are listed', async () => {
  const models = await client.models.list();
  expect(models.data).toMatchObject([{ id: 'demo', object: 'model', owned_by: 'ghee' }]);
});

test('a client that leaves early does not disturb the next one', async () => {
  const arrived = Promise.withResolvers<undefined>();
  const slow = await startProvider({
    respond: () => {
      arrived.resolve(undefined);
      return { kind: 'text', content: 'one two three' };
    },
    latencyMs: 30_000,
  });
  const gone = new AbortController();
  const request = { method: 'POST', body: JSON.stringify(HELLO), signal: gone.signal };
  const call = fetch(`${slow.url}/v1/chat/completions`, request);
  await arrived.promise;
  gone.abort();
  await expect(call).rejects.toThrow('abort');
  expect((await fetch(`${slow.url}/v1/models`)).status).toBe(200);
  await slow.close();
});
