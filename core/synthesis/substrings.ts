/**
 * Substrings between two places, as in FlashFill: all pairs of places that every example has, evaluated on all
 * examples at once, which is the intersection of their version spaces. Places that fall together in all examples
 * are one class; its cheapest few are kept, since they differ elsewhere.
 *
 * Source: S. Gulwani, "Automating string processing in spreadsheets using input-output examples" (POPL 2011).
 */

import type { Expression } from '../expressions/expression.ts';
import { findPosition, type CharacterClass, type Position } from '../expressions/positions.ts';
import { COST, indexCost } from './evidence.ts';
import type { Budget, Piece, Task } from './task.ts';

interface Place {
  readonly position: Position;
  readonly cost: number;
  readonly offsets: readonly number[];
}

const CLASS_COST: readonly (readonly [CharacterClass, number])[] = [
  ['word', 1],
  ['digit', 1],
  ['letter', 2],
  ['upper', 2],
  ['lower', 3],
  ['alphanumeric', 2],
  ['blank', 2],
  ['sign', 3],
];
const DELIMITER_COST = 1.5;
const INDICES = [0, -1, 1, -2, 2, -3] as const;
/** Fixed offsets from either end, and beside a run or delimiter. */
const OFFSETS_MAX = 12;
const NUDGES = [1, -1] as const;
/** Longer texts have too many places that fall together by chance. */
const CHARACTERS_MAX = 300;
/** Places of one class that are kept, and classes of one variable. */
const RIVALS_MAX = 3;
const CLASSES_MAX = 120;
const DELIMITERS_MAX = 12;

/** All substrings of variables that `isWanted` accepts, cheapest first within equal values. */
export function findSubstrings(
  task: Task,
  budget: Budget,
  isWanted: (values: readonly string[]) => boolean,
): readonly Piece[] {
  return task.variables.flatMap((variable) => {
    if (variable.values.some((value) => value.length > CHARACTERS_MAX)) return [];
    const classes = placesOfAll(variable, task.constants);
    const found: Piece[] = [];
    for (const starts of classes) {
      for (const ends of classes) {
        const values = sliceAll(variable.values, starts[0]?.offsets, ends[0]?.offsets);
        if (values === undefined || !budget.take() || !isWanted(values)) continue;
        found.push(...between(variable, values, { starts, ends }));
      }
    }
    return found;
  });
}

/** Runs of a class, k-th from either end, as operands of conversions: "the second number". */
export function findRuns(task: Task): readonly Piece[] {
  return task.variables.flatMap((variable) => {
    if (variable.values.some((value) => value.length > CHARACTERS_MAX)) return [];
    return (['digit', 'letter'] as const).flatMap((run) =>
      [0, -1, 1, 2].flatMap((index) => {
        const start: Position = { at: 'before', run, index, offset: 0 };
        const end: Position = { at: 'after', run, index, offset: 0 };
        const [from, to] = [start, end].map((position) => offsetsOf(variable.values, position));
        const values = sliceAll(variable.values, from, to);
        if (values === undefined || values.every((text, at) => text === variable.values[at]))
          return [];
        const cost = variable.cost + COST.slice + indexCost(index) + 1;
        return [{ expression: sliceOf(variable.expression, start, end), cost, values }];
      }),
    );
  });
}

function between(
  variable: Piece,
  values: readonly string[],
  { starts, ends }: { readonly starts: readonly Place[]; readonly ends: readonly Place[] },
): readonly Piece[] {
  return starts
    .flatMap((start) =>
      ends.map((end) => ({
        expression: sliceOf(variable.expression, start.position, end.position),
        cost: variable.cost + COST.slice + start.cost + end.cost,
        values,
      })),
    )
    .toSorted((a, b) => a.cost - b.cost)
    .slice(0, RIVALS_MAX + 1);
}

function sliceOf(of: Expression, start: Position, end: Position): Expression {
  return { op: 'slice', of, start, end };
}

/** Undefined where the places are the wrong way round in an example, or the whole text in all. */
function sliceAll(
  texts: readonly string[],
  starts: readonly number[] | undefined,
  ends: readonly number[] | undefined,
): readonly string[] | undefined {
  if (starts === undefined || ends === undefined) return undefined;
  const values: string[] = [];
  for (const [index, text] of texts.entries()) {
    const [start = 0, end = 0] = [starts[index], ends[index]];
    if (start > end) return undefined;
    const value = text.slice(start, end);
    if (!value.isWellFormed()) return undefined;
    values.push(value);
  }
  return values.every((value, index) => value === texts[index]) ? undefined : values;
}

/** Classes of places that fall together, each cheapest first, cheap classes first. */
function placesOfAll(variable: Piece, constants: readonly string[]): readonly (readonly Place[])[] {
  const classes = new Map<string, Place[]>();
  for (const { position, cost } of candidatePositions(variable, constants)) {
    const offsets = offsetsOf(variable.values, position);
    if (offsets === undefined) continue;
    const key = offsets.join();
    const same = classes.get(key);
    if (same === undefined) classes.set(key, [{ position, cost, offsets }]);
    else same.push({ position, cost, offsets });
  }
  return [...classes.values()]
    .map((same) => same.toSorted((a, b) => a.cost - b.cost).slice(0, RIVALS_MAX))
    .toSorted((a, b) => (a[0]?.cost ?? 0) - (b[0]?.cost ?? 0))
    .slice(0, CLASSES_MAX);
}

function offsetsOf(texts: readonly string[], position: Position): readonly number[] | undefined {
  const offsets: number[] = [];
  for (const text of texts) {
    const offset = findPosition(text, position);
    if (offset === undefined) return undefined;
    offsets.push(offset);
  }
  return offsets;
}

function candidatePositions(
  variable: Piece,
  constants: readonly string[],
): readonly { readonly position: Position; readonly cost: number }[] {
  const [value = ''] = variable.values;
  const ends = Array.from({ length: OFFSETS_MAX + 1 }, (_, count) => [
    { position: { at: 'start', offset: count } as const, cost: fixedCost(count) },
    { position: { at: 'end', offset: count === 0 ? 0 : -count } as const, cost: fixedCost(count) },
  ]).flat();
  const delimiters = delimitersOf(value, constants).filter((delimiter) =>
    variable.values.every((text) => text.includes(delimiter)),
  );
  const beside = [
    ...CLASS_COST.map(([run, cost]) => [{ run }, cost] as const),
    ...delimiters.map((delimiter) => [{ delimiter }, DELIMITER_COST] as const),
  ];
  const tokens = beside.flatMap(([what, cost]) =>
    (['before', 'after'] as const).flatMap((at) =>
      INDICES.flatMap((index) =>
        [0, ...NUDGES].map((offset) => ({
          position: { at, ...what, index, offset },
          cost: cost + indexCost(index) + 1 + (offset === 0 ? 0 : COST.nudge),
        })),
      ),
    ),
  );
  return [...ends, ...tokens];
}

function fixedCost(count: number): number {
  return count === 0 ? 0.5 : COST.fixedOffset + count;
}

/** Signs of the first example, and constants that people named. */
function delimitersOf(value: string, constants: readonly string[]): readonly string[] {
  const signs = value.match(/[^\p{L}\p{N}\s]/gu) ?? [];
  const named = constants.filter((text) => text.trim() !== '' && text.length <= 16);
  return [...new Set([...named, ...signs, ...(value.includes(' ') ? [' '] : [])])].slice(
    0,
    DELIMITERS_MAX,
  );
}
