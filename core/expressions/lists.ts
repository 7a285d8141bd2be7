/** Texts as lists: split by a delimiter or read as a JSON array, put in order, and made one value again. */

import { add, compare, divide, formatDecimal, parseDecimal, type Decimal } from '../decimal.ts';
import { parseJson } from '../json/json.ts';
import { EXPRESSION_LIMITS, type ListOrder, type ListResult } from './expression.ts';

/**
 * The items of `text`: between delimiters and without the blanks around them, or those of a JSON array where the
 * delimiter is empty. Undefined beyond 1,000 items and for a JSON array of anything but texts and numbers.
 */
export function itemsOf(text: string, delimiter: string): readonly string[] | undefined {
  if (delimiter === '') return jsonItems(text);
  const items = text.split(delimiter, EXPRESSION_LIMITS.listItemsMax + 1);
  return items.length > EXPRESSION_LIMITS.listItemsMax
    ? undefined
    : items.map((item) => item.trim());
}

/** Numbers by value where all items are numbers, texts by code unit; equal items keep their order. */
export function sorted(items: readonly string[], order: ListOrder): readonly string[] {
  if (order === 'given') return items;
  if (order === 'reversed') return items.toReversed();
  const direction = order === 'ascending' ? 1 : -1;
  const numbers = numbersOf(items);
  if (numbers === undefined)
    return items.toSorted((a, b) => direction * (a < b ? -1 : Number(a > b)));
  return numbers
    .map((value, index) => ({ value, item: items[index] ?? '' }))
    .toSorted((a, b) => direction * compare(a.value, b.value))
    .map(({ item }) => item);
}

/** Undefined where a sum meets a text, and for the least and the mean of nothing. */
export function aggregate(
  items: readonly string[],
  result: ListResult,
  separator: string,
): string | undefined {
  if (result === 'count') return String(items.length);
  if (result === 'join') return joined(items, separator);
  const numbers = numbersOf(items);
  if (numbers === undefined) return undefined;
  const value = RESULTS[result](numbers);
  return value && formatDecimal(value);
}

const RESULTS: Readonly<
  Record<
    Exclude<ListResult, 'count' | 'join'>,
    (numbers: readonly Decimal[]) => Decimal | undefined
  >
> = {
  sum: sumOf,
  minimum: (numbers) => numbers.toSorted(compare)[0],
  maximum: (numbers) => numbers.toSorted(compare).at(-1),
  average: (numbers) => {
    const sum = sumOf(numbers);
    const count = parseDecimal(String(numbers.length));
    return sum && count && divide(sum, count);
  },
};

function sumOf(numbers: readonly Decimal[]): Decimal | undefined {
  let sum = parseDecimal('0');
  for (const number of numbers) sum = sum && add(sum, number);
  return sum;
}

function numbersOf(items: readonly string[]): readonly Decimal[] | undefined {
  const numbers = items.flatMap((item) => parseDecimal(item) ?? []);
  return numbers.length === items.length ? numbers : undefined;
}

function joined(items: readonly string[], separator: string): string | undefined {
  const length = items.reduce((sum, item) => sum + item.length + separator.length, 0);
  return length > 2 * EXPRESSION_LIMITS.valueCharactersMax ? undefined : items.join(separator);
}

/** Numbers keep their source text: 1.0 stays 1.0. */
function jsonItems(text: string): readonly string[] | undefined {
  const parsed = parseJson(text);
  if (parsed.kind === 'fault' || parsed.value.kind !== 'array') return undefined;
  const { items: list } = parsed.value;
  if (list.length > EXPRESSION_LIMITS.listItemsMax) return undefined;
  const items = list.flatMap((item) => {
    if (item.kind === 'string') return [item.value];
    return item.kind === 'number' ? [item.source] : [];
  });
  return items.length === list.length ? items : undefined;
}
