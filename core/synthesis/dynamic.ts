/**
 * Operations in which a variable says where or what: the n-th word, the first n characters, the place of the n-th
 * sign, one text without another. Enumerated over pairs and triples of variables.
 */

import { evaluate } from '../expressions/evaluate.ts';
import type { Expression } from '../expressions/expression.ts';
import { COST } from './evidence.ts';
import { isNumeric, type Budget, type Piece, type Task } from './task.ts';

/** Texts and numbers that are combined; more of them are chance. */
const TEXTS_MAX = 4;
const NUMBERS_MAX = 3;
const DELIMITERS_MAX = 8;

const text = (value: string): Expression => ({ op: 'text', value });
const ONE = text('1');

/** Whatever `isWanted` accepts. */
export function findDynamic(
  task: Task,
  budget: Budget,
  isWanted: (values: readonly string[]) => boolean,
): readonly Piece[] {
  const texts = task.variables.filter((piece) => !isNumeric(piece)).slice(0, TEXTS_MAX);
  const numbers = task.variables.filter(isNumeric).slice(0, NUMBERS_MAX);
  const candidates = [
    ...texts.flatMap((piece) => numbers.flatMap((number) => places(piece, number, task))),
    ...texts.flatMap((piece) => texts.flatMap((other) => pairs(piece, other, numbers))),
    ...texts.flatMap((piece) => substitutions(piece, texts)),
  ];
  return candidates.flatMap((candidate) => {
    if (!budget.take()) return [];
    const values = valuesIn(task, candidate.expression);
    return values !== undefined && isWanted(values) ? [{ ...candidate, values }] : [];
  });
}

/** The values in the searched examples, or undefined where one has none. */
export function valuesIn(task: Task, expression: Expression): readonly string[] | undefined {
  const values: string[] = [];
  for (const example of task.examples) {
    const value = evaluate(expression, example.inputs);
    if (value === undefined) return undefined;
    values.push(value);
  }
  return values;
}

type Candidate = Omit<Piece, 'values'>;

function places(piece: Piece, number: Piece, task: Task): readonly Candidate[] {
  const of = piece.expression;
  const n = number.expression;
  const cost = piece.cost + number.cost + COST.pick;
  const before: Expression = { op: 'subtract', left: n, right: ONE };
  const after: Expression = { op: 'add', left: n, right: ONE };
  const negative: Expression = { op: 'subtract', left: text('0'), right: n };
  const length: Expression = { op: 'length', of };
  const rest: Expression = { op: 'subtract', left: length, right: n };
  const delimiters = delimitersOf(task, piece);
  const picks = delimiters.flatMap((delimiter) =>
    (
      [
        [n, 0],
        [negative, 2],
        [after, 2],
      ] as const
    ).map(([nth, more]) => ({
      expression: { op: 'pick', of, nth, delimiter } as const,
      cost: cost + more,
    })),
  );
  const cuts = (
    [
      [ONE, n, 1],
      [ONE, before, 2],
      [ONE, rest, 2],
      [n, ONE, 1],
      [after, ONE, 2],
      [n, length, 2],
      [after, length, 2],
      [{ op: 'add', left: rest, right: ONE }, n, 3],
    ] as const
  ).map(([begin, size, more]) => ({
    expression: { op: 'cut', of, begin, size, delimiter: '' } as const,
    cost: cost + more,
  }));
  const parts = delimiters.flatMap((delimiter) =>
    [
      [ONE, n],
      [after, length],
    ].map(([begin = ONE, size = ONE]) => ({
      expression: { op: 'cut', of, begin, size, delimiter } as const,
      cost: cost + 2,
    })),
  );
  return [...picks, ...cuts, ...parts];
}

/** Where one text stands in another. */
function pairs(piece: Piece, other: Piece, numbers: readonly Piece[]): readonly Candidate[] {
  if (piece === other) return [];
  const [of, sought] = [piece.expression, other.expression];
  const cost = piece.cost + other.cost + COST.pick + 2;
  return [{ expression: ONE, cost: 0 }, ...numbers].map((nth) => ({
    expression: { op: 'position', of, sought, nth: nth.expression } as const,
    cost: cost + nth.cost,
  }));
}

function substitutions(piece: Piece, texts: readonly Piece[]): readonly Candidate[] {
  return texts.flatMap((sought) => {
    if (sought === piece) return [];
    const others = texts.filter((other) => other !== piece && other !== sought);
    const replacements = [{ expression: text(''), cost: 1 }, ...others];
    return replacements.flatMap((by) =>
      (['substitute', 'substitute-first'] as const).map((op, index) => ({
        expression: {
          op,
          of: piece.expression,
          sought: sought.expression,
          by: by.expression,
        },
        cost: piece.cost + sought.cost + by.cost + COST.substitute + index,
      })),
    );
  });
}

function delimitersOf(task: Task, piece: Piece): readonly string[] {
  const [value = ''] = piece.values;
  const signs = value.match(/[^\p{L}\p{N}]/gu) ?? [];
  const named = task.constants.filter((constant) => constant !== '' && value.includes(constant));
  return [...new Set([...signs, ...named.filter((constant) => constant.length <= 16)])].slice(
    0,
    DELIMITERS_MAX,
  );
}
