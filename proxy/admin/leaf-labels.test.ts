import { expect, test } from '@jest/globals';
import { parseJson } from '../../core/json/json.ts';
import { readThread } from '../../core/messages/message.ts';
import { labelLeaves } from './leaf-labels.ts';

/** The skeleton as the core writes it, of the last message. */
function labelsOf(...messages: readonly object[]) {
  const parsed = parseJson(JSON.stringify(messages));
  if (parsed.kind === 'fault') throw new Error('no JSON');
  const read = readThread(parsed.value);
  if (read.kind !== 'thread') throw new Error('no thread');
  const message = read.thread.messages.at(-1);
  const labels = labelLeaves(message?.skeleton ?? '');
  expect(labels).toHaveLength(message?.leaves.length ?? 0);
  return labels;
}

const call = (name: string, input: object) => ({
  ...{ id: `call_${name}`, type: 'function' },
  function: { name, arguments: JSON.stringify(input) },
});

test('a text has no label, even one that reads like a skeleton', () => {
  expect(labelsOf({ role: 'user', content: '"name"="S":T' })).toEqual([
    { tool: undefined, key: undefined },
  ]);
});

test('leaves of tool calls have their keys, the first of each call its tool', () => {
  const message = {
    role: 'assistant',
    tool_calls: [
      call('SendMail', { to: 'Ann', 'a:"N"': [1, true], body: null }),
      call('refund', { id: 7 }),
    ],
  };
  expect(labelsOf({ role: 'user', content: 'Do it' }, message)).toEqual([
    { tool: 'SendMail', key: 'a:"N"' },
    { tool: undefined, key: 'a:"N"' },
    { tool: undefined, key: 'body' },
    { tool: undefined, key: 'to' },
    { tool: 'refund', key: 'id' },
  ]);
});

test('results of tools have their keys', () => {
  const result = { carrier: 'DHL', eta: { day: 'Monday' } };
  expect(
    labelsOf(
      { role: 'assistant', tool_calls: [call('get_order', { id: 'x' })] },
      { role: 'tool', tool_call_id: 'call_get_order', content: JSON.stringify(result) },
    ),
  ).toEqual([
    { tool: undefined, key: 'carrier' },
    { tool: undefined, key: 'day' },
  ]);
});
