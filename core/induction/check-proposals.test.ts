/** What a model may propose, and what is made of it: spans, names and arrangements that do not hold are refused. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseJson } from '../json/json.ts';
import { readThread, type Message } from '../messages/message.ts';
import { checkArrangement, nameSinks, type ProposedRole } from './check-arrangement.ts';
import { checkNames } from './check-names.ts';
import { checkSpans, type ProposedSpan } from './check-spans.ts';
import type { NamedGroup } from './name.ts';
import type { Span } from './span.ts';

function messagesOf(...list: readonly object[]): readonly Message[] {
  const parsed = parseJson(JSON.stringify(list));
  const read = parsed.kind === 'fault' ? undefined : readThread(parsed.value);
  if (read?.kind !== 'thread') throw new Error('no thread');
  return read.thread.messages;
}

const MESSAGES = messagesOf(
  { role: 'system', content: 'Be brief.' },
  { role: 'user', content: 'Greet Ann Lee of Boston; Ann likes 3 of "3 tea, 3 ale".' },
  { role: 'assistant', content: 'Hello, ANN LEE! Boston (MA) greets Ann Lee.' },
);

const spanOf = (more: Partial<ProposedSpan>): ProposedSpan => ({
  ...{ message: 1, leaf: 0, quote: 'Ann Lee', occurrence: 1 },
  ...{ role: 'data', kind: 'name', label: 'person' },
  ...more,
});
const check = (...proposed: readonly ProposedSpan[]) =>
  checkSpans({ messages: MESSAGES, from: 1, bound: [], vouched: false }, proposed);

describe('spans', () => {
  test('a quotation becomes offsets, by its occurrence', () => {
    const { value, problems } = check(
      spanOf({}),
      spanOf({ quote: '3', occurrence: 3, kind: 'integer' }),
      spanOf({ message: 2, quote: 'Ann Lee' }),
    );
    expect(problems).toEqual([]);
    expect(value?.sources).toMatchObject([
      { start: 6, end: 13, value: 'Ann Lee', kind: 'name', label: 'person' },
      { start: 48, end: 49, value: '3' },
    ]);
    expect(value?.sinks).toMatchObject([{ message: 2, start: 35, value: 'Ann Lee' }]);
  });

  test.each<[string, Partial<ProposedSpan>]>([
    ['a quotation that does not occur', { quote: 'Bob' }],
    ['one that occurs less often', { quote: 'Boston', occurrence: 2 }],
    ['one in other letters', { quote: 'ann lee' }],
    ['a part of a word', { quote: 'osto' }],
    ['nothing', { quote: '' }],
    ['blanks', { quote: ' ' }],
    ['a message before the new ones', { message: 0, quote: 'brief' }],
    ['a message that is not there', { message: 7 }],
    ['a leaf that is not there', { leaf: 3 }],
  ])('%s is a problem', (_what, more) => {
    const { value, problems } = check(spanOf(more));
    expect(value).toBeUndefined();
    expect(problems).toHaveLength(1);
  });

  test('what holds is kept beside what does not', () => {
    const { value, problems } = check(spanOf({}), spanOf({ quote: 'Bob' }));
    expect(value?.sources).toHaveLength(1);
    expect(problems).toHaveLength(1);
  });

  test('a model may not widen an undelimited value to any text', () => {
    expect(check(spanOf({ kind: 'text' })).value?.sources[0]?.kind).toBe('name');
    expect(check(spanOf({ kind: 'email' })).value?.sources[0]?.kind).toBe('name');
  });

  test('a label that repeats the value is dropped', () => {
    expect(check(spanOf({ label: 'Ann' })).value?.sources[0]?.label).toBeUndefined();
  });

  test('noise stays text', () => {
    expect(check(spanOf({ role: 'noise' })).value?.sources).toEqual([]);
  });

  test('whatever is proposed, a span is a stretch of its leaf', () => {
    const text = fc.oneof(fc.string(), fc.constantFrom('Ann', '3', 'Ann Lee', '"', ' of '));
    const number = fc.integer({ min: 0, max: 4 });
    const proposal = fc.record({
      ...{ message: number, leaf: number, quote: text, occurrence: number, label: text },
      role: fc.constantFrom('data' as const, 'noise' as const),
      kind: fc.constantFrom('text' as const, 'name' as const, 'number' as const),
    });
    fc.assert(
      fc.property(fc.array(proposal), (proposed) => {
        const { value } = check(...proposed);
        for (const span of [...(value?.sources ?? []), ...(value?.sinks ?? [])]) {
          const leaf = MESSAGES[span.message]?.leaves[span.leaf];
          expect(leaf?.text.slice(span.start, span.end)).toBe(span.value);
        }
      }),
      { seed: 6 },
    );
  });
});

const span = (value: string, message: number, start: number, label?: string): Span => ({
  ...{ message, leaf: 0, start, end: start + value.length, value },
  ...{ kind: 'word', delimited: false },
  ...(label === undefined ? {} : { label }),
});

describe('names', () => {
  const sources = [span('Ann', 1, 30), span('3', 1, 40), span('3', 1, 44)];
  const name = (...proposed: readonly (readonly [number, string])[]) =>
    checkNames(
      { sources, sinks: [span('MA', 2, 24)], taken: new Set(['city']) },
      proposed.map(([index, text]) => ({ span: index, name: text })),
    );

  test('equal values may be two variables, or one', () => {
    const two = name([0, 'person'], [1, 'cups'], [2, 'glasses']);
    expect(two.problems).toEqual([]);
    expect(two.value?.map((group) => group.name)).toEqual(['person', 'cups', 'glasses']);
    const one = name([0, 'person'], [1, 'amount'], [2, 'amount']);
    expect(one.value?.map((group) => group.spans.length)).toEqual([1, 2]);
  });

  test.each([
    ['a value', 'ann'],
    ['a name with a value in it', 'name_of_ann'],
    ['a name that is taken', 'city'],
    ['no name', '3 cups'],
    ['a name for prototypes', '__proto__'],
    ['another case', 'PersonName'],
    ['nothing', ''],
  ])('%s is refused; the variable is named without a model', (_what, refused) => {
    const { value, problems } = name([0, refused], [1, 'cups'], [2, 'glasses']);
    expect(problems).toHaveLength(1);
    expect(value?.map((group) => group.name)).not.toContain(refused);
    expect(value?.flatMap((group) => group.spans)).toHaveLength(3);
  });

  test('one name for two values is refused', () => {
    const { value, problems } = name([0, 'thing'], [1, 'thing'], [2, 'other']);
    expect(problems).toHaveLength(1);
    for (const group of value ?? []) {
      expect(new Set(group.spans.map((each) => each.value)).size).toBe(1);
    }
  });
});

describe('arrangements', () => {
  const groups: readonly NamedGroup[] = [
    { name: 'person', value: 'Ann Lee', spans: [span('Ann Lee', 1, 6)] },
    { name: 'city', value: 'Boston', spans: [span('Boston', 1, 17)] },
  ];
  const sinks = [
    span('ANN LEE', 2, 7, 'shout'),
    span('Boston', 2, 16, 'place'),
    span('MA', 2, 24, 'state'),
  ];
  const input = {
    ...{ messages: MESSAGES, from: 1, bound: [], groups, sinks },
    inherited: new Map([['mood', 'fine']]),
  };
  const arrange = (...roles: readonly ProposedRole[]) => checkArrangement(input, roles);
  const role = (
    sink: string,
    what: ProposedRole['role'],
    ...from: readonly string[]
  ): ProposedRole => ({ sink, role: what, from });

  test('sinks have names to be spoken of', () => {
    expect(nameSinks(input).map((sink) => sink.name)).toEqual(['shout', 'place', 'state']);
  });

  test('copies are placed with their sources, dependents with what they follow from', () => {
    const { value, problems } = arrange(
      role('shout', 'dependent', 'person'),
      role('place', 'copy', 'city'),
      role('state', 'dependent', 'place', 'mood'),
    );
    expect(problems).toEqual([]);
    expect(value?.copied).toEqual(['city']);
    expect(value?.placed.map((each) => [each.name, each.message])).toEqual([
      ['city', 2],
      ['city', 1],
    ]);
    // A derivation reads variables of the request, whatever stands between.
    expect(value?.chosen).toEqual([
      { name: 'shout', from: ['person'] },
      { name: 'state', from: ['city', 'mood'] },
    ]);
  });

  test('a copy that the model overlooked is a copy all the same', () => {
    const { value } = checkArrangement({ ...input, sinks: [span('Ann Lee', 2, 35, 'guest')] }, [
      role('guest', 'copy', 'person'),
    ]);
    expect(value?.placed.map((each) => [each.name, each.message, each.start])).toEqual([
      ['person', 2, 35],
      ['person', 1, 6],
    ]);
    const overlooked = checkArrangement(
      {
        ...input,
        messages: messagesOf(
          { role: 'system', content: '-' },
          { role: 'user', content: 'Greet Ann Lee of Boston' },
          { role: 'assistant', content: 'Hello, Ann Lee! Bye, Ann Lee!' },
        ),
        sinks: [span('Ann Lee', 2, 7, 'guest')],
      },
      [role('guest', 'copy', 'person')],
    );
    expect(overlooked.value?.placed).toHaveLength(3);
  });

  test.each<[string, readonly ProposedRole[]]>([
    ['a circle of one', [role('state', 'dependent', 'state')]],
    ['a circle of two', [role('state', 'dependent', 'shout'), role('shout', 'dependent', 'state')]],
    ['thin air', [role('state', 'dependent')]],
    [
      'thin air by way of a constant',
      [role('state', 'dependent', 'shout'), role('shout', 'constant')],
    ],
    ['a variable that is not there', [role('state', 'dependent', 'country')]],
    ['a sink that is not there', [role('country', 'dependent', 'city')]],
    ['a copy of another value', [role('state', 'copy', 'city')]],
    ['a copy of two', [role('place', 'copy', 'city', 'person')]],
    ['two roles of one sink', [role('place', 'copy', 'city'), role('place', 'constant')]],
  ])('%s refuses the whole', (_what, roles) => {
    const { value, problems } = arrange(...roles);
    expect(value).toBeUndefined();
    expect(problems.length).toBeGreaterThan(0);
  });

  test('what comes after a value explains nothing of it', () => {
    const late = { ...input, groups: [{ name: 'note', value: 'tea', spans: [span('tea', 2, 0)] }] };
    const { problems } = checkArrangement(late, [role('state', 'dependent', 'note')]);
    expect(problems).toHaveLength(1);
  });
});
