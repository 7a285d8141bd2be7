/** Programs beyond single operations: places, forms, dates, lists, choices, lookups. `synthesize.test.ts` holds the policy. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { derive } from '../expressions/derivation.ts';
import { evaluate } from '../expressions/evaluate.ts';
import { EXPRESSION_LIMITS, expressionSize, nodesOf } from '../expressions/expression.ts';
import { formatExpression } from '../expressions/format-expression.ts';
import { parseExpression } from '../expressions/parse-expression.ts';
import { synthesize, type Example, type SynthesisOptions } from './synthesize.ts';

const RUNS = { seed: 20_251_125, numRuns: 60 };

type Row = readonly [input: string | readonly string[], output: string];

function toExample([input, output]: Row): Example {
  const values = typeof input === 'string' ? [input] : input;
  return { inputs: new Map(values.map((value, index) => ['abcd'.charAt(index), value])), output };
}

/** The first program, and what is served for `fresh`, or why nothing is. */
function learned(
  rows: readonly Row[],
  fresh: string | readonly string[],
  options: SynthesisOptions = {},
): { readonly first: string | undefined; readonly served: string } {
  const programs = synthesize(rows.map(toExample), options);
  const result = derive({ kind: 'programs', programs }, toExample([fresh, '']).inputs);
  return {
    first: programs.map(formatExpression)[0],
    served: result.kind === 'value' ? result.value : `(${result.kind})`,
  };
}

describe('one example of a form that chance does not make', () => {
  test.each<[string, string, string, string]>([
    ['1900s', '20th', '1700s', '18th'],
    ['2025-09-30', 'Tuesday', '2024-02-29', 'Thursday'],
    ['2025-09-30', 'September 30, 2025', '1999-12-31', 'December 31, 1999'],
    ['September 30, 2025', '2025-09-30', 'July 4, 2026', '2026-07-04'],
    ['14:30', '2:30 PM', '00:15', '12:15 AM'],
    ['2:30 PM', '14:30', '11:45 PM', '23:45'],
    ['1234567', '1,234,567', '98765', '98,765'],
    ['forty-two', '42', 'seventeen', '17'],
  ])('%j → %j: %j → %j', (input, output, fresh, expected) => {
    expect(learned([[input, output]], fresh).served).toBe(expected);
  });
});

describe('several examples', () => {
  test.each<[string, readonly Row[], string | readonly string[], string]>([
    [
      'text in parentheses',
      [
        ['a (bc) d', 'bc'],
        ['xy (z z) q', 'z z'],
      ],
      'k (long one) m',
      'long one',
    ],
    [
      'the path of a folder',
      [
        ['/a/b/c.txt', '/a/b'],
        ['/x/yy.md', '/x'],
        ['/q/r/s/t.js', '/q/r/s'],
      ],
      '/home/erik/n.txt',
      '/home/erik',
    ],
    [
      'a code in groups',
      [
        ['5551234567', '(555) 123-4567'],
        ['2125550199', '(212) 555-0199'],
        ['4155552671', '(415) 555-2671'],
      ],
      '9998887777',
      '(999) 888-7777',
    ],
    [
      'digits alone',
      [
        ['(555) 12-3', '555123'],
        ['+1 77 8', '1778'],
        ['9.0.1', '901'],
      ],
      '(12) 3-4',
      '1234',
    ],
    [
      'words without labels',
      [
        ['Tea Inc', 'Tea'],
        ['Big Pie Ltd', 'Big Pie'],
        ['Nut', 'Nut'],
        ['Oat Milk Inc', 'Oat Milk'],
      ],
      'Hot Bun Ltd',
      'Hot Bun',
    ],
    [
      'the n-th word',
      [
        [['a b c', '2'], 'b'],
        [['x yy z', '3'], 'z'],
        [['p q', '1'], 'p'],
      ],
      ['one two three', '2'],
      'two',
    ],
    [
      'the first n characters',
      [
        [['butter', '3'], 'but'],
        [['cheese', '2'], 'ch'],
      ],
      ['bread', '4'],
      'brea',
    ],
    [
      'one text without the other',
      [
        [['a-b-c', '-'], 'abc'],
        [['x.1', '.'], 'x1'],
      ],
      ['1/2', '/'],
      '12',
    ],
    [
      'a list in order',
      [
        ['pear, fig', 'fig, pear'],
        ['b, c, a', 'a, b, c'],
        ['nut, egg, oat', 'egg, nut, oat'],
      ],
      'z, m, k',
      'k, m, z',
    ],
    [
      'a list joined otherwise',
      [
        ['a, b', 'a and b'],
        ['pear, fig, nut', 'pear and fig and nut'],
      ],
      'x, y',
      'x and y',
    ],
    [
      'the sum of a list',
      [
        ['3, 9', '12'],
        ['1, 2, 3', '6'],
        ['40, 2', '42'],
      ],
      '5, 5, 5',
      '15',
    ],
    [
      'the sum of a JSON array',
      [
        ['[3,9]', '12'],
        ['[1,2,30]', '33'],
        ['[40,25]', '65'],
      ],
      '[5, 5]',
      '10',
    ],
    [
      'money',
      [
        ['1234.5', '$1,234.50'],
        ['7', '$7.00'],
        ['99.99', '$99.99'],
      ],
      '1000000',
      '$1,000,000.00',
    ],
    [
      'a share',
      [
        ['0.5', '50%'],
        ['0.07', '7%'],
        ['0.125', '12.5%'],
      ],
      '0.33',
      '33%',
    ],
    [
      'a line',
      [
        ['0', '32'],
        ['100', '212'],
        ['37', '98.6'],
      ],
      '20',
      '68',
    ],
    [
      'hours and minutes',
      [
        ['90', '1h 30m'],
        ['135', '2h 15m'],
        ['200', '3h 20m'],
      ],
      '61',
      '1h 1m',
    ],
    [
      'padded',
      [
        ['7', '0007'],
        ['42', '0042'],
        ['123', '0123'],
      ],
      '5',
      '0005',
    ],
    [
      'days later',
      [
        ['2025-09-30', '2025-10-01'],
        ['2024-02-28', '2024-02-29'],
      ],
      '2025-12-31',
      '2026-01-01',
    ],
    [
      'as many days later',
      [
        [['2025-09-30', '3'], '2025-10-03'],
        [['2024-02-28', '10'], '2024-03-09'],
      ],
      ['2025-12-31', '2'],
      '2026-01-02',
    ],
    [
      'a date in a sentence',
      [
        ['2025-09-30', 'Due Sep 30!'],
        ['2024-02-29', 'Due Feb 29!'],
        ['2024-03-05', 'Due Mar 5!'],
      ],
      '2026-07-04',
      'Due Jul 4!',
    ],
    [
      'signs counted',
      [
        ['a,b', '1'],
        ['a,b,c,d', '3'],
        ['a', '0'],
      ],
      'p,q,r',
      '2',
    ],
  ])('%s', (_, rows, fresh, expected) => {
    expect(learned(rows, fresh, { isDetermined: true }).served).toBe(expected);
  });
});

describe('choices', () => {
  const hours: readonly Row[] = [
    ['9', 'Good morning to you'],
    ['14', 'Good afternoon to you'],
    ['11', 'Good morning to you'],
    ['20', 'Good afternoon to you'],
    ['7', 'Good morning to you'],
    ['13', 'Good afternoon to you'],
  ];

  test('a threshold serves beyond what was seen on either side, and nothing in the gap', () => {
    expect(learned(hours, '10', { isDetermined: true }).served).toBe('Good morning to you');
    expect(learned(hours, '17', { isDetermined: true }).served).toBe('Good afternoon to you');
    expect(learned(hours, '12', { isDetermined: true }).served).toBe('(disagree)');
  });

  test('in induction each case needs three examples, and mere texts for answers do not pay for themselves', () => {
    const names: readonly Row[] = [
      ['Dr. Ada King Lovelace', 'Ada'],
      ['Grace Hopper', 'Grace'],
      ['Dr. Alan Turing', 'Alan'],
      ['Erik van Dunteman', 'Erik'],
      ['Dr. Margaret Hamilton', 'Margaret'],
      ['Barbara Liskov', 'Barbara'],
    ];
    expect(learned(names, 'Dr. Donald Knuth')).toEqual({
      first: expect.stringMatching(/^if /),
      served: 'Donald',
    });
    expect(learned(names, 'Radia Perlman').served).toBe('Radia');
    expect(learned(names.slice(0, 5), 'Radia Perlman').first).toBeUndefined();
    expect(learned(hours, '17').first).toBeUndefined();
  });

  test('one of two texts, by what a third one says', () => {
    const rows: readonly Row[] = [
      [['red apples', 'green pears', 'pear'], 'green pears'],
      [['old bread', 'new cheese', 'bread'], 'old bread'],
    ];
    expect(learned(rows, ['hot tea', 'cold milk', 'tea'], { isDetermined: true }).first).toMatch(
      /^if contains/,
    );
  });

  test('an answer of its own for each example is a table, not a choice', () => {
    const capitals: readonly Row[] = [
      ['France', 'Paris'],
      ['Italy', 'Rome'],
      ['Spain', 'Madrid'],
      ['Japan', 'Tokyo'],
    ];
    expect(learned(capitals, 'Italy', { isDetermined: true }).first).toBeUndefined();
    expect(learned(capitals, 'Italy').first).toBeUndefined();
  });

  test('true and false come from tests, where a function is known to be there', () => {
    const rows: readonly Row[] = [
      ['abc1', 'true'],
      ['abc', 'false'],
      ['7up', 'true'],
      ['seven', 'false'],
    ];
    expect(learned(rows, 'a2b', { isDetermined: true })).toEqual({
      first: 'has(a, "digit")',
      served: 'true',
    });
    expect(learned(rows, 'a2b').first).toBeUndefined();
  });

  test('whether a number is prime is not decided by a handful of examples', () => {
    const primes = ['7', '8', '13', '15', '9', '11'].map((n): Row => [
      n,
      ['7', '11', '13'].includes(n) ? 'Yes, it is prime' : 'No, it is not',
    ]);
    expect(learned(primes, '21').first).toBeUndefined();
  });
});

describe('lookups', () => {
  const seen = (city: string, state: string, times: number): readonly Row[] =>
    Array.from({ length: times }, (_, index) => [[city, `day ${index}`], state]);

  test('a key counts once it was seen three times with one answer', () => {
    const rows = [...seen('Boston', 'Massachusetts', 3), ...seen('Austin', 'Texas', 3)];
    expect(learned(rows, ['Austin', 'day 9'])).toEqual({
      first: 'lookup(a, [["Boston","Massachusetts"],["Austin","Texas"]])',
      served: 'Texas',
    });
    expect(learned(rows, ['Denver', 'day 9']).served).toBe('(undefined)');
  });

  test('two sightings, or two answers, are no lookup', () => {
    const two = [...seen('Boston', 'Massachusetts', 3), ...seen('Austin', 'Texas', 2)];
    expect(learned(two, ['Austin', 'day 9']).first).toBeUndefined();
    const torn: readonly Row[] = [...two, [['Austin', 'day 7'], 'Ohio']];
    expect(learned(torn, ['Austin', 'day 9']).first).toBeUndefined();
  });
});

test('outputs that never differ say little of what is kept', () => {
  const rows: readonly Row[] = [
    ['Oat Milk', 'Oat Milk'],
    ['Oat Milk Inc', 'Oat Milk'],
    ['Oat Milk Company', 'Oat Milk'],
  ];
  expect(learned(rows, 'Big Hot Pie', { isDetermined: true }).served).not.toBe('Big Hot');
});

test('rounded numbers are not taken for a line', () => {
  const rows = [12, 50, 81].map((km): Row => [
    String(km),
    (Math.round(km * 62.14) / 100).toFixed(2),
  ]);
  expect(learned(rows, '97').first).toBeUndefined();
});

const values = fc.oneof(
  fc.integer({ min: -99, max: 2100 }).map(String),
  fc.constantFrom(
    '2025-09-30',
    '14:05',
    'a, b, c',
    '[1, 2]',
    'Erik Dunteman',
    '',
    'true',
    '\ud800',
  ),
  fc.string({ maxLength: 16 }),
);

test('every program holds on all examples, is within the limits and is found again', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.array(values, { minLength: 1, maxLength: 2 }), values), {
        minLength: 1,
        maxLength: 5,
      }),
      fc.boolean(),
      (rows, isDetermined) => {
        const examples = rows.map(toExample);
        const programs = synthesize(examples, { isDetermined });
        for (const program of programs) {
          expect(expressionSize(program)).toBeLessThanOrEqual(EXPRESSION_LIMITS.sizeMax);
          expect(parseExpression(JSON.parse(JSON.stringify(program)))).toEqual(program);
          expect(nodesOf(program).some((node) => node.op === 'var')).toBe(true);
          for (const { inputs, output } of examples) expect(evaluate(program, inputs)).toBe(output);
        }
        expect(synthesize(examples, { isDetermined })).toEqual(programs);
      },
    ),
    RUNS,
  );
});
