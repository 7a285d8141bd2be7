/** States: plain words that are fields, of which few are like the others. */
import { expect, test } from '@jest/globals';
import { leafTemplate, TestTree } from '../../tests/support/tree-builder.ts';
import { mayBeState } from './states.ts';

const tree = new TestTree();
const asked = tree.user('root', 'cancel {{id}}');
const reported = tree.message(
  asked,
  { role: 'tool', tool_call_id: 'c', content: '{"status":"shipped","note":"left at noon"}' },
  [leafTemplate('{{status}}'), leafTemplate('left at {{time}}')],
);
const path = [asked, reported].flatMap((id) => tree.tree.get(id) ?? []);

test.each([
  ['status', 'processing', true],
  ['status', 'in_transit', true],
  ['status', 'PAID', true],
  ['status', 'true', true],
  // Names, ids and texts.
  ['status', 'Ann', false],
  ['status', 'ORD-17', false],
  ['status', 'on its way', false],
  // Not a field of its own.
  ['time', 'noon', false],
  ['id', 'everything', false],
])('%s: %s: %s', (name, value, expected) => {
  expect(mayBeState(path, name, value)).toBe(expected);
});
