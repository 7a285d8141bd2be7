/**
 * The parts of variables from which an output can be made: words, parts, initials, cleaned and in other case.
 * Bottom-up, two extractions deep; what does not occur in the outputs is not kept.
 */

import { applyUnary } from '../expressions/evaluate.ts';
import type { PlainOp, UnaryExpression } from '../expressions/expression.ts';
import { COST, indexCost, truncationCost } from './evidence.ts';
import { isNumeric, hasValues, type Budget, type Piece, type Task } from './task.ts';

export interface Pieces {
  /** Pieces that occur in every output as they are, and variables. */
  readonly exact: readonly Piece[];
  /** Pieces that occur in every output if case is left aside, before any change of case. */
  readonly folded: readonly Piece[];
  /** Variables, words and parts, whether or not they occur in the outputs. */
  readonly sources: readonly Piece[];
  /** Variables and extractions that are numbers in every example. */
  readonly numbers: readonly Piece[];
}

const DELIMITERS = [
  ...[', ', '; ', ': ', ' - ', ' / ', '://', ' (', ') '],
  ...[',', ';', ':', '-', '_', '/', '.', '@', '|', '=', '#', '+', '?', '&', '(', ')', '\n', '\t'],
] as const;
const REPLACED = [' ', '-', '_', '.', ',', '/', ':', ', ', "'"] as const;
const REPLACEMENTS = ['', ' ', '-', '_', '.', ',', '/', ':', ', '] as const;
/** Words and parts are tried from the start and from the end up to here. */
const INDICES = [0, -1, 1, 2, -2, 3, -3, 4] as const;
const CASES: readonly (readonly PlainOp[])[] = [
  ['lower'],
  ['upper'],
  ['capitalize'],
  ['title'],
  ['lower', 'capitalize'],
  ['lower', 'title'],
];
/** What computes writes its numbers itself. */
const IDLE_BARRED: ReadonlySet<string> = new Set(['length', 'word-count', 'number', 'decimals']);
const IDLE_CASES = ['lower', 'upper', 'capitalize', 'title'] as const;
/** Single digits of a number are no numbers of their own. */
const NUMBER_SOURCES: ReadonlySet<string> = new Set(['var', 'word', 'part']);
const EXTRACTED: ReadonlySet<string> = new Set(['word', 'part']);
/** Longer values are documents: they are copied, not taken apart twice. */
const EXTRACTED_CHARACTERS_MAX = 4096;
/** Longer cuts of words do not occur. */
const TRUNCATED_CHARACTERS_MAX = 16;
const DEEP_CHARACTERS_MAX = 256;
/** A piece of a number is kept for arithmetic; sums of more operands than these are chance. */
const NUMBERS_MAX = 12;

export function findPieces(task: Task, budget: Budget): Pieces {
  const collector = new Collector(task, budget);
  const outputs = task.outputs.map((output) => output.toLowerCase());
  const shallow = task.variables.flatMap((piece) =>
    collector.extractions(piece, EXTRACTED_CHARACTERS_MAX),
  );
  const direct = new Set(shallow.map(outerStep));
  const deep = shallow
    .filter((piece) => piece.expression.op === 'word' || piece.expression.op === 'part')
    .flatMap((piece) => collector.extractions(piece, DEEP_CHARACTERS_MAX))
    .filter((piece) => !direct.has(outerStep(piece)));
  const extracted = [...task.variables, ...shallow, ...deep];
  const cleaned = [...task.variables, ...shallow].flatMap((piece) => collector.cleanings(piece));
  const folded = [...extracted, ...cleaned].filter((piece) => occursFolded(piece, outputs));
  const numbers = [...task.variables, ...shallow].filter(
    (piece) => isNumeric(piece) && NUMBER_SOURCES.has(piece.expression.op),
  );
  return {
    folded,
    sources: [...task.variables, ...shallow.filter((piece) => EXTRACTED.has(piece.expression.op))],
    exact: folded.flatMap((piece) => inCase(piece, task, budget)),
    numbers: numbers.toSorted((a, b) => a.cost - b.cost).slice(0, NUMBERS_MAX),
  };
}

/**
 * Steps on top of a solution that changed nothing in any example. They explain what it explains, and differ from it
 * where other input is written otherwise: in other case, with leading zeros, with blanks.
 */
export function idleSteps(solution: Piece): readonly Piece[] {
  const of = solution.expression;
  if (IDLE_CASES.some((op) => op === of.op)) {
    return of.op === 'lower'
      ? idle(solution, { op: 'replace', of, from: ' ', to: '-' }, COST.replace)
      : [];
  }
  if ('left' in of || IDLE_BARRED.has(of.op)) return [];
  if (of.op === 'var' && isNumeric(solution)) return [];
  if (solution.values.some(hasCase)) {
    return IDLE_CASES.flatMap((op) => idle(solution, { op, of }, COST.case));
  }
  return idle(solution, { op: 'number', of }, COST.number);
}

/** With every different output that such a step leaves as it is, it is half as likely to be there. */
function idle(solution: Piece, expression: UnaryExpression, cost: number): readonly Piece[] {
  const witnesses = Math.min(new Set(solution.values).size, 4);
  const piece = extend(solution, expression, cost + COST.idle * 2 ** (witnesses - 1));
  return piece !== undefined && hasValues(piece, solution.values) ? [piece] : [];
}

/** The piece with one more operation, or undefined where the operation does not fit one of the examples. */
export function extend(piece: Piece, expression: UnaryExpression, cost: number): Piece | undefined {
  const values: string[] = [];
  for (const value of piece.values) {
    const result = applyUnary(expression, value);
    if (result === undefined) return undefined;
    values.push(result);
  }
  return { expression, cost: piece.cost + cost, values };
}

/** The operations one after the other. */
export function changeCase(piece: Piece, ops: readonly PlainOp[]): Piece | undefined {
  let changed: Piece | undefined = piece;
  for (const op of ops) {
    changed = changed && extend(changed, { op, of: changed.expression }, COST.case);
  }
  return changed;
}

/** The piece as it occurs in the outputs: unchanged where it can be, else in each case that fits. */
export function inCase(piece: Piece, task: Task, budget: Budget): readonly Piece[] {
  if (occurs(piece, task.outputs)) return [piece];
  return CASES.flatMap((ops) => {
    const changed = budget.take() ? changeCase(piece, ops) : undefined;
    return changed !== undefined && occurs(changed, task.outputs) ? [changed] : [];
  });
}

class Collector {
  private readonly task: Task;
  private readonly budget: Budget;
  constructor(task: Task, budget: Budget) {
    this.task = task;
    this.budget = budget;
  }

  extractions(piece: Piece, charactersMax: number): readonly Piece[] {
    const value = piece.values[0] ?? '';
    if (value.length < 2 || piece.values.some((text) => text.length > charactersMax)) return [];
    const of = piece.expression;
    const words = value.trim().split(/\s+/u).length;
    const delimiters = DELIMITERS.filter((delimiter) => value.includes(delimiter));
    const more = isNumeric(piece) ? COST.digit : 0;
    const found = [
      ...(words < 2 ? [] : INDICES.map((index) => this.word(piece, index))),
      ...(words < 2 ? [] : [this.tried(piece, { op: 'initials', of }, COST.initials)]),
      ...delimiters.flatMap((delimiter) =>
        INDICES.map((index) => this.part(piece, delimiter, index)),
      ),
      this.tried(piece, { op: 'first', of, count: 1 }, COST.firstCharacter + more),
      this.tried(piece, { op: 'last', of, count: 1 }, COST.lastCharacter + more),
      ...this.truncations(piece),
    ];
    return found.filter((entry) => entry !== undefined);
  }

  /** Replaced delimiters, reversed and trimmed texts. */
  cleanings(piece: Piece): readonly Piece[] {
    const value = piece.values[0] ?? '';
    if (value.length < 2 || piece.values.some((text) => text.length > EXTRACTED_CHARACTERS_MAX))
      return [];
    const of = piece.expression;
    const output = this.task.outputs[0] ?? '';
    const froms = REPLACED.filter((from) => value.includes(from));
    const tos = REPLACEMENTS.filter((to) => output.includes(to));
    const found = [
      this.tried(piece, { op: 'reverse', of }, COST.reverse + (isNumeric(piece) ? COST.digit : 0)),
      this.tried(piece, { op: 'trim', of }, COST.trim),
      this.tried(piece, { op: 'number', of }, COST.number),
      ...froms.flatMap((from) =>
        tos.map((to) => this.tried(piece, { op: 'replace', of, from, to }, COST.replace)),
      ),
    ];
    return found.filter((entry) => entry !== undefined);
  }

  private word(piece: Piece, index: number): Piece | undefined {
    const cost = COST.word + indexCost(index);
    return this.tried(piece, { op: 'word', of: piece.expression, index }, cost);
  }

  private part(piece: Piece, delimiter: string, index: number): Piece | undefined {
    const cost = COST.part + indexCost(index);
    return this.tried(piece, { op: 'part', of: piece.expression, delimiter, index }, cost);
  }

  /** The only cut that can explain the whole output. */
  private truncations(piece: Piece): readonly (Piece | undefined)[] {
    const [output = ''] = this.task.outputs;
    const count = output.length > TRUNCATED_CHARACTERS_MAX ? 0 : Array.from(output).length;
    if (count < 2) return [];
    const of = piece.expression;
    return (['first', 'last'] as const).map((op) =>
      this.tried(piece, { op, of, count }, truncationCost(count)),
    );
  }

  /** An operation that changes nothing explains nothing, so the piece without it stands for it. */
  private tried(piece: Piece, expression: UnaryExpression, cost: number): Piece | undefined {
    if (!this.budget.take()) return undefined;
    const extended = extend(piece, expression, cost);
    if (extended?.values.some((value) => value !== value.trim())) return undefined;
    return extended !== undefined && hasValues(extended, piece.values) ? undefined : extended;
  }
}

/**
 * The last operation, the variable and the values. Where a single step has the same, the step before it is idle:
 * the local part of "jane@x.dev" is what stands before "@", not what stands before "." and then before "@".
 */
function outerStep(piece: Piece): string {
  let root = piece.expression;
  while ('of' in root) root = root.of;
  return JSON.stringify([{ ...piece.expression, of: root }, piece.values]);
}

export function hasCase(text: string): boolean {
  return text.toLowerCase() !== text.toUpperCase();
}

/** Whether the piece is not empty and part of every output. */
export function occurs(piece: Piece, outputs: readonly string[]): boolean {
  return piece.values.every(
    (value, index) => value !== '' && outputs[index]?.includes(value) === true,
  );
}

/** The same with case left aside; the outputs are in lower case already. */
export function occursFolded(
  piece: Pick<Piece, 'values'>,
  foldedOutputs: readonly string[],
): boolean {
  return piece.values.every(
    (value, index) => value !== '' && foldedOutputs[index]?.includes(value.toLowerCase()) === true,
  );
}
