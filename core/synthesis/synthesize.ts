/**
 * Finds the programs that explain examples: bottom-up, cheapest first, with a rival wherever the examples leave
 * one open. It abstains rather than guesses; `evidence.ts` states the policy.
 */

import { evaluate } from '../expressions/evaluate.ts';
import { expressionSize, type Expression } from '../expressions/expression.ts';
import { findArithmetic } from './arithmetic.ts';
import { findCasedConcatenations, findConcatenations, findRepetitions } from './concatenation.ts';
import { RIVAL_BITS, SLACK_BITS } from './evidence.ts';
import { findPieces, idleSteps, type Pieces } from './pieces.ts';
import { probesOf } from './probes.ts';
import { selectRivals } from './select-rivals.ts';
import { Budget, createTask, hasValues, type Example, type Piece, type Task } from './task.ts';

export type { Example } from './task.ts';

export interface SynthesisOptions {
  /** Programs kept at most: the cheapest and its rivals. */
  readonly programsMax?: number;
  /** Steps of the whole search. */
  readonly expansionsMax?: number;
}

export interface Synthesis {
  /** Cheapest first; empty when nothing is believed. All hold on all examples and differ on other inputs. */
  readonly programs: readonly Expression[];
  /**
   * Bits that the examples prove beyond what the cheapest program claims. Below 3 the agreement could well be
   * chance and wants a confirmation; beyond 10 one example is as good as several.
   */
  readonly surplusBits: number;
}

const PROGRAMS_MAX = 4;
const EXPANSIONS_MAX = 20_000;
/** Examples that probes are made from. */
const PROBED_MAX = 2;
/** Rivals that are evaluated on the probes. */
const CANDIDATES_MAX = 120;

/** The programs of `synthesizeWithSurplus`. */
export function synthesize(
  examples: readonly Example[],
  options: SynthesisOptions = {},
): readonly Expression[] {
  return synthesizeWithSurplus(examples, options).programs;
}

/**
 * The few programs, semantically different, that explain all `examples`; `derive` serves where they agree.
 *
 * Shape: a program reads at least one variable. Variables that an example lacks are not used.
 * Cost: at most `expansionsMax` steps, a few milliseconds for one example of four variables.
 * Errors: none. Nothing found, contradicting examples or too little evidence: no programs.
 */
export function synthesizeWithSurplus(
  examples: readonly Example[],
  options: SynthesisOptions = {},
): Synthesis {
  const task = createTask(examples);
  const [example] = task.examples;
  if (example === undefined) return { programs: [], surplusBits: 0 };
  const holding = candidatesOf(task, options.expansionsMax ?? EXPANSIONS_MAX).filter((candidate) =>
    examples.every(({ inputs, output }) => evaluate(candidate.expression, inputs) === output),
  );
  const ranked = rank(holding);
  const [cheapest] = ranked;
  if (cheapest === undefined) return { programs: [], surplusBits: 0 };
  const rivals = ranked.filter((candidate) => candidate.cost <= cheapest.cost + RIVAL_BITS);
  const kept = selectRivals(
    rivals.slice(0, CANDIDATES_MAX),
    task.examples.slice(0, PROBED_MAX).flatMap(({ inputs }) => probesOf(inputs)),
    Math.max(1, options.programsMax ?? PROGRAMS_MAX),
  );
  const [first] = kept;
  if (first === undefined || !isBelieved(first, task)) return { programs: [], surplusBits: 0 };
  return {
    programs: kept.map((candidate) => candidate.expression),
    surplusBits: task.evidenceBits - first.cost,
  };
}

/** A copy needs no evidence: that the value is the same is all it says. */
function isBelieved(first: Piece, task: Task): boolean {
  return first.expression.op === 'var' || first.cost <= task.evidenceBits + SLACK_BITS;
}

function candidatesOf(task: Task, expansionsMax: number): readonly Piece[] {
  const share = Math.max(0, Math.floor(expansionsMax / 4));
  const pieces = findPieces(task, new Budget(share * 2));
  const plain = [
    ...pieces.exact.filter((piece) => hasValues(piece, task.outputs)),
    ...findArithmetic(task, pieces.numbers, new Budget(share)),
    ...findRepetitions(task, pieces.exact, pieces.numbers),
  ];
  const solutions = [...plain, ...joinsOf(task, pieces, { plain, share })];
  return [...solutions, ...solutions.flatMap(idleSteps)];
}

/** Joins, as far as they can be believed or can be rivals of what is found already. */
function joinsOf(
  task: Task,
  pieces: Pieces,
  found: { readonly plain: readonly Piece[]; readonly share: number },
): readonly Piece[] {
  const believed = task.evidenceBits + SLACK_BITS;
  const cheapest = Math.min(believed, ...found.plain.map((piece) => piece.cost));
  const costMax = found.plain.length > 0 ? cheapest + RIVAL_BITS : believed;
  const half = Math.floor(found.share / 2);
  return [
    ...findConcatenations(task, pieces.exact, { costMax, budget: new Budget(half) }),
    ...findCasedConcatenations(task, pieces.folded, { costMax, budget: new Budget(half) }),
  ];
}

/** Cheapest first, then smallest, then in the order of the search; the same on every machine. */
function rank(candidates: readonly Piece[]): readonly Piece[] {
  return candidates
    .map((piece) => ({ piece, size: expressionSize(piece.expression) }))
    .toSorted((a, b) => a.piece.cost - b.piece.cost || a.size - b.size)
    .map(({ piece }) => piece);
}
