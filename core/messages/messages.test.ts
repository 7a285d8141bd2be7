import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseJson, type Json } from '../json/json.ts';
import { readThread, type Message, type Thread } from './message.ts';
import { rebuildMessage } from './rebuild.ts';
import { readChatRequest, threadText } from './request.ts';

function json(text: string): Json {
  const parsed = parseJson(text);
  if (parsed.kind === 'fault') throw new Error(parsed.fault);
  return parsed.value;
}

function thread(messages: unknown): Thread {
  const read = readThread(json(JSON.stringify(messages)));
  if (read.kind === 'bypass') throw new Error(read.reason);
  return read.thread;
}

const one = (message: object): Message => {
  const [first] = thread([message]).messages;
  if (first === undefined) throw new Error('no message');
  return first;
};
const call = (id: string, args: string, name = 'f') => ({
  role: 'assistant',
  content: null,
  tool_calls: [{ id, type: 'function', function: { name, arguments: args } }],
});
const toolTurn = (id: string, args = '{"city":"Rome","days":3}') => [
  { role: 'user', content: 'hi' },
  call(id, args),
  { role: 'tool', tool_call_id: id, content: '{"ok":true}' },
];

describe('canonical messages', () => {
  test.each([
    [
      'one text part is a string',
      { role: 'user', content: [{ type: 'text', text: 'a' }] },
      { role: 'user', content: 'a' },
    ],
    [
      'null is absent',
      { role: 'assistant', content: 'a', refusal: null, tool_calls: null },
      { role: 'assistant', content: 'a' },
    ],
    [
      'blanks and key order of arguments do not matter',
      call('call_12345678', '{ "b": 1, "a": "x" }'),
      call('call_12345678', '{"a":"x","b":1}'),
    ],
    [
      '1, 1.0 and 1e0 are one number',
      call('call_12345678', '{"a":1.0}'),
      call('call_12345678', '{"a":1e0}'),
    ],
  ])('%s', (_, a, b) => {
    expect(threadText(thread([a]))).toBe(threadText(thread([b])));
  });

  test.each([
    [
      'developer is not system',
      { role: 'developer', content: 'a' },
      { role: 'system', content: 'a' },
    ],
    [
      'text parts keep their borders',
      {
        role: 'user',
        content: [
          { type: 'text', text: 'a' },
          { type: 'text', text: 'b' },
        ],
      },
      { role: 'user', content: 'ab' },
    ],
    ['a name matters', { role: 'user', content: 'a', name: 'x' }, { role: 'user', content: 'a' }],
    ['"1" is not 1', call('call_12345678', '{"a":1}'), call('call_12345678', '{"a":"1"}')],
    [
      'duplicate keys are opaque',
      call('call_12345678', '{"a":1,"a":2}'),
      call('call_12345678', '{"a":2}'),
    ],
    [
      'unknown fields matter',
      { role: 'user', content: 'a', x: 1 },
      { role: 'user', content: 'a', x: 2 },
    ],
    [
      'text of a user is no JSON',
      { role: 'user', content: '{"a": 1}' },
      { role: 'user', content: '{"a":1}' },
    ],
  ])('%s', (_, a, b) => {
    expect(threadText(thread([a]))).not.toBe(threadText(thread([b])));
  });

  test('ids of tool calls count by position, wherever they stand', () => {
    const mention = (id: string) => [
      ...toolTurn(id),
      { role: 'user', content: `what did ${id} do?` },
    ];
    expect(threadText(thread(mention('call_aaaaaaaaaa')))).toBe(
      threadText(thread(mention('call_bbbbbbbbbb'))),
    );
    const other = [
      ...toolTurn('call_aaaaaaaaaa'),
      { role: 'user', content: 'what did call_zzzzzzzzzz do?' },
    ];
    expect(threadText(thread(other))).not.toBe(threadText(thread(mention('call_aaaaaaaaaa'))));
    const imitation = [
      ...toolTurn('call_aaaaaaaaaa'),
      { role: 'user', content: 'what did $call_0 do?' },
    ];
    expect(threadText(thread(imitation))).not.toBe(threadText(thread(mention('call_aaaaaaaaaa'))));
  });

  test('nothing throws on any JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        const body = json(JSON.stringify(value));
        readThread(body);
        readChatRequest(body);
        readChatRequest(
          json(
            JSON.stringify({
              model: 'm',
              messages: [value, { role: 'user', content: value, tool_calls: value }],
            }),
          ),
        );
      }),
      { seed: 5, numRuns: 1000 },
    );
  });
});

describe('requests', () => {
  const request = (body: object) =>
    readChatRequest(
      json(JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'a' }], ...body })),
    );
  const parameters = (body: object) => {
    const read = request(body);
    return read.kind === 'request' ? read.request.parameters : read.reason;
  };

  test.each([
    { n: 2 },
    { logprobs: true },
    { modalities: ['text', 'audio'] },
    { web_search_options: {} },
    { functions: [] },
    { prediction: {} },
    { messages: [] },
    { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'x' } }] }] },
  ])('%j is bypassed', (body) => {
    expect(request(body).kind).toBe('bypass');
  });

  test('transport is not in the scope, everything else is', () => {
    expect(parameters({ stream: true, user: 'u', metadata: {}, n: 1, temperature: null })).toBe(
      parameters({}),
    );
    expect(parameters({ max_tokens: 5 })).toBe(parameters({ max_completion_tokens: 5 }));
    expect(parameters({ temperature: 1 })).toBe(parameters({ temperature: 1.0 }));
    expect(parameters({ temperature: 0.5 })).not.toBe(parameters({ temperature: 0.6 }));
    expect(parameters({ never_heard_of: 1 })).not.toBe(parameters({}));
  });
});

describe('rebuilding', () => {
  const rebuilt = (raw: string, texts: readonly string[]): string | undefined => {
    const read = readThread({ kind: 'array', items: [json(raw)] });
    if (read.kind === 'bypass') throw new Error(read.reason);
    const [message] = read.thread.messages;
    if (message === undefined) throw new Error('no message');
    return rebuildMessage(raw, message, texts);
  };

  test('with its own texts a message is what it was, byte for byte', () => {
    const args = fc
      .jsonValue({ maxDepth: 3 })
      .map((value) => JSON.stringify({ b: value, a: [value] }, null, 1));
    fc.assert(
      fc.property(args, fc.string(), (text, content) => {
        const raw = JSON.stringify({ ...call('call_12345678', text), content }, null, 2);
        const message = one(JSON.parse(raw) as object);
        expect(
          rebuilt(
            raw,
            message.leaves.map((leaf) => leaf.text),
          ),
        ).toBe(raw);
      }),
      { seed: 6, numRuns: 500 },
    );
  });

  test('values are escaped for where they stand, in the formatting that was learned', () => {
    const raw = JSON.stringify(call('call_12345678', '{"city": "Z\\u00fcrich", "days": 3}'));
    const result = JSON.parse(rebuilt(raw, ['"},"x":"ö', '4']) ?? '') as {
      tool_calls: { function: { arguments: string } }[];
    };
    expect(result.tool_calls[0]?.function.arguments).toBe(
      '{"city": "\\"},\\"x\\":\\"\\u00f6", "days": 4}',
    );
  });

  test('a number leaf takes numbers only', () => {
    const raw = JSON.stringify(call('call_12345678', '{"days":3}'));
    expect(rebuilt(raw, ['007'])).toBeUndefined();
    expect(rebuilt(raw, ['4,"x":1'])).toBeUndefined();
  });
});

test('a message with thousands of tool calls is read in one pass', () => {
  const calls = Array.from({ length: 20_000 }, (_, index) => ({
    id: `call_${String(index).padStart(8, '0')}`,
    type: 'function',
    function: { name: 'f', arguments: '' },
  }));
  const start = performance.now();
  const read = thread([{ role: 'assistant', content: null, tool_calls: [...calls, calls[7]] }]);
  expect(read.callIds).toHaveLength(20_000);
  // It took twelve seconds.
  expect(performance.now() - start).toBeLessThan(9000);
});
