/** Every example of the seed blog, without a model: what can be decided works, what cannot abstains. */
import { describe, expect, test } from '@jest/globals';
import { MemoryInducer, type Body } from '../../tests/support/memory-inducer.ts';

const user = (content: string, system?: string): Body => ({
  messages: [
    ...(system === undefined ? [] : [{ role: 'system', content: system }]),
    { role: 'user', content },
  ],
});
const says = (content: string) => ({ role: 'assistant', content, refusal: null });
const calls = (name: string, args: object) => ({
  role: 'assistant',
  content: null,
  tool_calls: [
    {
      id: 'call_abcdefgh12345678',
      type: 'function',
      function: { name, arguments: JSON.stringify(args) },
    },
  ],
});

function answerTo(inducer: MemoryInducer, body: Body, bindings: Record<string, string> = {}) {
  const decision = inducer.ask(body, bindings);
  if (decision.kind === 'miss') return 'miss';
  const message = JSON.parse(decision.answer.message) as {
    content: unknown;
    tool_calls?: { function: { arguments: string } }[];
  };
  return message.tool_calls?.[0]?.function.arguments ?? message.content;
}

function taught(...pairs: readonly (readonly [string, string])[]): MemoryInducer {
  const inducer = new MemoryInducer();
  for (const [question, answer] of pairs) inducer.learn(user(question), says(answer));
  return inducer;
}

describe('noise', () => {
  const noisy = (time: string, line: string, name: string) =>
    user(`[${time}] User logged in\n${line}\n[AD] Special offer!\nSay hello to ${name}`);

  test('timestamps and separators are masked once three observations differ in them', () => {
    const inducer = new MemoryInducer();
    inducer.learn(
      noisy('2024-10-17 14:32:01', '====================', 'Erik'),
      says('Hello, Erik!'),
    );
    inducer.learn(noisy('2024-11-02 09:00:00', '-----', 'Ann'), says('Hello, Ann!'));
    const fresh = noisy('2025-01-01 00:00:00', '=======', 'Zoe');
    expect(answerTo(inducer, fresh)).toBe('miss');
    inducer.learn(noisy('2024-12-24 18:30:10', '********', 'Bob'), says('Hello, Bob!'));
    expect(answerTo(inducer, fresh)).toBe('Hello, Zoe!');
  });

  test('an advertisement is words: it is never masked', () => {
    const inducer = new MemoryInducer();
    for (const [offer, name] of [
      ['Lamps', 'Erik'],
      ['Sofas', 'Ann'],
      ['Chairs', 'Bob'],
      ['Rugs', 'Mia'],
    ]) {
      inducer.learn(user(`[AD] ${offer} are cheap! Say hello to ${name}`), says(`Hello, ${name}!`));
    }
    expect(answerTo(inducer, user('[AD] Beds are cheap! Say hello to Zoe'))).toBe('miss');
  });

  test('a timestamp that the answer shows is data', () => {
    const inducer = new MemoryInducer();
    const ask = (time: string) => user(`At ${time} the "Submit" button was clicked. When?`);
    for (const time of ['2025-11-10T11:34:00', '2025-11-10T11:34:01', '2025-11-12T08:00:30']) {
      inducer.learn(ask(time), says(`It was clicked at ${time}.`));
    }
    expect(answerTo(inducer, ask('2026-01-01T00:00:00'))).toBe(
      'It was clicked at 2026-01-01T00:00:00.',
    );
  });

  test('a timestamp that decides the answer is not masked: weekend or working day', () => {
    const inducer = new MemoryInducer();
    const ask = (time: string, name: string) =>
      user(`Now: ${time}\nGreet ${name} as the shop does.`);
    inducer.learn(ask('2025-11-10T11:34:00', 'Erik'), says('Welcome Erik, we are open.'));
    inducer.learn(ask('2025-11-08T11:34:00', 'Ann'), says('Sorry Ann, we are closed.'));
    inducer.learn(ask('2025-11-11T09:14:00', 'Bob'), says('Welcome Bob, we are open.'));
    inducer.learn(ask('2025-11-12T10:00:00', 'Mia'), says('Welcome Mia, we are open.'));
    inducer.learn(ask('2025-11-13T10:00:00', 'Noah'), says('Welcome Noah, we are open.'));
    expect(answerTo(inducer, ask('2025-11-15T11:34:00', 'Zoe'))).toBe('miss');
  });

  test('request ids and markup that changes are masked, data in the markup is not', () => {
    const inducer = new MemoryInducer();
    const page = (id: string, hash: string, title: string) =>
      user(`<div id="r-${hash}" data-request="${id}"><h1>${title}</h1></div>\nWhat is the title?`);
    const teach = (id: string, hash: string, title: string) =>
      inducer.learn(page(id, hash, title), says(`The title is ${title}.`));
    teach('bfb84333-2891-4304-9960-1a640300b48e', '1a2b3c', 'Garden Chair');
    teach('d52450b5-f0b4-4c68-b6d9-02b4806dc252', '9f8e7d', 'Desk Lamp');
    teach('c107ea1f-d74a-472e-9616-2f6a72ef50e2', '77aa66', 'Sofa');
    expect(answerTo(inducer, page('7a1b0c1e-1111-4222-8333-abcdefabcdef', '00ff11', 'Rug'))).toBe(
      'The title is Rug.',
    );
  });
});

describe('bindings', () => {
  test('company and ingredient are not one variable: Butter, butter', () => {
    const text = (name: string, company: string) =>
      `${name} works at ${company}. ${name} loves to code and to cook with butter. Where?`;
    const inducer = taught(
      [text('Erik', 'Butter'), 'Employer of Erik: Butter'],
      [text('Ada', 'Contoso'), 'Employer of Ada: Contoso'],
      [text('Mia', 'Initech'), 'Employer of Mia: Initech'],
    );
    expect(answerTo(inducer, user(text('Bo', 'Northwind')))).toBe('Employer of Bo: Northwind');
    expect(answerTo(inducer, user(text('Bo', 'Northwind').replace('butter', 'northwind')))).toBe(
      'miss',
    );
  });

  test('a first name follows the full name once a sibling shows it', () => {
    const text = (full: string, first: string) =>
      `${full} works here. ${first} loves to code. Write the badge.`;
    const inducer = taught(
      [text('Erik Dunteman', 'Erik'), 'Badge: Erik Dunteman'],
      [text('Ada Lovelace', 'Ada'), 'Badge: Ada Lovelace'],
      [text('Grace Hopper', 'Grace'), 'Badge: Grace Hopper'],
    );
    expect(answerTo(inducer, user(text('Linus Berg', 'Linus')))).toBe('Badge: Linus Berg');
    expect(answerTo(inducer, user(text('Linus Berg', 'Ada')))).toBe('miss');
  });

  test('a name in lower case follows the name: Erik, erik', () => {
    const text = (name: string) => `Create the account ${name.toLowerCase()} and greet ${name}.`;
    const inducer = taught(
      [text('Erik'), 'Hello, Erik!'],
      [text('Ann'), 'Hello, Ann!'],
      [text('Grace'), 'Hello, Grace!'],
    );
    expect(answerTo(inducer, user(text('Zoe')))).toBe('Hello, Zoe!');
    expect(answerTo(inducer, user('Create the account root and greet Zoe.'))).toBe('miss');
  });

  test('a number in another form follows the number: 1, 1.0', () => {
    const text = (number: number) => `Scale ${number} (that is ${number}.0) by nothing.`;
    const inducer = taught(
      [text(3), 'It stays 3.'],
      [text(7), 'It stays 7.'],
      [text(12), 'It stays 12.'],
    );
    expect(answerTo(inducer, user(text(25)))).toBe('It stays 25.');
    expect(answerTo(inducer, user('Scale 25 (that is 26.0) by nothing.'))).toBe('miss');
  });

  test('the coincidence of the number 3 is resolved by siblings that differ', () => {
    const text = (nth: string, month: string, day: number, file: string) =>
      `Today is ${month} ${day}, 2025. Find the ${nth} Python script in the directory /source when sorted alphabetically, interpret it with python3, and save the output in 09/${file}.`;
    const inducer = taught(
      [text('third', 'September', 30, 'output_3.txt'), 'Saved in 09/output_3.txt.'],
      [text('third', 'September', 30, 'result_8.txt'), 'Saved in 09/result_8.txt.'],
    );
    expect(answerTo(inducer, user(text('third', 'September', 30, 'log_5.txt')))).toBe(
      'Saved in 09/log_5.txt.',
    );
    expect(answerTo(inducer, user(text('fourth', 'September', 30, 'log_5.txt')))).toBe('miss');
    expect(
      answerTo(
        inducer,
        user(text('third', 'September', 30, 'log_5.txt').replace('python3', 'python5')),
      ),
    ).toBe('miss');
  });

  test('equal numbers with different roles are not taken for one: it abstains, since either may decide', () => {
    const ask = (a: number, b: number) => user(`Print page ${a} in ${b} copies.`);
    const inducer = new MemoryInducer();
    inducer.learn(ask(3, 3), says('Printing page 3.'));
    expect(answerTo(inducer, ask(4, 4))).toBe('miss');
    expect(answerTo(inducer, ask(3, 5))).toBe('miss');
    inducer.learn(ask(4, 2), says('Printing page 4.'));
    expect(answerTo(inducer, ask(2, 4))).toBe('miss');
    expect(answerTo(inducer, ask(7, 7))).toBe('miss');
  });

  test('On what day did the 1900s start: the century is derived, the weekday has no origin, so it abstains', () => {
    const inducer = taught(
      [
        'On what day of the week did the 1900s start?',
        'The first day of the 20th century was a Monday.',
      ],
      [
        'On what day of the week did the 1800s start?',
        'The first day of the 19th century was a Wednesday.',
      ],
    );
    expect(answerTo(inducer, user('On what day of the week did the 1700s start?'))).toBe('miss');
  });
});

describe('tool calls', () => {
  test('a constant argument stays constant: an encoding of png', () => {
    const inducer = new MemoryInducer();
    const ask = (name: string) => user(`Export the chart "${name}" as an image`);
    inducer.learn(ask('sales'), calls('export', { chart: 'sales', encoding: 'png' }));
    inducer.learn(
      ask('visits by day'),
      calls('export', { chart: 'visits by day', encoding: 'png' }),
    );
    inducer.learn(ask('costs'), calls('export', { chart: 'costs', encoding: 'png' }));
    expect(answerTo(inducer, ask('profit'))).toBe('{"chart":"profit","encoding":"png"}');
  });

  test('an address in the request is the argument: read_latest_email_from', () => {
    const inducer = new MemoryInducer();
    const ask = (sender: string) => user(`Read me the latest email from ${sender}`);
    for (const sender of ['example@butter.dev', 'ann@example.org']) {
      inducer.learn(ask(sender), calls('read_latest_email_from', { sender }));
    }
    expect(answerTo(inducer, ask('bo@example.com'))).toBe('{"sender":"bo@example.com"}');
  });

  test('get_weather(Boston, MA): the state has no origin in the conversation, so it abstains', () => {
    const inducer = new MemoryInducer();
    const ask = (city: string) => user(`I live in ${city}. What is the weather?`);
    inducer.learn(ask('Boston'), calls('get_weather', { city: 'Boston', state: 'MA' }));
    inducer.learn(ask('Chicago'), calls('get_weather', { city: 'Chicago', state: 'IL' }));
    expect(answerTo(inducer, ask('Austin'))).toBe('miss');
  });

  test('world knowledge has no origin, so it abstains: Napoleon, France and 1821', () => {
    const inducer = taught(
      ['Where did Napoleon rule, and when did he die?', 'He ruled France and died in 1821.'],
      ['Where did Bismarck rule, and when did he die?', 'He ruled Prussia and died in 1898.'],
    );
    expect(answerTo(inducer, user('Where did Cavour rule, and when did he die?'))).toBe('miss');
  });

  test('structure stays structure: no word of an instruction becomes a variable', () => {
    const inducer = taught(
      [
        'Find the topmost element on the page and interact with it.',
        'I clicked the topmost element on the page.',
      ],
      ['Anthropomorphize the largest icon on the page and argue with it.', 'Icon, you are wrong.'],
    );
    expect(
      answerTo(inducer, user('Find the lowest element on the page and interact with it.')),
    ).toBe('miss');
  });

  test('form filling: what is typed into a field comes from the form', () => {
    const inducer = new MemoryInducer();
    const ask = (first: string) => user(`Fill the form.\nFirst Name: ${first}`);
    inducer.learn(ask('Ada'), calls('type', { field: 'First Name', text: 'Ada' }));
    inducer.learn(ask('Grace'), calls('type', { field: 'First Name', text: 'Grace' }));
    expect(answerTo(inducer, ask('Mary Jane'))).toBe('{"field":"First Name","text":"Mary Jane"}');
  });
});
