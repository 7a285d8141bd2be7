import { describe, expect, test } from '@jest/globals';
import { deriveSuite, solve, toTask } from './derive.ts';
import { isTable, rightShare, verdictOf } from './scorers/derive.ts';
import type { Expression } from '../core/expressions/expression.ts';

const x: Expression = { op: 'var', name: 'x' };
const text = (value: string): Expression => ({ op: 'text', value });
const choice = (then: Expression, other: Expression): Expression => ({
  op: 'if',
  condition: { op: 'has', of: x, class: 'digit' },
  then,
  else: other,
});

describe('scorers', () => {
  test.each([
    [['a', 'b'], 'solved', 1],
    [['a', undefined], 'partial', 0.5],
    [[undefined, undefined], 'abstained', 0],
    [['a', 'c'], 'wrong', 0.5],
    [[undefined, 'c'], 'wrong', 0],
  ])('%j against ["a", "b"] is %s, %d of the rows right', (served, verdict, share) => {
    expect(verdictOf(served, ['a', 'b'])).toBe(verdict);
    expect(rightShare(served, ['a', 'b'])).toBe(share);
  });

  test.each<[string, Expression, readonly string[], boolean]>([
    ['an operation', { op: 'upper', of: x }, ['A', 'B'], false],
    [
      'two texts for six examples',
      choice(text('p'), text('f')),
      ['p', 'f', 'p', 'p', 'f', 'f'],
      false,
    ],
    ['two texts for two examples', choice(text('p'), text('f')), ['p', 'f'], true],
    [
      'a case for each of three',
      choice(x, choice(x, { op: 'upper', of: x })),
      ['a', 'b', 'C'],
      true,
    ],
    ['two computed cases', choice(x, { op: 'upper', of: x }), ['1', 'B'], false],
    ['a lookup', { op: 'lookup', of: x, entries: [['a', 'b']] }, ['b', 'b', 'b'], true],
  ])('%s: a table is %j', (_, program, outputs, expected) => {
    expect(isTable(program, outputs)).toBe(expected);
  });
});

describe('tasks', () => {
  const row = {
    id: 'upper',
    inputs: [['ab'], ['cd e'], ['ab'], ['cc'], ['dd']],
    outputs: ['AB', 'CD E', 'AB', 'CC', 'DD'],
  };

  test('distinct rows in file order: the first k teach, the others are asked', () => {
    const task = toTask(row, 3);
    expect(task.taught.map(({ output }) => output)).toEqual(['AB', 'CD E', 'CC']);
    expect(task.asked).toEqual([{ inputs: ['dd'], output: 'DD' }]);
  });

  test('with nothing left to ask, all rows are asked', () => {
    expect(toTask(row, 'all').asked).toHaveLength(4);
    expect(toTask(row, 4).asked).toHaveLength(4);
  });

  test('what was learned is served for the others', () => {
    expect(solve(toTask(row, 2)).served).toEqual(['CC', 'DD']);
  });
});

describe('the suite', () => {
  test('nothing wrong is served on our own cases, and most are solved', async () => {
    const { scores, table } = await deriveSuite.run({ inducer: 'symbolic', train: '3' });
    expect(Object.keys(scores)).toEqual([
      ...['tasks', 'solved', 'abstained', 'partial', 'wrong', 'tables', 'secondsTotal'],
    ]);
    expect(scores).toMatchObject({ wrong: 0, tables: 0, tasks: table.length - 1 });
    expect(scores['solved']).toBeGreaterThan(Number(scores['tasks']) * 0.75);
  });

  test('what no text shows is abstained from', async () => {
    const { table } = await deriveSuite.run({ inducer: 'symbolic', train: '3' });
    const hidden = table.filter(([id]) => id?.startsWith('hidden/'));
    expect(hidden.length).toBeGreaterThan(3);
    expect(new Set(hidden.map(([, verdict]) => verdict))).toEqual(new Set(['abstained']));
  });

  test.each([
    [{ inducer: 'symbolic', train: '0' }],
    [{ inducer: 'symbolic', train: 'most' }],
    [{ inducer: 'llm', train: '3' }],
    [{ inducer: 'symbolic', train: '3', data: '/no/such/file.jsonl' }],
    [{ inducer: 'symbolic', train: '3', data: import.meta.filename }],
  ] as const)('%j cannot run and says why', async (options) => {
    await expect(deriveSuite.run(options)).rejects.toThrow(/\w/);
  });
});
