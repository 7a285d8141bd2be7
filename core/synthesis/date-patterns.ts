/** Patterns in which people write dates and times, and other dates in the pattern of one. */

import { readDate, shiftDate, writeDate, type DateParts } from '../expressions/dates.ts';

export const DATE_PATTERNS = [
  ...['YYYY-MM-DD', 'YYYY/MM/DD', 'YYYYMMDD', 'DD/MM/YYYY', 'MM/DD/YYYY', 'D/M/YYYY', 'M/D/YYYY'],
  ...['DD.MM.YYYY', 'D.M.YYYY', 'DD-MM-YYYY', 'MM-DD-YYYY', 'MMMM D, YYYY', 'MMM D, YYYY'],
  ...['D MMMM YYYY', 'D MMM YYYY', 'DD MMM YYYY', 'DD MMMM YYYY', 'DD-MMM-YYYY', 'Do MMMM YYYY'],
  ...['MMMM Do, YYYY', 'dddd, MMMM D, YYYY', 'dddd, D MMMM YYYY', 'ddd, D MMM YYYY'],
  ...['MMMM YYYY', 'MMM YYYY', 'MM/YYYY', 'YYYY-MM', 'MMMM D', 'D MMMM', 'MMM D', 'D MMM'],
  ...['DD/MM/YY', 'MM/DD/YY', 'MMMM', 'MMM', 'dddd', 'ddd'],
  ...[
    'YYYY-MM-DD HH:mm',
    'YYYY-MM-DD HH:mm:ss',
    'YYYY-MM-DD[T]HH:mm:ss',
    'YYYY-MM-DD[T]HH:mm:ss[Z]',
  ],
  ...['HH:mm', 'H:mm', 'HH:mm:ss', 'h:mm A', 'hh:mm A', 'h:mm a', 'h A', 'h a', 'hA', 'ha', 'HHmm'],
];
const DAYS = [1, 9, 40, 100, 200, 400, 1000, -5, -33, -400, 3, 17, 60, 7300] as const;
const MINUTES_A_TURN = 277;
const CHARACTERS_MAX = 40;

/** Another date or time in the same pattern, a different one for each turn; undefined for what is none. */
export function otherDate(text: string, turn: number): string | undefined {
  if (text.length > CHARACTERS_MAX || !/[0-9]|day|[a-z]{3}/i.test(text)) return undefined;
  for (const pattern of DATE_PATTERNS) {
    const date = readDate(text, pattern);
    if (date === undefined) continue;
    return writeDate(otherTime(otherDay(date, turn), turn), pattern);
  }
  return undefined;
}

function otherDay(date: DateParts, turn: number): DateParts {
  const shifted = shiftDate(date, DAYS[turn % DAYS.length] ?? 1);
  if (shifted !== undefined) return shifted;
  const { month, day, weekday } = date;
  return {
    ...date,
    ...(month === undefined ? {} : { month: ((month + turn) % 12) + 1 }),
    ...(day === undefined ? {} : { day: ((day + 3 * turn) % 28) + 1 }),
    ...(weekday === undefined ? {} : { weekday: (weekday + turn + 1) % 7 }),
  };
}

function otherTime(date: DateParts, turn: number): DateParts {
  const { hour, minute } = date;
  if (hour === undefined) return date;
  const minutes = (hour * 60 + (minute ?? 0) + (turn + 1) * MINUTES_A_TURN) % 1440;
  return {
    ...date,
    hour: Math.floor(minutes / 60),
    ...(minute === undefined ? {} : { minute: minutes % 60 }),
  };
}
