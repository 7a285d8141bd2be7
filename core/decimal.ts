/**
 * Exact decimals: 0.1 + 0.2 is 0.3, and 1.0 equals 1. No floating point anywhere.
 * Every Decimal comes from this file and is normalised and bounded, so no operation can grow without end.
 */

/** The value is mantissa · 10^exponent; the mantissa has no trailing zero, and zero is 0 · 10^0. */
export interface Decimal {
  readonly mantissa: bigint;
  readonly exponent: number;
}

/** Money, counts and measures stay under 40 digits; 400 leaves room and keeps each operation in microseconds. */
const DIGITS_MAX = 400;
const EXPONENT_MAX = 400;
/** Sign, digits, point and exponent of the longest accepted text. */
const TEXT_MAX = DIGITS_MAX + 16;
/** An exact quotient with more decimals is not what people write. */
const QUOTIENT_DECIMALS_MAX = 12;
/** A longer number, or a longer exponent, is its own canonical text: unequal to other spellings, never wrong. */
const CANONICAL_CHARACTERS_MAX = 1_000_000;
const CANONICAL_EXPONENT_DIGITS_MAX = 400;

const NUMBER = /^(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?$/;
const DIGITS_LIMIT = 10n ** BigInt(DIGITS_MAX);

/** Reads a JSON number; anything else ("+1", "007", ".5", " 1") and anything beyond the bounds is undefined. */
export function parseDecimal(text: string): Decimal | undefined {
  if (text.length > TEXT_MAX) return undefined;
  const parts = NUMBER.exec(text);
  if (parts === null) return undefined;
  const [, sign = '', whole = '', fraction = '', written = '0'] = parts;
  const digits = whole + fraction;
  const exponent = Number(written);
  if (digits.length > DIGITS_MAX || Math.abs(exponent) > EXPONENT_MAX) return undefined;
  const mantissa = BigInt(digits);
  return normalise(sign === '-' ? -mantissa : mantissa, exponent - fraction.length);
}

/** Plain notation: no exponent, no trailing zeros, no "-0". */
export function formatDecimal(value: Decimal): string {
  const digits = magnitude(value.mantissa).toString();
  const sign = value.mantissa < 0n ? '-' : '';
  if (value.exponent >= 0) return sign + digits + '0'.repeat(value.exponent);
  const padded = digits.padStart(1 - value.exponent, '0');
  const point = padded.length + value.exponent;
  return `${sign}${padded.slice(0, point)}.${padded.slice(point)}`;
}

/**
 * One text for all spellings of a JSON number: `1`, `1.0`, `1e0` and `10e-1` are `1`; `-0` is `0`.
 *
 * The result is always a JSON number of the same value, so two different values never share a text.
 * Cost: linear in the source; an exponent is never expanded.
 * Errors: none. A source that is no JSON number is returned as it is.
 */
export function canonicalNumber(source: string): string {
  if (source.length > CANONICAL_CHARACTERS_MAX) return source;
  const parts = NUMBER.exec(source);
  if (parts === null) return source;
  const [, sign = '', whole = '', fraction = '', written = '0'] = parts;
  const digits = whole + fraction;
  const start = firstNonZero(digits);
  if (start === digits.length) return '0';
  if (written.length > CANONICAL_EXPONENT_DIGITS_MAX) return source;
  const end = lastNonZero(digits) + 1;
  const exponent = BigInt(written) - BigInt(fraction.length) + BigInt(digits.length - end);
  const mantissa = sign + digits.slice(start, end);
  return exponent === 0n ? mantissa : `${mantissa}e${exponent.toString()}`;
}

/** The sum, or undefined beyond the bounds. So are the other operations. */
export function add(left: Decimal, right: Decimal): Decimal | undefined {
  const [a, b, exponent] = align(left, right);
  return normalise(a + b, exponent);
}

export function subtract(left: Decimal, right: Decimal): Decimal | undefined {
  return add(left, negate(right));
}

export function multiply(left: Decimal, right: Decimal): Decimal | undefined {
  return normalise(left.mantissa * right.mantissa, left.exponent + right.exponent);
}

/** The exact quotient; undefined by zero, and where it does not end within twelve decimals. */
export function divide(left: Decimal, right: Decimal): Decimal | undefined {
  if (right.mantissa === 0n) return undefined;
  const shift = left.exponent - right.exponent + QUOTIENT_DECIMALS_MAX;
  const dividend = left.mantissa * powerOfTen(Math.max(shift, 0));
  const divisor = right.mantissa * powerOfTen(Math.max(-shift, 0));
  if (dividend % divisor !== 0n) return undefined;
  return normalise(dividend / divisor, -QUOTIENT_DECIMALS_MAX);
}

/** The integer quotient, rounded down, of numbers that one counts with: integers, the divisor positive. */
export function quotient(left: Decimal, right: Decimal): Decimal | undefined {
  const [dividend, divisor] = [countOf(left), countOf(right)];
  if (dividend === undefined || divisor === undefined || divisor === 0n) return undefined;
  return normalise(dividend / divisor, 0);
}

/** What the integer quotient leaves. */
export function remainder(left: Decimal, right: Decimal): Decimal | undefined {
  const [dividend, divisor] = [countOf(left), countOf(right)];
  if (dividend === undefined || divisor === undefined || divisor === 0n) return undefined;
  return normalise(dividend % divisor, 0);
}

/** How far apart the two are: never negative. */
export function difference(left: Decimal, right: Decimal): Decimal | undefined {
  return compare(left, right) < 0 ? subtract(right, left) : subtract(left, right);
}

export function minimum(left: Decimal, right: Decimal): Decimal {
  return compare(left, right) <= 0 ? left : right;
}

export function maximum(left: Decimal, right: Decimal): Decimal {
  return compare(left, right) >= 0 ? left : right;
}

/** With exactly so many decimals, as prices are written; a number that has more is undefined, never rounded. */
export function formatFixed(value: Decimal, decimals: number): string | undefined {
  if (!Number.isInteger(decimals) || decimals < 0 || decimals > QUOTIENT_DECIMALS_MAX)
    return undefined;
  const present = Math.max(-value.exponent, 0);
  if (present > decimals) return undefined;
  const plain = formatDecimal(value);
  const missing = '0'.repeat(decimals - present);
  return present === 0 && decimals > 0 ? `${plain}.${missing}` : plain + missing;
}

/** To so many decimals, a half away from zero, as people round. */
export function round(value: Decimal, decimals: number): Decimal | undefined {
  if (!Number.isInteger(decimals) || decimals < 0 || decimals > QUOTIENT_DECIMALS_MAX)
    return undefined;
  if (-value.exponent <= decimals) return value;
  const divisor = powerOfTen(-value.exponent - decimals);
  const twice = 2n * magnitude(value.mantissa) + divisor;
  const rounded = twice / (2n * divisor);
  return normalise(value.mantissa < 0n ? -rounded : rounded, -decimals);
}

/** The greatest integer that is no greater. */
export function floor(value: Decimal): Decimal | undefined {
  if (value.exponent >= 0) return value;
  const divisor = powerOfTen(-value.exponent);
  const cut = value.mantissa / divisor;
  return normalise(value.mantissa < 0n ? cut - 1n : cut, 0);
}

/** The smallest integer that is no smaller. */
export function ceiling(value: Decimal): Decimal | undefined {
  const floored = floor(negate(value));
  return floored && negate(floored);
}

/** The integer part in groups of three digits: "1234567.5" is "1,234,567.5". Plain numbers only. */
export function groupDigits(text: string, separator: string): string | undefined {
  const parts = /^(-?)([0-9]{1,400})(\.[0-9]{1,400})?$/.exec(text);
  if (parts === null) return undefined;
  const [, sign = '', whole = '', fraction = ''] = parts;
  const first = whole.length % 3 === 0 ? 3 : whole.length % 3;
  const groups = [whole.slice(0, first)];
  for (let offset = first; offset < whole.length; offset += 3)
    groups.push(whole.slice(offset, offset + 3));
  return sign + groups.join(separator) + fraction;
}

export function negate(value: Decimal): Decimal {
  return { mantissa: -value.mantissa, exponent: value.exponent };
}

/** Negative, zero or positive, as a comparator for sorting. */
export function compare(left: Decimal, right: Decimal): -1 | 0 | 1 {
  const [a, b] = align(left, right);
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function countOf(value: Decimal): bigint | undefined {
  return value.exponent < 0 || value.mantissa < 0n
    ? undefined
    : value.mantissa * powerOfTen(value.exponent);
}

function align(left: Decimal, right: Decimal): readonly [bigint, bigint, number] {
  const exponent = Math.min(left.exponent, right.exponent);
  return [
    left.mantissa * powerOfTen(left.exponent - exponent),
    right.mantissa * powerOfTen(right.exponent - exponent),
    exponent,
  ];
}

function powerOfTen(exponent: number): bigint {
  return exponent === 0 ? 1n : 10n ** BigInt(exponent);
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value;
}

/** Strips trailing zeros, then applies the bounds. Operands are bounded, so the loop runs at most 1,600 times. */
function normalise(mantissa: bigint, exponent: number): Decimal | undefined {
  if (mantissa === 0n) return { mantissa: 0n, exponent: 0 };
  let stripped = mantissa;
  let shifted = exponent;
  while (stripped % 10n === 0n) {
    stripped /= 10n;
    shifted++;
  }
  if (Math.abs(shifted) > EXPONENT_MAX || magnitude(stripped) >= DIGITS_LIMIT) return undefined;
  return { mantissa: stripped, exponent: shifted };
}

function firstNonZero(digits: string): number {
  let offset = 0;
  while (digits[offset] === '0') offset++;
  return offset;
}

function lastNonZero(digits: string): number {
  let offset = digits.length - 1;
  while (digits[offset] === '0') offset--;
  return offset;
}
