import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isVariableName } from '../template/template.ts';
import { nameVariables, toSnakeCase } from './name.ts';
import type { Span } from './span.ts';

const span = (value: string, more: Partial<Span> = {}): Span => ({
  message: 0,
  leaf: 0,
  start: 0,
  end: value.length,
  value,
  kind: 'line',
  delimited: false,
  ...more,
});
const names = (sources: readonly Span[], sinks: readonly Span[] = [], taken: string[] = []) =>
  nameVariables(sources, sinks, new Set(taken)).map(({ name }) => name);

describe('names come from', () => {
  test.each([
    ["a tool argument's key before a label", [span('Rome', { label: 'Town' })], 'city'],
    ['a label', [span('Ann', { label: 'Full name' })], 'full_name'],
    ['camel case', [span('Ann', { label: 'customerId' })], 'customer_id'],
    ['accents', [span('Ann', { label: 'Prénom' })], 'prenom'],
    ['a category where there is no label', [span('Ann', { category: 'person' })], 'person'],
    ['the kind where there is neither', [span('7', { kind: 'integer' })], 'number'],
    ['the kind where the label is none', [span('7', { kind: 'integer', label: '東京' })], 'number'],
  ])('%s', (_, sources, expected) => {
    expect(names(sources, [span('Rome', { label: 'city', message: 1 })])).toEqual([expected]);
  });
});

test('names are unique in the path', () => {
  const sources = [
    span('Ann', { label: 'name' }),
    span('Bob', { label: 'name', start: 9 }),
    span('Cy', { label: 'name', start: 19 }),
  ];
  expect(names(sources, [], ['name'])).toEqual(['name_2', 'name_3', 'name_4']);
});

test('a label that is itself a value gives no name: who speaks is data', () => {
  const sources = [span('Erik'), span('I am late', { label: 'Erik', start: 6 })];
  expect(names(sources)).toEqual(['text', 'text_2']);
});

test('equal values are one variable, until a sibling has different ones there', () => {
  const places = (seen: (string | null)[], other: (string | null)[]) =>
    nameVariables([span('3', { seen }), span('3', { start: 9, seen: other })], [], new Set());
  expect(places([null], ['5'])).toHaveLength(1);
  expect(places(['4', null], ['4', '5'])).toHaveLength(1);
  expect(places(['4'], ['5'])).toHaveLength(2);
});

test('names are well-formed, unique, stable, and hold no value', () => {
  const text = fc.oneof(
    fc.string({ maxLength: 12 }),
    fc.constantFrom('Erik', 'erik', 'order', 'Order 7', 'name', '__proto__', 'constructor', 'a b'),
  );
  const sources = fc.array(
    fc.record(
      {
        message: fc.constant(0),
        leaf: fc.constant(0),
        start: fc.nat(90),
        end: fc.constant(99),
        value: text.filter((value) => value !== ''),
        kind: fc.constantFrom('line', 'word', 'integer', 'name'),
        delimited: fc.boolean(),
        label: text,
        category: text,
      },
      { requiredKeys: ['message', 'leaf', 'start', 'end', 'value', 'kind', 'delimited'] },
    ),
    { maxLength: 6 },
  );
  fc.assert(
    fc.property(sources, (spans) => {
      const groups = nameVariables(spans as Span[], [], new Set(['number']));
      const found = groups.map(({ name }) => name);
      expect(new Set([...found, 'number']).size).toBe(found.length + 1);
      expect(found.every(isVariableName)).toBe(true);
      expect(nameVariables(spans as Span[], [], new Set(['number']))).toEqual(groups);
      const kinds = /^(?:text|word|number|name)(?:_\d+)?$/;
      for (const name of found.filter((each) => !kinds.test(each))) {
        for (const { value } of spans) expect(`_${name}_`).not.toContain(`_${toSnakeCase(value)}_`);
      }
    }),
    { seed: 21, numRuns: 2000 },
  );
});
