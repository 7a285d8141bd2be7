/** All programs without choices that explain the searched examples: the pieces, what computes, what joins. */

import { findArithmetic, findFormedArithmetic, findOccurrences, findUnits } from './arithmetic.ts';
import { findCasedConcatenations, findConcatenations, findRepetitions } from './concatenation.ts';
import { findConversions } from './conversions.ts';
import { findDynamic } from './dynamic.ts';
import { findEdits } from './edits.ts';
import { findListPrograms } from './list-programs.ts';
import { findPieces, idleSteps, inCase, occursFolded, type Pieces } from './pieces.ts';
import { findShifts } from './date-shifts.ts';
import { findRuns, findSubstrings } from './substrings.ts';
import { Budget, hasValues, isNumeric, type Piece, type Task } from './task.ts';

export interface CandidateSearch {
  readonly expansionsMax: number;
  /** Programs that cost more are not believed. */
  readonly costMax: number;
  /** Places, edits, lists and variables that say where: too many of them explain a single example. */
  readonly isWide: boolean;
}

export function findCandidates(task: Task, search: CandidateSearch): readonly Piece[] {
  const share = Math.max(0, Math.floor(search.expansionsMax / 4));
  const pieces = widened(task, findPieces(task, new Budget(share * 2)), { ...search, share });
  const plain = [
    ...pieces.exact.filter((piece) => hasValues(piece, task.outputs)),
    ...findArithmetic(task, pieces.numbers, new Budget(share)),
    ...findFormedArithmetic(task, pieces.numbers, new Budget(share)),
    ...findRepetitions(task, pieces.exact, pieces.numbers),
    ...(search.isWide ? findEdits(task, new Budget(share)) : []),
    ...(search.isWide ? findOccurrences(task) : []),
    ...(search.isWide ? findShifts(task) : []),
  ];
  const solutions = [...plain, ...joinsOf(task, pieces, { plain, share, costMax: search.costMax })];
  return [...solutions, ...solutions.flatMap(idleSteps)];
}

/** More pieces: other forms always, places and lists where several examples tell them apart. */
function widened(
  task: Task,
  pieces: Pieces,
  { isWide, share }: CandidateSearch & { readonly share: number },
): Pieces {
  const runs = isWide ? findRuns(task) : [];
  const converted = findConversions(task, [...pieces.sources, ...runs], new Budget(share));
  if (!isWide) {
    const isWhole = (values: readonly string[]): boolean => hasValues({ values }, task.outputs);
    const whole = [
      ...findDynamic(task, new Budget(share), isWhole),
      ...findListPrograms(task, new Budget(share), isWhole),
    ];
    return { ...pieces, exact: [...pieces.exact, ...converted, ...whole] };
  }
  const folded = task.outputs.map((output) => output.toLowerCase());
  const isWanted = (values: readonly string[]): boolean =>
    occursFolded({ values }, folded) || hasValues({ values }, task.outputs);
  const found = [
    ...findSubstrings(task, new Budget(share), isWanted),
    ...findDynamic(task, new Budget(share), isWanted),
    ...findListPrograms(task, new Budget(share), isWanted),
    ...findUnits(task, pieces.numbers, isWanted),
  ];
  const budget = new Budget(share);
  const cased = found.flatMap((piece) =>
    hasValues(piece, task.outputs) ? [piece] : inCase(piece, task, budget),
  );
  return {
    ...pieces,
    exact: [...pieces.exact, ...converted, ...cased],
    folded: [...pieces.folded, ...found],
    numbers: [...pieces.numbers, ...[...runs, ...converted].filter(isNumeric).slice(0, 4)],
  };
}

/** Joins, as far as they can be believed or can be rivals of what is found already. */
function joinsOf(
  task: Task,
  pieces: Pieces,
  found: { readonly plain: readonly Piece[]; readonly share: number; readonly costMax: number },
): readonly Piece[] {
  const cheapest = Math.min(found.costMax, ...found.plain.map((piece) => piece.cost));
  const costMax = found.plain.length > 0 ? cheapest + task.rivalBits : found.costMax;
  const half = Math.floor(found.share / 2);
  return [
    ...findConcatenations(task, pieces.exact, { costMax, budget: new Budget(half) }),
    ...findCasedConcatenations(task, pieces.folded, { costMax, budget: new Budget(half) }),
  ];
}
