import { expect, test } from '@jest/globals';
import { parseRows } from './jsonl.ts';
import { recordedMessage, replayRow } from './rows.ts';

const row = {
  request: { model: 'm', messages: [{ role: 'user', content: 'Hi' }] },
  response: { choices: [{ message: { role: 'assistant', content: 'Hello' } }] },
};

test('a row keeps every field of its request, known or not', () => {
  const [read] = parseRows(
    `${JSON.stringify({ ...row, request: { ...row.request, x: 1 } })}

`,
    replayRow,
    'file',
  );
  expect(read?.request).toEqual({ ...row.request, x: 1 });
  expect(read && recordedMessage(read)).toBe('{"role":"assistant","content":"Hello"}');
});

test.each([
  ['no JSON', '{', 'file, line 1'],
  ['no messages', JSON.stringify({ ...row, request: {} }), 'request.messages'],
  ['no answer', JSON.stringify({ ...row, response: { choices: [] } }), 'response.choices'],
])('%s is refused with its place', (_, text, message) => {
  expect(() => parseRows(text, replayRow, 'file')).toThrow(message);
});
