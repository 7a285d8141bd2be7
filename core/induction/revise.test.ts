import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { answerKey, type Hash } from '../observation.ts';
import type { TreeNode } from '../tree/node.ts';
import { readExchange, type Exchange } from './exchange.ts';
import { doubt, nextTurnOf, repeatsItself, talkOf } from './next-turn.ts';
import { reviseNode, type ReviseQuestion } from './revise.ts';
import { ScopeTree } from '../tree/scope-tree.ts';

const hash: Hash = (text) => createHash('sha256').update(text).digest('hex');

type Message = Readonly<Record<string, unknown>>;

function exchange(messages: readonly Message[], said: string | Message = 'x'): Exchange {
  const text = JSON.stringify(messages);
  const answer = typeof said === 'string' ? { role: 'assistant', content: said } : said;
  const read = readExchange({
    ...{
      id: hash(text + JSON.stringify(answer)),
      project: 'p',
      scope: 's',
      thread: hash(text),
      shape: 'shape',
    },
    ...{ messages: text, bindings: [], induce: true, at: 1 },
    answer: {
      ...{ message: JSON.stringify(answer), finishReason: 'stop' },
      ...{ model: 'm', usage: undefined, extras: '{}' },
    },
  });
  if (read === undefined) throw new Error('not an exchange');
  return read;
}

const ask = (unread: string, answer: string) =>
  exchange([{ role: 'user', content: `You have ${unread} unread messages` }], answer);

const EVIDENCE = {
  ...{ confirmations: 2, contradictions: 1, required: 2, classes: ['copy'] as const, reasons: [] },
  ...{ requiredTyped: { known: 2, novel: 2, odd: 2, rivalled: 2 }, types: [] },
};
const n = (kind: 'integer' | 'word') =>
  ({ kind: 'variable', name: 'n', matcher: { kind } }) as const;
const lit = (text: string) => ({ kind: 'literal', text }) as const;

function pathOf(kind: 'integer' | 'word'): readonly TreeNode[] {
  const common = { scope: 's', guards: [], revision: 1 };
  return [
    {
      ...{ ...common, id: 'ask', parent: 's', depth: 0, state: 'serving', answer: undefined },
      template: {
        ...{ role: 'user', skeleton: 'user{"content"=T}' },
        leaves: [[lit('You have '), n(kind), lit(' unread messages')]],
      },
      variables: [{ role: 'independent', name: 'n' }],
      evidence: { ...EVIDENCE, seen: [] },
    },
    {
      ...{ ...common, id: 'answer', parent: 'ask', depth: 1, state: 'quarantined', variables: [] },
      template: {
        ...{ role: 'assistant', skeleton: 'assistant{"content"=T}' },
        leaves: [[lit('Read '), n(kind), lit(' now')]],
      },
      answer: ask('7', 'Read 7 now').observation.answer,
      evidence: { ...EVIDENCE, seen: [{ name: 'n', values: ['7', '12'] }] },
    },
  ];
}

const question = (more: Partial<ReviseQuestion>): ReviseQuestion => ({
  ...{ hash, path: pathOf('integer'), others: [], vetoes: new Set<string>() },
  examples: [ask('7', 'Read 7 now'), ask('12', 'Read 12 now')],
  counters: [],
  ...more,
});

describe('a template that was wrong', () => {
  test('is narrowed to the side of the numbers that it was right for, and proves itself anew', () => {
    const revised = reviseNode(question({ counters: [ask('0', 'All done')] }));
    expect(revised).toMatchObject({
      kind: 'narrowed',
      nodes: [
        {
          names: ['n'],
          node: {
            state: 'probation',
            guards: [{ name: 'n', condition: { kind: 'compare', comparison: '>=', number: '7' } }],
            evidence: { confirmations: 0, contradictions: 0, required: 3 },
          },
        },
      ],
    });
  });

  test('is split where those on the other side are answered alike', () => {
    const counters = [ask('0', 'Nothing in 0'), ask('-1', 'Nothing in -1')];
    const revised = reviseNode(question({ counters }));
    expect(revised).toMatchObject({
      kind: 'split',
      nodes: [
        { node: { guards: [{ condition: { comparison: '>=' } }] } },
        {
          node: {
            state: 'probation',
            guards: [{ condition: { comparison: '<=', number: '0' } }],
            template: { leaves: [[lit('Nothing in '), { kind: 'variable', name: 'n' }]] },
          },
        },
      ],
    });
    // One of them that is answered in another way: no rule, and the rest is only narrowed.
    const unlike = reviseNode(question({ counters: [...counters, ask('-2', 'Help')] }));
    expect(unlike.kind).toBe('narrowed');
  });

  test('learns from what came when it was out of service already', () => {
    const counters = [ask('0', 'Nothing in 0')];
    const others = [ask('-1', 'Nothing in -1'), ask('5', 'Read 5 now')];
    expect(reviseNode(question({ counters, others }))).toMatchObject({
      kind: 'split',
      nodes: [
        { node: { guards: [{ condition: { comparison: '>=', number: '5' } }] } },
        { node: { guards: [{ condition: { comparison: '<=', number: '0' } }] } },
      ],
    });
    // Of an exchange that nothing may be learned from there is no branch.
    const exactOnly = others.map((exchange) => ({
      ...exchange,
      observation: { ...exchange.observation, induce: false },
    }));
    expect(reviseNode(question({ counters, others: exactOnly })).kind).toBe('narrowed');
  });

  test('of words keeps those that it was right for', () => {
    const examples = [ask('many', 'Read many now'), ask('some', 'Read some now')];
    const counters = [ask('no', 'All done')];
    const path = pathOf('word');
    const revised = reviseNode(question({ path, examples, counters }));
    const condition = { kind: 'one-of', values: ['many', 'some'] };
    expect(revised).toMatchObject({
      kind: 'narrowed',
      nodes: [{ node: { state: 'serving', guards: [{ condition }] } }],
    });
  });

  test.each([
    ['no counterexample is known', {}, 'no-counterexample'],
    [
      'one example is no evidence',
      { examples: [ask('7', 'Read 7 now')], counters: [ask('0', 'x')] },
      'too-few-examples',
    ],
    [
      'the same value was right and wrong',
      { path: pathOf('word'), counters: [ask('7', 'Go away')] },
      'not-separable',
    ],
  ])('stays out of service where %s', (_what, more, why) => {
    expect(reviseNode(question(more))).toEqual({ kind: 'unexplained', why });
  });

  test('gives no answer that feedback took back', () => {
    const asked = ask('12', 'Read 12 now');
    const texts = asked.answer.leaves.map(({ text }) => text);
    const key = answerKey(hash, asked.observation, { skeleton: asked.answer.skeleton, texts });
    const revised = reviseNode(
      question({ counters: [ask('0', 'All done')], vetoes: new Set([key]) }),
    );
    expect(revised).toEqual({ kind: 'unexplained', why: 'contradicts' });
  });
});

describe('the next turn', () => {
  const tree = new ScopeTree();
  for (const node of pathOf('integer')) tree.put({ ...node, state: 'serving' });
  const after = (text: string) =>
    exchange(
      [
        { role: 'user', content: 'You have 7 unread messages' },
        { role: 'assistant', content: 'Read 7 now' },
        { role: 'user', content: text },
      ],
      'ok',
    );

  test.each([
    ["No, that's wrong", 'corrected', true],
    ['That is not what I asked for.', 'corrected', true],
    ['Sorry, I meant the other one', 'meant-otherwise', false],
  ])('%j says: %s', (text, signal, isNegative) => {
    expect(nextTurnOf(tree, talkOf(after(text)), hash)).toEqual({
      node: 'answer',
      signal,
      isNegative,
    });
  });

  test.each(['Thanks!', 'No', 'Is that wrong?', 'Tell me what is wrong with it', 'And 3 more?'])(
    '%j says nothing',
    (text) => {
      expect(nextTurnOf(tree, talkOf(after(text)), hash)).toBeUndefined();
    },
  );

  const call = (id: string) => ({
    role: 'assistant',
    tool_calls: [{ id, type: 'function', function: { name: 'read', arguments: '{"n":7}' } }],
  });
  const calls = new ScopeTree();
  const first = { role: 'user', content: 'You have 7 unread messages' };
  const [asked, answer] = pathOf('integer');
  const skeleton = exchange([first, call('call_aaaaaaaa')], 'x').thread.messages[1]?.skeleton ?? '';
  if (asked !== undefined && answer !== undefined) {
    calls.put({ ...asked, state: 'serving' });
    const template = { role: 'assistant', skeleton, leaves: [[n('integer')]] };
    calls.put({ ...answer, state: 'serving', template });
  }
  const tool = (content: string, id = 'call_aaaaaaaa') => ({
    role: 'tool',
    tool_call_id: id,
    content,
  });

  test.each([
    ['{"error":"invalid argument: n"}', 'refused', true],
    ['Error: the server is down', 'failed', false],
  ])('a result %j says: %s', (content, signal, isNegative) => {
    const thread = exchange([first, call('call_aaaaaaaa'), tool(content)], 'x');
    expect(nextTurnOf(calls, talkOf(thread), hash)).toEqual({ node: 'answer', signal, isNegative });
  });

  test.each(['{"error":null,"rows":3}', 'No errors found', '[1,2]'])(
    'a result %j says nothing',
    (content) => {
      const thread = exchange([first, call('call_aaaaaaaa'), tool(content)], 'x');
      expect(nextTurnOf(calls, talkOf(thread), hash)).toBeUndefined();
    },
  );

  test('the same call again, unless it was recorded so', () => {
    const again = [
      first,
      call('call_aaaaaaaa'),
      tool('done'),
      call('call_bbbbbbbb'),
      tool('done', 'call_bbbbbbbb'),
    ];
    const turn = nextTurnOf(calls, talkOf(exchange(again, 'x')), hash);
    expect(turn).toMatchObject({ node: 'answer', signal: 'repeated', isNegative: true });
    expect(turn?.repeat).toEqual({ thread: expect.stringMatching(/^[0-9a-f]{64}$/), nodes: [] });
    const recorded = exchange(again.slice(0, 3), again[3]);
    expect(repeatsItself(recorded)).toBe(true);
    expect(repeatsItself(exchange(again.slice(0, 3), 'done'))).toBe(false);
    expect(repeatsItself(exchange([first], call('call_aaaaaaaa')))).toBe(false);
  });

  test('puts what served back on probation', () => {
    const evidence = { ...EVIDENCE, required: 0, seen: [] };
    const vouched = { ...(pathOf('integer')[1] as TreeNode), state: 'serving' as const, evidence };
    expect(doubt(vouched)).toMatchObject({
      state: 'probation',
      evidence: {
        confirmations: 0,
        required: 2,
        contradictions: 2,
        seen: [{ name: 'n', values: [] }],
      },
    });
  });
});
