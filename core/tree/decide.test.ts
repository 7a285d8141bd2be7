/** Walks and decisions over whole conversations: what is certain is served, all else is a miss with its reason. */
import { describe, expect, test } from '@jest/globals';
import type { Derivation } from '../expressions/derivation.ts';
import type { Condition } from '../template/condition.ts';
import { leafTemplate, TestTree } from '../../tests/support/tree-builder.ts';

const user = (content: string) => ({ role: 'user', content });
const lower: Derivation = {
  kind: 'programs',
  programs: [{ op: 'lower', of: { op: 'var', name: 'name' } }],
};

describe("the seed's own failure cases", () => {
  test('say butterfly 3 times: prefix and suffix are never split by guess', () => {
    const tree = new TestTree();
    const asked = tree.user('root', 'say {{prefix}}{{suffix}} 3 times');
    tree.answer(asked, '{{prefix}}{{suffix}} {{prefix}}{{suffix}} {{prefix}}{{suffix}}');
    expect(tree.ask('say butterfly 3 times', { prefix: 'butter', suffix: 'fly' })).toBe(
      'butterfly butterfly butterfly',
    );
    expect(tree.ask('say butterfly 3 times', { prefix: 'butter' })).toBe(
      'butterfly butterfly butterfly',
    );
    expect(tree.ask('say butterfly 3 times')).toBe('miss: ambiguous');
    expect(tree.ask('say butterfly 3 times', { prefix: 'b', suffix: 'fly' })).toBe('miss: no_path');
  });

  test('say butterfly 3 times: where the answer does not use the parts, how they are cut is no matter', () => {
    const tree = new TestTree();
    tree.answer(tree.user('root', 'say {{prefix}}{{suffix}} 3 times'), 'I would rather not.');
    expect(tree.ask('say butterfly 3 times')).toBe('I would rather not.');
  });

  test('Erik and erik: a repeat in other letters is derived from the first', () => {
    const tree = new TestTree();
    const conditions: Record<string, Condition> = {
      handle: { kind: 'derived-from', derivation: lower },
    };
    const asked = tree.user('root', 'Tell {{name}} ({{handle}}@example.com) hello', { conditions });
    tree.answer(asked, 'Hello {{name}}, is {{handle}} your handle?');
    expect(tree.ask('Tell Erik (erik@example.com) hello')).toBe('Hello Erik, is erik your handle?');
    expect(tree.ask('Tell Erik (ann@example.com) hello')).toBe('miss: no_path');
  });

  test('1 and 1.0: the same number in another format is the same value where it is said so', () => {
    const tree = new TestTree();
    const conditions: Record<string, Condition> = { exact: { kind: 'same-as', name: 'count' } };
    const asked = tree.user('root', 'take {{count}}, that is {{exact}}', { conditions });
    tree.answer(asked, '{{exact}} taken');
    expect(tree.ask('take 1, that is 1.0')).toBe('1.0 taken');
    expect(tree.ask('take 1, that is 1.5')).toBe('miss: no_path');
  });

  test('1 and 1.0: numbers of JSON match by value and are served in the learned format', () => {
    const tree = new TestTree();
    const call = (count: string) => ({
      role: 'assistant',
      content: null,
      tool_calls: [
        {
          id: 'call_12345678',
          type: 'function',
          function: { name: 'take', arguments: `{"n":${count}}` },
        },
      ],
    });
    const first = tree.user('root', 'go');
    const second = tree.message(first, call('1.0'), [leafTemplate('1.0')]);
    tree.answer(tree.user(second, 'and?'), 'done');
    expect(tree.decide([user('go'), call('1e0'), user('and?')]).kind).toBe('hit');
    expect(tree.decide([user('go'), call('2'), user('and?')]).kind).toBe('miss');
  });

  test('company Butter and ingredient butter: nearly the same text, two variables', () => {
    const tree = new TestTree();
    const asked = tree.user('root', '{{company}} sells {{ingredient}}');
    tree.answer(asked, 'Is {{ingredient}} all that {{company}} sells?');
    expect(tree.ask('Butter sells butter')).toBe('Is butter all that Butter sells?');
    expect(tree.ask('Acme sells anvils')).toBe('Is anvils all that Acme sells?');
  });

  test('the number 3 coincidence: places that were not joined vary apart from one another', () => {
    const tree = new TestTree();
    const asked = tree.user(
      'root',
      'Run script {{script}} with python3, save to output_{{number}}.txt',
      {
        matchers: { script: { kind: 'integer' }, number: { kind: 'integer' } },
      },
    );
    tree.answer(asked, 'script {{script}} → output_{{number}}.txt');
    expect(tree.ask('Run script 5 with python3, save to output_3.txt')).toBe(
      'script 5 → output_3.txt',
    );
    expect(tree.ask('Run script 5 with python5, save to output_5.txt')).toBe('miss: no_path');
  });

  test("other frameworks' placeholders are text, in templates and in values", () => {
    const tree = new TestTree();
    const asked = tree.user('root', 'Dear {name}, ${x} <%= y %> $& {{who}}');
    tree.answer(asked, '{name} ${x} $& {{who}} $1');
    expect(tree.ask('Dear {name}, ${x} <%= y %> $& {{who}}')).toBe('{name} ${x} $& {{who}} $1');
    expect(tree.ask('Dear {name}, ${x} <%= y %> $& {{__proto__}} $&')).toBe(
      '{name} ${x} $& {{__proto__}} $& $1',
    );
  });
});

describe('several candidates', () => {
  test('differing answers of templates that are not nested are a miss', () => {
    const tree = new TestTree();
    tree.answer(tree.user('root', 'weather in {{city}} today'), 'sunny in {{city}}');
    tree.answer(tree.user('root', 'weather in Boston {{when}}'), 'rain {{when}}');
    expect(tree.ask('weather in Boston today')).toBe('miss: ambiguous');
    expect(tree.ask('weather in Rome today')).toBe('sunny in Rome');
  });

  test('the template whose language lies strictly inside the other decides', () => {
    const tree = new TestTree();
    tree.answer(tree.user('root', 'weather in {{city}}'), 'ask elsewhere about {{city}}');
    tree.answer(tree.user('root', 'weather in {{city}} today'), 'sunny in {{city}}');
    expect(tree.ask('weather in Boston today')).toBe('sunny in Boston');
  });

  test('a narrower template that may not serve yet keeps the wider one from answering', () => {
    const tree = new TestTree();
    tree.answer(tree.user('root', 'weather in {{city}}'), 'ask elsewhere about {{city}}');
    const narrow = tree.user('root', 'weather in {{city}} today');
    tree.answer(narrow, 'sunny in {{city}}', { state: 'probation', required: 1 });
    expect(tree.ask('weather in Boston today')).toBe('miss: probation');
  });

  test('equal answers are served, whichever template says them', () => {
    const tree = new TestTree();
    tree.answer(tree.user('root', 'weather in {{city}} today'), 'sunny');
    tree.answer(tree.user('root', 'weather in Boston {{when}}'), 'sunny');
    expect(tree.ask('weather in Boston today')).toBe('sunny');
  });

  test('a later message that repeats a value is not compared by its words alone', () => {
    const tree = new TestTree();
    // Both fit "a b" + "b": the inner one reads who = a, the outer one reads who = "a b"… and repeats it.
    const narrow = tree.user('root', 'I am {{first}} {{who}}');
    tree.answer(tree.user(narrow, 'call me {{who}}'), 'narrow');
    const wide = tree.user('root', '{{intro}} {{who}}', {
      matchers: { who: { kind: 'word' }, intro: { kind: 'line' } },
    });
    tree.answer(tree.user(wide, 'call me {{who}}'), 'wide');
    const decision = tree.decide([user('I am Ann Lee'), user('call me Lee')]);
    expect(decision).toMatchObject({ kind: 'miss', reason: 'ambiguous' });
  });

  test('more answers than can be held against one another are a miss', () => {
    const tree = new TestTree();
    const asked = tree.user('root', 'hi {{x}}');
    for (let index = 0; index <= 128; index++) tree.answer(asked, `{{x}} ${String(index)}`);
    expect(tree.ask('hi Ann')).toBe('miss: too_many_candidates');
  });

  test('more nodes than the frontier holds are a miss', () => {
    const tree = new TestTree();
    for (let index = 0; index < 17; index++) tree.user('root', `{{v${String(index)}}}`);
    expect(tree.ask('hello')).toBe('miss: too_many_candidates');
  });

  test('the outcome does not depend on the order in which nodes came', () => {
    const shown = ['weather in {{city}}', '{{what}} in Boston', 'weather in {{city}} today'];
    const outcomes = [
      [0, 1, 2],
      [2, 1, 0],
      [1, 2, 0],
    ].map((order) => {
      const tree = new TestTree();
      for (const index of order)
        tree.answer(tree.user('root', shown[index] ?? ''), `answer ${String(index)}`);
      return ['weather in Boston', 'weather in Rome today', 'rain in Boston'].map((text) =>
        tree.ask(text),
      );
    });
    expect(outcomes[1]).toEqual(outcomes[0]);
    expect(outcomes[2]).toEqual(outcomes[0]);
  });
});

describe('conditions', () => {
  const unread = (condition: Condition) => ({ conditions: { unread: condition } });
  const compare = (comparison: '>' | '<' | '=' | '>=', number: string): Condition => ({
    kind: 'compare',
    comparison,
    number,
  });

  test('siblings branch on the number that was read', () => {
    const tree = new TestTree();
    tree.answer(
      tree.user('root', 'unread: {{unread}}', unread(compare('>', '0'))),
      'You have {{unread}}.',
    );
    tree.answer(tree.user('root', 'unread: {{unread}}', unread(compare('=', '0'))), 'All read.');
    expect(tree.ask('unread: 3')).toBe('You have 3.');
    expect(tree.ask('unread: 0')).toBe('All read.');
    expect(tree.ask('unread: 0.0')).toBe('All read.');
    expect(tree.ask('unread: -1')).toBe('miss: no_path');
    expect(tree.ask('unread: none')).toBe('miss: no_path');
  });

  test('where conditions overlap and the answers differ, it is a miss', () => {
    const tree = new TestTree();
    tree.answer(tree.user('root', 'unread: {{unread}}', unread(compare('>', '0'))), 'some');
    tree.answer(tree.user('root', 'unread: {{unread}}', unread(compare('>', '5'))), 'many');
    expect(tree.ask('unread: 3')).toBe('some');
    expect(tree.ask('unread: 7')).toBe('miss: ambiguous');
  });

  test('a branch with a condition lies inside the template without one', () => {
    const tree = new TestTree();
    tree.answer(tree.user('root', 'unread: {{unread}}'), 'You have {{unread}}.');
    tree.answer(tree.user('root', 'unread: {{unread}}', unread(compare('=', '0'))), 'All read.');
    expect(tree.ask('unread: 0')).toBe('All read.');
    expect(tree.ask('unread: 2')).toBe('You have 2.');
  });

  test('answers branch on values that were bound above', () => {
    const tree = new TestTree();
    const asked = tree.user('root', 'unread: {{unread}}');
    tree.answer(asked, 'You have {{unread}}.', {
      guards: [{ name: 'unread', condition: compare('>', '0') }],
    });
    tree.answer(asked, 'All read.', { guards: [{ name: 'unread', condition: compare('=', '0') }] });
    expect(tree.ask('unread: 2')).toBe('You have 2.');
    expect(tree.ask('unread: 0')).toBe('All read.');
    expect(tree.ask('unread: lots')).toBe('miss: no_answer');
  });

  test('one of a list, same as another variable', () => {
    const tree = new TestTree();
    const asked = tree.user('root', 'from {{from}} to {{to}} by {{way}}', {
      conditions: { way: { kind: 'one-of', values: ['train', 'bus'] } },
    });
    const guards = [{ name: 'to', condition: { kind: 'same-as', name: 'from' } as const }];
    tree.answer(asked, 'You are there.', { guards });
    expect(tree.ask('from Rome to Rome by bus')).toBe('You are there.');
    expect(tree.ask('from Rome to Oslo by bus')).toBe('miss: no_answer');
    expect(tree.ask('from Rome to Rome by foot')).toBe('miss: no_path');
  });
});

describe('ambiguity over a conversation', () => {
  test('a later message settles what an earlier one left open', () => {
    const tree = new TestTree();
    const first = tree.user('root', '{{a}} and {{b}}');
    tree.answer(tree.user(first, 'I meant {{a}}'), '{{b}} then');
    expect(tree.decide([user('salt and oil and bread'), user('I meant salt')])).toMatchObject({
      kind: 'hit',
      answer: { texts: ['oil and bread then'] },
    });
    expect(
      tree.decide([user('salt and oil and bread'), user('I meant salt and oil')]),
    ).toMatchObject({ kind: 'hit', answer: { texts: ['bread then'] } });
  });

  test('too many readings to follow are open: unused they do no harm, used they are a miss', () => {
    const tree = new TestTree();
    const first = tree.user('root', '{{name}}: {{a}} {{b}}', {
      matchers: { name: { kind: 'word' } },
    });
    tree.answer(tree.user(first, 'who?'), '{{name}}');
    tree.answer(tree.user(first, 'what?'), '{{a}}');
    tree.answer(tree.user(first, 'is it {{a}}?'), 'yes');
    const said = user('Ann: one two three four five six seven');
    expect(tree.decide([said, user('who?')])).toMatchObject({
      kind: 'hit',
      answer: { texts: ['Ann'] },
    });
    expect(tree.decide([said, user('what?')])).toMatchObject({ kind: 'miss', reason: 'ambiguous' });
    expect(tree.decide([said, user('is it one?')])).toMatchObject({
      kind: 'miss',
      reason: 'ambiguous',
    });
  });
});

describe('what is known without reading it', () => {
  const id = 'call_12345678';
  const asked = { role: 'assistant', content: null };
  const withCall = (callId: string) => ({
    ...asked,
    tool_calls: [{ id: callId, type: 'function', function: { name: 'f', arguments: '' } }],
  });

  test('a value that the client gave is not computed anew', () => {
    const tree = new TestTree();
    const derived = [{ role: 'dependent', name: 'small', derivation: lower }] as const;
    tree.answer(tree.user('root', 'hi {{name}}'), 'hello {{small}}', { derived });
    expect(tree.ask('hi Ann')).toBe('hello ann');
    expect(tree.ask('hi Ann', { small: 'ann' })).toBe('hello ann');
    expect(tree.ask('hi Ann', { small: 'bob' })).toBe('miss: derivation_abstains');
  });

  test('the id of a tool call is never read off a text', () => {
    const tree = new TestTree();
    const called = tree.message('root', withCall(id), [leafTemplate('')]);
    const leaf = [
      { kind: 'literal', text: 'status of ' },
      { kind: 'variable', name: '$call_0', matcher: { kind: 'text' } },
    ] as const;
    tree.answer(tree.message(called, user('x'), [leaf]), 'done');
    expect(tree.decide([withCall(id), user(`status of ${id}`)]).kind).toBe('hit');
    // An id so short is no variable.
    expect(tree.decide([withCall('1'), user('status of order 77')]).kind).toBe('miss');
  });
});

describe('folding', () => {
  test('blanks fold only where the template says so', () => {
    const tree = new TestTree();
    tree.answer(
      tree.user('root', 'Say  hello to {{name}} now', { fold: 'blanks' }),
      'Hello {{name}}',
    );
    tree.answer(tree.user('root', 'Say bye to {{name}}'), 'Bye {{name}}');
    expect(tree.ask('Say hello\n to  Ann  Lee now')).toBe('Hello Ann  Lee');
    expect(tree.ask('Say bye  to Ann')).toBe('miss: no_path');
  });

  test('typographic punctuation folds, letters never do', () => {
    const tree = new TestTree();
    const asked = tree.user('root', `What's "{{word}}" - exactly?`, { fold: 'punctuation' });
    tree.answer(asked, '{{word}}: no idea');
    expect(tree.ask('What’s “l’été” – exactly?')).toBe('l’été: no idea');
    expect(tree.ask('what\'s "x" - exactly?')).toBe('miss: no_path');
  });
});

describe('what must not be taken for certain', () => {
  const named = (name: string, content: string) => ({ role: 'user', name, content });

  test('a template whose variable stands in two leaves is not the wider one', () => {
    const tree = new TestTree();
    const same = [leafTemplate('{{x}}'), leafTemplate('{{x}}')];
    tree.answer(tree.message('root', named('x', 'y'), same), 'Twice the same.');
    const greeting = [leafTemplate('hello {{a}}'), leafTemplate('{{b}}')];
    tree.answer(tree.message('root', named('x', 'y'), greeting), 'A greeting.');
    expect(tree.decide([named('hello bob', 'hello bob')])).toMatchObject({ reason: 'ambiguous' });
  });

  test('what a kind never holds makes no template the narrower one', () => {
    const tree = new TestTree();
    const matchers = (excludes: object) =>
      ({ matchers: { n: { kind: 'integer', ...excludes } } }) as const;
    tree.answer(tree.user('root', 'count to {{n}}', matchers({})), 'To {{n}}.');
    tree.answer(tree.user('root', 'count to {{n}}', matchers({ excludes: '"' })), '"{{n}}"');
    expect(tree.ask('count to 5')).toBe('miss: ambiguous');
  });

  test('a condition that reads other variables is not the same one in another template', () => {
    const tree = new TestTree();
    const conditions: Record<string, Condition> = { z: { kind: 'same-as', name: 'x' } };
    const kinds = (kind: 'integer' | 'number') => ({
      conditions,
      matchers: { x: { kind }, y: { kind }, z: { kind } },
    });
    tree.answer(tree.user('root', 'go {{x}} {{y}} {{z}}', kinds('integer')), 'The first again.');
    tree.answer(tree.user('root', 'go {{y}} {{x}} {{z}}', kinds('number')), 'The second again.');
    expect(tree.ask('go 1 1 1')).toBe('miss: ambiguous');
    expect(tree.ask('go 1 2 1')).toBe('The first again.');
  });

  test('an abstention is only settled for the reading for which a later node answers', () => {
    const tree = new TestTree();
    const derived = (...ops: readonly ('lower' | 'upper')[]) => [
      {
        role: 'dependent' as const,
        name: 'd',
        derivation: {
          kind: 'programs' as const,
          programs: ops.map((op) => ({ op, of: { op: 'var' as const, name: 'a' } })),
        },
      },
    ];
    const asked = tree.user('root', 'say {{a}} and {{b}} now');
    tree.answer(asked, 'ok {{d}}', { derived: derived('lower', 'upper') });
    const guards = [
      { name: 'a', condition: { kind: 'one-of' as const, values: ['x', 'x and y'] } },
    ];
    tree.answer(asked, 'ok {{d}}', { derived: derived('upper'), guards });
    expect(tree.ask('say x and z now')).toBe('ok X');
    expect(tree.ask('say y and z now')).toBe('miss: derivation_abstains');
    expect(tree.ask('say x and y and z now')).toBe('miss: ambiguous');
    const other = new TestTree();
    const place = other.user('root', 'say {{a}} and {{b}} now');
    other.answer(place, 'ok {{d}}', { derived: derived('lower', 'upper') });
    const narrow = [{ name: 'a', condition: { kind: 'one-of' as const, values: ['x and y'] } }];
    other.answer(place, 'ok {{d}}', { derived: derived('upper'), guards: narrow });
    expect(other.ask('say x and y and z now')).toBe('miss: ambiguous');
  });

  test('a message that may follow from a value that is not known leaves no room for a rival', () => {
    const tree = new TestTree();
    const programs = [
      { op: 'lower' as const, of: { op: 'var' as const, name: 'a' } },
      { op: 'upper' as const, of: { op: 'var' as const, name: 'a' } },
    ];
    const derived = [
      {
        role: 'dependent' as const,
        name: 'd',
        derivation: { kind: 'programs' as const, programs },
      },
    ];
    const asked = tree.user('root', 'take {{a}}');
    const said = { role: 'assistant', content: 'taken' };
    const taken = tree.message(asked, said, [leafTemplate('taken')]);
    tree.answer(tree.user(taken, 'and {{d}}?', { derived }), 'the same');
    tree.answer(tree.user(taken, '{{b}}'), 'another');
    const ask = (a: string, next: string) => {
      const decision = tree.decide([user(`take ${a}`), said, user(next)]);
      return decision.kind === 'miss' ? decision.reason : decision.answer.texts.join();
    };
    expect(ask('7', 'and 7?')).toBe('the same');
    expect(ask('7', 'and 8?')).toBe('another');
    expect(ask('Ann', 'and ann?')).toBe('derivation_abstains');
    expect(ask('Ann', 'so what')).toBe('another');
  });
});
