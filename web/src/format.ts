/** Numbers and times as people read them. */

const WHOLE = new Intl.NumberFormat('en');
const SHORT = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

export function whole(value: number): string {
  return Math.abs(value) >= 100_000 ? SHORT.format(value) : WHOLE.format(value);
}

/** `1 node`, `2 nodes`. */
export function plural(count: number, noun: string): string {
  return `${whole(count)} ${noun}${count === 1 ? '' : 's'}`;
}

export function usd(value: number): string {
  if (value === 0) return '$0';
  const digits = Math.abs(value) >= 1 ? 2 : Math.abs(value) >= 0.01 ? 4 : 6;
  return `${value < 0 ? '−' : ''}$${Math.abs(value).toFixed(digits)}`;
}

export function ms(value: number | undefined): string {
  if (value === undefined) return '–';
  if (value < 10) return `${value.toFixed(1)} ms`;
  return value < 10_000 ? `${String(Math.round(value))} ms` : `${(value / 1000).toFixed(1)} s`;
}

export function share(part: number, all: number): string {
  return all === 0 ? '–' : `${((100 * part) / all).toFixed(1)} %`;
}

const TIME = new Intl.DateTimeFormat('en-GB', {
  ...({
    month: 'short',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  } as const),
});

export function time(iso: string): string {
  return TIME.format(new Date(iso));
}

const FULL_TIME = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'long' });

/** With year, weekday and zone. */
export function fullTime(iso: string): string {
  return FULL_TIME.format(new Date(iso));
}

const AGO = new Intl.RelativeTimeFormat('en', { numeric: 'always', style: 'short' });
const UNITS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const;

/** How long ago, in the largest unit that has a whole number; older than a month is told by its date. */
export function ago(iso: string, now: number): string {
  const seconds = Math.round((now - Date.parse(iso)) / 1000);
  if (seconds > 30 * 86_400) return time(iso);
  for (const [unit, length] of UNITS) {
    if (seconds >= length) return AGO.format(-Math.floor(seconds / length), unit);
  }
  return seconds < 5 ? 'just now' : AGO.format(-seconds, 'second');
}

/** Underscores are how reasons are written, not how they are read. */
export function words(code: string | undefined): string {
  return (code ?? '').replaceAll('_', ' ');
}
