import { expect, test } from '@jest/globals';
import { parseRows, recordedMessage, RowsError } from './rows.ts';

const row = {
  request: { model: 'm', messages: [{ role: 'user', content: 'Hi' }] },
  response: { choices: [{ message: { role: 'assistant', content: 'Hello' } }] },
};

test('a row keeps every field of its request, known or not', () => {
  const [read] = parseRows(`${JSON.stringify({ ...row, request: { ...row.request, x: 1 } })}\n\n`);
  expect(read?.request).toEqual({ ...row.request, x: 1 });
  expect(read && recordedMessage(read)).toBe('{"role":"assistant","content":"Hello"}');
});

test.each([
  ['no JSON', '{', 'line 1 is not JSON'],
  ['no messages', JSON.stringify({ ...row, request: {} }), 'line 1: request.messages'],
  ['no answer', JSON.stringify({ ...row, response: { choices: [] } }), 'line 1: response.choices'],
])('%s is refused with its place', (_, text, message) => {
  expect(() => parseRows(text)).toThrow(RowsError);
  expect(() => parseRows(text)).toThrow(message);
});
