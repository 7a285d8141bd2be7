/** Scores of derivation: what became of each predicted row, what that makes of the task, and what is a table. */
import { nodesOf, variablesOf, type Expression } from '../../core/expressions/expression.ts';

export type Verdict = 'solved' | 'abstained' | 'partial' | 'wrong';

/** Solved: all rows right. Wrong: at least one served value is not the expected one. Abstained: nothing was served. */
export function verdictOf(
  served: readonly (string | undefined)[],
  expected: readonly string[],
): Verdict {
  if (served.some((value, row) => value !== undefined && value !== expected[row])) return 'wrong';
  const right = served.filter((value) => value !== undefined).length;
  if (right === 0) return 'abstained';
  return right === expected.length ? 'solved' : 'partial';
}

/** Rows that were served and are right, from 0 to 1. */
export function rightShare(
  served: readonly (string | undefined)[],
  expected: readonly string[],
): number {
  const right = expected.filter((value, row) => served[row] === value).length;
  return expected.length === 0 ? 0 : right / expected.length;
}

/**
 * Whether the program is a table: a lookup, a constant answer for every two examples or fewer, or a case for each
 * of three or more examples. `outputs` are those of the distinct examples.
 */
export function isTable(program: Expression, outputs: readonly string[]): boolean {
  const nodes = nodesOf(program);
  if (nodes.some((node) => node.op === 'lookup')) return true;
  const cases = casesOf(program);
  if (cases.length < 2) return false;
  const constants = cases.filter((answer) => variablesOf(answer).length === 0);
  if (constants.length * 2 >= outputs.length) return true;
  return outputs.length > 2 && cases.length >= outputs.length;
}

function casesOf(program: Expression): readonly Expression[] {
  return program.op === 'if' ? [...casesOf(program.then), ...casesOf(program.else)] : [program];
}
