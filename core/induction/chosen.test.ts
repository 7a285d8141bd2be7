/** What a model puts into arguments of tools at its own choice is not repeated for others, however often it came out alike. */
import { expect, test } from '@jest/globals';
import { MemoryInducer } from '../../tests/support/memory-inducer.ts';

const CUSTOMERS = ['CU-164733', 'CU-275844', 'CU-386955', 'CU-497066', 'CU-508177', 'CU-619288'];

function ask(content: string) {
  return { messages: [{ role: 'user', content }] };
}

function call(args: Record<string, unknown>) {
  const fn = { name: 'grant_discount', arguments: JSON.stringify(args) };
  return {
    role: 'assistant',
    content: null,
    tool_calls: [{ id: 'call_1', type: 'function', function: fn }],
  };
}

const late = (customer: string) => ask(`The parcel of ${customer} is late.`);
const broken = (customer: string) => ask(`${customer} has got a broken lamp from us.`);

test('a constant that the tool always gets is served once it was confirmed', () => {
  const inducer = new MemoryInducer();
  for (const customer of CUSTOMERS) inducer.learn(late(customer), call({ customer, why: 'sorry' }));
  expect(inducer.ask(late('CU-720399')).kind).toBe('hit');
});

test.each([
  ['before', [broken, late]],
  ['afterwards', [late, broken]],
])('a constant is a choice where the tool got another one %s', (_, [first, second]) => {
  const inducer = new MemoryInducer();
  const teach = (about: typeof late | undefined, customers: readonly string[], why: string) => {
    for (const customer of customers)
      if (about !== undefined) inducer.learn(about(customer), call({ customer, why }));
  };
  teach(first, first === late ? CUSTOMERS : CUSTOMERS.slice(0, 1), first === late ? 'sorry' : 'ok');
  teach(
    second,
    second === late ? CUSTOMERS : CUSTOMERS.slice(0, 1),
    second === late ? 'sorry' : 'ok',
  );
  expect(inducer.ask(late('CU-720399')).kind).toBe('miss');
});

test('a digit that happens to stand in another value is tried more than once', () => {
  const inducer = new MemoryInducer();
  for (const customer of ['CU-266145', 'CU-902365'])
    inducer.learn(late(customer), call({ customer, percent: 5 }));
  expect(inducer.ask(late('CU-040906')).kind).toBe('miss');
});
