/**
 * Streams cut anywhere, in pieces and in length: what is recorded of them is what the official client makes of them,
 * or nothing.
 */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import OpenAI from 'openai';
import { toEvents, type Answer } from '../../adapters/demo-provider/wire.ts';
import {
  fieldOf,
  isArray,
  isObject,
  stringOf,
  type Completion,
  type JsonObject,
  type JsonValue,
} from '../../core/completion/completion.ts';
import { RecordingRoom } from './recording-room.ts';
import { watchAnswer, type AnswerResult } from './read-answer.ts';

const RUNS = { seed: 20_261_125, numRuns: 1_000 } as const;
const BYTES_MAX = 1 << 20;

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc.constantFrom('🧈'.repeat(20), 'data: [DONE]\n\n', '\u2028\u0085\r\n', 'a\r\rb'),
);
const call = fc.record({
  name: fc.constantFrom('get_weather', 'send_email'),
  arguments: fc.oneof(
    fc.json({ maxDepth: 2 }),
    fc.record({ city: text }).map((value) => JSON.stringify(value)),
  ),
});
const answer: fc.Arbitrary<Answer> = fc.oneof(
  text.map((content) => ({ kind: 'text' as const, content })),
  fc
    .array(call, { minLength: 1, maxLength: 3 })
    .map((calls) => ({ kind: 'tool-calls' as const, calls })),
);

/**
 * What goes wrong inside the stream, if anything. `at` is behind the chunk with the role: some providers send none,
 * and Ghee learns from them although the client's `stream()` does not like it.
 */
const INTERFERENCES: readonly ((events: string[], at: number) => string[])[] = [
  (events) => events,
  (events) => events,
  (events) => events.map((event) => `: still here\n\n${event}`),
  (events) => events.map((event) => event.replaceAll('\n', '\r\n')),
  (events) => events.map((event) => event.replace('data: ', 'data:')),
  (events, at) => events.toSpliced(at, 1),
  (events, at) => events.toSpliced(at, 0, 'data: {"error":{"message":"overloaded"}}\n\n'),
  (events, at) => events.toSpliced(at, 0, 'data: {"choices":[{]}\n\n'),
  (events, at) => events.toSpliced(at, 0, 'event: ping\ndata: {"type": "ping"}\n\n'),
  (events, at) => [...events.slice(0, at), ...events.slice(-1)],
  (events) => events.slice(0, -1),
];

const stream = fc
  .record({
    answer,
    interfere: fc.constantFrom(...INTERFERENCES),
    at: fc.nat(),
    usage: fc.boolean(),
    /** Where its bytes are cut into pieces, and where it breaks off; both as shares of its length. */
    cuts: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 30 }),
    abort: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { freq: 1 }),
  })
  .map(({ answer: said, interfere, at, usage, cuts, abort }) => {
    const request = {
      model: 'm',
      messages: [],
      ...(usage ? { stream_options: { include_usage: true } } : {}),
    };
    const events = toEvents(request, said);
    const whole = Buffer.from(interfere(events, 1 + (at % (events.length - 1))).join(''));
    const bytes = abort === null ? whole : whole.subarray(0, Math.floor(abort * whole.byteLength));
    const places = cuts.map((share) => Math.floor(share * bytes.byteLength)).sort((a, b) => a - b);
    const pieces = [0, ...places].map((start, index) => bytes.subarray(start, places[index]));
    return { pieces, isAborted: abort !== null };
  });

function record(
  pieces: readonly Buffer[],
  isAborted: boolean,
  room = new RecordingRoom(BYTES_MAX),
): Promise<AnswerResult> {
  const source = new PassThrough();
  const response = Object.assign(source, {
    statusCode: 200,
    headers: { 'content-type': 'text/event-stream' },
    complete: !isAborted,
  });
  return new Promise((resolve) => {
    watchAnswer(response as unknown as IncomingMessage, { bytesMax: BYTES_MAX, room }, resolve);
    for (const piece of pieces) source.write(piece);
    if (!isAborted) source.end();
    // What was received is read before the end of the connection is noticed.
    else setImmediate(() => source.destroy());
  });
}

/** Undefined where the client gives its caller an error. */
async function askClient(pieces: readonly Buffer[]) {
  const body = new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(new Uint8Array(piece));
      controller.close();
    },
  });
  const headers = { 'content-type': 'text/event-stream' };
  const client = new OpenAI({
    apiKey: 'sk-test',
    maxRetries: 0,
    fetch: () => Promise.resolve(new Response(body, { headers })),
  });
  try {
    return await client.chat.completions.stream({ model: 'm', messages: [] }).finalChatCompletion();
  } catch {
    return undefined;
  }
}

function essence(message: JsonObject) {
  const calls = fieldOf(message, 'tool_calls');
  return {
    // The client joins no pieces to an empty text or to none, as the chunks began.
    content: stringOf(message, 'content') ?? '',
    calls: (isArray(calls) ? calls : []).filter(isObject).map((one) => {
      const body = fieldOf(one, 'function');
      const part = (name: string): JsonValue | undefined =>
        isObject(body) ? fieldOf(body, name) : undefined;
      return { id: fieldOf(one, 'id'), name: part('name'), arguments: part('arguments') };
    }),
  };
}

test('a recording is what the client reads, or there is none', async () => {
  let recorded = 0;
  let unusable = 0;
  await fc.assert(
    fc.asyncProperty(stream, async ({ pieces, isAborted }) => {
      const result = await record(pieces, isAborted);
      if (result.kind === 'unusable') {
        unusable++;
        return;
      }
      recorded++;
      // An abort after `[DONE]` comes too late to matter; the client stops reading there.
      const read = await askClient(pieces);
      const completion: Completion = result.completion;
      const choice = read?.choices[0];
      expect(choice).toBeDefined();
      expect(essence(completion.message)).toEqual(
        essence(JSON.parse(JSON.stringify(choice?.message)) as JsonObject),
      );
      expect(completion.finishReason).toBe(choice?.finish_reason);
    }),
    RUNS,
  );
  // Both happen often, so that neither half is empty.
  expect(recorded).toBeGreaterThan(100);
  expect(unusable).toBeGreaterThan(100);
});

test('a whole stream is recorded however it is cut', async () => {
  await fc.assert(
    fc.asyncProperty(answer, fc.integer({ min: 1, max: 7 }), async (said, size) => {
      const bytes = Buffer.from(toEvents({ model: 'm', messages: [] }, said).join(''));
      const pieces: Buffer[] = [];
      for (let start = 0; start < bytes.byteLength; start += size) {
        pieces.push(bytes.subarray(start, start + size));
      }
      expect((await record(pieces, false)).kind).toBe('answer');
    }),
    { ...RUNS, numRuns: 100 },
  );
});

test('answers that find no room beside others are not recorded, and leave none of it taken', async () => {
  const events = toEvents({ model: 'm', messages: [] }, { kind: 'text', content: 'Hello there' });
  const whole = Buffer.from(events.join(''));
  const room = new RecordingRoom(whole.byteLength);
  expect(room.take(whole.byteLength)).toBe(true);
  expect(await record([whole], false, room)).toEqual({
    kind: 'unusable',
    reason: 'recordings_full',
  });
  room.giveBack(whole.byteLength);
  for (const isAborted of [false, true, false]) {
    const result = await record([whole.subarray(0, 20), whole.subarray(20)], isAborted, room);
    expect(result.kind).toBe('answer');
  }
  expect(await record([whole.subarray(0, 20)], true, room)).toMatchObject({ kind: 'unusable' });
  expect(room.take(whole.byteLength)).toBe(true);
});

test('an answer that is not in UTF-8 is not recorded: with other characters in it, it was never said', async () => {
  const events = toEvents({ model: 'm', messages: [] }, { kind: 'text', content: 'Grüße' });
  expect((await record([Buffer.from(events.join(''))], false)).kind).toBe('answer');
  const latin = Buffer.from(events.join(''), 'latin1');
  expect(await record([latin], false)).toEqual({ kind: 'unusable', reason: 'unreadable' });
});
