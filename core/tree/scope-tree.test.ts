import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { LIMITS } from '../limits.ts';
import type { LeafKind, Message } from '../messages/message.ts';
import { matchMessage } from '../template/match.ts';
import type { LeafTemplate, MessageTemplate, Segment } from '../template/template.ts';
import { isWalkable, type AnswerForm, type NodeState, type TreeNode } from './node.ts';
import { ScopeTree } from './scope-tree.ts';

const ANSWER: AnswerForm = {
  message: '{}',
  finishReason: 'stop',
  model: 'm',
  usage: undefined,
  extras: '',
};

const literal = (text: string): Segment => ({ kind: 'literal', text });
const variable = (name: string): Segment => ({ kind: 'variable', name, matcher: { kind: 'text' } });
const templateOf = (skeleton: string, ...leaves: LeafTemplate[]): MessageTemplate => ({
  role: 'user',
  skeleton,
  leaves,
});

const messageOf = (skeleton: string, ...leaves: (readonly [string, LeafKind])[]): Message => ({
  role: 'user',
  skeleton,
  leaves: leaves.map(([text, kind]) => ({ path: [], kind, text, token: { start: 0, end: 0 } })),
});

function nodeOf(id: string, template: MessageTemplate, more: Partial<TreeNode> = {}): TreeNode {
  return {
    id,
    scope: 's',
    parent: 's',
    depth: 0,
    template,
    variables: [],
    guards: [],
    state: 'candidate',
    answer: undefined,
    evidence: {
      confirmations: 0,
      contradictions: 0,
      required: 1,
      requiredTyped: { known: 1, novel: 1, odd: 1, rivalled: 1 },
      types: [],
      classes: [],
      reasons: [],
      seen: [],
    },
    revision: 0,
    ...more,
  };
}

const ids = (nodes: Iterable<TreeNode> | 'over-limit') =>
  nodes === 'over-limit' ? nodes : [...nodes].map(({ id }) => id).sort();

describe('the children of a parent', () => {
  const text = fc
    .array(fc.constantFrom('a', 'b', ' of ', '1', '1.0', '10e-1', '__proto__', ' '), {
      maxLength: 3,
    })
    .map((parts) => parts.join(''));
  const leaf = fc.array(
    fc.oneof(text.map(literal), fc.constantFrom('x', '$call_0', '__proto__').map(variable)),
    { maxLength: 3 },
  );
  const skeleton = fc.constantFrom('T', 'J[N]', '__proto__');
  const node = fc
    .record({
      id: fc.nat({ max: 60 }).map(String),
      parent: fc.constantFrom('s', '1', '__proto__'),
      state: fc.constantFrom<NodeState>(
        'candidate',
        'probation',
        'serving',
        'quarantined',
        'retired',
      ),
      answer: fc.constantFrom(undefined, ANSWER),
      template: fc.tuple(skeleton, leaf).map(([kind, pattern]) => templateOf(kind, pattern)),
    })
    .map(({ id, template, ...more }) => nodeOf(id, template, more));
  const change = fc.oneof(
    { weight: 3, arbitrary: node },
    { weight: 1, arbitrary: fc.nat({ max: 60 }).map(String) },
  );

  test('are exactly those that a scan of all nodes finds, whatever came and went', () => {
    fc.assert(
      fc.property(
        fc.array(change, { maxLength: 90 }),
        fc.array(fc.tuple(skeleton, text), { minLength: 1, maxLength: 6 }),
        (changes, asked) => {
          const tree = new ScopeTree();
          const all = new Map<string, TreeNode>();
          for (const each of changes) {
            if (typeof each === 'string') {
              tree.remove(each);
              all.delete(each);
            } else {
              tree.put(each);
              all.set(each.id, each);
            }
          }
          expect([tree.size, ids(tree.all())]).toEqual([all.size, ids(all.values())]);
          for (const parent of ['s', '1', '__proto__', 'nowhere']) {
            const children = [...all.values()].filter((n) => n.parent === parent && isWalkable(n));
            expect(ids(tree.answersOf(parent))).toEqual(
              ids(children.filter((n) => n.answer !== undefined)),
            );
            for (const [kind, value] of asked) {
              const message = messageOf(kind, [value, kind === 'J[N]' ? 'number' : 'text']);
              const fits = (n: TreeNode) =>
                matchMessage(n.template, message, new Map()).kind === 'match';
              const found = tree.candidates(parent, message);
              expect(found).not.toBe('over-limit');
              expect(found === 'over-limit' ? [] : ids(found.filter(fits))).toEqual(
                ids(children.filter(fits)),
              );
            }
          }
        },
      ),
      { seed: 53, numRuns: 600 },
    );
  });

  test('a literal number leaf is found by its value among thousands', () => {
    const tree = new ScopeTree();
    for (let n = 0; n < 5000; n++) {
      tree.put(nodeOf(String(n), templateOf('J{"n":N}', [literal(`${n}.0`)])));
    }
    expect(ids(tree.candidates('s', messageOf('J{"n":N}', ['4.2e2', 'number'])))).toEqual(['420']);
    expect(ids(tree.candidates('s', messageOf('J{"n":N}', ['420', 'text'])))).toEqual([]);
    expect(ids(tree.candidates('s', messageOf('J{"n":N}', ['-0', 'number'])))).toEqual(['0']);
  });

  test('long literal texts of one length are told apart', () => {
    const tree = new ScopeTree();
    const long = (n: number) => 'x'.repeat(20_000) + String(n + 1000);
    for (let n = 0; n < 500; n++) tree.put(nodeOf(String(n), templateOf('T', [literal(long(n))])));
    expect(ids(tree.candidates('s', messageOf('T', [long(321), 'text'])))).toEqual(['321']);
  });

  test('too many templates that fit are over the limit, and literal ones do not hide it', () => {
    const tree = new ScopeTree();
    tree.put(nodeOf('exact', templateOf('T', [literal('hello')])));
    for (let n = 0; n <= LIMITS.candidatesMax; n++) {
      tree.put(nodeOf(String(n), templateOf('T', [variable(`v${n}`)])));
    }
    expect(tree.candidates('s', messageOf('T', ['hello', 'text']))).toBe('over-limit');
    tree.put(nodeOf('7', templateOf('T', [variable('v7')]), { state: 'retired' }));
    expect(tree.candidates('s', messageOf('T', ['hello', 'text']))).toHaveLength(
      LIMITS.candidatesMax + 1,
    );
  });

  test('an answer is both served and walked through, until it is quarantined', () => {
    const tree = new ScopeTree();
    const answer = nodeOf('a', templateOf('T', [literal('Hi '), variable('x')]), {
      answer: ANSWER,
    });
    tree.put(answer);
    const message = messageOf('T', ['Hi Ann', 'text']);
    expect([ids(tree.answersOf('s')), ids(tree.candidates('s', message))]).toEqual([['a'], ['a']]);
    tree.put({ ...answer, state: 'quarantined' });
    expect([ids(tree.answersOf('s')), ids(tree.candidates('s', message))]).toEqual([[], []]);
    expect(tree.get('a')?.state).toBe('quarantined');
  });
});
