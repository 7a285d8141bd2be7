/** JSON as it stands in a stream of events. */
import type { JsonValue } from './completion.ts';

/** Some clients split lines as Python's `str.splitlines` does; JSON leaves these three unescaped. */
const LINE_SEPARATORS = /[\u0085\u2028\u2029]/g;

/** Outside strings these characters cannot stand in JSON, so a plain replacement is an escape. */
export function jsonOf(value: JsonValue): string {
  const text = JSON.stringify(value);
  return hasLineSeparator(text) ? text.replace(LINE_SEPARATORS, escaped) : text;
}

/** Three searches, two of which end at once in a text of Latin-1, take less than the expression. */
export function hasLineSeparator(text: string): boolean {
  return text.includes('\u0085') || text.includes('\u2028') || text.includes('\u2029');
}

function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
