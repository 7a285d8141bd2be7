/** What one search works on: a few of the examples, what they prove, and pieces of programs with their values. */

import type { Expression } from '../expressions/expression.ts';
import { evidenceOf, RIVAL_BITS, plainNumber, variableCost } from './evidence.ts';

export interface Example {
  readonly inputs: ReadonlyMap<string, string>;
  readonly output: string;
}

/** An expression, what choosing it costs in bits, and its value in each example of the task. */
export interface Piece {
  readonly expression: Expression;
  readonly cost: number;
  readonly values: readonly string[];
}

export interface Task {
  /** The examples that are searched on; candidates are then checked on all. */
  readonly examples: readonly Example[];
  readonly outputs: readonly string[];
  readonly variables: readonly Piece[];
  readonly evidenceBits: number;
  /** More than one different output: then what they share is known to be constant. */
  readonly isVaried: boolean;
  /** Texts that are known to matter. */
  readonly constants: readonly string[];
  /** A program that costs more than the cheapest by this is no rival. */
  readonly rivalBits: number;
}

interface TaskOptions {
  /** What is searched on; otherwise a few examples with different outputs. */
  readonly searched?: readonly Example[];
  readonly constants?: readonly string[] | undefined;
  readonly rivalBits?: number;
}

/** Search values of four examples; more only make each step dearer, and the check on all comes anyway. */
const SEARCHED_MAX = 4;
/** Variables beyond these are not looked at; with so many every short answer is explained by chance. */
const VARIABLES_MAX = 16;

/** Counts the steps of one stage, so that no stage can starve another. */
export class Budget {
  private left: number;
  constructor(steps: number) {
    this.left = steps;
  }

  /** Takes one step; false when none is left. */
  take(): boolean {
    this.left--;
    return this.left >= 0;
  }
}

/** All examples together are the evidence, a few of them are searched on. */
export function createTask(examples: readonly Example[], options: TaskOptions = {}): Task {
  const searched = options.searched ?? chooseSearched(examples);
  return {
    examples: searched,
    outputs: searched.map((example) => example.output),
    variables: variablePieces(searched),
    evidenceBits: evidenceOf(examples.map((example) => example.output)),
    isVaried: new Set(examples.map((example) => example.output)).size > 1,
    constants: options.constants ?? [],
    rivalBits: options.rivalBits ?? RIVAL_BITS,
  };
}

/** With the outputs for `values`: whether the piece is a solution. */
export function hasValues(piece: Pick<Piece, 'values'>, values: readonly string[]): boolean {
  return piece.values.every((value, index) => value === values[index]);
}

export function isNumeric(piece: Piece): boolean {
  return piece.values.every((value) => plainNumber(value) !== undefined);
}

/** Those with different outputs first, since they tell programs apart. */
export function chooseSearched(examples: readonly Example[]): readonly Example[] {
  const firsts = new Map<string, Example>();
  for (const example of examples)
    if (!firsts.has(example.output)) firsts.set(example.output, example);
  return [...new Set([...firsts.values(), ...examples])].slice(0, SEARCHED_MAX);
}

/** The variables that every example has; choosing among numbers is cheap when there are few numbers. */
function variablePieces(examples: readonly Example[]): readonly Piece[] {
  const pieces: Piece[] = [];
  for (const name of examples[0]?.inputs.keys() ?? []) {
    const values = examples.flatMap((example) => example.inputs.get(name) ?? []);
    if (pieces.length >= VARIABLES_MAX || values.length < examples.length) continue;
    pieces.push({ expression: { op: 'var', name }, cost: 0, values });
  }
  const numberCount = pieces.filter(isNumeric).length;
  return pieces.map((piece) => ({
    ...piece,
    cost: variableCost(isNumeric(piece) ? numberCount : pieces.length - numberCount),
  }));
}
