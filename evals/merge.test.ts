import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import type { Segment } from '../core/template/template.ts';
import {
  groupingAccuracy,
  normalizeTemplate,
  parsingAccuracy,
  type MergeCase,
} from './scorers/merge.ts';
import { FAMILIES } from './merge/events.ts';
import { predictRest } from './merge/learn.ts';
import { merge, mergeSuite } from './merge.ts';
import { makeFamily } from './merge/make-cases.ts';
import { toNotation } from './merge/notation.ts';

const cases: MergeCase[] = [
  { line: 'a 1', template_id: 'A', template: 'a <*>' },
  { line: 'a 2', template_id: 'A', template: 'a <*>' },
  { line: 'b  3', template_id: 'B', template: 'b  <*><*>' },
  { line: 'c', template_id: 'C', template: 'c' },
];

test('a group counts only if it holds exactly the lines of one event', () => {
  const group = (...members: number[]): { members: number[]; template: string } => ({
    members,
    template: '',
  });
  expect(groupingAccuracy(cases, [group(0, 1), group(2), group(3)])).toBe(1);
  expect(groupingAccuracy(cases, [group(0), group(1), group(2), group(3)])).toBe(0.5);
  expect(groupingAccuracy(cases, [group(0, 1), group(2, 3)])).toBe(0.5);
  expect(groupingAccuracy([], [])).toBe(0);
});

test('a template counts for each of its lines whose label it is, whatever the groups', () => {
  const groups = [
    { members: [0, 3], template: 'a <*>' },
    { members: [1], template: 'a 2' },
    { members: [2], template: ' b <*>' },
  ];
  expect(parsingAccuracy(cases, groups)).toBe(0.5);
});

test('wildcards apart are not joined', () => {
  expect(normalizeTemplate(' a  <*><*><*>:<*> <*>')).toBe('a <*>:<*> <*>');
});

test.each<[readonly (string | Segment)[], string]>([
  [['ask blk_', variable('a'), ' now'], 'ask <*> now'],
  [['at /', variable('a'), '/x: y'], 'at <*>: y'],
  [['node-', variable('a'), '.', variable('b')], 'node-<*>'],
  [['v', variable('a'), '.', variable('b'), '=', variable('c')], '<*>=<*>'],
  [['HTTP/1 ', 'ok'], 'HTTP/1 ok'],
])('%j is written %s', (segments, expected) => {
  const leaf = segments.map((item): Segment =>
    typeof item === 'string' ? { kind: 'literal', text: item } : item,
  );
  expect(toNotation({ role: 'user', skeleton: '', leaves: [leaf] })).toBe(expected);
});

function variable(name: string): Segment {
  return { kind: 'variable', name, matcher: { kind: 'text' } };
}

test('the file of cases is what the events make', () => {
  const made = Object.keys(FAMILIES).flatMap((name, index) => makeFamily(name, 100, index + 1));
  const file = readFileSync(new URL('./cases/merge.jsonl', import.meta.url), 'utf8');
  expect(file).toBe(made.map((row) => `${JSON.stringify(row)}\n`).join(''));
});

test.each(Object.keys(FAMILIES))(
  'the events of the family %s are told apart and generalised',
  (name) => {
    const rows = makeFamily(name, 1000, 21);
    const { groups } = merge(rows);
    expect(groupingAccuracy(rows, groups)).toBeGreaterThanOrEqual(0.99);
    expect(parsingAccuracy(rows, groups)).toBeGreaterThanOrEqual(0.95);
  },
);

test('templates of the first lines hit what follows, and never another event', () => {
  const all = Object.keys(FAMILIES).flatMap((name) => {
    const { trained, lines, hits, falseHits } = predictRest(makeFamily(name, 800, 22), 200);
    expect({ name, trained, lines, falseHits }).toEqual({
      name,
      trained: 200,
      lines: 600,
      falseHits: 0,
    });
    return [hits / lines];
  });
  expect(Math.min(...all)).toBeGreaterThan(0.8);
});

test('a template that was learned from another event is a false hit', () => {
  const rows = [
    { line: 'took 5 ms', template_id: 'A', template: '' },
    { line: 'took 6 ms', template_id: 'B', template: '' },
    { line: 'took 7 ms', template_id: 'A', template: '' },
    { line: 'other', template_id: 'C', template: '' },
  ];
  expect(predictRest(rows, 1)).toEqual({ trained: 1, lines: 3, hits: 2, falseHits: 1 });
});

test('the suite reports the scores of its own cases', async () => {
  const { scores, table } = await mergeSuite.run({ inducer: 'symbolic', train: '600' });
  expect(Object.keys(scores)).toEqual([
    ...['lines', 'templates', 'groupingAccuracy', 'parsingAccuracy', 'seconds'],
    ...['trained', 'hitRate', 'falseHitRate'],
  ]);
  expect(scores['lines']).toBe(1200);
  expect(table).toHaveLength(1 + Number(scores['templates']));
});

test('the suite refuses what it cannot run', async () => {
  await expect(mergeSuite.run({ inducer: 'llm' })).rejects.toThrow('symbolic');
  await expect(mergeSuite.run({ inducer: 'symbolic', data: '/none.jsonl' })).rejects.toThrow(
    '/none.jsonl',
  );
});
