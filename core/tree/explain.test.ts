/** Explained misses: how far the thread came, what came nearest, where it differs, what would help. */
import { expect, test } from '@jest/globals';
import { leafTemplate, TestTree, threadOf } from '../../tests/support/tree-builder.ts';
import { decide } from './decide.ts';
import { explainMiss, type Explanation } from './explain.ts';

const user = (content: string) => ({ role: 'user', content });

function explain(tree: TestTree, ...messages: readonly unknown[]): Explanation {
  const walked = tree.walk(messages);
  const decision = decide(walked);
  if (decision.kind === 'hit') throw new Error('a hit');
  return explainMiss(tree.tree, walked, threadOf(...messages), decision.reason);
}

test('names the nearest template, the leaf and the offset at which the text leaves it', () => {
  const tree = new TestTree();
  tree.user('root', 'Translate {{text}} into French');
  const near = tree.user('root', 'What is the weather in {{city}} today?');
  expect(explain(tree, user('What is the weather in Boston tomorrow?'))).toMatchObject({
    reason: 'no_path',
    depth: 0,
    node: undefined,
    nearest: {
      node: near,
      difference: {
        kind: 'text',
        path: ['content'],
        offset: 23,
        expected: ' today?',
        found: 'Boston tomorrow?',
      },
    },
  });
});

test('says in which message of a conversation the paths part, and the deepest node', () => {
  const tree = new TestTree();
  const first = tree.user('root', 'Hello {{name}}');
  const second = tree.message(first, { role: 'assistant', content: 'x' }, [
    leafTemplate('Hi {{name}}'),
  ]);
  tree.user(second, 'bye');
  const explanation = explain(
    tree,
    user('Hello Ann'),
    { role: 'assistant', content: 'Hi Bob' },
    user('bye'),
  );
  expect(explanation).toMatchObject({
    depth: 1,
    node: first,
    nearest: {
      node: second,
      difference: { kind: 'text', offset: 3, expected: 'Ann', found: 'Bob' },
    },
  });
});

test.each<[string, (tree: TestTree) => void, string, object]>([
  [
    'a value of another kind',
    (tree) => void tree.user('root', 'order {{id}} now', { matchers: { id: { kind: 'integer' } } }),
    'order seven now',
    { kind: 'value', variable: 'id', expected: 'integer', offset: 6, found: 'seven' },
  ],
  [
    'a repeated variable with two values',
    (tree) => void tree.user('root', 'from {{a}} to {{a}}'),
    'from Rome to Oslo',
    { kind: 'contradiction', variable: 'a' },
  ],
  [
    'a condition',
    (tree) =>
      void tree.user('root', 'unread: {{n}}', {
        conditions: { n: { kind: 'compare', comparison: '>', number: '0' } },
      }),
    'unread: 0',
    { kind: 'contradiction', variable: 'n' },
  ],
])('tells %s', (_, build, text, difference) => {
  const tree = new TestTree();
  build(tree);
  expect(explain(tree, user(text)).nearest?.difference).toMatchObject(difference);
});

test('tells other roles and other shapes', () => {
  const tree = new TestTree();
  tree.user('root', 'hi');
  expect(explain(tree, { role: 'system', content: 'hi' }).nearest?.difference).toEqual({
    kind: 'role',
    expected: 'user',
    found: 'system',
  });
  expect(explain(tree, { role: 'user', name: 'ann', content: 'hi' }).nearest?.difference).toEqual({
    kind: 'shape',
  });
});

test.each<[string, (tree: TestTree) => void, string, RegExp]>([
  [
    'probation',
    (tree) =>
      void tree.answer(tree.user('root', 'hi {{x}}'), 'x', { state: 'probation', required: 2 }),
    'hi a',
    /2 more confirmation/,
  ],
  ['no_answer', (tree) => void tree.user('root', 'hi {{x}}'), 'hi a', /no answer was learned/],
  [
    'ambiguous',
    (tree) => void tree.answer(tree.user('root', 'hi {{x}}{{y}}'), '{{x}}'),
    'hi abc',
    /Butter-Bindings/,
  ],
  ['no_path', () => undefined, 'hi', /Nothing was learned/],
])('says what would have made it a hit: %s', (reason, build, text, remedy) => {
  const tree = new TestTree();
  build(tree);
  const explanation = explain(tree, user(text));
  expect(explanation.reason).toBe(reason);
  expect(explanation.remedy).toMatch(remedy);
});
