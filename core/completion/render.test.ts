import { describe, expect, test } from '@jest/globals';
import OpenAI from 'openai';
import { stringOf, type JsonObject, type ServedCompletion } from './completion.ts';
import { renderCompletion, streamWriter } from './render.ts';

const USAGE = { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13 };
const TEXT = 'Hello, Erik 🧈! Nice to meet you, and the line separator \u2028 too.';
const PLACE = '{"city":"São Paulo, Brazil","district":"Jardim Paulista","unit":"celsius"}';
const CALLS = [
  { id: 'call_a', type: 'function', function: { name: 'get_weather', arguments: PLACE } },
  { id: 'call_b', type: 'function', function: { name: 'get_time', arguments: '' } },
] as const;

const served = (message: JsonObject, finishReason = 'stop'): ServedCompletion => ({
  id: 'chatcmpl-fresh',
  created: 1_764_000_000,
  model: 'gpt-5.4-mini',
  message: { role: 'assistant', ...message },
  finishReason,
  usage: USAGE,
  extras: { system_fingerprint: 'fp_1', service_tier: null, citations: ['https://example.com'] },
});
const renderStream = (
  completion: ServedCompletion,
  options: { readonly includeUsage: boolean },
): string => streamWriter(completion, options)(completion);
const GREETING = served({ content: TEXT, refusal: null });
const TOOLS = served({ content: null, refusal: null, tool_calls: CALLS }, 'tool_calls');

interface Chunk {
  readonly choices: readonly {
    readonly delta: JsonObject;
    readonly finish_reason: string | null;
  }[];
  readonly [key: string]: unknown;
}

function chunksOf(stream: string): Chunk[] {
  const events = stream.split('\n\n').filter((event) => event !== '' && event !== 'data: [DONE]');
  return events.map((event) => JSON.parse(event.slice('data: '.length)) as Chunk);
}

const deltasOf = (stream: string) =>
  chunksOf(stream).flatMap(({ choices }) => choices.map(({ delta }) => delta));

/** The real client, answered with `payload` in place of the network. */
function clientOf(payload: string, type: string): OpenAI {
  const answer = () =>
    Promise.resolve(new Response(payload, { headers: { 'content-type': type } }));
  return new OpenAI({ apiKey: 'none', fetch: answer });
}
const streamClient = (message: ServedCompletion, includeUsage = false) =>
  clientOf(renderStream(message, { includeUsage }), 'text/event-stream; charset=utf-8');
const REQUEST = { model: 'gpt-5.4-mini', messages: [{ role: 'user' as const, content: 'Hi' }] };

describe('a rendered stream', () => {
  test('opens with the role, closes with finish chunk and [DONE], under one id', () => {
    const stream = renderStream(GREETING, { includeUsage: false });
    const chunks = chunksOf(stream);
    expect(chunks[0]?.choices[0]?.delta).toEqual({ role: 'assistant', content: '', refusal: null });
    expect(chunks.at(-1)?.choices).toEqual([
      { index: 0, delta: {}, logprobs: null, finish_reason: 'stop' },
    ]);
    expect(stream.endsWith('}\n\ndata: [DONE]\n\n')).toBe(true);
    for (const chunk of chunks) {
      expect(chunk).toMatchObject({
        id: 'chatcmpl-fresh',
        created: 1_764_000_000,
        object: 'chat.completion.chunk',
      });
      expect(chunk).toMatchObject({
        model: 'gpt-5.4-mini',
        system_fingerprint: 'fp_1',
        service_tier: null,
      });
      expect(chunk).not.toHaveProperty('usage');
    }
  });

  test('gives the usage only where it was asked for, in a chunk of its own', () => {
    const chunks = chunksOf(renderStream(GREETING, { includeUsage: true }));
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: USAGE });
    expect(chunks.slice(0, -1).every((chunk) => chunk['usage'] === null)).toBe(true);
  });

  test('invents no usage that was not recorded', () => {
    const { id, created, model, message, finishReason, extras } = GREETING;
    const unmetered = { id, created, model, message, finishReason, extras };
    const chunks = chunksOf(renderStream(unmetered, { includeUsage: true }));
    expect(chunks.at(-1)).toMatchObject({ choices: [{ finish_reason: 'stop' }], usage: null });
  });

  test('never cuts a surrogate pair, wherever it stands', () => {
    for (let offset = 0; offset < 140; offset++) {
      const content = `${'a'.repeat(offset)}🧈${'b'.repeat(140)}`;
      const deltas = deltasOf(renderStream(served({ content }), { includeUsage: false }));
      const pieces = deltas.map((delta) => stringOf(delta, 'content') ?? '');
      expect(pieces.every((piece) => piece.isWellFormed())).toBe(true);
      expect(pieces.join('')).toBe(content);
    }
  });

  test('has a bounded number of chunks for a long text', () => {
    const stream = renderStream(served({ content: 'x'.repeat(1_000_000) }), {
      includeUsage: false,
    });
    expect(chunksOf(stream).length).toBeLessThan(300);
  });

  test('sends one tool call after the other, identity first', () => {
    const calls = deltasOf(renderStream(TOOLS, { includeUsage: false })).flatMap(
      (delta) => delta['tool_calls'] ?? [],
    );
    expect(calls).toEqual([
      {
        index: 0,
        id: 'call_a',
        type: 'function',
        function: { name: 'get_weather', arguments: '' },
      },
      { index: 0, function: { arguments: PLACE.slice(0, 64) } },
      { index: 0, function: { arguments: PLACE.slice(64) } },
      { index: 1, id: 'call_b', type: 'function', function: { name: 'get_time', arguments: '' } },
    ]);
  });

  test('sends reasoning before the content', () => {
    const stream = renderStream(served({ content: 'Yes.', reasoning_content: 'Because.' }), {
      includeUsage: false,
    });
    expect(deltasOf(stream)).toEqual([
      { role: 'assistant', content: '' },
      { reasoning_content: 'Because.' },
      { content: 'Yes.' },
      {},
    ]);
  });
});

describe('the openai client', () => {
  test('reads a text, chunk by chunk and with its helper', async () => {
    let text = '';
    const chunks = await streamClient(GREETING, true).chat.completions.create({
      ...REQUEST,
      stream: true,
      stream_options: { include_usage: true },
    });
    for await (const chunk of chunks) text += chunk.choices[0]?.delta.content ?? '';
    expect(text).toBe(TEXT);
    const helper = streamClient(GREETING, true).chat.completions.stream(REQUEST);
    expect(await helper.finalContent()).toBe(TEXT);
    expect(await helper.totalUsage()).toMatchObject(USAGE);
  });

  test('reads tool calls with its helper, each done before the next begins', async () => {
    const done: string[] = [];
    const helper = streamClient(TOOLS)
      .chat.completions.stream(REQUEST)
      .on('tool_calls.function.arguments.done', ({ name }) => done.push(name));
    const completion = await helper.finalChatCompletion();
    expect(completion.choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: { content: null },
    });
    expect(completion.choices[0]?.message.tool_calls).toMatchObject(CALLS);
    expect(done).toEqual(['get_weather', 'get_time']);
  });

  test('reads a custom tool call with its helper', async () => {
    const call = {
      id: 'call_c',
      type: 'custom',
      custom: { name: 'sql', input: 'SELECT name FROM users' },
    };
    const message = served({ content: null, tool_calls: [call] }, 'tool_calls');
    const completion = await streamClient(message)
      .chat.completions.stream(REQUEST)
      .finalChatCompletion();
    expect(completion.choices[0]?.message.tool_calls).toMatchObject([call]);
  });

  test('reads a refusal with its helper', async () => {
    const message = served({ content: null, refusal: 'I cannot do that, sorry.' });
    const completion = await streamClient(message)
      .chat.completions.stream(REQUEST)
      .finalChatCompletion();
    expect(completion.choices[0]?.message).toMatchObject({ refusal: 'I cannot do that, sorry.' });
  });

  test('rejects a stream without finish chunk, so these checks can fail', async () => {
    const events = renderStream(GREETING, { includeUsage: false }).split('\n\n');
    const broken = [...events.slice(0, -3), 'data: [DONE]', ''].join('\n\n');
    const helper = clientOf(broken, 'text/event-stream').chat.completions.stream(REQUEST);
    await expect(helper.finalChatCompletion()).rejects.toThrow('missing finish_reason');
  });

  test('reads a body', async () => {
    const client = clientOf(JSON.stringify(renderCompletion(TOOLS)), 'application/json');
    const completion = await client.chat.completions.create(REQUEST);
    expect(completion).toMatchObject({
      id: 'chatcmpl-fresh',
      object: 'chat.completion',
      created: 1_764_000_000,
      choices: [{ index: 0, message: TOOLS.message, logprobs: null, finish_reason: 'tool_calls' }],
      usage: USAGE,
      system_fingerprint: 'fp_1',
      citations: ['https://example.com'],
    });
  });
});
