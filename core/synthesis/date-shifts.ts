/** Days later or earlier: by as many days as all examples show, or as a variable says. */

import { readDate, writeDate, type DateParts } from '../expressions/dates.ts';
import type { Expression } from '../expressions/expression.ts';
import { DATE_PATTERNS } from './date-patterns.ts';
import { COST } from './evidence.ts';
import { isNumeric, type Piece, type Task } from './task.ts';

const DAY_MS = 86_400_000;
/** A century, which is as far as `shift-date` goes. */
const DAYS_MAX = 36_525;

/** Whole outputs only, in the pattern of the variable or another one. */
export function findShifts(task: Task): readonly Piece[] {
  return DATE_PATTERNS.flatMap((written) => {
    const ends = datesOf(task.outputs, written);
    if (ends === undefined) return [];
    return task.variables.flatMap((variable) =>
      DATE_PATTERNS.flatMap((pattern) => {
        const starts = datesOf(variable.values, pattern);
        const shifts = starts?.map((start, index) => daysBetween(start, ends[index]));
        if (shifts === undefined || shifts.some((days) => !(Math.abs(days) <= DAYS_MAX))) return [];
        return daysFrom(shifts, task).map(({ days, cost }) => {
          const of = variable.expression;
          const shifted: Expression = { op: 'shift-date', of, days, pattern };
          return {
            expression:
              pattern === written
                ? shifted
                : { op: 'date' as const, of: shifted, pattern, written },
            cost: variable.cost + COST.shift + cost + (pattern === written ? 0 : COST.date),
            values: task.outputs,
          };
        });
      }),
    );
  });
}

/** The number of days as a constant, where several examples agree on it, or as a variable, also in weeks. */
function daysFrom(
  shifts: readonly number[],
  task: Task,
): readonly { readonly days: Expression; readonly cost: number }[] {
  const [first = 0] = shifts;
  const text = (value: number): Expression => ({ op: 'text', value: String(value) });
  const same = shifts.every((days) => days === first) && task.isVaried && first !== 0;
  const constant = same ? [{ days: text(first), cost: 4 + Math.log2(Math.abs(first) + 1) }] : [];
  const variables = task.variables.filter(isNumeric).flatMap((piece) =>
    [1, -1, 7, -7].flatMap((factor) => {
      if (!piece.values.every((value, index) => Number(value) * factor === shifts[index]))
        return [];
      const days: Expression =
        factor === 1
          ? piece.expression
          : { op: 'multiply', left: piece.expression, right: text(factor) };
      return [{ days, cost: piece.cost + (factor === 1 ? 0 : COST.smallConstant) }];
    }),
  );
  return [...constant, ...variables];
}

/** The dates if each is a whole one, and comes back as it was written. */
function datesOf(texts: readonly string[], pattern: string): readonly DateParts[] | undefined {
  const dates: DateParts[] = [];
  for (const text of texts) {
    const date = readDate(text, pattern);
    if (date?.year === undefined || date.month === undefined || date.day === undefined)
      return undefined;
    if (writeDate(date, pattern) !== text) return undefined;
    dates.push(date);
  }
  return dates;
}

function daysBetween(start: DateParts, end: DateParts | undefined): number {
  return end === undefined ? NaN : Math.round((timeOf(end) - timeOf(start)) / DAY_MS);
}

function timeOf({ year = 0, month = 1, day = 1 }: DateParts): number {
  return new Date(0).setUTCFullYear(year, month - 1, day);
}
