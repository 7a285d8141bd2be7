/** What people type as arguments, read and told of before anybody is asked. */
import { InvalidArgumentError } from 'commander';

const AGE = /^(\d+(?:\.\d+)?)([dhm])$/;
const DAYS = { d: 1, h: 1 / 24, m: 1 / 1440 } as const;
const DAY_MS = 86_400_000;

/** Errors: InvalidArgumentError. */
export function toDays(text: string): number {
  const [, amount, unit] = AGE.exec(text) ?? [];
  if (amount === undefined || unit === undefined) {
    throw new InvalidArgumentError('an age is a number with d, h or m, such as 30d');
  }
  return Number(amount) * DAYS[unit as keyof typeof DAYS];
}

/** A time, or how long ago it was. Gives back ISO 8601 in UTC. Errors: InvalidArgumentError. */
export function toTime(text: string): string {
  if (AGE.test(text)) return new Date(Date.now() - toDays(text) * DAY_MS).toISOString();
  const time = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(time)) {
    throw new InvalidArgumentError('a time is such as 2026-11-25T12:00:00Z, or an age such as 12h');
  }
  return new Date(time).toISOString();
}

/** Whole numbers from 1 to `most`. Errors of what it gives: InvalidArgumentError. */
export function toCount(most: number): (text: string) => string {
  return (text) => {
    if (/^\d{1,9}$/.test(text) && Number(text) >= 1 && Number(text) <= most) return text;
    throw new InvalidArgumentError(`it must be a whole number from 1 to ${String(most)}`);
  };
}
