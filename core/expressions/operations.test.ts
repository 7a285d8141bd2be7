/** What each operation says of a few texts; `expression.test.ts` holds what is true of all of them. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { evaluate } from './evaluate.ts';
import { EXPRESSION_LIMITS, type Expression } from './expression.ts';
import { formatExpression } from './format-expression.ts';
import type { Position } from './positions.ts';

const RUNS = { seed: 20_251_125, numRuns: 300 };
const x: Expression = { op: 'var', name: 'x' };
const y: Expression = { op: 'var', name: 'y' };
const item: Expression = { op: 'item' };
const text = (value: string): Expression => ({ op: 'text', value });
const before = (delimiter: string, index = 0, offset = 0): Position => ({
  at: 'before',
  delimiter,
  index,
  offset,
});
const start = (offset = 0): Position => ({ at: 'start', offset });
const end = (offset = 0): Position => ({ at: 'end', offset });
const list = (more: Partial<Extract<Expression, { op: 'list' }>>): Expression => ({
  op: 'list',
  of: x,
  keep: text('true'),
  each: item,
  delimiter: ', ',
  order: 'given',
  result: 'join',
  separator: ', ',
  ...more,
});

function valueOf(expression: Expression, xValue: string, yValue = ''): string | undefined {
  return evaluate(
    expression,
    new Map([
      ['x', xValue],
      ['y', yValue],
    ]),
  );
}

function check(expression: Expression, value: string, expected: string | undefined): void {
  expect(valueOf(expression, value)).toBe(expected);
}

describe('texts', () => {
  test.each<[Expression, string, string | undefined]>([
    [{ op: 'squeeze', of: x }, '  a  b ', 'a b'],
    [{ op: 'replace-first', of: x, from: 'a', to: 'o' }, 'banana', 'bonana'],
    [{ op: 'replace-first', of: x, from: 'q', to: 'o' }, 'banana', 'banana'],
    [{ op: 'pad-start', of: x, count: 3, fill: '0' }, '7', '007'],
    [{ op: 'pad-start', of: x, count: 3, fill: '0' }, '1234', '1234'],
    [{ op: 'pad-end', of: x, count: 3, fill: '.' }, 'a', 'a..'],
    [{ op: 'keep', of: x, class: 'digit' }, '+1 (555) 12', '155512'],
    [{ op: 'keep', of: x, class: 'digit' }, 'none', ''],
    [{ op: 'remove', of: x, class: 'digit' }, 'a1b22', 'ab'],
    [{ op: 'remove', of: x, class: 'sign' }, 'a-b c.', 'ab c'],
    [{ op: 'runs', of: x, class: 'digit' }, '12 a 3b45', '3'],
    [{ op: 'has', of: x, class: 'upper' }, 'aBc', 'true'],
    [{ op: 'has', of: x, class: 'upper' }, 'abc', 'false'],
    [{ op: 'is', of: x, class: 'letter' }, 'éa', 'true'],
    [{ op: 'is', of: x, class: 'letter' }, '', 'false'],
    [{ op: 'occurrences', of: x, needle: 'ab' }, 'abcabab', '3'],
    [{ op: 'slice', of: x, start: start(1), end: end(-1) }, 'abcd', 'bc'],
    [{ op: 'slice', of: x, start: start(3), end: end(-2) }, 'abcd', undefined],
    [{ op: 'slice', of: x, start: start(), end: before('@') }, 'a.b@c', 'a.b'],
    [{ op: 'slice', of: x, start: start(), end: before('@') }, 'no address', undefined],
    [{ op: 'slice', of: x, start: before('.', -1, 1), end: end() }, 'a.b.cd', 'cd'],
    [
      {
        op: 'slice',
        of: x,
        start: { at: 'before', run: 'digit', index: 1, offset: 0 },
        end: { at: 'after', run: 'digit', index: 1, offset: 0 },
      },
      'a12b345c',
      '345',
    ],
    [{ op: 'slice', of: x, start: start(1), end: end() }, '😀a', undefined],
    [{ op: 'lookup', of: x, entries: [['Boston', 'MA']] }, 'Boston', 'MA'],
    [{ op: 'lookup', of: x, entries: [['Boston', 'MA']] }, 'Austin', undefined],
    [{ op: 'lookup', of: x, entries: [['Boston', 'MA']] }, '__proto__', undefined],
  ])('%j of %j', check);
});

describe('numbers', () => {
  test.each<[Expression, string, string | undefined]>([
    [{ op: 'amount', of: x }, '$1,234.50', '1234.5'],
    [{ op: 'amount', of: x }, '-$5', '-5'],
    [{ op: 'amount', of: x }, '12 km', '12'],
    [{ op: 'amount', of: x }, '1 of 2', undefined],
    [{ op: 'amount', of: x }, 'no number', undefined],
    [{ op: 'absolute', of: x }, '-2.5', '2.5'],
    [{ op: 'floor', of: x }, '-2.5', '-3'],
    [{ op: 'ceiling', of: x }, '2.1', '3'],
    [{ op: 'round', of: x, count: 2 }, '1.005', '1.01'],
    [{ op: 'round', of: x, count: 1 }, '-0.25', '-0.3'],
    [{ op: 'round', of: x, count: 2 }, '3', '3.00'],
    [{ op: 'group', of: x, separator: ',' }, '1234567.5', '1,234,567.5'],
    [{ op: 'group', of: x, separator: ' ' }, '-999', '-999'],
    [{ op: 'group', of: x, separator: ',' }, '1e9', undefined],
    [{ op: 'ordinal', of: x }, '112', '112th'],
    [{ op: 'ordinal', of: x }, '23', '23rd'],
    [{ op: 'cardinal', of: x }, '21st', '21'],
    [{ op: 'cardinal', of: x }, '21th', undefined],
    [{ op: 'century', of: x }, '1900s', '20'],
    [{ op: 'century', of: x }, '1900', '19'],
    [{ op: 'century', of: x }, '1987', '20'],
    [{ op: 'spell', of: x }, '342', 'three hundred forty-two'],
    [{ op: 'unspell', of: x }, 'Twelve thousand five', '12005'],
    [{ op: 'unspell', of: x }, 'twenty twenty', undefined],
  ])('%j of %j', check);
});

describe('words', () => {
  test.each([
    ['apple', 'apples'],
    ['box', 'boxes'],
    ['city', 'cities'],
    ['day', 'days'],
    ['child', 'children'],
    ['red Wish', 'red Wishes'],
    ['sheep', 'sheep'],
    ['GLASS', 'GLASSES'],
  ])('the plural of %j is %j, and back', (one, many) => {
    check({ op: 'plural', of: x }, one, many);
    check({ op: 'singular', of: x }, many, one);
  });

  test('what is no plural has no singular', () => {
    check({ op: 'singular', of: x }, 'bus', undefined);
    check({ op: 'singular', of: x }, 'glass', undefined);
    check({ op: 'plural', of: x }, '42', undefined);
  });
});

describe('tests and choices', () => {
  const test2 = (op: 'contains' | 'starts-with' | 'ends-with' | 'equals' | 'less' | 'and' | 'or') =>
    ({ op, left: x, right: y }) as const;

  test.each<[Expression, string, string, string | undefined]>([
    [test2('contains'), 'butter', 'utt', 'true'],
    [test2('starts-with'), 'butter', 'utt', 'false'],
    [test2('ends-with'), 'butter', 'ter', 'true'],
    [test2('equals'), '1', '1.0', 'false'],
    [test2('less'), '9', '10', 'true'],
    [test2('less'), 'nine', '10', undefined],
    [test2('and'), 'true', 'false', 'false'],
    [test2('or'), 'false', 'true', 'true'],
    [test2('or'), 'yes', 'true', undefined],
    [{ op: 'if', condition: test2('less'), then: x, else: y }, '2', '1', '1'],
    [{ op: 'if', condition: x, then: x, else: y }, 'maybe', 'a', undefined],
    [{ op: 'pick', of: x, nth: y, delimiter: ' ' }, 'a  b c', '2', 'b'],
    [{ op: 'pick', of: x, nth: y, delimiter: ',' }, 'a,b,c', '-1', 'c'],
    [{ op: 'pick', of: x, nth: y, delimiter: ',' }, 'a,b', '0', undefined],
    [{ op: 'cut', of: x, begin: text('1'), size: y, delimiter: '' }, 'butter', '3', 'but'],
    [{ op: 'cut', of: x, begin: y, size: text('9'), delimiter: '' }, 'butter', '5', 'er'],
    [{ op: 'cut', of: x, begin: y, size: text('1'), delimiter: '' }, 'butter', '9', undefined],
    [{ op: 'cut', of: x, begin: text('1'), size: y, delimiter: ' ' }, 'a b c', '2', 'a b'],
    [{ op: 'position', of: x, sought: y, nth: text('2') }, 'a-b-c', '-', '4'],
    [{ op: 'position', of: x, sought: y, nth: text('1') }, 'abc', '-', undefined],
    [{ op: 'substitute', of: x, sought: y, by: text('') }, 'a-b-c', '-', 'abc'],
    [{ op: 'substitute-first', of: x, sought: y, by: text('+') }, 'a-b-c', '-', 'a+b-c'],
    [{ op: 'substitute', of: x, sought: y, by: text('+') }, 'abc', '', undefined],
  ])('%j of %j and %j', (expression, a, b, expected) => {
    expect(valueOf(expression, a, b)).toBe(expected);
  });

  test('only the chosen side has to have a value', () => {
    const safe: Expression = {
      op: 'if',
      condition: { op: 'has', of: x, class: 'digit' },
      then: { op: 'add', left: x, right: text('1') },
      else: text('none'),
    };
    check(safe, '4', '5');
    check(safe, 'four', 'none');
  });
});

describe('lists', () => {
  test.each<[Expression, string, string | undefined]>([
    [list({ order: 'ascending' }), 'pear, apple, fig', 'apple, fig, pear'],
    [list({ order: 'ascending' }), '10, 9, 1.0', '1.0, 9, 10'],
    [list({ order: 'descending' }), '10, 9, 100', '100, 10, 9'],
    [list({ order: 'reversed', separator: ' ' }), 'a, b, c', 'c b a'],
    [list({ result: 'count' }), 'a, b, c', '3'],
    [list({ result: 'sum' }), '0.1, 0.2', '0.3'],
    [list({ result: 'sum' }), '1, two', undefined],
    [list({ result: 'minimum' }), '3, -2', '-2'],
    [list({ result: 'maximum' }), '9, 10', '10'],
    [list({ result: 'average' }), '1, 2', '1.5'],
    [list({ each: { op: 'upper', of: item } }), 'a, b', 'A, B'],
    [list({ keep: { op: 'has', of: item, class: 'digit' } }), 'a1, b, c2', 'a1, c2'],
    [list({ keep: { op: 'has', of: item, class: 'digit' }, result: 'count' }), 'a, b', '0'],
    [list({ keep: item }), 'a, b', undefined],
    [list({ delimiter: '' }), '["a", 1.0, 12345678901234567890]', 'a, 1.0, 12345678901234567890'],
    [list({ delimiter: '', result: 'sum' }), '[3, 4]', '7'],
    [list({ delimiter: '' }), '[{"a": 1}]', undefined],
    [list({ delimiter: '' }), 'a, b', undefined],
    [list({ result: 'count' }), 'a, '.repeat(2000), undefined],
  ])('%j of %j', check);

  test('a list inside a list has items of its own', () => {
    const inner = list({
      of: item,
      delimiter: ' ',
      separator: '',
      each: { op: 'upper', of: item },
    });
    check(
      list({ each: { op: 'concat', items: [inner, text('/'), item] } }),
      'a b, c',
      'AB/a b, C/c',
    );
    check(item, 'a', undefined);
  });

  test('no list makes an evaluation long: all characters read are counted', () => {
    const costly = list({ of: y, delimiter: ' ', each: { op: 'reverse', of: x } });
    const startedAt = performance.now();
    expect(valueOf(costly, 'a'.repeat(60_000), 'b '.repeat(900))).toBeUndefined();
    expect(performance.now() - startedAt).toBeLessThan(5000);
    expect(EXPRESSION_LIMITS.charactersReadMax).toBeLessThan(60_000 * 900);
  });
});

describe('an obvious oracle agrees', () => {
  const words = fc.stringMatching(/^[a-z0-9 ,.-]{0,24}$/);

  test.each<[string, Expression, (value: string) => string]>([
    ['keep', { op: 'keep', of: x, class: 'digit' }, (value) => value.replace(/[^0-9]/g, '')],
    ['remove', { op: 'remove', of: x, class: 'blank' }, (value) => value.replace(/ /g, '')],
    [
      'runs',
      { op: 'runs', of: x, class: 'letter' },
      (v) => String(v.match(/[a-z]+/g)?.length ?? 0),
    ],
    [
      'occurrences',
      { op: 'occurrences', of: x, needle: ',' },
      (v) => String(v.split(',').length - 1),
    ],
    ['has', { op: 'has', of: x, class: 'sign' }, (value) => String(/[,.-]/.test(value))],
    ['is', { op: 'is', of: x, class: 'alphanumeric' }, (v) => String(/^[a-z0-9]+$/.test(v))],
    [
      'replace-first',
      { op: 'replace-first', of: x, from: '-', to: '+' },
      (v) => v.replace('-', '+'),
    ],
    ['squeeze', { op: 'squeeze', of: x }, (value) => value.trim().replace(/ +/g, ' ')],
    ['count', list({ delimiter: ',', result: 'count' }), (v) => String(v.split(',').length)],
    [
      'sort',
      list({
        delimiter: '-',
        order: 'descending',
        separator: '|',
        each: { op: 'concat', items: [text('w'), item] },
      }),
      (value) =>
        value
          .split('-')
          .map((part) => `w${part.trim()}`)
          .sort()
          .reverse()
          .join('|'),
    ],
  ])('%s', (_, expression, oracle) => {
    fc.assert(
      fc.property(words, (value) => {
        expect(valueOf(expression, value)).toBe(oracle(value));
      }),
      RUNS,
    );
  });

  test('what is spelled is read back', () => {
    fc.assert(
      fc.property(fc.nat(999_999).map(String), (number) => {
        check({ op: 'unspell', of: { op: 'spell', of: x } }, number, number);
        check(
          { op: 'cardinal', of: { op: 'ordinal', of: x } },
          `${number}1`,
          `${number}1`.replace(/^0/, '') === `${number}1` ? `${number}1` : undefined,
        );
      }),
      RUNS,
    );
  });
});

test.each<[Expression, string]>([
  [{ op: 'slice', of: x, start: start(), end: before('@') }, 'slice(x, start, before "@" 1)'],
  [
    {
      op: 'slice',
      of: x,
      start: { at: 'after', run: 'digit', index: -1, offset: 1 },
      end: end(-2),
    },
    'slice(x, after digit -1+1, end-2)',
  ],
  [
    { op: 'if', condition: { op: 'less', left: x, right: text('5') }, then: x, else: y },
    'if less(x, "5") then x else y',
  ],
  [{ op: 'date', of: x, pattern: 'YYYY', written: 'YY' }, 'date(x, "YYYY", "YY")'],
])('%j reads %s', (expression, expected) => {
  expect(formatExpression(expression)).toBe(expected);
});
