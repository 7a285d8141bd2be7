import { describe, expect, test } from '@jest/globals';
import { isSameAnswer } from './same-answer.ts';

const says = (content: string): string => JSON.stringify({ role: 'assistant', content });
const calls = (id: string, parameters: string): string =>
  JSON.stringify({
    role: 'assistant',
    content: null,
    tool_calls: [{ id, type: 'function', function: { name: 'f', arguments: parameters } }],
  });

describe('the same answer', () => {
  test.each([
    ['blanks differ', says('a  b\n'), says('a b')],
    ['JSON is formatted otherwise', says('{"a":1,"b":"x"}'), says('{\n "b": "x", "a": 1.0\n}')],
    ['call ids differ', calls('call_1', '{"a":1}'), calls('call_2', '{ "a": 1 }')],
    [
      'empty fields are left out',
      JSON.stringify({ role: 'assistant', content: 'a', refusal: null, annotations: [] }),
      says('a'),
    ],
  ])('%s', (_, served, recorded) => {
    expect(isSameAnswer(served, recorded)).toBe(true);
  });

  test('another wording counts only where the row allows it', () => {
    expect(isSameAnswer(says('Hi Ann'), says('Hello Ann'))).toBe(false);
    expect(isSameAnswer(says('Hi Ann'), says('Hello Ann'), ['Hi Ann'])).toBe(true);
  });
});

test.each([
  ['a word', says('It is even.'), says('It is odd.')],
  ['case', says('anna'), says('Anna')],
  ['a type in JSON', says('{"a":1}'), says('{"a":"1"}')],
  [
    'digits past double precision',
    says('{"a":12345678901234567890}'),
    says('{"a":12345678901234567891}'),
  ],
  ['the order of a list', says('[1,2]'), says('[2,1]')],
  ['a tool argument', calls('c', '{"a":1}'), calls('c', '{"a":2}')],
  ['text in place of a call', says('{"a":1}'), calls('c', '{"a":1}')],
  ['a refusal', JSON.stringify({ role: 'assistant', content: 'a', refusal: 'no' }), says('a')],
])('%s makes another answer', (_, served, recorded) => {
  expect(isSameAnswer(served, recorded)).toBe(false);
});
