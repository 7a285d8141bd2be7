import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { initialEvidence, judge } from '../../core/induction/evidence.ts';
import type { Archive, ArchivedScope } from '../../core/tree/archive.ts';
import type { TreeNode } from '../../core/tree/node.ts';
import { showTemplate } from '../../core/template/template.ts';
import { pattern } from '../../tests/support/template-arbitraries.ts';
import { readTrees, type FileProblem } from './read.ts';
import { writeTrees } from './write.ts';

const OPTIONS = { refuseCode: () => undefined };
const CANARY = 'Zanzibarovich';

/** Whatever YAML treats as something special. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom(
    '',
    ' ',
    'null',
    '~',
    'yes',
    '1e3',
    '0x1',
    '<<',
    '- a',
    'a: b',
    '#',
    '\n',
    '\r\n',
  ),
  fc.constantFrom(
    'a\n\n b \n',
    '\ttab',
    '"',
    "'",
    '{{x}}',
    '&a *a',
    '!!str',
    '\u0085',
    '\ud800',
    '---\n...',
  ),
);

const answer = fc.record({
  message: fc.constantFrom(
    `{"role":"assistant","content":"hello ${CANARY}"}`,
    '{"content": "\\u00e9", "role": "assistant"}',
    '{"role":"assistant","content":"{\\"n\\": 12, \\"s\\": \\"a\\", \\"b\\": true}"}',
  ),
  finishReason: fc.constantFrom('stop', 'tool_calls'),
  model: anyText,
  usage: fc.option(anyText, { nil: undefined }),
  extras: fc.constant('{}'),
});

const content = fc.record({
  leaves: fc.array(pattern, { maxLength: 3 }),
  role: fc.constantFrom('user', 'assistant', 'tool'),
  skeleton: anyText,
  fixed: anyText,
  state: fc.constantFrom<TreeNode['state']>(
    'candidate',
    'probation',
    'serving',
    'quarantined',
    'retired',
  ),
  pinned: fc.boolean(),
  answer: fc.option(answer, { nil: undefined }),
  seen: fc.array(fc.array(anyText, { maxLength: 3 }), { maxLength: 2 }),
  guard: fc.option(fc.array(anyText, { maxLength: 2 }), { nil: undefined }),
  isDerived: fc.boolean(),
  /** Which of the nodes before it is above it; beyond them all, the root. */
  above: fc.nat({ max: 8 }),
  revision: fc.nat({ max: 9 }),
});

const archive: fc.Arbitrary<Archive> = fc
  .uniqueArray(
    fc.tuple(
      anyText.map((text) => `s${text}`),
      fc.array(content, { maxLength: 8 }),
    ),
    {
      maxLength: 3,
      selector: ([id]) => id,
    },
  )
  .map((scopes) => ({
    scopes: scopes.map(([id, contents], index): ArchivedScope => {
      const nodes: TreeNode[] = [];
      for (const [at, { above, ...rest }] of contents.entries())
        nodes.push(nodeOf(id, at, nodes[above], rest));
      const scope = {
        id,
        project: 'local',
        model: 'm',
        parameters: '"temperature":0',
        endpoint: 'e',
      };
      return {
        scope: index === 0 ? scope : { ...scope, namespace: 'blue' },
        nodes,
        vetoes: index === 0 ? ['v2', 'v1'] : [],
        answers: [],
      };
    }),
  }));

type Content = typeof content extends fc.Arbitrary<infer T> ? Omit<T, 'above'> : never;

function nodeOf(
  scope: string,
  index: number,
  parent: TreeNode | undefined,
  from: Content,
): TreeNode {
  const { leaves, role, skeleton, fixed, state, pinned, guard, revision } = from;
  return {
    ...{ id: `n${index}`, scope, parent: parent?.id ?? scope, depth: (parent?.depth ?? -1) + 1 },
    template: { role, skeleton, leaves: [...leaves, [{ kind: 'literal', text: fixed }]] },
    variables: from.isDerived
      ? [
          {
            role: 'dependent',
            name: 'y',
            derivation: {
              kind: 'programs',
              programs: [{ op: 'upper', of: { op: 'var', name: 'x' } }],
            },
          },
        ]
      : [{ role: 'independent', name: '__proto__' }],
    guards:
      guard === undefined ? [] : [{ name: 'x', condition: { kind: 'one-of', values: guard } }],
    state,
    answer: from.answer,
    evidence: {
      ...{ confirmations: 2, contradictions: 1, required: 3, classes: ['copy'], reasons: [fixed] },
      ...{ requiredTyped: { known: 2, novel: 2, odd: 2, rivalled: 2 }, types: [] },
      seen: from.seen.map((values, at) => ({ name: `v${at}`, values })),
    },
    revision,
    ...(pinned ? { pinned } : {}),
  };
}

function read(text: string): Archive {
  const found = readTrees(text, OPTIONS);
  if (found.kind === 'archive') return found.archive;
  throw new Error(JSON.stringify(found.problems));
}

function problemsOf(text: string, options = OPTIONS): readonly FileProblem[] {
  const found = readTrees(text, options);
  return found.kind === 'problems' ? found.problems : [];
}

const withContents = ({ scopes }: Archive): Archive => ({
  scopes: scopes.map((scope) => ({
    ...scope,
    answers: [],
    contents: { observations: [], exemplars: [] },
  })),
});

describe('round trip', () => {
  test('what is read is written as the same bytes', () => {
    fc.assert(
      fc.property(archive, (trees) => {
        const text = writeTrees(trees);
        expect(writeTrees(read(text))).toBe(text);
        expect(text).not.toContain('\r');
      }),
      { numRuns: 100, seed: 20261125 },
    );
  });

  test('with contents, every node is what it was but for the order of its birth', () => {
    fc.assert(
      fc.property(archive, (trees) => {
        const back = read(writeTrees(withContents(trees)));
        const plain = (from: Archive) =>
          new Map(
            from.scopes.map(({ scope, nodes }) => [
              scope.id,
              new Map(nodes.map((node) => [node.id, { ...node, revision: 0 }])),
            ]),
          );
        expect(plain(back)).toEqual(plain(trees));
      }),
      { numRuns: 60, seed: 20261126 },
    );
  });

  test('the order in which nodes are given does not matter', () => {
    fc.assert(
      fc.property(archive, (trees) => {
        const turned = trees.scopes.map((scope) => ({ ...scope, nodes: scope.nodes.toReversed() }));
        expect(writeTrees({ scopes: turned.toReversed() })).toBe(writeTrees(trees));
      }),
      { numRuns: 40, seed: 20261127 },
    );
  });
});

const GREETING = nodeOf('s', 0, undefined, {
  ...{ leaves: [], role: 'assistant', skeleton: 'assistant{"content"=T}', fixed: 'hello ' },
  ...{ state: 'serving', pinned: false, seen: [[CANARY]], guard: undefined, isDerived: false },
  ...{ revision: 0 },
  answer: {
    ...{ message: `{"role":"assistant","content":"hello ${CANARY}"}`, finishReason: 'stop' },
    ...{ model: 'm', usage: undefined, extras: '{}' },
  },
});
const x = { kind: 'variable', name: 'x', matcher: { kind: 'word' } } as const;
const TREES: Archive = {
  scopes: [
    {
      scope: { id: 's', project: 'local', model: 'm', parameters: '', endpoint: 'e' },
      vetoes: [],
      nodes: [
        {
          ...GREETING,
          template: { ...GREETING.template, leaves: [[{ kind: 'literal', text: 'hello ' }, x]] },
        },
      ],
    },
  ],
};

test('no value of an exemplar is in the file, unless it is asked for', () => {
  const text = writeTrees(TREES);
  expect(text).not.toContain(CANARY);
  expect(text).toContain('reads: "assistant: hello {{x}}"');
  expect(text).toContain('{"role":"assistant","content":"hello {{x}}"}');
  expect(writeTrees(withContents(TREES))).toContain(CANARY);
  expect(showTemplate(read(text).scopes[0]?.nodes[0]?.template ?? GREETING.template)).toBe(
    'hello {{x}}',
  );
});

test('a value that a file forgot confirms nothing: it may be the one that was seen', () => {
  const [node = GREETING] =
    read(
      writeTrees({
        scopes: [
          {
            ...TREES.scopes[0],
            nodes: [{ ...GREETING, evidence: initialEvidence(1, [], [['x', CANARY]]) }],
          } as ArchivedScope,
        ],
      }),
    ).scopes[0]?.nodes ?? [];
  const same = judge(node.evidence, 'probation', { verdict: 'agree', values: [['x', CANARY]] });
  expect(same).toMatchObject({ state: 'probation', evidence: { confirmations: 0 } });
  const other = judge(same.evidence, 'probation', { verdict: 'agree', values: [['x', 'Ann']] });
  expect(other).toMatchObject({ state: 'serving', evidence: { confirmations: 1 } });
});

describe('files that nobody of ours wrote', () => {
  const good = writeTrees(TREES);
  const lineOf = (text: string, part: string): number =>
    text.slice(0, text.indexOf(part)).split('\n').length;

  test.each([
    ['reads: "assistant: hello {{x}}"', 'reads: "assistant: harmless"', 'scopes[0].nodes[0].reads'],
    ['state: serving', 'state: best', 'scopes[0].nodes[0].state'],
    ['matcher: word', 'matcher: everything', 'scopes[0].nodes[0].template.leaves[0][1]'],
    ['confirmations: 2', 'confirmations: -2', 'scopes[0].nodes[0].evidence.confirmations'],
    ['required: 3', 'required: 3\n          __proto__: {}', 'scopes[0].nodes[0].evidence'],
    ['parameters: ""', 'parameters: 7', 'scopes[0].parameters'],
  ])('%s → %s', (before, after, path) => {
    expect(good).toContain(before);
    const bad = good.replace(before, after);
    const [problem] = problemsOf(bad);
    expect(problem?.path).toBe(path);
    expect(Math.abs((problem?.line ?? 0) - lineOf(bad, after))).toBeLessThan(3);
  });

  test('a parent that comes later, a node that comes twice', () => {
    const orphan = good.replace('reads:', 'parent: nowhere\n        reads:');
    expect(problemsOf(orphan)).toMatchObject([{ path: 'scopes[0].nodes[0].parent' }]);
    const [node = ''] = /^ {6}- id: n0[\s\S]*/m.exec(good) ?? [];
    expect(problemsOf(good + node)).toMatchObject([{ path: 'scopes[0].nodes[1]' }]);
  });

  test.each([
    ['', 1],
    ['ghee: 2\nscopes: []', 1],
    ['ghee: 1\nscopes: [', 2],
    ['a: &a [x]\nb: *a', 2],
    ['ghee: 1\nghee: 1\nscopes: []', 2],
    ['ghee: !!js/function x\nscopes: []', 1],
  ])('%j is refused in line %d', (text, line) => {
    expect(problemsOf(text)[0]?.line).toBe(line);
  });

  test('code that the sandbox refuses is refused', () => {
    const source = 'fetch';
    const coded: TreeNode = {
      ...GREETING,
      variables: [
        { role: 'dependent', name: 'y', derivation: { kind: 'javascript', source, variables: [] } },
      ],
    };
    const text = writeTrees({ scopes: [{ ...TREES.scopes[0], nodes: [coded] } as ArchivedScope] });
    expect(problemsOf(text)).toEqual([]);
    expect(problemsOf(text, { refuseCode: () => 'not allowed' } as never)).toMatchObject([
      { path: 'scopes[0].nodes[0].variables[0].derivation.source', message: 'not allowed' },
    ]);
  });

  test('whatever it is, nothing is thrown', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat({ max: good.length }), (noise, at) => {
        readTrees(good.slice(0, at) + noise + good.slice(at), OPTIONS);
      }),
      { numRuns: 300, seed: 20261128 },
    );
  });
});
