import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  add,
  canonicalNumber,
  ceiling,
  compare,
  difference,
  divide,
  floor,
  formatDecimal,
  formatFixed,
  groupDigits,
  maximum,
  minimum,
  multiply,
  negate,
  parseDecimal,
  quotient,
  remainder,
  round,
  subtract,
  type Decimal,
} from './decimal.ts';

const RUNS = { seed: 20_251_124, numRuns: 500 };

function decimal(text: string): Decimal {
  const value = parseDecimal(text);
  if (value === undefined) throw new Error(`${text} is no decimal`);
  return value;
}

function shown(value: Decimal | undefined): string | undefined {
  return value === undefined ? undefined : formatDecimal(value);
}

/** Sources of JSON numbers, with exponents and needless zeros. */
const sources = fc
  .record({
    sign: fc.constantFrom('', '-'),
    whole: fc.nat(99_999),
    fraction: fc.option(fc.stringMatching(/^[0-9]{1,6}$/), { nil: undefined }),
    exponent: fc.option(fc.integer({ min: -30, max: 30 }), { nil: undefined }),
  })
  .map(({ sign, whole, fraction, exponent }) => {
    const digits = fraction === undefined ? String(whole) : `${whole}.${fraction}`;
    return sign + digits + (exponent === undefined ? '' : `e${exponent}`);
  });

describe('parseDecimal and formatDecimal', () => {
  test.each([
    ['0', '0'],
    ['-0', '0'],
    ['1.50', '1.5'],
    ['1200', '1200'],
    ['12e2', '1200'],
    ['-0.0010', '-0.001'],
    ['5E-3', '0.005'],
  ])('%j is shown as %j', (text, expected) => {
    expect(shown(parseDecimal(text))).toBe(expected);
  });

  test.each(['', '+1', '007', '.5', '5.', ' 1', '1 ', '1,000', '0x1', 'NaN', '--1', '1e', '٣'])(
    '%j is no decimal',
    (text) => {
      expect(parseDecimal(text)).toBeUndefined();
    },
  );

  test('what is beyond the bounds is refused, not computed', () => {
    expect(parseDecimal('9'.repeat(401))).toBeUndefined();
    expect(parseDecimal('9'.repeat(400))).toBeDefined();
    expect(parseDecimal('1e999999999')).toBeUndefined();
    expect(parseDecimal('0.1e-400')).toBeUndefined();
    const large = decimal('1e400');
    expect(multiply(large, large)).toBeUndefined();
    expect(add(large, decimal('1'))).toBeUndefined();
  });

  test('formatting and parsing give the value back', () => {
    fc.assert(
      fc.property(sources, (source) => {
        expect(parseDecimal(formatDecimal(decimal(source)))).toEqual(decimal(source));
      }),
      RUNS,
    );
  });
});

describe('arithmetic', () => {
  test.each([
    ['sum', add, '0.1', '0.2', '0.3'],
    ['sum', add, '99.5', '0.5', '100'],
    ['difference', subtract, '12', '30', '-18'],
    ['product', multiply, '24.99', '61', '1524.39'],
    ['quotient', divide, '84', '2', '42'],
    ['quotient', divide, '1', '8', '0.125'],
    ['quotient', divide, '1e20', '1e-20', '1'.padEnd(41, '0')],
    ['quotient', divide, '1', '3', undefined],
    ['quotient', divide, '1', '8192', undefined],
    ['quotient', divide, '5', '0', undefined],
    ['integer quotient', quotient, '17', '5', '3'],
    ['integer quotient', quotient, '17', '-5', undefined],
    ['rest', remainder, '17', '5', '2'],
    ['rest', remainder, '1.5', '1', undefined],
    ['rest', remainder, '17', '0', undefined],
    ['distance', difference, '12', '30', '18'],
    ['lesser', minimum, '12', '-30', '-30'],
    ['greater', maximum, '12', '12.5', '12.5'],
  ])('the %s (%#) of exact decimals', (...row) => {
    const [, operation, left, right, expected] = row;
    expect(shown(operation(decimal(left), decimal(right)))).toBe(expected);
  });

  test('subtracting undoes adding, and dividing undoes multiplying', () => {
    fc.assert(
      fc.property(sources, sources, (left, right) => {
        const [a, b] = [decimal(left), decimal(right)];
        const [sum, product] = [add(a, b), multiply(a, b)];
        expect(sum && subtract(sum, b)).toEqual(a);
        if (b.mantissa !== 0n && product !== undefined && a.exponent >= -12) {
          expect(divide(product, b)).toEqual(a);
        }
        expect(compare(negate(a), negate(b))).toBe(compare(b, a));
      }),
      RUNS,
    );
  });

  test.each([
    ['6579.3', 2, '6579.30'],
    ['7', 2, '7.00'],
    ['7', 0, '7'],
    ['-0.5', 2, '-0.50'],
    ['1.255', 2, undefined],
    ['1', 13, undefined],
    ['1', 0.5, undefined],
  ])('%s with %d decimals', (text, decimals, expected) => {
    expect(formatFixed(decimal(text), decimals)).toBe(expected);
  });
});

describe('canonicalNumber', () => {
  test.each([
    [['1', '1.0', '1e0', '10e-1', '0.1E+1', '1.000'], '1'],
    [['0', '-0', '0.00', '0e99', '-0e-5', '0e999999999999'], '0'],
    [['1200', '12e2', '1.2e3'], '12e2'],
    [['-0.5', '-5e-1'], '-5e-1'],
    [['1e999999999', '10e999999998'], '1e999999999'],
  ])('%j are one number', (spellings, expected) => {
    expect(spellings.map(canonicalNumber)).toEqual(spellings.map(() => expected));
  });

  test('a text that is no number stays itself', () => {
    for (const text of ['', '+1', '007', 'x', '1e']) expect(canonicalNumber(text)).toBe(text);
  });

  test('long sources take no longer than their length', () => {
    expect(canonicalNumber(`1${'0'.repeat(500_000)}`)).toBe('1e500000');
    expect(canonicalNumber(`1e${'9'.repeat(1000)}`)).toBe(`1e${'9'.repeat(1000)}`);
  });

  test('two sources share a text exactly if they are equal, and the text has the same value', () => {
    fc.assert(
      fc.property(sources, sources, fc.nat(3), (left, other, zeros) => {
        const right =
          zeros === 0 || decimal(left).mantissa === 0n
            ? other
            : `${decimal(left).mantissa}${'0'.repeat(zeros)}e${decimal(left).exponent - zeros}`;
        const areEqual = compare(decimal(left), decimal(right)) === 0;
        expect(canonicalNumber(left) === canonicalNumber(right)).toBe(areEqual);
        expect(parseDecimal(canonicalNumber(left))).toEqual(decimal(left));
      }),
      RUNS,
    );
  });
});

describe('rounding and groups', () => {
  test.each([
    ['1.005', 2, '1.01'],
    ['-1.005', 2, '-1.01'],
    ['2.5', 0, '3'],
    ['1200', 2, '1200'],
    ['0.004', 2, '0'],
    ['1', 13, undefined],
    ['1', 0.5, undefined],
  ])('%s to %d decimals is %s', (text, decimals, expected) => {
    expect(shown(round(decimal(text), decimals))).toBe(expected);
  });

  test('thousandths round, fall and rise as whole numbers of them do', () => {
    fc.assert(
      fc.property(fc.integer({ min: -999_999, max: 999_999 }), (thousandths) => {
        const value = divide(decimal(String(thousandths)), decimal('1000'));
        const away = Math.sign(thousandths) * Math.floor((Math.abs(thousandths) + 5) / 10);
        const hundredth = (count: number) => shown(divide(decimal(String(count)), decimal('100')));
        expect(value && shown(round(value, 2))).toBe(hundredth(away + 0));
        expect(value && shown(floor(value))).toBe(String(Math.floor(thousandths / 1000)));
        expect(value && shown(ceiling(value))).toBe(String(Math.ceil(thousandths / 1000) + 0));
      }),
      RUNS,
    );
  });

  test('groups are those of the platform', () => {
    fc.assert(
      fc.property(fc.integer(), (value) => {
        expect(groupDigits(String(value), ',')).toBe(value.toLocaleString('en-US'));
      }),
      RUNS,
    );
    expect(groupDigits('1e5', ',')).toBeUndefined();
    expect(groupDigits('', ',')).toBeUndefined();
  });
});
