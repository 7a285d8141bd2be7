/** Explicit bindings: what each value stands for, wherever it stands (docs/headers.md, Butter-Bindings). */
import { expect, test } from '@jest/globals';
import { threadOf } from '../../tests/support/tree-builder.ts';
import { bind } from './bind.ts';

/** The first leaf's text with each bound stretch as people see it. */
function shown(message: object, bindings: Record<string, string>): string[] {
  const { messages } = threadOf(message);
  const spans = bind(messages, 0, Object.entries(bindings));
  return (messages[0]?.leaves ?? []).map((leaf, index) => {
    let text = '';
    let offset = 0;
    for (const span of spans.filter((one) => one.leaf === index)) {
      text += `${leaf.text.slice(offset, span.start)}{{${span.name}}}`;
      offset = span.end;
    }
    return text + leaf.text.slice(offset);
  });
}

const user = (content: string) => ({ role: 'user', content });

test.each<[string, string, Record<string, string>, string]>([
  ['every place of a value is bound', 'Ann met Ann', { who: 'Ann' }, '{{who}} met {{who}}'],
  [
    'the longest value first: a value inside another one is part of it',
    'Ann Lee and Ann',
    { first: 'Ann', full: 'Ann Lee' },
    '{{full}} and {{first}}',
  ],
  [
    'only at token boundaries',
    'Ann and Annabel, 3 and 33',
    { who: 'Ann', n: '3' },
    '{{who}} and Annabel, {{n}} and 33',
  ],
  [
    'values may tile a whole token',
    'say butterfly',
    { prefix: 'butter', suffix: 'fly' },
    'say {{prefix}}{{suffix}}',
  ],
  [
    'but never part of one',
    'say butterflies',
    { prefix: 'butter', suffix: 'fly' },
    'say butterflies',
  ],
  ['of two names for one value the first one stands', 'Ann', { who: 'Ann', me: 'Ann' }, '{{who}}'],
  ['an empty value binds nothing', 'Ann', { who: '' }, 'Ann'],
  ['a value that is not there binds nothing', 'Ann', { who: 'Bob' }, 'Ann'],
  ['letters count as they are', 'ann', { who: 'Ann' }, 'ann'],
  ['{{x}} in a text is text', 'say {{who}}', { who: 'Ann' }, 'say {{who}}'],
  ['and so it is in a value', 'say {{x}} $&', { who: '{{x}} $&' }, 'say {{who}}'],
  [
    'a value may be of several words and lines',
    'send: a b\nc. End',
    { body: 'a b\nc.' },
    'send: {{body}} End',
  ],
  ['and in any script', '東京 へ 行く', { city: '東京' }, '{{city}} へ 行く'],
])('%s', (_, content, bindings, expected) => {
  expect(shown(user(content), bindings)).toEqual([expected]);
});

test('values stand for leaves of JSON, whole or in part; a number only as a whole', () => {
  const call = (args: object) => ({
    role: 'assistant',
    content: null,
    tool_calls: [
      {
        id: 'call_12345678',
        type: 'function',
        function: { name: 'f', arguments: JSON.stringify(args) },
      },
    ],
  });
  const bindings = { city: 'Rome', n: '3', on: 'true' };
  expect(shown(call({ a: 'Rome', b: 'in Rome', c: 3, d: 33, e: '3', f: true }), bindings)).toEqual([
    '{{city}}',
    'in {{city}}',
    '{{n}}',
    '33',
    '{{n}}',
    '{{on}}',
  ]);
});

test('keys of JSON and names of tools are never bound', () => {
  const result = { role: 'tool', tool_call_id: 'x', content: '{"Rome":"Rome"}' };
  expect(shown(result, { city: 'Rome' })).toEqual(['{{city}}']);
  expect(threadOf(result).messages[0]?.skeleton).toContain('"Rome"');
});
