import { describe, expect, test } from '@jest/globals';
import { MemoryInducer, type Body } from '../../tests/support/memory-inducer.ts';

const user = (content: string, more: object = {}): Body => ({
  messages: [{ role: 'user', content }],
  ...more,
});
const says = (content: string) => ({ role: 'assistant', content, refusal: null });
const calls = (name: string, args: object | string, id = 'call_abcdefgh12345678') => ({
  role: 'assistant',
  content: null,
  tool_calls: [
    {
      id,
      type: 'function',
      function: { name, arguments: typeof args === 'string' ? args : JSON.stringify(args) },
    },
  ],
});

function answerTo(
  inducer: MemoryInducer,
  body: Body,
  bindings: Record<string, string> = {},
): unknown {
  const decision = inducer.ask(body, bindings);
  if (decision.kind === 'miss') return `miss: ${decision.reason}`;
  const message = JSON.parse(decision.answer.message) as {
    content: unknown;
    tool_calls?: { function: { arguments: string } }[];
  };
  return message.tool_calls?.[0]?.function.arguments ?? message.content;
}

/** Teaches pairs of a behaviour and asks for a fresh value. */
function taught(pairs: readonly (readonly [string, string])[]): MemoryInducer {
  const inducer = new MemoryInducer();
  for (const [question, answer] of pairs) inducer.learn(user(question), says(answer));
  return inducer;
}

describe("the seed's worked demos", () => {
  test('arithmetic: sums of other numbers are served after one confirmation', () => {
    const inducer = taught([['What is 12 + 30?', '12 + 30 = 42']]);
    expect(answerTo(inducer, user('What is 5 + 6?'))).toBe('miss: probation');
    inducer.learn(user('What is 7 + 9?'), says('7 + 9 = 16'));
    expect(answerTo(inducer, user('What is 100 + 250?'))).toBe('100 + 250 = 350');
  });

  test('string manipulation: upper case, reversal and first names', () => {
    const upper = taught([
      ['Convert "Hello World" to uppercase', 'HELLO WORLD'],
      ['Convert "good night" to uppercase', 'GOOD NIGHT'],
    ]);
    expect(answerTo(upper, user('Convert "so it goes" to uppercase'))).toBe('SO IT GOES');
    const reverse = taught([
      ['Reverse the word butter', 'rettub'],
      ['Reverse the word honey', 'yenoh'],
    ]);
    expect(answerTo(reverse, user('Reverse the word cache'))).toBe('ehcac');
    const first = taught([
      ['What is the first name of Erik Dunteman?', 'The first name is Erik.'],
      ['What is the first name of Ada Lovelace?', 'The first name is Ada.'],
    ]);
    expect(answerTo(first, user('What is the first name of Grace Hopper?'))).toBe(
      'The first name is Grace.',
    );
  });

  test('form parsing: labelled lines become JSON', () => {
    const ask = (name: string, email: string) =>
      user(`Extract the fields as JSON.\nName: ${name}\nEmail: ${email}`);
    const reply = (name: string, email: string) => says(`{"name": "${name}", "email": "${email}"}`);
    const inducer = new MemoryInducer();
    inducer.learn(
      ask('Erik Dunteman', 'erik@butter.dev'),
      reply('Erik Dunteman', 'erik@butter.dev'),
    );
    inducer.learn(ask('Ann Lee', 'ann@example.org'), reply('Ann Lee', 'ann@example.org'));
    expect(answerTo(inducer, ask('Bo "Bobby" O\'Neil', 'bo@example.com'))).toBe(
      `{"name": ${JSON.stringify('Bo "Bobby" O\'Neil')}, "email": "bo@example.com"}`,
    );
  });
});

describe("the seed's Butter-Bindings examples", () => {
  test('say hello to Erik: served at once for another name', () => {
    const inducer = new MemoryInducer();
    inducer.learn(user('say hello to Erik'), says('Hello, Erik!'), { name: 'Erik' });
    expect(answerTo(inducer, user('say hello to Ann'), { name: 'Ann' })).toBe('Hello, Ann!');
    expect(answerTo(inducer, user('say hello to Ann'))).toBe('Hello, Ann!');
    expect(answerTo(inducer, user('say hello to Ann'), { name: 'Bob' })).toMatch(/^miss/);
  });

  test('say butterfly 3 times: prefix and suffix tile a word, and never split by guess', () => {
    const inducer = new MemoryInducer();
    inducer.learn(user('say butterfly 3 times'), says('butterfly butterfly butterfly'), {
      prefix: 'butter',
      suffix: 'fly',
    });
    expect(
      answerTo(inducer, user('say dragonfly 3 times'), { prefix: 'dragon', suffix: 'fly' }),
    ).toBe('dragonfly dragonfly dragonfly');
    expect(answerTo(inducer, user('say dragonfly 3 times'))).toMatch(/^miss/);
    expect(
      answerTo(inducer, user('say dragonfly 4 times'), { prefix: 'dragon', suffix: 'fly' }),
    ).toMatch(/^miss/);
  });

  test('weather in Boston, MA: the state has no origin, so the template does not serve', () => {
    const inducer = new MemoryInducer();
    inducer.learn(
      user('Tell me the weather in Boston'),
      calls('get_weather', { city: 'Boston', state: 'MA' }),
      { city: 'Boston' },
    );
    expect(answerTo(inducer, user('Tell me the weather in Chicago'), { city: 'Chicago' })).toBe(
      'miss: probation',
    );
    inducer.learn(
      user('Tell me the weather in Chicago'),
      calls('get_weather', { city: 'Chicago', state: 'IL' }),
      { city: 'Chicago' },
    );
    expect(answerTo(inducer, user('Tell me the weather in Austin'), { city: 'Austin' })).toMatch(
      /^miss/,
    );
  });
});

describe('tool calls', () => {
  const tools = [
    { type: 'function', function: { name: 'get_weather', parameters: { type: 'object' } } },
  ];

  test('an argument that stands in the request is templated', () => {
    const inducer = new MemoryInducer();
    const ask = (city: string) => user(`What is the weather in ${city}?`, { tools });
    inducer.learn(ask('Paris'), calls('get_weather', { city: 'Paris' }));
    inducer.learn(ask('Oslo'), calls('get_weather', { city: 'Oslo' }));
    expect(answerTo(inducer, ask('New York'))).toBe('{"city":"New York"}');
  });

  test('a two-turn conversation is served in both turns, whatever its call ids are', () => {
    const inducer = new MemoryInducer();
    const first = (city: string) => [{ role: 'user', content: `What is the weather in ${city}?` }];
    const second = (city: string, id: string, temperature: number, condition: string) => [
      ...first(city),
      calls('get_weather', { city }, id),
      { role: 'tool', tool_call_id: id, content: JSON.stringify({ temperature, condition }) },
    ];
    const teach = (city: string, id: string, temperature: number, condition: string) => {
      inducer.learn({ messages: first(city), tools }, calls('get_weather', { city }, id));
      inducer.learn(
        { messages: second(city, id, temperature, condition), tools },
        says(`It is ${temperature}°C and ${condition} in ${city}.`),
      );
    };
    teach('Paris', 'call_aaaaaaaaaaaaaaaa', 25, 'sunny');
    teach('Oslo', 'call_bbbbbbbbbbbbbbbb', -3, 'snowy');
    expect(answerTo(inducer, { messages: first('Rome'), tools })).toBe('{"city":"Rome"}');
    expect(
      answerTo(inducer, { messages: second('Rome', 'call_cccccccccccccccc', 31, 'cloudy'), tools }),
    ).toBe('It is 31°C and cloudy in Rome.');
  });

  test('the second turn can be learned first', () => {
    const inducer = new MemoryInducer();
    const thread = (city: string, id: string, t: number) => [
      { role: 'user', content: `What is the weather in ${city}?` },
      calls('get_weather', { city }, id),
      { role: 'tool', tool_call_id: id, content: `{"temperature":${t}}` },
    ];
    inducer.learn(
      { messages: thread('Paris', 'call_aaaaaaaaaaaaaaaa', 25) },
      says('It is 25 degrees in Paris.'),
    );
    inducer.learn(
      { messages: thread('Oslo', 'call_bbbbbbbbbbbbbbbb', 7) },
      says('It is 7 degrees in Oslo.'),
    );
    expect(answerTo(inducer, { messages: thread('Rome', 'call_cccccccccccccccc', 31) })).toBe(
      'It is 31 degrees in Rome.',
    );
  });

  test('a message to send is taken as a whole from its quotes', () => {
    const inducer = new MemoryInducer();
    const ask = (name: string, to: string, body: string) =>
      user(`Send ${name} at ${to} the message: "${body}"`, { tools });
    inducer.learn(
      ask('Erik', 'erik@butter.dev', 'Hey, nice to see you!'),
      calls('send_email', { to: 'erik@butter.dev', name: 'Erik', body: 'Hey, nice to see you!' }),
    );
    inducer.learn(
      ask('Ann', 'ann@example.org', 'See you at the pier.'),
      calls('send_email', { to: 'ann@example.org', name: 'Ann', body: 'See you at the pier.' }),
    );
    expect(answerTo(inducer, ask('Bo', 'bo@example.com', 'The end, then.'))).toBe(
      '{"to":"bo@example.com","name":"Bo","body":"The end, then."}',
    );
  });
});

describe('what must not be served', () => {
  test('Is 7 prime? says nothing about 8', () => {
    const inducer = taught([
      ['Is 7 prime?', 'Yes, 7 is prime.'],
      ['Is 11 prime?', 'Yes, 11 is prime.'],
    ]);
    expect(answerTo(inducer, user('Is 8 prime?'))).toMatch(/^miss/);
    inducer.learn(user('Is 8 prime?'), says('No, 8 is not prime.'));
    expect(answerTo(inducer, user('Is 9 prime?'))).toMatch(/^miss/);
  });

  test('a capital is not the capital of another country', () => {
    const inducer = taught([['What is the capital of France?', 'The capital of France is Paris.']]);
    inducer.learn(user('What is the capital of Italy?'), says('The capital of Italy is Rome.'));
    expect(answerTo(inducer, user('What is the capital of Spain?'))).toMatch(/^miss/);
  });

  test('a value does not swallow structure: words after a name belong to another request', () => {
    const inducer = taught([
      ['Say hello to Erik', 'Hello, Erik! Nice to meet you.'],
      ['Say hello to Ann', 'Hello, Ann! Nice to meet you.'],
    ]);
    expect(answerTo(inducer, user('Say hello to Bob'))).toBe('Hello, Bob! Nice to meet you.');
    expect(answerTo(inducer, user('Say hello to Bob and to Ann'))).toMatch(/^miss/);
    expect(answerTo(inducer, user('Say hello to Bob in French'))).toMatch(/^miss/);
    expect(answerTo(inducer, user('Say hello to Bob.'))).toMatch(/^miss/);
  });

  test('2 + 2 = 4 leaves open whether it is a sum or a product', () => {
    const inducer = taught([['What is 2 + 2?', '4']]);
    inducer.learn(user('What is 5 + 5?'), says('10'));
    expect(answerTo(inducer, user('What is 3 + 3?'))).toMatch(/^miss|^6$/);
  });

  test('a variable that never varied serves only its one value', () => {
    const inducer = taught([
      ['What is 12 + 5?', '12 + 5 = 17'],
      ['What is 20 + 5?', '20 + 5 = 25'],
    ]);
    expect(answerTo(inducer, user('What is 31 + 5?'))).toBe('31 + 5 = 36');
    expect(answerTo(inducer, user('What is 31 + 6?'))).toBe('miss: probation');
  });

  test('an opaque answer is exact-only', () => {
    const inducer = new MemoryInducer();
    expect(
      inducer.learn(user('Hi Erik'), { role: 'assistant', content: 'Hi Erik', signature: 'x' }),
    ).toBe('exact-only');
  });

  test("other frameworks' placeholders are text", () => {
    const inducer = taught([
      ['Say hello to Erik from {{sender}} and ${x}', 'Hello, Erik! {{sender}} ${x} $& says hi.'],
      ['Say hello to Ann from {{sender}} and ${x}', 'Hello, Ann! {{sender}} ${x} $& says hi.'],
    ]);
    expect(answerTo(inducer, user('Say hello to Bob from {{sender}} and ${x}'))).toBe(
      'Hello, Bob! {{sender}} ${x} $& says hi.',
    );
  });
});
