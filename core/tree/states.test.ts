/** States: plain words in fields, on which agents turn. */
import { expect, test } from '@jest/globals';
import { leafTemplate, threadOf, userTemplate } from '../../tests/support/tree-builder.ts';
import { mayBeState } from './states.ts';

const REPORTED = {
  role: 'tool',
  tool_call_id: 'c',
  content: '{"weather":"sunny","order":{"status":"shipped"},"paid":true,"note":"left at noon"}',
};
const [read] = threadOf(REPORTED).messages;
const above = [
  userTemplate('cancel {{id}}'),
  {
    role: 'tool',
    skeleton: read?.skeleton ?? '',
    // In the order of the keys.
    leaves: ['left at {{time}}', '{{status}}', '{{paid}}', '{{weather}}'].map((text) =>
      leafTemplate(text),
    ),
  },
];

test.each([
  ['status', 'processing', 'It is {{status}}.', true],
  ['status', 'in_transit', 'It is {{status}}.', true],
  ['status', 'PAID', 'It is {{status}}.', true],
  ['paid', 'false', 'Paid: {{paid}}', true],
  ['weather', 'cloudy', 'It is {{weather}}.', false],
  ['weather', 'cloudy', 'It is {{weather}}, so you cannot see the stars.', true],
  // Names, ids and texts.
  ['status', 'Ann', 'It is {{status}}.', false],
  ['status', 'ORD-17', 'It is {{status}}.', false],
  ['status', 'on its way', 'It is {{status}}.', false],
  // Not a field of its own.
  ['time', 'noon', 'Sorry, it left at {{time}}.', false],
  ['id', 'everything', 'I cannot cancel {{id}}.', false],
])('%s: %s in "%s": %s', (name, value, answer, expected) => {
  expect(mayBeState(above, userTemplate(answer), name, value)).toBe(expected);
});
