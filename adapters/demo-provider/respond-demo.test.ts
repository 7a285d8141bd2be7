import { describe, expect, test } from '@jest/globals';
import type { JsonObject, JsonValue } from '../../core/completion/completion.ts';
import { respondDemo } from './respond-demo.ts';

const user = (content: JsonValue): JsonObject => ({ role: 'user', content });
const ask = (messages: readonly JsonObject[], more: JsonObject = {}) =>
  respondDemo({ model: 'demo', messages, ...more });
const tool = (name: string): JsonObject => ({
  type: 'function',
  function: { name, parameters: {} },
});
const TOOLS = { tools: [tool('get_weather'), tool('send_email')] };
const text = (content: string) => ({ kind: 'text', content });

test.each([
  ['Say hello to Erik', 'Hello, Erik! Nice to meet you.'],
  ['say hello to Ada Lovelace.', 'Hello, Ada Lovelace! Nice to meet you.'],
  ['say butterfly 3 times', 'butterfly butterfly butterfly'],
  ['What is 12 + 30?', '12 + 30 = 42'],
  ['What is 0.1 + 0.2?', '0.1 + 0.2 = 0.3'],
  ['what is -3 - 4.5', '-3 - 4.5 = -7.5'],
  ['Calculate 12 times 12', '12 * 12 = 144'],
  ['What is 99999999999999999999 * 3?', '99999999999999999999 * 3 = 299999999999999999997'],
  ['What is 1 / 8?', '1 / 8 = 0.125'],
  ['What is 10 / 3?', '10 / 3 has no exact decimal result.'],
  ['What is 1 / 0?', '1 / 0 has no exact decimal result.'],
  ['Reverse "butter"', 'rettub'],
  ['Reverse "a🧈b"', 'b🧈a'],
  ['Convert "Hello World" to uppercase', 'HELLO WORLD'],
  ['Convert "Hello World" to lowercase.', 'hello world'],
  ['What is the first name of Erik Dunteman?', 'Erik'],
  ['first name of Erik Dunteman', 'Erik'],
  ['last name of Erik Dunteman', 'Dunteman'],
  ['Is 7 prime?', 'Yes, 7 is prime.'],
  ['Is 8 prime?', 'No, 8 is not prime.'],
  ['Is 1 prime?', 'No, 1 is not prime.'],
  ['Is 2 prime?', 'Yes, 2 is prime.'],
  ['Is 999999999989 prime?', 'Yes, 999999999989 is prime.'],
])('%s', (question, answer) => {
  expect(ask([user(question)])).toEqual(text(answer));
});

test('parts of a text are read as one', () => {
  const parts = [
    { type: 'text', text: 'Say hello ' },
    { type: 'text', text: 'to Erik' },
  ];
  expect(ask([user(parts)])).toEqual(text('Hello, Erik! Nice to meet you.'));
});

const FORM = 'Name: Erik Dunteman\nEmail: erik@butter.dev\nCompany: Butter';
const EXTRACTED = '{"name":"Erik Dunteman","email":"erik@butter.dev","company":"Butter"}';

test.each<[string, readonly JsonObject[], JsonObject]>([
  ['the question', [user(`Extract the contact as JSON:\n${FORM}`)], {}],
  ['the system text', [{ role: 'system', content: 'You turn forms into JSON.' }, user(FORM)], {}],
  ['the response format', [user(FORM)], { response_format: { type: 'json_object' } }],
])('a form becomes JSON where %s asks for it', (_, messages, more) => {
  expect(ask(messages, more)).toEqual(text(EXTRACTED));
});

describe('tools', () => {
  const weatherCall = (city: string): JsonObject => ({
    role: 'assistant',
    content: null,
    tool_calls: [
      {
        id: `call_${city}`,
        type: 'function',
        function: { name: 'get_weather', arguments: JSON.stringify({ city }) },
      },
    ],
  });
  const result = (id: string, content: string): JsonObject => ({
    role: 'tool',
    tool_call_id: id,
    content,
  });

  test.each([
    ["What's the weather in Boston?", 'Boston'],
    ['Tell me the weather in São Paulo today', 'São Paulo'],
    ['weather in St. Louis', 'St. Louis'],
    ['What is the weather like in Boston, MA, please? Thanks.', 'Boston, MA'],
  ])('%s calls get_weather', (question, city) => {
    expect(ask([user(question)], TOOLS)).toEqual({
      kind: 'tool-calls',
      calls: [{ name: 'get_weather', arguments: JSON.stringify({ city }) }],
    });
  });

  test('its result is told in words, with the city of the call', () => {
    const messages = [
      user('weather in Boston'),
      weatherCall('Boston'),
      result('call_Boston', '{"temperature":25,"condition":"sunny"}'),
    ];
    expect(ask(messages, TOOLS)).toEqual(text('It is 25°C and sunny in Boston.'));
  });

  test('a result that is no JSON is repeated', () => {
    const messages = [
      user('weather in Boston'),
      weatherCall('Boston'),
      result('call_Boston', 'no data'),
    ];
    expect(ask(messages, TOOLS)).toEqual(text('The tool says: no data'));
  });

  test('an e-mail is sent, and the answer says to whom', () => {
    const question = 'Send Ann Lee at ann@example.com the message: "See you at 5."';
    const args = JSON.stringify({ to: 'ann@example.com', name: 'Ann Lee', body: 'See you at 5.' });
    expect(ask([user(question)], TOOLS)).toEqual({
      kind: 'tool-calls',
      calls: [{ name: 'send_email', arguments: args }],
    });
    const call = { id: 'c', type: 'function', function: { name: 'send_email', arguments: args } };
    const messages = [
      user(question),
      { role: 'assistant', tool_calls: [call] },
      result('c', '{"ok":true}'),
    ];
    expect(ask(messages, TOOLS)).toEqual(text('Done, your message to Ann Lee is on its way.'));
  });

  test('tools that are not offered, or not allowed, are not called', () => {
    expect(ask([user('weather in Boston')]).kind).toBe('text');
    expect(ask([user('weather in Boston')], { ...TOOLS, tool_choice: 'none' }).kind).toBe('text');
  });
});

test.each<[string, JsonObject]>([
  ['something else', { messages: [user('Write a sonnet')] }],
  ['a repetition without end', { messages: [user('say a 1000000 times')] }],
  ['a flood', { messages: [user(`say ${'a '.repeat(10_000)} 3 times`)] }],
  ['no messages', {}],
  ['messages that are none', { messages: ['hello', null] }],
  ['its own words', { messages: [{ role: 'assistant', content: 'Hello' }] }],
])('%s is answered with what the model understands', (_, request) => {
  expect(respondDemo(request)).toMatchObject({
    content: expect.stringContaining("I'm Ghee's demo model"),
  });
});
