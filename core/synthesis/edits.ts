/**
 * Chains of edits on one variable: remove or replace words and signs, drop blanks, change case. A beam search over
 * texts, in which equal values are one state; nearest to the outputs first.
 */

import type { UnaryExpression } from '../expressions/expression.ts';
import { COST, literalCost } from './evidence.ts';
import { extend } from './pieces.ts';
import { hasValues, type Budget, type Piece, type Task } from './task.ts';

const BEAM = 24;
const DEPTH_MAX = 5;
const CONSTANTS_MAX = 24;
const CHARACTERS_MAX = 400;
const CONSTANT_CHARACTERS_MAX = 16;
/** Solutions and near solutions that are worth ranking. */
const FOUND_MAX = 12;

interface Step {
  readonly edit: (piece: Piece) => UnaryExpression;
  readonly cost: number;
}

/** Chains whose values are the outputs. */
export function findEdits(task: Task, budget: Budget): readonly Piece[] {
  return task.variables.flatMap((variable) => {
    if (variable.values.some((value) => value.length > CHARACTERS_MAX)) return [];
    return editsOf(variable, task, budget);
  });
}

function editsOf(variable: Piece, task: Task, budget: Budget): readonly Piece[] {
  const steps = stepsOf(variable, task);
  const seen = new Set([JSON.stringify(variable.values)]);
  const found: Piece[] = [];
  let beam: readonly Piece[] = [variable];
  for (let depth = 0; depth < DEPTH_MAX && found.length < FOUND_MAX; depth++) {
    const next: Piece[] = [];
    for (const piece of beam) {
      for (const { edit, cost } of steps) {
        if (!budget.take()) return found;
        const edited = extend(piece, edit(piece), cost);
        if (edited === undefined || hasValues(edited, piece.values)) continue;
        if (hasValues(edited, task.outputs)) {
          found.push(edited);
          continue;
        }
        const key = JSON.stringify(edited.values);
        if (seen.has(key)) continue;
        seen.add(key);
        next.push(edited);
      }
    }
    beam = nearest(next, task.outputs);
  }
  return found.slice(0, FOUND_MAX);
}

function nearest(pieces: readonly Piece[], outputs: readonly string[]): readonly Piece[] {
  return pieces
    .map((piece) => ({ piece, distance: distanceOf(piece, outputs) }))
    .toSorted((a, b) => a.distance - b.distance || a.piece.cost - b.piece.cost)
    .slice(0, BEAM)
    .map(({ piece }) => piece);
}

/** What is left between the common beginning and the common end, summed over the examples. */
function distanceOf(piece: Piece, outputs: readonly string[]): number {
  let distance = 0;
  for (const [index, value] of piece.values.entries()) {
    const output = outputs[index] ?? '';
    const most = Math.min(value.length, output.length);
    let front = 0;
    while (front < most && value[front] === output[front]) front++;
    let back = 0;
    while (back < most - front && value.at(-1 - back) === output.at(-1 - back)) back++;
    distance += value.length + output.length - 2 * (front + back);
  }
  return distance;
}

function stepsOf(variable: Piece, task: Task): readonly Step[] {
  const froms = removedFrom(variable, task);
  const tos = ['', ...writtenBy(variable, task)];
  const replacements = froms.flatMap((from) =>
    tos
      .filter((to) => to !== from)
      .flatMap((to) =>
        (['replace', 'replace-first'] as const).map((op, index) => ({
          edit: ({ expression }: Piece) => ({ op, of: expression, from, to }),
          cost:
            COST.replace + (removedCost(from, variable, task) + constantCost(to, task)) / 2 + index,
        })),
      ),
  );
  const plain = (['trim', 'squeeze', 'lower', 'upper', 'title', 'capitalize'] as const).map(
    (op) => ({
      edit: ({ expression }: Piece) => ({ op, of: expression }),
      cost: COST.case,
    }),
  );
  const classes = (['digit', 'letter', 'sign', 'blank'] as const).map((kind) => ({
    edit: ({ expression }: Piece) => ({ op: 'remove' as const, of: expression, class: kind }),
    cost: COST.keep,
  }));
  return [...plain, ...classes, ...replacements];
}

/** What goes missing from several examples is no chance. */
function removedCost(constant: string, variable: Piece, task: Task): number {
  const witnesses = variable.values.filter(
    (value, index) => value.includes(constant) && task.outputs[index]?.includes(constant) !== true,
  );
  const cost = constantCost(constant, task);
  return witnesses.length > 1 ? Math.min(cost, 3) : cost;
}

function constantCost(constant: string, task: Task): number {
  if (task.constants.includes(constant)) return 2;
  return task.constants.includes(constant.trim()) ? 3 : literalCost(constant);
}

/** Signs and words of the variable that some output lacks, and named constants in it. */
function removedFrom(variable: Piece, task: Task): readonly string[] {
  const found = new Set<string>();
  const isThere = (constant: string): boolean =>
    variable.values.some((value) => value.includes(constant));
  for (const constant of task.constants)
    if (constant !== '' && isThere(constant)) found.add(constant);
  for (const [index, value] of variable.values.entries()) {
    const output = task.outputs[index] ?? '';
    for (const sign of value.match(/[^\p{L}\p{N}]/gu) ?? [])
      if (count(value, sign) > count(output, sign)) found.add(sign);
    for (const word of value.match(/[\p{L}\p{N}]+/gu) ?? [])
      if (!output.includes(word))
        [` ${word}`, word, `${word} `].filter(isThere).forEach((text) => found.add(text));
  }
  return [...found]
    .filter((constant) => constant.length <= CONSTANT_CHARACTERS_MAX)
    .slice(0, CONSTANTS_MAX);
}

/** Signs that all outputs show more often than the variable does. */
function writtenBy(variable: Piece, task: Task): readonly string[] {
  const signs = new Set(task.outputs[0]?.match(/[^\p{L}\p{N}]/gu) ?? []);
  return [...signs].filter((sign) =>
    task.outputs.some(
      (output, index) => count(output, sign) > count(variable.values[index] ?? '', sign),
    ),
  );
}

function count(text: string, sign: string): number {
  return text.split(sign).length - 1;
}
