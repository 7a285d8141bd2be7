/** Results of code derivations come in from outside: what a walk asks for, and what it does with them. */
import { expect, test } from '@jest/globals';
import { codeCall, parseDerivation, type CodeCall } from '../expressions/derivation.ts';
import { parseJson } from '../json/json.ts';
import { readThread, type Thread } from '../messages/message.ts';
import type { MessageTemplate } from '../template/template.ts';
import { lookUpCode } from './look-up-code.ts';
import type { NodeVariable, TreeNode } from './node.ts';
import { ScopeTree } from './scope-tree.ts';
import { walk } from './walk.ts';

const SCOPE = 'scope';
const written = (name: string, source: string, ...variables: string[]): NodeVariable => ({
  ...{ role: 'dependent', name, derivation: { kind: 'javascript', source, variables } },
});

function node(
  id: string,
  parent: string,
  template: MessageTemplate,
  more: Partial<TreeNode>,
): TreeNode {
  return {
    ...{ id, scope: SCOPE, parent, depth: 0, template, variables: [], guards: [] },
    ...{ state: 'serving', answer: undefined, revision: 0 },
    evidence: {
      confirmations: 0,
      contradictions: 0,
      required: 0,
      requiredTyped: { known: 0, novel: 0, odd: 0, rivalled: 0 },
      types: [],
      classes: [],
      reasons: [],
      seen: [],
    },
    ...more,
  };
}

function threadOf(content: string): Thread {
  const parsed = parseJson(JSON.stringify([{ role: 'user', content }]));
  const read = parsed.kind === 'fault' ? undefined : readThread(parsed.value);
  if (read?.kind !== 'thread') throw new Error('no thread');
  return read.thread;
}

/** "Where is {city}?" → "{state} in {land}", the land by the state. */
function treeWithCode(): ScopeTree {
  const thread = threadOf('Where is Boston?');
  const [message] = thread.messages;
  const answer = parseJson(JSON.stringify([{ role: 'assistant', content: 'MA in USA' }]));
  const read = answer.kind === 'fault' ? undefined : readThread(answer.value);
  const said = read?.kind === 'thread' ? read.thread.messages[0] : undefined;
  if (message === undefined || said === undefined) throw new Error('no message');
  const variable = (name: string) =>
    ({ kind: 'variable', name, matcher: { kind: 'text' } }) as const;
  const tree = new ScopeTree();
  const question = { role: 'user', skeleton: message.skeleton };
  const leaf = [
    { kind: 'literal', text: 'Where is ' },
    variable('city'),
    { kind: 'literal', text: '?' },
  ] as const;
  tree.put(
    node(
      'q',
      SCOPE,
      { ...question, leaves: [leaf] },
      { variables: [{ role: 'independent', name: 'city' }] },
    ),
  );
  const leaves = [
    [variable('state'), { kind: 'literal', text: ' in ' } as const, variable('land')],
  ];
  const variables = [written('state', 'f', 'city'), written('land', 'g', 'state')];
  const form = {
    message: JSON.stringify({ role: 'assistant', content: 'MA in USA' }),
    finishReason: 'stop',
  };
  tree.put(
    node(
      'a',
      'q',
      { role: 'assistant', skeleton: said.skeleton, leaves },
      {
        ...{ depth: 1, variables },
        answer: { ...form, model: 'm', usage: undefined, extras: '{}' },
      },
    ),
  );
  return tree;
}

const thread = threadOf('Where is Reno?');
const ask = (recall: (call: CodeCall) => string | undefined) =>
  lookUpCode({ tree: treeWithCode(), scope: SCOPE, thread, explicit: new Map() }, recall);
const textsWith = (recall: (call: CodeCall) => string | undefined) => {
  const walked = walk(treeWithCode(), SCOPE, thread, ask(recall).bindings);
  return walked.kind === 'reached' ? walked.answers.map((answer) => answer.texts) : [];
};

test('a walk without results has no answer, and says which call it lacks', () => {
  expect(ask(() => undefined).missing).toMatchObject([
    { source: 'f', inputs: new Map([['city', 'Reno']]) },
  ]);
  expect(textsWith(() => undefined)).toEqual([[]]);
});

test('one result may lead to the next call', () => {
  const recall = ({ source }: CodeCall) => (source === 'f' ? 'NV' : undefined);
  expect(ask(recall).missing).toMatchObject([{ source: 'g', inputs: new Map([['state', 'NV']]) }]);
});

test('with all results the answer is there', () => {
  const recall = ({ source }: CodeCall) => (source === 'f' ? 'NV' : 'USA');
  expect(ask(recall).missing).toEqual([]);
  expect(textsWith(recall)).toEqual([['NV in USA']]);
});

test('code that does not know gives no answer, and nothing is missing', () => {
  expect(ask(() => '').missing).toEqual([]);
  expect(textsWith(() => '')).toEqual([[]]);
});

test('a tree forgets its code with the node', () => {
  const tree = treeWithCode();
  expect(tree.hasCode).toBe(true);
  tree.remove('a');
  expect(tree.hasCode).toBe(false);
});

test('results are told apart by source, names and values', () => {
  const code = { kind: 'javascript', source: 'f', variables: ['a', 'b'] } as const;
  const keys = [
    codeCall(
      code,
      new Map([
        ['a', '1'],
        ['b', '2'],
      ]),
    ),
    codeCall(
      code,
      new Map([
        ['a', '2'],
        ['b', '1'],
      ]),
    ),
    codeCall(
      { ...code, source: 'g' },
      new Map([
        ['a', '1'],
        ['b', '2'],
      ]),
    ),
    codeCall({ ...code, variables: ['a'] }, new Map([['a', '1']])),
  ].map((call) => call?.key);
  expect(new Set(keys).size).toBe(4);
  expect(codeCall(code, new Map([['a', '1']]))).toBeUndefined();
});

test.each([
  ['a derivation', { kind: 'javascript', source: 'f', variables: ['a'] }, true],
  ['one without a source', { kind: 'javascript', variables: ['a'] }, false],
  ['one with an empty source', { kind: 'javascript', source: '', variables: [] }, false],
  [
    'one with more than it should have',
    { kind: 'javascript', source: 'f', variables: [], id: 1 },
    false,
  ],
  ['one that is too long', { kind: 'javascript', source: 'f'.repeat(5000), variables: [] }, false],
  [
    'one with variables that are no names',
    { kind: 'javascript', source: 'f', variables: [1] },
    false,
  ],
])('%s is read from the database as what it is', (_what, json, isRead) => {
  expect(parseDerivation(json)).toEqual(isRead ? json : undefined);
});
