import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isDatePattern, readDate, shiftDate, writeDate } from './dates.ts';

const RUNS = { seed: 20_251_126, numRuns: 400 };

function rewritten(text: string, pattern: string, written: string): string | undefined {
  const date = readDate(text, pattern);
  return date && writeDate(date, written);
}

describe('readDate and writeDate', () => {
  test.each([
    ['2025-09-30', 'YYYY-MM-DD', 'dddd, D MMMM YYYY', 'Tuesday, 30 September 2025'],
    ['2025-09-03', 'YYYY-MM-DD', 'M/D/YY', '9/3/25'],
    ['09/30/2025', 'MM/DD/YYYY', 'YYYY-MM-DD', '2025-09-30'],
    ['September 3, 2025', 'MMMM D, YYYY', 'DD.MM.YYYY', '03.09.2025'],
    ['sep 3', 'MMM D', 'MMMM Do', 'September 3rd'],
    ['22nd May', 'Do MMMM', 'D', '22'],
    ['03 May', 'D MMMM', 'D/M', '3/5'],
    ['14:05', 'HH:mm', 'h:mm A', '2:05 PM'],
    ['00:15', 'HH:mm', 'hh:mm a', '12:15 am'],
    ['12:00 PM', 'h:mm A', 'HH:mm', '12:00'],
    ['12:30 AM', 'h:mm A', 'HH:mm', '00:30'],
    ['2025-09-30T14:30:07Z', 'YYYY-MM-DD[T]HH:mm:ss[Z]', 'HH:mm', '14:30'],
    ['29 February', 'D MMMM', 'MM-DD', '02-29'],
  ])('%j as %j is written %j: %j', (text, pattern, written, expected) => {
    expect(rewritten(text, pattern, written)).toBe(expected);
  });

  test.each([
    ['2025-02-30', 'YYYY-MM-DD', 'D', 'a day that does not exist'],
    ['2023-02-29', 'YYYY-MM-DD', 'D', 'no leap year'],
    ['2025-13-01', 'YYYY-MM-DD', 'D', 'a month that does not exist'],
    ['2025-9-30', 'YYYY-MM-DD', 'D', 'too few digits'],
    ['25:00', 'HH:mm', 'HH', 'no such hour'],
    ['13:00 PM', 'h:mm A', 'HH', 'no such hour of twelve'],
    ['Monday, 30 September 2025', 'dddd, D MMMM YYYY', 'D', 'the wrong weekday'],
    ['2025-09-30 ', 'YYYY-MM-DD', 'D', 'more text'],
    ['May 2025', 'MMMM YYYY', 'dddd', 'no day to tell the weekday from'],
    ['03/04/25', 'DD/MM/YY', 'YYYY', 'no century'],
    ['30 of 30', 'D [of] DD', 'MM', 'no month'],
    ['30 of 31', 'D [of] DD', 'D', 'two days'],
  ])('%j as %j is not written %j: %s', (text, pattern, written) => {
    expect(rewritten(text, pattern, written)).toBeUndefined();
  });

  test('what is written is read back, and the platform names the same weekday', () => {
    const patterns = ['YYYY-MM-DD', 'D MMMM YYYY', 'dddd, MMMM Do, YYYY', 'YYYYMMDD'];
    fc.assert(
      fc.property(
        fc.integer({ min: -700_000, max: 2_900_000 }),
        fc.constantFrom(...patterns),
        (days, pattern) => {
          const iso = new Date(days * 86_400_000).toISOString();
          const date = readDate(iso.slice(0, 10), 'YYYY-MM-DD');
          const written = date && writeDate(date, pattern);
          expect(written).toBeDefined();
          expect(readDate(written ?? '', pattern)).toEqual(date);
          expect(date?.weekday).toBe(new Date(iso).getUTCDay());
        },
      ),
      RUNS,
    );
  });

  test('any text and pattern has a date or none', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (text, pattern) => {
        const date = readDate(text, pattern);
        expect(date === undefined || typeof writeDate(date, pattern) === 'string').toBe(true);
      }),
      RUNS,
    );
  });
});

test('days later and earlier cross months, leap days and years', () => {
  const shifted = (text: string, days: number): string | undefined => {
    const date = readDate(text, 'YYYY-MM-DD');
    const moved = date && shiftDate(date, days);
    return moved && writeDate(moved, 'YYYY-MM-DD ddd');
  };
  expect(shifted('2024-02-28', 1)).toBe('2024-02-29 Thu');
  expect(shifted('2025-12-31', 1)).toBe('2026-01-01 Thu');
  expect(shifted('2025-03-01', -1)).toBe('2025-02-28 Fri');
  expect(shifted('0001-01-01', -1)).toBeUndefined();
  expect(shiftDate({ month: 5, day: 3 }, 1)).toBeUndefined();
});

test.each([
  ['YYYY-MM-DD', true],
  ['[on] D', true],
  ['[never closed', false],
  ['year', false],
  ['-', false],
  ['', false],
])('the pattern %j: %j', (pattern, expected) => {
  expect(isDatePattern(pattern)).toBe(expected);
});
