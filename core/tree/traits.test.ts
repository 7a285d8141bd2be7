/** Traits: a copy of a value whose like was never confirmed is not served, whatever a function in its place would do. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { leafTemplate, userTemplate } from '../../tests/support/tree-builder.ts';
import { countsOneAsMany, hasRepeats, isOrdinary, traitsOfAny, traitsOfWords } from './traits.ts';

describe('a copied value is as ordinary as those that were seen', () => {
  test.each([
    ["{{name}}'s files", 'Ann', 'Bob', true],
    ["{{name}}'s files", 'Chris', 'Bob', false],
    ["{{name}}'s files", 'Chris', 'James', true],
    ['You {{verb}}ed', 'bake', 'walk', false],
    ['You {{verb}} it', 'bake', 'walk', true],
    ['a {{thing}}', 'hour', 'car', true],
    ['a {{thing}}', 'oven', 'car', false],
    ['{{count}} items', '1', '3', false],
    ['{{count}} items', '4', '3', true],
    ['${{amount}}', '72.1', '25.19', false],
    ['${{amount}}', '72.15', '25.19', true],
    ['${{amount}}', '1972.15', '25.19', false],
    ['Value {{number}}', '-4', '4', false],
    ['Hello {{name}}', 'ANN', 'Ann', true],
    ['Hello {{name}}', 'Ann', 'ann', false],
    ['Sorted: {{words}}', 'b, a', 'a, b', false],
    ['Sorted: {{words}}', 'c, d', 'a, b', true],
  ])('%s with %s, after %s: %s', (shown, value, seen, isServed) => {
    const name = /\{\{(\w+)\}\}/.exec(shown)?.[1] ?? '';
    expect(isOrdinary(userTemplate(shown), name, value, [seen])).toBe(isServed);
  });

  test('what the answer does not show has no traits', () => {
    expect(isOrdinary(userTemplate('Done.'), 'name', "O'Hara", ['Ann'])).toBe(true);
  });
});

describe('two variables with one value', () => {
  const repeats = (shown: string, ...values: readonly (readonly [string, string])[]): boolean =>
    hasRepeats(userTemplate(shown), new Map(values), ['a', 'b']);

  test.each([
    ['from {{a}} to {{b}}', 'Ann', 'ann', true],
    ['from {{a}} to {{b}}', 'Ann', 'Bob', false],
    ['{{a}}, {{b}}', 'red, blue', 'red', true],
    ['{{a}}, {{b}}', 'red, blue', 'green', false],
    ['{{a}}, {{a}}', 'red', 'blue', false],
    ['{{a}} and again {{a}}', 'red', 'blue', false],
  ])('%s of %s and %s: %s', (shown, a, b, expected) => {
    expect(repeats(shown, ['a', a], ['b', b])).toBe(expected);
  });

  test('a computed one may be the same as what it is computed from', () => {
    expect(repeats('{{a}}: {{c}}', ['a', 'ann'], ['c', 'ann'])).toBe(false);
  });
});

describe('a computed number that is said of one or none', () => {
  test.each([
    ['{{n}} hours', '1', true],
    ['{{n}} hours', '0', true],
    ['{{n}} hours', '21', false],
    ['{{n}} hours', '1.1', false],
    ['{{n}} hour', '1', false],
    ['{{n}}', '1 hours and 5 minutes', true],
    ['{{n}}', '2 hours and 5 minutes', false],
    ['1 pens and {{n}} hours', '1', false],
    ['Page {{n}}: end', '0', false],
  ])('%s with %s: %s', (shown, value, expected) => {
    const template = userTemplate(shown);
    expect(countsOneAsMany(template, new Map([['n', value]]), new Set(['n']))).toBe(expected);
    expect(countsOneAsMany(template, new Map([['n', value]]), new Set())).toBe(false);
  });

  test('fields of JSON need no grammar', () => {
    const skeleton = `${userTemplate('x').skeleton} J{`;
    const template = { ...userTemplate('x'), skeleton, leaves: [leafTemplate('{{n}} hours')] };
    expect(countsOneAsMany(template, new Map([['n', '1']]), new Set(['n']))).toBe(false);
  });
});

describe('traits of plain words', () => {
  const words = fc
    .array(
      fc.constantFrom('and', 'And', 'Erik', 'boy', 'ox', 'bush', 'ice', 'apple', 'USA', 'a', 'Y'),
    )
    .map((list) => list.join(' '));
  const anything = fc.string({ unit: fc.constantFrom(...'aeExyhsA z1-,\n\u00dfK'.split('')) });

  test('are what all tests say', () => {
    fc.assert(
      fc.property(fc.oneof(words, anything, fc.string()), (value) => {
        const quick = traitsOfWords(value);
        if (quick !== undefined) expect(new Set(quick)).toEqual(new Set(traitsOfAny(value)));
      }),
      { numRuns: 2000 },
    );
  });

  test.each(['Erik', 'new York', 'a', 'USA'])('"%s" is some', (value) => {
    expect(traitsOfWords(value)).toBeDefined();
  });

  test.each(['', ' a', 'a ', 'a  b', 'salt and pepper', "Erik's", '7', 'a\tb'])(
    '"%s" is none',
    (value) => {
      expect(traitsOfWords(value)).toBeUndefined();
    },
  );
});
