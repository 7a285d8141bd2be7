import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { identifySuite, identifyText, seeRows } from './identify.ts';
import { addCounts, countSpans, f1, precision, recall, type Slot } from './scorers/identify.ts';

const slot = (start: number, end: number): Slot => ({ name: 'x', value: '', start, end });

describe('scores', () => {
  test.each([
    ['all right', [slot(0, 3)], [slot(0, 3)], [1, 1, 1]],
    ['an end off by one', [slot(0, 4)], [slot(0, 3)], [0, 0, 0]],
    [
      'one of two found, and one too many',
      [slot(0, 3), slot(5, 6)],
      [slot(0, 3), slot(8, 9)],
      [0.5, 0.5, 0.5],
    ],
    ['nothing to find', [], [], [1, 1, 1]],
    ['the same span twice', [slot(0, 3), slot(0, 3)], [slot(0, 3)], [1, 1, 1]],
  ])('%s', (_, found, expected, scores) => {
    const counts = countSpans(found, expected);
    expect([precision(counts), recall(counts), f1(counts)]).toEqual(scores);
  });

  test('counts of rows add up', () => {
    const all = addCounts([countSpans([slot(0, 1)], [slot(0, 1)]), countSpans([slot(0, 1)], [])]);
    expect(all).toEqual({ right: 1, found: 2, expected: 1 });
  });
});

test('the cases are many, their slots quote their texts, and none is given twice', async () => {
  const file = path.join(import.meta.dirname, 'cases', 'identify.jsonl');
  const rows = (await readFile(file, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { id: string; text: string; slots: Slot[] });
  expect(rows.length).toBeGreaterThanOrEqual(120);
  expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
  expect(new Set(rows.map(({ text }) => text)).size).toBe(rows.length);
  for (const { text, slots } of rows) {
    for (const { start, end, value } of slots) expect(text.slice(start, end)).toBe(value);
  }
});

test('the slots of a text are those of the product: in order, apart, and named', () => {
  const { slots } = identifyText(
    'Send Erik at erik@butter.dev the message: "See you!"',
    seeRows([]),
  );
  expect(slots.map(({ name, value }) => [name, value])).toEqual([
    ['person', 'Erik'],
    ['email', 'erik@butter.dev'],
    ['text', 'See you!'],
  ]);
});

test('what stands where a place stands in a sibling is a place', () => {
  const texts = ['weather forecast for Boston please', 'weather forecast for qelt please'];
  const alone = identifyText('weather forecast for qelt please', seeRows([]));
  const beside = identifyText('weather forecast for qelt please', seeRows(texts));
  expect(alone.slots).toEqual([]);
  expect(beside.slots.map(({ name, value }) => [name, value])).toEqual([['place', 'qelt']]);
});

test('the suite scores its own cases well, and refuses a model', async () => {
  const { scores } = await identifySuite.run({ inducer: 'symbolic' });
  expect(scores['f1']).toBeGreaterThan(0.9);
  await expect(identifySuite.run({ inducer: 'llm' })).rejects.toThrow('whole exchanges');
});
