import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createChunkAccumulator, readCompletion } from './accumulate.ts';
import type { Completion, JsonObject, JsonValue } from './completion.ts';
import { mintId } from './mint-id.ts';
import { renderCompletion, streamWriter } from './render.ts';

const SEED = { seed: 20_261_124, numRuns: 500 } as const;
const SERVED = { id: 'chatcmpl-fresh', created: 1_764_000_000 } as const;
/** Fields with rules of their own, generated separately. */
const OWN_FIELDS = ['role', 'content', 'refusal', 'tool_calls', 'function_call'];
const OWN_EXTRAS = ['id', 'object', 'created', 'model', 'choices', 'usage', 'error', 'obfuscation'];
const AWKWARD_KEYS = [
  '__proto__',
  'constructor',
  'toString',
  'index',
  'name',
  'type',
  'reasoning_content',
];

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.string({ unit: 'grapheme', maxLength: 5_000 }),
  fc.constantFrom(
    '',
    '🧈'.repeat(40),
    `${'a'.repeat(15)}🧈${'b'.repeat(15)}👩‍👩‍👧`,
    'a\ud800',
    '\u2028\u0085\r\n\ndata: [DONE]\n\n',
  ),
);
const key = fc.oneof(fc.constantFrom(...AWKWARD_KEYS), fc.string({ maxLength: 12 }));
const json: fc.Arbitrary<JsonValue> = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    text,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.array(fc.tuple(key, tie('value')), { maxLength: 3 }).map(Object.fromEntries<JsonValue>),
  ),
})).value;
const unknownFields = (known: readonly string[]): fc.Arbitrary<JsonObject> =>
  fc
    .array(fc.tuple(key, json), { maxLength: 4 })
    .map((entries) => Object.fromEntries(entries.filter(([name]) => !known.includes(name))));

const callBody = (field: string): fc.Arbitrary<JsonObject> =>
  fc
    .tuple(fc.string({ minLength: 1 }), text, unknownFields(['name', field]))
    .map(([name, value, others]) => ({ ...others, name, [field]: value }));
const toolCall: fc.Arbitrary<JsonObject> = fc
  .tuple(
    fc.oneof(
      callBody('arguments').map((body) => ['function', body] as const),
      callBody('input').map((body) => ['custom', body] as const),
    ),
    fc.string({ minLength: 1 }),
    unknownFields(['id', 'type', 'index', 'function', 'custom']),
  )
  .map(([[type, body], id, others]) => ({ ...others, id, type, [type]: body }));

const message: fc.Arbitrary<JsonObject> = fc
  .record({
    content: fc.oneof(text, fc.constant(null), fc.array(json, { minLength: 1, maxLength: 2 })),
    refusal: fc.option(fc.oneof(text, fc.constant(null)), { nil: undefined }),
    calls: fc.oneof(fc.constant([]), fc.array(toolCall, { maxLength: 3 })),
    others: unknownFields(OWN_FIELDS),
  })
  .map(({ content, refusal, calls, others }) => {
    // An empty content beside tool calls or a refusal cannot be told from none in a stream.
    const isImplied = calls.length > 0 || (refusal ?? '') !== '';
    return {
      ...others,
      role: 'assistant',
      content: content === '' && isImplied ? null : content,
      ...(refusal === undefined ? {} : { refusal }),
      ...(calls.length > 0 ? { tool_calls: calls } : {}),
    };
  });

const completion: fc.Arbitrary<Completion> = fc
  .record({
    message,
    model: fc.string(),
    usage: fc.option(
      json.map((details) => ({ total_tokens: 3, details })),
      { nil: undefined },
    ),
    extras: unknownFields(OWN_EXTRAS),
  })
  .map(({ message: received, model, usage, extras }) => ({
    message: received,
    finishReason: received['tool_calls'] === undefined ? 'stop' : 'tool_calls',
    model,
    ...(usage === undefined ? {} : { usage }),
    extras,
  }));

function chunksOf(stream: string): unknown[] {
  const events = stream.split('\n\n');
  expect(events.slice(-2)).toEqual(['data: [DONE]', '']);
  return events.slice(0, -2).map((event): unknown => JSON.parse(event.replace(/^data: /, '')));
}

function accumulate(chunks: readonly unknown[]) {
  const accumulator = createChunkAccumulator();
  for (const chunk of chunks) accumulator.push(chunk);
  return accumulator.finish(true);
}

test('a rendered stream reads back as the same completion', () => {
  fc.assert(
    fc.property(completion, (original) => {
      const stream = streamWriter(original, { includeUsage: true })({ ...original, ...SERVED });
      expect(accumulate(chunksOf(stream))).toEqual({ kind: 'completion', completion: original });
    }),
    SEED,
  );
});

test('a rendered body reads back as the same completion', () => {
  fc.assert(
    fc.property(completion, (original) => {
      const body: unknown = JSON.parse(
        JSON.stringify(renderCompletion({ ...original, ...SERVED })),
      );
      expect(readCompletion(body)).toEqual({ kind: 'completion', completion: original });
    }),
    SEED,
  );
});

test('every line of a stream is one event, and no text is cut inside a code point', () => {
  fc.assert(
    fc.property(completion, (original) => {
      const stream = streamWriter(original, { includeUsage: false })({ ...original, ...SERVED });
      for (const line of stream.split(/[\n\r\u0085\u2028\u2029]/)) {
        expect(line === '' || line.startsWith('data: ')).toBe(true);
      }
      const isWhole = JSON.stringify(original) === JSON.stringify(original).toWellFormed();
      if (isWhole && !JSON.stringify(original).includes('\\ud'))
        expect(stream).not.toContain('\\ud');
    }),
    SEED,
  );
});

test('reading never throws, whatever a provider sends', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.anything(), json)), fc.boolean(), (chunks, sawDone) => {
      const accumulator = createChunkAccumulator();
      for (const chunk of chunks) {
        readCompletion(chunk);
        accumulator.push(chunk);
        accumulator.push({ choices: [chunk] });
        accumulator.push({ choices: [{ delta: chunk, finish_reason: 'stop' }] });
      }
      expect(['completion', 'unusable']).toContain(accumulator.finish(sawDone).kind);
    }),
    SEED,
  );
});

test('a minted id has the prefix and length of the recorded one', () => {
  fc.assert(
    fc.property(
      fc.stringMatching(/^[a-z]{1,8}[_-][A-Za-z0-9]{1,40}$/),
      fc.infiniteStream(fc.double({ min: 0, max: 1 })),
      (id, chances) => {
        const minted = mintId(id, () => Number(chances.next().value));
        expect(minted).toHaveLength(id.length);
        expect(minted.slice(0, minted.search(/[_-]/) + 1)).toBe(id.slice(0, id.search(/[_-]/) + 1));
        expect(minted).toMatch(/^[a-z]{1,8}[_-][A-Za-z0-9]+$/);
      },
    ),
    SEED,
  );
});
