import { describe, expect, test } from '@jest/globals';
import { parseRecording } from './recording.ts';

const messages = [{ role: 'user', content: 'Hi' }];
const choices = [
  { index: 0, message: { role: 'assistant', content: 'Hello' }, finish_reason: 'stop' },
];
const row = { behaviour: 'greet', request: { model: 'm', messages }, response: { choices } };
const lines = (...values: unknown[]): string =>
  values.map((each) => JSON.stringify(each)).join('\n');

describe('rows of replay', () => {
  test('a line is a row, blank lines are none', () => {
    expect(parseRecording(`${lines(row)}\n\n${lines(row)}\n`, 'f')).toEqual({
      rows: [row, row],
      skipped: {},
    });
  });

  test('one JSON list is the same', () => {
    expect(parseRecording(JSON.stringify([row, row], null, 2), 'f').rows).toHaveLength(2);
  });
});

describe('stored completions of OpenAI', () => {
  const stored = {
    object: 'chat.completion',
    id: 'chatcmpl-1',
    model: 'gpt-5.4-mini',
    created: 1_767_225_600,
    request_id: 'req_1',
    tools: [{ type: 'function', function: { name: 'f' } }],
    tool_choice: null,
    temperature: 0.5,
    service_tier: 'default',
    metadata: {},
    choices,
    usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 },
  };
  const said = [
    { id: 'chatcmpl-1-0', role: 'system', content: 'Be kind.', name: null, content_parts: null },
    {
      ...{ id: 'chatcmpl-1-1', role: 'user', content: null, name: 'ann' },
      content_parts: [{ type: 'text', text: 'Hi' }],
    },
  ];
  const request = {
    model: 'gpt-5.4-mini',
    messages: [
      { role: 'system', content: 'Be kind.' },
      { role: 'user', content: [{ type: 'text', text: 'Hi' }], name: 'ann' },
    ],
    tools: stored.tools,
    temperature: 0.5,
  };

  test('a completion with its messages is a call with the parameters that matter', () => {
    const { rows } = parseRecording(lines({ ...stored, messages: said }), 'f');
    const { id, object, created, model, usage } = stored;
    const response = { id, object, created, model, choices, usage };
    expect(rows).toEqual([{ request, response }]);
  });

  test('pages of the list, and messages as a page, are understood', () => {
    const page = {
      object: 'list',
      data: [{ ...stored, messages: { object: 'list', data: said, has_more: false } }],
    };
    expect(parseRecording(JSON.stringify(page), 'f').rows).toMatchObject([{ request }]);
    expect(parseRecording(lines(page, page), 'f').rows).toHaveLength(2);
  });

  test.each([
    ['without its messages', stored, 'messages'],
    ['with some of them', { ...stored, messages: { data: said, has_more: true } }, 'only a part'],
  ])('a completion %s is refused', (_, value, problem) => {
    expect(() => parseRecording(lines(row, value), 'log.jsonl')).toThrow('log.jsonl, line 2');
    expect(() => parseRecording(lines(row, value), 'log.jsonl')).toThrow(problem);
  });
});

describe('logs of LiteLLM', () => {
  const payload = {
    id: 'x',
    call_type: 'acompletion',
    status: 'success',
    model: 'gpt-4o',
    model_parameters: { temperature: 0, stream: true, tools: null },
    messages,
    response: { id: 'c', object: 'chat.completion', choices },
    response_cost: 0.002,
    startTime: 1000.5,
    endTime: 1002,
    metadata: { user_api_key_hash: 'h' },
  };
  const expected = {
    request: { model: 'gpt-4o', messages, temperature: 0, stream: true },
    response: payload.response,
    seconds: 1.5,
    dollars: 0.002,
  };

  test.each([
    ['as it is', payload],
    ['inside of what a callback gets', { standard_logging_object: payload }],
    [
      'with JSON as text',
      {
        ...payload,
        messages: JSON.stringify(messages),
        response: JSON.stringify(payload.response),
      },
    ],
  ])('a payload %s is a call with what it took and cost', (_, value) => {
    expect(parseRecording(lines(value), 'f').rows).toEqual([expected]);
  });

  test('what cannot be replayed is counted and left out', () => {
    const { rows, skipped } = parseRecording(
      lines(
        payload,
        { ...payload, status: 'failure', response: null },
        { ...payload, call_type: 'aembedding', messages: 'text' },
        { ...payload, messages: 'redacted-by-litellm' },
      ),
      'f',
    );
    expect(rows).toHaveLength(1);
    expect(skipped).toEqual({
      'the provider failed': 1,
      'no chat call (aembedding)': 1,
      redacted: 1,
    });
  });

  test('a chat call without an answer is refused', () => {
    const text = lines(payload, { ...payload, response: { choices: [] } });
    expect(() => parseRecording(text, 'f')).toThrow(
      /line 2: "response" is not that of a chat call/,
    );
  });
});

test.each([
  ['{"request": ', 'line 1: is no JSON'],
  [lines(row, 7), 'line 2: is no recorded call'],
  [lines(row, { prompt: 'Hi' }), 'line 2: is no recorded call'],
  [lines({ request: {}, response: {} }), 'entry 1: looks like a row of replay, but'],
  [JSON.stringify([row, { object: 'list', data: [3] }]), 'entry 2, entry 1: is no recorded call'],
  ['', 'holds no call'],
])('%s is refused with its place: %s', (text, problem) => {
  expect(() => parseRecording(text, 'f')).toThrow(problem);
});
