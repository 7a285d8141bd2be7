import { describe, expect, test } from '@jest/globals';
import { createChunkAccumulator, readCompletion } from './accumulate.ts';
import type { CompletionResult, JsonObject, UnusableReason } from './completion.ts';

const USAGE = { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13 };

const body = (message: unknown, more: object = {}, choice: object = {}) => ({
  id: 'chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT',
  object: 'chat.completion',
  created: 1_741_569_952,
  model: 'gpt-5.4-mini',
  choices: [{ index: 0, message, logprobs: null, finish_reason: 'stop', ...choice }],
  usage: USAGE,
  service_tier: 'default',
  system_fingerprint: 'fp_44709d6fcb',
  ...more,
});

const chunk = (delta: unknown, finish: string | null = null, more: object = {}) => ({
  id: 'chatcmpl-123',
  object: 'chat.completion.chunk',
  created: 1_694_268_190,
  model: 'gpt-5.4-mini',
  service_tier: 'default',
  system_fingerprint: 'fp_44709d6fcb',
  choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
  usage: null,
  obfuscation: 'r4nd0m',
  ...more,
});
const USAGE_CHUNK = chunk({}, null, { choices: [], usage: USAGE });
const ROLE = chunk({ role: 'assistant', content: '', refusal: null });

function accumulate(chunks: readonly unknown[], sawDone = true): CompletionResult {
  const accumulator = createChunkAccumulator();
  for (const item of chunks) accumulator.push(item);
  return accumulator.finish(sawDone);
}

function messageOf(result: CompletionResult): JsonObject {
  if (result.kind === 'unusable') throw new Error(result.reason);
  return result.completion.message;
}

const unusable = (reason: UnusableReason) => ({ kind: 'unusable', reason });

test('a body is kept with its message as received, its usage and its unknown fields', () => {
  const message = { role: 'assistant', content: 'Hello!', refusal: null, annotations: [] };
  expect(readCompletion(body(message, { obfuscation: 'x', provider: 'Azure' }))).toEqual({
    kind: 'completion',
    completion: {
      message,
      finishReason: 'stop',
      model: 'gpt-5.4-mini',
      usage: USAGE,
      extras: { service_tier: 'default', system_fingerprint: 'fp_44709d6fcb', provider: 'Azure' },
    },
  });
});

test('a stream gives what the same provider would have returned without streaming', () => {
  const chunks = [
    ROLE,
    chunk({ content: 'Hel' }),
    chunk({ content: 'lo!' }),
    chunk({}, 'stop'),
    USAGE_CHUNK,
  ];
  expect(accumulate(chunks)).toEqual(
    readCompletion(body({ role: 'assistant', content: 'Hello!', refusal: null })),
  );
});

describe('tool calls of a stream', () => {
  const first = (index: number, name: string) => ({
    tool_calls: [
      { index, id: `call_${name}`, type: 'function', function: { name, arguments: '' } },
    ],
  });
  const text = (index: number, piece: string) => ({
    tool_calls: [{ index, function: { arguments: piece } }],
  });

  test('are put together by index, and the empty content of the role chunk is null', () => {
    const deltas = [first(0, 'a'), text(0, '{"x"'), text(0, ':1}'), first(1, 'b'), text(1, '{}')];
    const result = accumulate([
      ROLE,
      ...deltas.map((delta) => chunk(delta)),
      chunk({}, 'tool_calls'),
    ]);
    expect(messageOf(result)).toEqual({
      role: 'assistant',
      content: null,
      refusal: null,
      tool_calls: [
        { id: 'call_a', type: 'function', function: { name: 'a', arguments: '{"x":1}' } },
        { id: 'call_b', type: 'function', function: { name: 'b', arguments: '{}' } },
      ],
    });
  });

  test('keep the content that came before them', () => {
    const deltas = [
      ROLE,
      chunk({ content: 'Let me look.' }),
      chunk(first(0, 'a')),
      chunk({}, 'tool_calls'),
    ];
    expect(messageOf(accumulate(deltas))['content']).toBe('Let me look.');
  });

  test('are ordered by index, whatever the order of arrival', () => {
    const deltas = [first(1, 'b'), first(0, 'a'), text(1, '{"b":1}'), text(0, '{"a":1}')];
    const message = messageOf(
      accumulate([...deltas.map((delta) => chunk(delta)), chunk({}, 'tool_calls')]),
    );
    expect(message['tool_calls']).toMatchObject([{ id: 'call_a' }, { id: 'call_b' }]);
  });

  test('may be custom ones', () => {
    const call = { index: 0, id: 'call_c', type: 'custom', custom: { name: 'sql', input: '' } };
    const piece = { index: 0, custom: { input: 'SELECT 1' } };
    const chunks = [
      chunk({ tool_calls: [call] }),
      chunk({ tool_calls: [piece] }),
      chunk({}, 'tool_calls'),
    ];
    expect(messageOf(accumulate(chunks))['tool_calls']).toEqual([
      { id: 'call_c', type: 'custom', custom: { name: 'sql', input: 'SELECT 1' } },
    ]);
  });

  test('keep id, type and name of the first delta where later ones repeat or blank them', () => {
    const repeated = {
      index: 0,
      id: '',
      type: 'function',
      function: { name: null, arguments: '{}' },
    };
    const chunks = [
      chunk(first(0, 'a')),
      chunk({ tool_calls: [repeated] }),
      chunk({}, 'tool_calls'),
    ];
    expect(messageOf(accumulate(chunks))['tool_calls']).toEqual([
      { id: 'call_a', type: 'function', function: { name: 'a', arguments: '{}' } },
    ]);
  });

  test('keep unknown fields, such as thought signatures', () => {
    const call = {
      ...first(0, 'a').tool_calls[0],
      extra_content: { google: { thought_signature: 'CqQB' } },
    };
    const message = messageOf(accumulate([chunk({ tool_calls: [call] }), chunk({}, 'tool_calls')]));
    expect(message['tool_calls']).toMatchObject([
      { extra_content: { google: { thought_signature: 'CqQB' } } },
    ]);
  });

  test.each<[string, readonly object[], UnusableReason]>([
    ['an index that is text', [{ index: '0', id: 'call_a' }], 'invalid_tool_call_index'],
    ['no index', [{ id: 'call_a', function: { name: 'a' } }], 'invalid_tool_call_index'],
    ['an index beyond the bound', [{ index: 128, id: 'call_a' }], 'invalid_tool_call_index'],
    [
      'two calls under one index',
      [...first(0, 'a').tool_calls, ...first(0, 'b').tool_calls],
      'changed_tool_call',
    ],
    ['no id', [{ index: 0, function: { name: 'a', arguments: '{}' } }], 'invalid_tool_call'],
    ['no name', [{ index: 0, id: 'call_a', function: { arguments: '{}' } }], 'invalid_tool_call'],
    [
      'an unknown form',
      [{ index: 0, id: 'call_a', type: 'magic', magic: {} }],
      'invalid_tool_call',
    ],
  ])('with %s are not learned', (_, calls, reason) => {
    expect(accumulate([chunk({ tool_calls: calls }), chunk({}, 'tool_calls')])).toEqual(
      unusable(reason),
    );
  });
});

describe('unknown fields of deltas', () => {
  test('are concatenated where they are texts, and a later null takes nothing away', () => {
    const chunks = [
      chunk({ role: 'assistant', content: null, reasoning_content: 'Because ' }),
      chunk({ content: null, reasoning_content: 'so.' }),
      chunk({ content: 'Yes.', reasoning_content: null }),
      chunk({ content: '', reasoning_content: null }, 'stop'),
    ];
    expect(messageOf(accumulate(chunks))).toEqual({
      role: 'assistant',
      content: 'Yes.',
      reasoning_content: 'Because so.',
    });
  });

  test('are merged by index where they are lists of objects, without repeating type and format', () => {
    const detail = (text: string, more: object = {}) =>
      chunk({
        reasoning_details: [{ type: 'reasoning.text', format: 'v1', index: 0, text, ...more }],
      });
    const chunks = [
      detail('a'),
      detail('b'),
      detail('', { signature: 'sig' }),
      chunk({ content: 'c' }, 'stop'),
    ];
    expect(messageOf(accumulate(chunks))['reasoning_details']).toEqual([
      { type: 'reasoning.text', format: 'v1', index: 0, text: 'ab', signature: 'sig' },
    ]);
  });

  test('are appended where they are other lists, and of numbers the last stands', () => {
    const chunks = [
      chunk({ marks: [1], score: 1 }),
      chunk({ marks: [2, 3], score: 2 }),
      chunk({}, 'stop'),
    ];
    expect(messageOf(accumulate(chunks))).toMatchObject({ marks: [1, 2, 3], score: 2 });
  });

  test('may be called __proto__', () => {
    const delta: unknown = JSON.parse('{"content":"a","__proto__":{"polluted":true}}');
    const message = messageOf(accumulate([chunk(delta), chunk({}, 'stop')]));
    expect(Object.keys(message)).toContain('__proto__');
    expect(message['polluted']).toBeUndefined();
  });
});

test('a refusal leaves the content null, as without streaming', () => {
  const chunks = [
    ROLE,
    chunk({ refusal: 'I cannot ' }),
    chunk({ refusal: 'do that.' }),
    chunk({}, 'stop'),
  ];
  expect(messageOf(accumulate(chunks))).toEqual({
    role: 'assistant',
    content: null,
    refusal: 'I cannot do that.',
  });
});

test('calls of the same function under one index are not run together', () => {
  const call = (id: string) => ({
    tool_calls: [{ index: 0, id, type: 'function', function: { name: 'a', arguments: '{}' } }],
  });
  const chunks = [chunk(call('call_1')), chunk(call('call_2')), chunk({}, 'tool_calls')];
  expect(accumulate(chunks)).toEqual(unusable('changed_tool_call'));
});

test('items that come in one list stay apart, even with one index', () => {
  const marks = [
    { index: 0, text: 'a' },
    { index: 0, text: 'b' },
  ];
  const chunks = [chunk({ marks }), chunk({ marks: [{ index: 0, text: 'c' }] }), chunk({}, 'stop')];
  expect(messageOf(accumulate(chunks))['marks']).toEqual([
    { index: 0, text: 'ac' },
    { index: 0, text: 'b' },
  ]);
});

test('a field that only some chunks have is kept, also where later ones say null', () => {
  const chunks = [
    chunk({ content: 'Hi' }, null, { citations: ['a'] }),
    chunk({}, 'stop', { citations: null }),
  ];
  expect(accumulate(chunks)).toMatchObject({ completion: { extras: { citations: ['a'] } } });
});

test('the first chunk of Azure, without choice and model, does not disturb', () => {
  const azure = { id: '', model: '', choices: [], prompt_filter_results: [{ prompt_index: 0 }] };
  const result = accumulate([azure, ROLE, chunk({ content: 'Hi' }), chunk({}, 'stop')]);
  expect(result).toMatchObject({
    completion: { model: 'gpt-5.4-mini', extras: { prompt_filter_results: [{ prompt_index: 0 }] } },
  });
});

const HELLO = { role: 'assistant', content: 'Hello' };

test.each<[string, unknown, UnusableReason]>([
  ['a truncated answer', body(HELLO, {}, { finish_reason: 'length' }), 'length'],
  ['a filtered answer', body(HELLO, {}, { finish_reason: 'content_filter' }), 'content_filter'],
  ['the functions API', body(HELLO, {}, { finish_reason: 'function_call' }), 'function_call'],
  [
    'a function call that ends with stop',
    body({ ...HELLO, function_call: { name: 'a' } }),
    'function_call',
  ],
  [
    'an unknown finish reason',
    body(HELLO, {}, { finish_reason: 'error' }),
    'unknown_finish_reason',
  ],
  ['no finish reason', body(HELLO, {}, { finish_reason: null }), 'missing_finish_reason'],
  ['logprobs', body(HELLO, {}, { logprobs: { content: [] } }), 'logprobs'],
  ['a second choice', body(HELLO, { choices: [{}, {}] }), 'several_choices'],
  ['a choice of another index', body(HELLO, {}, { index: 1 }), 'several_choices'],
  ['no choice', body(HELLO, { choices: [] }), 'missing_choice'],
  ['no message', body(null), 'missing_choice'],
  [
    'an error',
    { error: { message: 'no', type: 'server_error', param: null, code: null } },
    'error',
  ],
  ['another role', body({ role: 'user', content: 'Hello' }), 'unexpected_role'],
  [
    'calls that are missing',
    body(HELLO, {}, { finish_reason: 'tool_calls' }),
    'missing_tool_calls',
  ],
  [
    'arguments that are no text',
    body({ tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: {} } }] }),
    'invalid_tool_call',
  ],
  ['a text', 'Bad gateway', 'not_a_completion'],
  ['another object', { object: 'list', data: [] }, 'not_a_completion'],
])('a body with %s is not learned', (_, received, reason) => {
  expect(readCompletion(received)).toEqual(unusable(reason));
});

test('a value nested too deep to be written again is not learned', () => {
  const deep: unknown = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
  expect(readCompletion(body({ ...HELLO, deep }))).toEqual(unusable('not_a_completion'));
  expect(accumulate([chunk({ deep }), chunk({}, 'stop')])).toEqual(unusable('not_a_completion'));
});

test.each<[string, readonly unknown[], boolean, UnusableReason]>([
  ['broke off without [DONE]', [ROLE, chunk({}, 'stop')], false, 'missing_done'],
  ['has no finish reason', [ROLE, chunk({ content: 'Hel' })], true, 'missing_finish_reason'],
  ['is empty', [], true, 'missing_finish_reason'],
  ['was truncated', [ROLE, chunk({}, 'length')], true, 'length'],
  ['was filtered', [ROLE, chunk({}, 'content_filter')], true, 'content_filter'],
  [
    'finishes twice',
    [ROLE, chunk({}, 'stop'), chunk({}, 'tool_calls')],
    true,
    'changed_finish_reason',
  ],
  [
    'holds an error',
    [ROLE, { error: { message: 'overloaded' } }, chunk({}, 'stop')],
    true,
    'error',
  ],
  [
    'holds logprobs',
    [chunk({}, null, { choices: [{ index: 0, delta: {}, logprobs: { content: [] } }] })],
    true,
    'logprobs',
  ],
  [
    'has a second choice',
    [ROLE, chunk({}, 'stop', { choices: [{ index: 1, delta: {} }] })],
    true,
    'several_choices',
  ],
  [
    'calls a function',
    [chunk({ function_call: { name: 'a', arguments: '' } }), chunk({}, 'stop')],
    true,
    'function_call',
  ],
  ['holds something else', [ROLE, 'ping', chunk({}, 'stop')], true, 'not_a_completion'],
])('a stream that %s is not learned', (_, chunks, sawDone, reason) => {
  expect(accumulate(chunks, sawDone)).toEqual(unusable(reason));
});
