/** Fresh values of the kinds that production prompts hold: people, addresses, ids, dates, amounts. */
import { int, pick, type Random } from './random.ts';
import { CITIES, DOMAINS, FIRST_NAMES, LAST_NAMES, MONTHS, STREETS } from './vocabulary.ts';

export interface Person {
  readonly first: string;
  readonly last: string;
  readonly name: string;
  readonly email: string;
}

export function person(random: Random): Person {
  const [first, last] = [pick(random, FIRST_NAMES), pick(random, LAST_NAMES)];
  const user = `${first}.${last}`.toLowerCase().replace(/[^a-z.]/g, '');
  const number = random() < 0.3 ? String(int(random, 1, 99)) : '';
  return {
    first,
    last,
    name: `${first} ${last}`,
    email: `${user}${number}@${pick(random, DOMAINS)}`,
  };
}

export interface Address {
  readonly street: string;
  readonly city: string;
  readonly zip: string;
}

export function address(random: Random): Address {
  return {
    street: `${int(random, 1, 240)} ${pick(random, STREETS)}`,
    city: pick(random, CITIES),
    zip: digits(random, 5),
  };
}

export interface Day {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

export function day(random: Random): Day {
  return { year: int(random, 2024, 2027), month: int(random, 1, 12), day: int(random, 1, 28) };
}

/** "2026-03-04". */
export function iso({ year, month, day }: Day): string {
  return `${year}-${two(month)}-${two(day)}`;
}

/** "4 March 2026". */
export function longDate({ year, month, day }: Day): string {
  return `${day} ${monthName(month)} ${year}`;
}

export function monthName(month: number): string {
  return MONTHS[month - 1] ?? '';
}

export const isoDate = (random: Random): string => iso(day(random));

/** "14:05". */
export function clock(random: Random): string {
  return `${two(int(random, 7, 21))}:${two(int(random, 0, 11) * 5)}`;
}

/** "2026-03-04T10:22:31.084Z". */
export function timestamp(random: Random): string {
  const time = [int(random, 0, 23), int(random, 0, 59), int(random, 0, 59)].map(two).join(':');
  return `${isoDate(random)}T${time}.${digits(random, 3)}Z`;
}

export function two(value: number): string {
  return String(value).padStart(2, '0');
}

/** In whole cents; `dollars` writes it. */
export function cents(random: Random, from: number, to: number): number {
  return int(random, from * 100, to * 100);
}

/** "1234.50". */
export function dollars(amount: number): string {
  return `${Math.floor(amount / 100)}.${two(amount % 100)}`;
}

export function digits(random: Random, count: number): string {
  return characters(random, count, '0123456789');
}

/** The first digit is no zero, so that it may be a JSON number. */
export function number(random: Random, count: number): number {
  return int(random, 10 ** (count - 1), 10 ** count - 1);
}

export function hex(random: Random, count: number): string {
  return characters(random, count, '0123456789abcdef');
}

export function letters(random: Random, count: number): string {
  return characters(random, count, 'ABCDEFGHJKLMNPQRSTUVWXYZ');
}

export function characters(random: Random, count: number, alphabet: string): string {
  return Array.from({ length: count }, () => alphabet[int(random, 0, alphabet.length - 1)]).join(
    '',
  );
}

/** Version 4. */
export function uuid(random: Random): string {
  const variant = characters(random, 1, '89ab');
  return `${hex(random, 8)}-${hex(random, 4)}-4${hex(random, 3)}-${variant}${hex(random, 3)}-${hex(random, 12)}`;
}

/** "ORD-48213". */
export function code(random: Random, prefix: string, count = 5): string {
  return `${prefix}-${digits(random, count)}`;
}

export function phone(random: Random): string {
  return `+${int(random, 20, 98)} ${number(random, 3)} ${number(random, 6)}`;
}

export function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
