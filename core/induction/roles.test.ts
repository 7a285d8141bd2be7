import { expect, test } from '@jest/globals';
import type { Expression } from '../expressions/expression.ts';
import type { Message } from '../messages/message.ts';
import type { Placed } from './arrange.ts';
import type { DerivedVariable } from './derive.ts';
import { findDisorder, rolesOf } from './roles.ts';

const message = (role: string): Message => ({ role, skeleton: '', leaves: [] });
const MESSAGES = ['user', 'assistant', 'tool', 'assistant'].map(message);
const at = (name: string, place: number, start = 0): Placed => ({
  name,
  message: place,
  leaf: 0,
  start,
  end: start + 1,
  value: 'x',
  kind: 'word',
  delimited: false,
});
const from = (span: Placed, ...inputs: string[]): DerivedVariable => ({
  span,
  derivation: {
    kind: 'programs',
    programs: inputs.map((name): Expression => ({ op: 'upper', of: { op: 'var', name } })),
  },
});
const arranged = (placed: Placed[], derived: DerivedVariable[] = [], known: string[] = []) => ({
  messages: MESSAGES,
  placed: [...placed, ...derived.map(({ span }) => span)],
  derived,
  known: new Set(known),
});

test.each([
  ['a copy after its source', arranged([at('a', 0), at('a', 1)]), undefined],
  ['a value that is known from above', arranged([at('a', 1)], [], ['a']), undefined],
  ['a computation of what came before', arranged([at('a', 0)], [from(at('b', 1), 'a')]), undefined],
  ['a chain', arranged([at('a', 0)], [from(at('c', 3), 'b'), from(at('b', 1), 'a')]), undefined],
  ['a copy of nothing', arranged([at('a', 1)]), 'thin-air'],
  ['a copy before its source', arranged([at('a', 1), at('a', 2)]), 'thin-air'],
  ['a computation of nothing', arranged([], [from(at('b', 1), 'a')]), 'thin-air'],
  ['an input from a later message', arranged([at('a', 2)], [from(at('b', 1), 'a')]), 'forward'],
  [
    'an input that is computed later',
    arranged([at('a', 0)], [from(at('b', 1), 'c'), from(at('c', 3), 'a')]),
    'forward',
  ],
  ['a value from itself', arranged([], [from(at('b', 1), 'b')]), 'cycle'],
  [
    'two values from each other',
    arranged([at('a', 0)], [from(at('b', 1), 'c', 'a'), from(at('c', 1, 5), 'b')]),
    'cycle',
  ],
])('%s', (_, arrangement, expected) => {
  expect(findDisorder(arrangement)).toBe(expected);
});

test('each stretch has its role: a constant argument is told from a copy', () => {
  const arrangement = arranged(
    [at('a', 0), at('a', 1), at('stamp', 0, 5)],
    [from(at('b', 1, 5), 'a')],
  );
  const sinks = [at('', 1), at('', 1, 9)];
  expect(rolesOf(arrangement, sinks).map(({ role, name }) => [role, name])).toEqual([
    ['independent', 'a'],
    ['copy', 'a'],
    ['noise', 'stamp'],
    ['dependent', 'b'],
    ['constant', undefined],
  ]);
});
