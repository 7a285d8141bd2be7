/**
 * Pieces in another form: numbers, ordinals, centuries, plurals, dates and times. Each is one or two operations on
 * a variable or a part of one, and is kept if it occurs in every output.
 */

import { readDate, writeDate } from '../expressions/dates.ts';
import type { PlainOp, UnaryExpression } from '../expressions/expression.ts';
import { DATE_PATTERNS } from './date-patterns.ts';
import { COST } from './evidence.ts';
import { extend, occurs } from './pieces.ts';
import { hasValues, isNumeric, type Budget, type Piece, type Task } from './task.ts';

type Step = readonly [expression: (piece: Piece) => UnaryExpression, cost: number];

const plain = (op: PlainOp, cost: number): Step => [
  (piece) => ({ op, of: piece.expression }),
  cost,
];

/** On texts with a number in them, and on words. */
const TEXT_STEPS: readonly Step[] = [
  plain('cardinal', COST.ordinal),
  plain('century', COST.century),
  plain('unspell', COST.ordinal),
  plain('plural', COST.plural),
  plain('singular', COST.plural),
  plain('squeeze', COST.trim),
  ...(['digit', 'letter', 'alphanumeric', 'upper'] as const).map((kind): Step => [
    (piece) => ({ op: 'keep', of: piece.expression, class: kind }),
    COST.keep,
  ]),
  ...(['digit', 'blank', 'letter', 'sign'] as const).map((kind): Step => [
    (piece) => ({ op: 'remove', of: piece.expression, class: kind }),
    COST.keep,
  ]),
];
const NUMBER_STEPS: readonly Step[] = [
  plain('ordinal', COST.ordinal),
  plain('spell', COST.ordinal),
  plain('absolute', COST.absolute),
  plain('floor', COST.absolute),
  plain('ceiling', COST.absolute),
  [(piece) => ({ op: 'group', of: piece.expression, separator: ',' }), COST.group],
];
/** What a date is written as, whole or in parts; joins make the rest. */
const WRITTEN = [
  ...DATE_PATTERNS,
  ...['dddd', 'ddd', 'MMMM', 'MMM', 'MM', 'M', 'DD', 'Do', 'D', 'YYYY', 'YY'],
  ...['HH', 'H', 'hh', 'h', 'mm', 'ss', 'A', 'a'],
];
const DATE_CHARACTERS_MAX = 40;
const PLACES_MAX = 12;
const SOURCES_MAX = 60;

/** The converted pieces, those that change nothing left out. */
export function findConversions(
  task: Task,
  sources: readonly Piece[],
  budget: Budget,
): readonly Piece[] {
  const found: Piece[] = [];
  const keep = (piece: Piece | undefined): void => {
    if (piece !== undefined && occurs(piece, task.outputs)) found.push(piece);
  };
  for (const source of sources.slice(0, SOURCES_MAX)) {
    const steps = [amountStep(source), ...TEXT_STEPS];
    const changed = steps.flatMap((step) => stepped(source, step, budget));
    changed.forEach(keep);
    const numbers = [source, ...changed].filter(isNumeric);
    for (const number of numbers) {
      const formed = [...NUMBER_STEPS, ...measuredSteps(task)].flatMap((step) =>
        stepped(number, step, budget),
      );
      formed.forEach(keep);
      // "1234.5" → "1,234.50": rounded first, then in groups.
      for (const piece of formed) {
        for (const step of NUMBER_STEPS) stepped(piece, step, budget).forEach(keep);
        keep(idleGroup(piece));
      }
    }
    findDates(source, task, budget).forEach(keep);
    paddings(source, task, budget).forEach(keep);
  }
  return found;
}

function stepped(piece: Piece, [expression, cost]: Step, budget: Budget): readonly Piece[] {
  if (!budget.take()) return [];
  const made = extend(piece, expression(piece), cost);
  return made === undefined || hasValues(made, piece.values) ? [] : [made];
}

/** Money below a thousand does not show whether thousands are set apart. */
function idleGroup(piece: Piece): Piece | undefined {
  if (piece.expression.op !== 'decimals' && piece.expression.op !== 'round') return undefined;
  const grouped = extend(
    piece,
    { op: 'group', of: piece.expression, separator: ',' },
    COST.group + COST.idle,
  );
  return grouped !== undefined && hasValues(grouped, piece.values) ? grouped : undefined;
}

/** Money and thousands are numbers for sure; another text with a number in it may be a code. */
function amountStep(piece: Piece): Step {
  const isMoney = piece.values.every((value) => /[$€£%]|[0-9],[0-9]{3}|[0-9]\.[0-9]/.test(value));
  return plain('amount', isMoney ? COST.amount : COST.codeAmount);
}

/** Rounding to as many decimals as the outputs show. */
function measuredSteps(task: Task): readonly Step[] {
  const counts = new Set(
    task.outputs.map((output) => /\.([0-9]+)(?![0-9])/.exec(output)?.[1]?.length ?? 0),
  );
  const [count = 0] = counts;
  if (counts.size !== 1 || count > PLACES_MAX) return [];
  const round: Step = [(piece) => ({ op: 'round', of: piece.expression, count }), COST.round];
  return count === 0
    ? [round]
    : [[(piece) => ({ op: 'decimals', of: piece.expression, count }), COST.decimals], round];
}

/** "7" → "007", where all outputs hold a run of digits of one length. */
function paddings(piece: Piece, task: Task, budget: Budget): readonly Piece[] {
  if (!piece.values.every((value) => /^[0-9]{1,12}$/.test(value))) return [];
  const widths = new Set(
    task.outputs.map((output, index) => paddedWidth(output, piece.values[index] ?? '')),
  );
  const [count = 0] = widths;
  if (widths.size !== 1 || count < 2) return [];
  const step: Step = [
    ({ expression }) => ({ op: 'pad-start', of: expression, count, fill: '0' }),
    COST.pad,
  ];
  return stepped(piece, step, budget);
}

/** The length of the run of digits in `output` that is `digits` after zeros. */
function paddedWidth(output: string, digits: string): number {
  const runs = output.match(/[0-9]+/g) ?? [];
  return runs.find((run) => run.replace(/^0+(?=[0-9])/, '') === digits)?.length ?? 0;
}

/** One date in the form of every pattern that fits, in every form that occurs in the outputs. */
function findDates(piece: Piece, task: Task, budget: Budget): readonly Piece[] {
  if (piece.values.some((value) => value.length > DATE_CHARACTERS_MAX || value.length < 2))
    return [];
  const of = piece.expression;
  return DATE_PATTERNS.flatMap((pattern) => {
    const dates = piece.values.map((value) => readDate(value, pattern));
    if (dates.some((date) => date === undefined)) return [];
    return WRITTEN.flatMap((written) => {
      if (!budget.take()) return [];
      const values = dates.flatMap((date) => (date && writeDate(date, written)) ?? []);
      if (values.length < dates.length || hasValues(piece, values)) return [];
      const cost = piece.cost + COST.date + written.length / 8;
      return [{ expression: { op: 'date', of, pattern, written } as const, cost, values }];
    }).filter((made) => occurs(made, task.outputs));
  });
}
