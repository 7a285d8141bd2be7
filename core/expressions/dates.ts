/**
 * Dates and times by pattern, in the letters of dayjs: YYYY YY MMMM MMM MM M DD D Do dddd ddd HH H hh h mm ss A a,
 * other letters in brackets ("[at]"). Reading is strict and in one pass; no pattern becomes a regular expression.
 */

import { ordinalSuffix } from './english.ts';

export interface DateParts {
  readonly year?: number;
  /** The year of a century: "24" alone does not say which. */
  readonly shortYear?: number;
  readonly month?: number;
  readonly day?: number;
  readonly weekday?: number;
  readonly hour?: number;
  readonly minute?: number;
  readonly second?: number;
}

type Field = keyof DateParts;
type Draft = { -readonly [K in Field]?: number } & { half?: number; clockHour?: number };
type DateToken = (typeof DATE_TOKENS)[number];

/** Longest first among those that begin alike. */
const DATE_TOKENS = [
  ...(['YYYY', 'YY', 'MMMM', 'MMM', 'MM', 'M', 'DD', 'Do', 'D', 'dddd', 'ddd'] as const),
  ...(['HH', 'H', 'hh', 'h', 'mm', 'ss', 'A', 'a'] as const),
] as const;
type Piece = { readonly token: DateToken } | { readonly text: string };

const MONTHS =
  'January February March April May June July August September October November December'.split(
    ' ',
  );
const WEEKDAYS = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');
const SHORT_CHARACTERS = 3;
const DAY_MS = 86_400_000;

interface Numeric {
  readonly field: Field | 'clockHour';
  readonly digitsMin: number;
  readonly digitsMax: number;
}
const NUMERIC: ReadonlyMap<string, Numeric> = new Map(
  (
    [
      ['YYYY', 'year', 4, 4],
      ['YY', 'shortYear', 2, 2],
      ['MM', 'month', 2, 2],
      ['M', 'month', 1, 2],
      ['DD', 'day', 2, 2],
      ['D', 'day', 1, 2],
      ['HH', 'hour', 2, 2],
      ['H', 'hour', 1, 2],
      ['hh', 'clockHour', 2, 2],
      ['h', 'clockHour', 1, 2],
      ['mm', 'minute', 2, 2],
      ['ss', 'second', 2, 2],
    ] as const
  ).map(([token, field, digitsMin, digitsMax]) => [token, { field, digitsMin, digitsMax }]),
);

/** Whether the pattern can be used: at least one token, every bracket closed, no stray letter. */
export function isDatePattern(pattern: string): boolean {
  return piecesOf(pattern)?.some((piece) => 'token' in piece) === true;
}

/** The date that `text` is in `pattern`; undefined where it is none, a day that does not exist, or the wrong weekday. */
export function readDate(text: string, pattern: string): DateParts | undefined {
  const pieces = piecesOf(pattern);
  if (pieces === undefined) return undefined;
  const draft: Draft = {};
  let offset = 0;
  for (const piece of pieces) {
    const length =
      'text' in piece ? literal(text, offset, piece.text) : read(text, offset, piece.token, draft);
    if (length === undefined) return undefined;
    offset += length;
  }
  return offset === text.length ? finished(draft) : undefined;
}

/** The date in `pattern`, or undefined where the date lacks what the pattern shows. */
export function writeDate(date: DateParts, pattern: string): string | undefined {
  const pieces = piecesOf(pattern);
  if (pieces === undefined) return undefined;
  let text = '';
  for (const piece of pieces) {
    const part = 'text' in piece ? piece.text : write(date, piece.token);
    if (part === undefined) return undefined;
    text += part;
  }
  return text;
}

/** So many days later, or earlier; undefined for what is no full date or beyond the years 1 to 9999. */
export function shiftDate(date: DateParts, days: number): DateParts | undefined {
  const { year, month, day } = date;
  if (year === undefined || month === undefined || day === undefined) return undefined;
  const moved = new Date(timeOf(year, month, day) + days * DAY_MS);
  const movedYear = moved.getUTCFullYear();
  if (!(movedYear >= 1 && movedYear <= 9999)) return undefined;
  return {
    ...date,
    year: movedYear,
    shortYear: movedYear % 100,
    month: moved.getUTCMonth() + 1,
    day: moved.getUTCDate(),
    weekday: moved.getUTCDay(),
  };
}

function piecesOf(pattern: string): readonly Piece[] | undefined {
  const pieces: Piece[] = [];
  for (let offset = 0; offset < pattern.length;) {
    const token = DATE_TOKENS.find((candidate) => pattern.startsWith(candidate, offset));
    const character = pattern.charAt(offset);
    if (token !== undefined) {
      pieces.push({ token });
      offset += token.length;
    } else if (character === '[') {
      const end = pattern.indexOf(']', offset);
      if (end < 0) return undefined;
      pieces.push({ text: pattern.slice(offset + 1, end) });
      offset = end + 1;
    } else {
      if (/\p{L}/u.test(character)) return undefined;
      pieces.push({ text: character });
      offset++;
    }
  }
  return pieces;
}

function literal(text: string, offset: number, part: string): number | undefined {
  return text.startsWith(part, offset) ? part.length : undefined;
}

/** Reads one token into `draft`: the number of characters read, or undefined. A field read twice must agree. */
function read(text: string, offset: number, token: DateToken, draft: Draft): number | undefined {
  const numeric = NUMERIC.get(token);
  if (numeric !== undefined) return readNumber(text, offset, numeric, draft);
  if (token === 'Do') {
    const length = readNumber(text, offset, { field: 'day', digitsMin: 1, digitsMax: 2 }, draft);
    const suffix = ordinalSuffix(String(draft.day ?? 0));
    return length !== undefined && text.startsWith(suffix, offset + length)
      ? length + 2
      : undefined;
  }
  if (token === 'A' || token === 'a') {
    const half = text.slice(offset, offset + 2);
    const index = (token === 'A' ? ['AM', 'PM'] : ['am', 'pm']).indexOf(half);
    return index >= 0 && agree(draft, 'half', index) ? 2 : undefined;
  }
  return readName(text, offset, token, draft);
}

function readName(
  text: string,
  offset: number,
  token: DateToken,
  draft: Draft,
): number | undefined {
  const isMonth = token.startsWith('M');
  const isShort = token.length === SHORT_CHARACTERS;
  const names = (isMonth ? MONTHS : WEEKDAYS).map((name) =>
    isShort ? name.slice(0, SHORT_CHARACTERS) : name,
  );
  const index = names.findIndex(
    (name) => text.slice(offset, offset + name.length).toLowerCase() === name.toLowerCase(),
  );
  if (index < 0 || !agree(draft, isMonth ? 'month' : 'weekday', isMonth ? index + 1 : index))
    return undefined;
  return names[index]?.length;
}

function readNumber(
  text: string,
  offset: number,
  numeric: Numeric,
  draft: Draft,
): number | undefined {
  let length = 0;
  while (length < numeric.digitsMax && /^[0-9]$/.test(text.charAt(offset + length))) length++;
  const digits = text.slice(offset, offset + length);
  // A zero in front is read by "D" as by "DD": it says nothing else.
  if (length < numeric.digitsMin) return undefined;
  return agree(draft, numeric.field, Number(digits)) ? length : undefined;
}

function agree(draft: Draft, field: keyof Draft, value: number): boolean {
  const present = draft[field];
  draft[field] = value;
  return present === undefined || present === value;
}

function finished(draft: Draft): DateParts | undefined {
  const { half, clockHour, ...parts } = draft;
  if ((half === undefined) !== (clockHour === undefined)) return undefined;
  if (half !== undefined && clockHour !== undefined) {
    if (clockHour < 1 || clockHour > 12 || parts.hour !== undefined) return undefined;
    parts.hour = (clockHour % 12) + half * 12;
  }
  if (!isTime(parts) || !isDay(parts)) return undefined;
  const { year, month, day } = parts;
  if (year === undefined || month === undefined || day === undefined) return parts;
  const weekday = new Date(timeOf(year, month, day)).getUTCDay();
  if (parts.weekday !== undefined && parts.weekday !== weekday) return undefined;
  return { ...parts, weekday, shortYear: year % 100 };
}

function isTime({ hour = 0, minute = 0, second = 0 }: DateParts): boolean {
  return hour < 24 && minute < 60 && second < 60;
}

/** Without a year, the 29th of February exists. */
function isDay({ year = 2000, month = 1, day = 1 }: DateParts): boolean {
  if (year < 1 || month < 1 || month > 12 || day < 1) return false;
  return day <= new Date(timeOf(year, month + 1, 0)).getUTCDate();
}

/** Not `Date.UTC`, which takes the years 0 to 99 for those of the twentieth century. */
function timeOf(year: number, month: number, day: number): number {
  return new Date(0).setUTCFullYear(year, month - 1, day);
}

function write(date: DateParts, token: DateToken): string | undefined {
  if (token === 'A' || token === 'a') {
    if (date.hour === undefined) return undefined;
    const half = date.hour < 12 ? 'AM' : 'PM';
    return token === 'A' ? half : half.toLowerCase();
  }
  if (token === 'Do')
    return date.day === undefined ? undefined : `${date.day}${ordinalSuffix(String(date.day))}`;
  const numeric = NUMERIC.get(token);
  if (numeric === undefined) return nameOf(date, token);
  const value = numeric.field === 'clockHour' ? clockHourOf(date.hour) : date[numeric.field];
  if (value === undefined) return undefined;
  return String(value).padStart(numeric.digitsMin, '0');
}

function nameOf(date: DateParts, token: DateToken): string | undefined {
  const name = token.startsWith('M') ? MONTHS[(date.month ?? 0) - 1] : WEEKDAYS[date.weekday ?? -1];
  return token.length === SHORT_CHARACTERS ? name?.slice(0, SHORT_CHARACTERS) : name;
}

function clockHourOf(hour: number | undefined): number | undefined {
  if (hour === undefined) return undefined;
  return hour % 12 === 0 ? 12 : hour % 12;
}
