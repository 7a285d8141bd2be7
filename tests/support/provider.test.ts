import { afterEach, beforeAll, afterAll, expect, test } from '@jest/globals';
import OpenAI from 'openai';
import {
  malformedStream,
  pacedStream,
  rateLimited,
  resetMidStream,
  startScriptedProvider,
  truncated,
  type ScriptedProvider,
} from './provider.ts';

let provider: ScriptedProvider;
let client: OpenAI;

beforeAll(async () => {
  provider = await startScriptedProvider();
  client = new OpenAI({
    apiKey: 'none',
    baseURL: `${provider.url}/v1`,
    maxRetries: 0,
    logLevel: 'off',
  });
});
afterEach(() => provider.reset());
afterAll(() => provider.close());

const HELLO = { model: 'gpt-5.4-mini', messages: [{ role: 'user' as const, content: 'Hi' }] };
const ask = () => client.chat.completions.create(HELLO);

async function readStream(): Promise<string> {
  let text = '';
  for await (const chunk of await client.chat.completions.create({ ...HELLO, stream: true })) {
    text += chunk.choices[0]?.delta.content ?? '';
  }
  return text;
}

test('answers as scripted, and records headers and bytes of every call', async () => {
  provider.respond(({ model }) => ({ kind: 'text', content: `I am ${JSON.stringify(model)}.` }));
  const body = ' {"model": "a", "messages": [{"role":"user","content":"Hi"}]}';
  const url = `${provider.url}/v1/chat/completions?x=1`;
  const response = await fetch(url, { method: 'POST', body, headers: { 'X-Test': 'yes' } });
  expect(await response.json()).toMatchObject({ choices: [{ message: { content: 'I am "a".' } }] });
  expect(provider.callCount).toBe(1);
  expect(provider.requests[0]).toMatchObject({ method: 'POST', url: '/v1/chat/completions?x=1' });
  expect(provider.requests[0]?.headers['x-test']).toBe('yes');
  expect(provider.requests[0]?.body.toString()).toBe(body);
});

test('a call that nobody scripted fails loudly', async () => {
  await expect(ask()).rejects.toMatchObject({ status: 400, code: 'unscripted_call' });
});

test('faults are used up, then the responder answers', async () => {
  provider.respond(() => ({ kind: 'text', content: 'Hello' }));
  provider.failNext(rateLimited(2));
  await expect(ask()).rejects.toBeInstanceOf(OpenAI.RateLimitError);
  expect((await ask()).choices[0]?.message.content).toBe('Hello');
  expect(provider.callCount).toBe(2);
});

test('the connection can break before an answer', async () => {
  provider.failNext({ kind: 'reset' });
  await expect(ask()).rejects.toBeInstanceOf(OpenAI.APIConnectionError);
});

test('the connection can break in the middle of a stream', async () => {
  provider.failNext(resetMidStream(['Hel', 'lo']));
  await expect(readStream()).rejects.toThrow();
});

test('a stream can be malformed', async () => {
  provider.failNext(malformedStream(['Hel']));
  await expect(readStream()).rejects.toThrow('JSON');
});

test.each([false, true])('an answer can be truncated (stream: %s)', async (stream) => {
  provider.failNext(truncated('Once upon', stream));
  const helper = stream ? client.chat.completions.stream(HELLO).finalChatCompletion() : ask();
  expect((await helper).choices[0]).toMatchObject({
    finish_reason: 'length',
    message: { content: 'Once upon' },
  });
});

test('pieces of a stream go out when the test allows', async () => {
  const gate = Promise.withResolvers<undefined>();
  const paced: number[] = [];
  // The pieces are role, first, second, finish and [DONE]; the third waits.
  const pace = async (index: number) => {
    paced.push(index);
    if (index === 2) await gate.promise;
  };
  provider.failNext(pacedStream(['first', 'second'], pace));
  const seen: string[] = [];
  for await (const chunk of await client.chat.completions.create({ ...HELLO, stream: true })) {
    const content = chunk.choices[0]?.delta.content ?? '';
    if (content !== '') seen.push(content);
    if (content === 'first') {
      expect(paced.at(-1)).toBeLessThanOrEqual(2);
      gate.resolve(undefined);
    }
  }
  expect(seen).toEqual(['first', 'second']);
  expect(paced).toEqual([0, 1, 2, 3, 4]);
});
