import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { derive, parseDerivation } from './derivation.ts';
import { evaluate } from './evaluate.ts';
import { EXPRESSION_LIMITS, expressionSize, variablesOf, type Expression } from './expression.ts';
import { formatExpression } from './format-expression.ts';
import { parseExpression } from './parse-expression.ts';
import { CHARACTER_CLASSES, type Position } from './positions.ts';

const RUNS = { seed: 20_251_124, numRuns: 400 };
const x: Expression = { op: 'var', name: 'x' };
const y: Expression = { op: 'var', name: 'y' };
const text = (value: string): Expression => ({ op: 'text', value });

function valueOf(expression: Expression, xValue: string, yValue = ''): string | undefined {
  return evaluate(
    expression,
    new Map([
      ['x', xValue],
      ['y', yValue],
    ]),
  );
}

const names = fc.constantFrom('x', 'y', '__proto__', 'constructor', 'full name');
const indices = fc.integer({ min: -5, max: 5 }).map((index) => index + 0);
const delimiters = fc.constantFrom('-', ' ', ', ', '@', '😀');

const classes = fc.constantFrom(...CHARACTER_CLASSES);
const offsets = fc.integer({ min: -2, max: 2 }).map((offset) => offset + 0);
const positions: fc.Arbitrary<Position> = fc.oneof(
  fc.record({ at: fc.constantFrom('start' as const, 'end' as const), offset: offsets }),
  fc.record({
    at: fc.constantFrom('before' as const, 'after' as const),
    run: classes,
    index: indices,
    offset: offsets,
  }),
  fc.record({
    at: fc.constantFrom('before' as const, 'after' as const),
    delimiter: delimiters,
    index: indices,
    offset: offsets,
  }),
);
const patterns = fc.constantFrom(
  'YYYY-MM-DD',
  'dddd, D MMMM YYYY',
  'h:mm A',
  'Do [of] MMM',
  'HH:mm',
);

const { expression: expressions } = fc.letrec<{ expression: Expression }>((tie) => {
  const of = tie('expression');
  return {
    expression: fc.oneof(
      { maxDepth: 4, depthIdentifier: 'expression' },
      fc.record({ op: fc.constant('var' as const), name: names }),
      fc.record({
        op: fc.constant('text' as const),
        value: fc.string({ unit: 'grapheme', maxLength: 8 }),
      }),
      fc.record({
        op: fc.constantFrom(
          ...(['upper', 'lower', 'capitalize', 'title', 'trim'] as const),
          ...(['reverse', 'initials', 'length', 'word-count', 'number', 'squeeze'] as const),
          ...(['amount', 'absolute', 'floor', 'ceiling', 'ordinal', 'cardinal'] as const),
          ...(['century', 'spell', 'unspell', 'plural', 'singular', 'not'] as const),
        ),
        of,
      }),
      fc.record({ op: fc.constant('word' as const), of, index: indices }),
      fc.record({ op: fc.constant('part' as const), of, delimiter: delimiters, index: indices }),
      fc.record({
        op: fc.constantFrom('first' as const, 'last' as const),
        of,
        count: fc.integer({ min: 1, max: 9 }),
      }),
      fc.record({
        op: fc.constantFrom('decimals' as const, 'round' as const),
        of,
        count: fc.integer({ min: 1, max: 20 }),
      }),
      fc.record({
        op: fc.constantFrom('pad-start' as const, 'pad-end' as const),
        of,
        count: fc.integer({ min: 1, max: 20 }),
        fill: fc.constantFrom('0', ' '),
      }),
      fc.record({ op: fc.constant('slice' as const), of, start: positions, end: positions }),
      fc.record({ op: fc.constantFrom('keep' as const, 'remove' as const), of, class: classes }),
      fc.record({
        op: fc.constantFrom('runs' as const, 'is' as const, 'has' as const),
        of,
        class: classes,
      }),
      fc.record({ op: fc.constant('occurrences' as const), of, needle: delimiters }),
      fc.record({ op: fc.constant('group' as const), of, separator: delimiters }),
      fc.record({ op: fc.constant('date' as const), of, pattern: patterns, written: patterns }),
      fc.record({
        op: fc.constant('lookup' as const),
        of,
        entries: fc.constant([
          ['a', 'b'],
          ['42', ''],
        ] as const),
      }),
      fc.record({ op: fc.constant('item' as const) }),
      fc.record({ op: fc.constant('pick' as const), of, nth: of, delimiter: delimiters }),
      fc.record({
        op: fc.constant('cut' as const),
        of,
        begin: of,
        size: of,
        delimiter: fc.constantFrom('', ' '),
      }),
      fc.record({ op: fc.constant('position' as const), of, sought: of, nth: of }),
      fc.record({
        op: fc.constantFrom('substitute' as const, 'substitute-first' as const),
        of,
        sought: of,
        by: of,
      }),
      fc.record({ op: fc.constant('shift-date' as const), of, days: of, pattern: patterns }),
      fc.record({ op: fc.constant('if' as const), condition: of, then: of, else: of }),
      fc.record({
        op: fc.constant('list' as const),
        of,
        keep: fc.oneof(fc.constant(text('true')), of),
        each: of,
        delimiter: fc.constantFrom('', ' ', ', '),
        order: fc.constantFrom(...(['given', 'reversed', 'ascending', 'descending'] as const)),
        result: fc.constantFrom(
          ...(['join', 'count', 'sum', 'minimum', 'maximum', 'average'] as const),
        ),
        separator: fc.constantFrom('', '; '),
      }),
      fc.record({
        op: fc.constantFrom('replace' as const, 'replace-first' as const),
        of,
        from: delimiters,
        to: fc.constantFrom('', '_'),
      }),
      fc.record({
        op: fc.constant('concat' as const),
        items: fc.array(of, { minLength: 1, maxLength: 3 }),
      }),
      fc.record({
        op: fc.constant('repeat' as const),
        of,
        times: of,
        separator: fc.constantFrom('', ' '),
      }),
      fc.record({
        op: fc.constantFrom(
          ...(['add', 'subtract', 'multiply', 'divide', 'quotient'] as const),
          ...(['remainder', 'difference', 'minimum', 'maximum'] as const),
          ...(['contains', 'starts-with', 'ends-with', 'equals', 'less', 'and', 'or'] as const),
        ),
        left: of,
        right: of,
      }),
    ),
  };
});

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    '42',
    '-0.5',
    'Erik Dunteman',
    'a, b, c',
    '\ud800',
    '1e400',
    'ß'.repeat(40_000),
    '2025-09-30',
    '14:05',
    '["a", 1.0]',
    'true',
  ),
);

describe('evaluate', () => {
  test.each<[Expression, string, string | undefined]>([
    [x, 'butter', 'butter'],
    [{ op: 'upper', of: x }, 'straße', 'STRASSE'],
    [{ op: 'capitalize', of: x }, 'éclair du jour', 'Éclair du jour'],
    [{ op: 'title', of: x }, 'hello  big world', 'Hello  Big World'],
    [{ op: 'trim', of: x }, ' a ', 'a'],
    [{ op: 'reverse', of: x }, 'a😀b', 'b😀a'],
    [{ op: 'initials', of: x }, 'Erik Dunteman', 'ED'],
    [{ op: 'initials', of: x }, ' ', undefined],
    [{ op: 'length', of: x }, 'a😀b', '3'],
    [{ op: 'word-count', of: x }, '  a  b ', '2'],
    [{ op: 'word-count', of: x }, '', '0'],
    [{ op: 'number', of: x }, '007', '7'],
    [{ op: 'number', of: x }, '000', '0'],
    [{ op: 'number', of: x }, '7a', undefined],
    [{ op: 'word', of: x, index: -1 }, 'Mary Jane Watson', 'Watson'],
    [{ op: 'word', of: x, index: 3 }, 'Mary Jane Watson', undefined],
    [{ op: 'word', of: x, index: 0.5 }, 'Mary', undefined],
    [{ op: 'part', of: x, delimiter: '@', index: 1 }, 'erik@butter.dev', 'butter.dev'],
    [{ op: 'part', of: x, delimiter: '@', index: -1 }, 'no address', undefined],
    [{ op: 'part', of: x, delimiter: '/', index: -1 }, 'a/', undefined],
    [{ op: 'part', of: x, delimiter: '', index: 0 }, 'ab', undefined],
    [{ op: 'first', of: x, count: 2 }, '😀bc', '😀b'],
    [{ op: 'last', of: x, count: 2 }, 'abc', 'bc'],
    [{ op: 'first', of: x, count: 4 }, 'abc', undefined],
    [{ op: 'replace', of: x, from: ' ', to: '-' }, 'a b c', 'a-b-c'],
    [{ op: 'concat', items: [x, text('!'), x] }, 'a', 'a!a'],
    [{ op: 'decimals', of: x, count: 2 }, '6579.3', '6579.30'],
    [{ op: 'decimals', of: x, count: 2 }, '1.234', undefined],
    [{ op: 'var', name: 'absent' }, 'a', undefined],
    [x, '\ud800', undefined],
  ])('%j of %j', (expression, value, expected) => {
    expect(valueOf(expression, value)).toBe(expected);
  });

  test.each<[Expression, string, string, string | undefined]>([
    [{ op: 'add', left: x, right: y }, '0.1', '0.2', '0.3'],
    [{ op: 'add', left: x, right: y }, '1', 'two', undefined],
    [{ op: 'divide', left: x, right: y }, '1', '0', undefined],
    [{ op: 'difference', left: x, right: y }, '12', '30', '18'],
    [{ op: 'repeat', of: x, times: y, separator: ' ' }, 'ha', '3', 'ha ha ha'],
    [{ op: 'repeat', of: x, times: y, separator: '' }, 'ha', '0', undefined],
    [{ op: 'repeat', of: x, times: y, separator: '' }, 'ha', '1001', undefined],
  ])('%j of %j and %j', (expression, left, right, expected) => {
    expect(valueOf(expression, left, right)).toBe(expected);
  });

  test('a variable may be named __proto__', () => {
    const expression: Expression = { op: 'upper', of: { op: 'var', name: '__proto__' } };
    expect(evaluate(expression, new Map([['__proto__', 'a']]))).toBe('A');
    expect(evaluate(expression, new Map())).toBeUndefined();
  });

  test('no value grows beyond 64 Ki', () => {
    const long = 'a b'.repeat(20_000);
    expect(valueOf({ op: 'concat', items: [x, x] }, long)).toBeUndefined();
    expect(valueOf({ op: 'replace', of: x, from: ' ', to: '-'.repeat(16) }, long)).toBeUndefined();
    expect(valueOf({ op: 'repeat', of: x, times: y, separator: '' }, long, '2')).toBeUndefined();
    expect(valueOf({ op: 'upper', of: x }, 'ß'.repeat(65_536))).toBeUndefined();
  });

  test('neither deep nor wide nor circular expressions hang or throw', () => {
    let deep: Expression = x;
    for (let depth = 0; depth < 100_000; depth++) deep = { op: 'upper', of: deep };
    const items: Expression[] = [x];
    const circular: Expression = { op: 'concat', items };
    items.push(circular, circular);
    const wide: Expression = { op: 'concat', items: Array.from({ length: 100_000 }, () => x) };
    for (const expression of [deep, circular, wide]) {
      expect(valueOf(expression, 'a')).toBeUndefined();
      expect(expressionSize(expression)).toBe(EXPRESSION_LIMITS.sizeMax + 1);
      expect(variablesOf(expression).length).toBeLessThanOrEqual(1);
      expect(formatExpression(expression).length).toBeLessThan(5000);
      expect(parseExpression(expression)).toBeUndefined();
    }
  });

  test('any expression has a text or no value on any values, and never throws', () => {
    fc.assert(
      fc.property(expressions, anyText, anyText, (expression, a, b) => {
        const value = evaluate(
          expression,
          new Map([
            ['x', a],
            ['y', b],
            ['__proto__', a],
          ]),
        );
        if (value === undefined) return;
        expect(value.length).toBeLessThanOrEqual(EXPRESSION_LIMITS.valueCharactersMax);
        expect(value.isWellFormed()).toBe(true);
      }),
      RUNS,
    );
  });
});

describe('parseExpression', () => {
  test('reads back what was written as JSON', () => {
    fc.assert(
      fc.property(expressions, (expression) => {
        const isSmall = expressionSize(expression) <= EXPRESSION_LIMITS.sizeMax;
        const json: unknown = JSON.parse(JSON.stringify(expression));
        expect(parseExpression(json)).toEqual(isSmall ? expression : undefined);
      }),
      RUNS,
    );
  });

  test.each<[unknown]>([
    [null],
    ['x'],
    [[x]],
    [{}],
    [{ op: 'eval', of: x }],
    [{ op: 'toString', of: x }],
    [{ op: 'var' }],
    [{ op: 'var', name: '' }],
    [{ op: 'var', name: '\ud800' }],
    [{ op: 'var', name: 'x', more: 1 }],
    [{ op: 'text', value: 4 }],
    [{ op: 'upper' }],
    [{ op: 'upper', of: x, index: 1 }],
    [{ op: 'word', of: x, index: 0.5 }],
    [{ op: 'word', of: x, index: '0' }],
    [{ op: 'word', of: x, index: 2000 }],
    [{ op: 'part', of: x, index: 0, delimiter: '' }],
    [{ op: 'first', of: x, count: 0 }],
    [{ op: 'replace', of: x, from: '', to: 'a' }],
    [{ op: 'replace', of: x, from: 'a', to: 'a'.repeat(17) }],
    [{ op: 'concat', items: [] }],
    [{ op: 'concat', items: Array.from({ length: 17 }, () => x) }],
    [{ op: 'concat', items: [x, null] }],
    [{ op: 'repeat', of: x, times: y }],
    [{ op: 'add', left: x }],
    [{ op: 'item', of: x }],
    [{ op: 'date', of: x, pattern: 'YYYY', written: 'year' }],
    [{ op: 'date', of: x, pattern: 'YYYY', written: '[never closed' }],
    [{ op: 'keep', of: x, class: 'toString' }],
    [{ op: 'pad-start', of: x, count: 2, fill: 'ab' }],
    [{ op: 'lookup', of: x, entries: [] }],
    [{ op: 'lookup', of: x, entries: [['a', 'b', 'c']] }],
    [
      {
        op: 'lookup',
        of: x,
        entries: [
          ['a', 'b'],
          ['a', 'c'],
        ],
      },
    ],
    [{ op: 'slice', of: x, start: { at: 'start' }, end: { at: 'end', offset: 0 } }],
    [
      {
        op: 'slice',
        of: x,
        start: { at: 'after', run: 'digit', delimiter: '-', index: 0, offset: 0 },
        end: { at: 'end', offset: 0 },
      },
    ],
    [
      {
        op: 'slice',
        of: x,
        start: { at: 'start', offset: 0, more: 1 },
        end: { at: 'end', offset: 0 },
      },
    ],
    [{ op: 'if', condition: x, then: y }],
  ])('refuses %j', (json) => {
    expect(parseExpression(json)).toBeUndefined();
  });

  test('arbitrary JSON is an expression or undefined', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (json) => {
        expect(() => parseExpression(json)).not.toThrow();
        expect(() => parseDerivation({ kind: 'programs', programs: json })).not.toThrow();
      }),
      RUNS,
    );
  });
});

describe('formatExpression', () => {
  test.each<[Expression, string]>([
    [
      { op: 'upper', of: { op: 'word', of: { op: 'var', name: 'full_name' }, index: 0 } },
      'upper(first_word(full_name))',
    ],
    [{ op: 'word', of: x, index: -2 }, 'word_from_end(x, 2)'],
    [{ op: 'part', of: x, delimiter: '@', index: 1 }, 'part(x, "@", 2)'],
    [{ op: 'first', of: x, count: 1 }, 'first_character(x)'],
    [{ op: 'word-count', of: x }, 'word_count(x)'],
    [{ op: 'concat', items: [x, text('.'), y] }, 'concat(x, ".", y)'],
    [{ op: 'multiply', left: { op: 'add', left: x, right: y }, right: text('2') }, '(x + y) * 2'],
    [
      { op: 'maximum', left: { op: 'add', left: x, right: y }, right: text('2') },
      'maximum(x + y, 2)',
    ],
    [{ op: 'add', left: x, right: text('two') }, 'x + "two"'],
    [{ op: 'var', name: 'full name' }, 'variable("full name")'],
    [{ op: 'repeat', of: x, times: y, separator: ' ' }, 'repeat(x, y, " ")'],
  ])('%j reads %s', (expression, expected) => {
    expect(formatExpression(expression)).toBe(expected);
  });
});

test('variables are named once, in reading order', () => {
  const sum: Expression = { op: 'add', left: y, right: { op: 'add', left: x, right: y } };
  expect(variablesOf(sum)).toEqual(['y', 'x']);
  expect(expressionSize(sum)).toBe(5);
});

describe('derive', () => {
  const sum: Expression = { op: 'add', left: x, right: y };
  const product: Expression = { op: 'multiply', left: x, right: y };
  const values = (a: string, b: string) =>
    new Map([
      ['x', a],
      ['y', b],
    ]);
  const rivals = { kind: 'programs', programs: [sum, product] } as const;

  test('programs that agree have a value, and others have none', () => {
    expect(derive(rivals, values('2', '2'))).toEqual({ kind: 'value', value: '4' });
    expect(derive(rivals, values('3', '3'))).toEqual({ kind: 'disagree' });
    expect(derive(rivals, values('3', 'three'))).toEqual({ kind: 'undefined' });
    expect(derive({ kind: 'programs', programs: [] }, values('2', '2'))).toEqual({
      kind: 'undefined',
    });
  });

  test('a program without a value contradicts one that has one, in either order', () => {
    const quotient: Expression = { op: 'divide', left: x, right: y };
    for (const programs of [
      [sum, quotient],
      [quotient, sum],
    ]) {
      expect(derive({ kind: 'programs', programs }, values('0', '0'))).toEqual({
        kind: 'disagree',
      });
    }
  });

  test('a derivation is read back whole or not at all', () => {
    expect(parseDerivation(JSON.parse(JSON.stringify(rivals)))).toEqual(rivals);
    expect(parseDerivation({ kind: 'programs', programs: [] })).toBeUndefined();
    expect(parseDerivation({ kind: 'programs', programs: [sum, { op: 'new' }] })).toBeUndefined();
    expect(parseDerivation({ kind: 'script', programs: [sum] })).toBeUndefined();
    expect(parseDerivation({ ...rivals, unless: 1 })).toBeUndefined();
    expect(parseDerivation(null)).toBeUndefined();
  });
});
