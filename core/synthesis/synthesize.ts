/**
 * Finds the programs that explain examples, cheapest first, with a rival wherever the examples leave one open:
 * single programs, then truths, choices and lookups. It abstains rather than guesses; `evidence.ts` states the policy.
 */

import { evaluate } from '../expressions/evaluate.ts';
import { expressionSize, variablesOf, type Expression } from '../expressions/expression.ts';
import { findCandidates } from './candidates.ts';
import { findChoices } from './choices.ts';
import { DETERMINED_RIVAL_BITS, IGNORED_BITS, RIVAL_BITS, SLACK_BITS } from './evidence.ts';
import { findLookups } from './lookups.ts';
import { probesBeside, probesOf } from './probes.ts';
import { selectRivals } from './select-rivals.ts';
import { Budget, chooseSearched, createTask, type Example, type Piece } from './task.ts';
import { findTruths } from './truths.ts';

export type { Example } from './task.ts';

export interface SynthesisOptions {
  /** Programs kept at most: the cheapest and its rivals. */
  readonly programsMax?: number;
  /** Steps of the search for single programs. */
  readonly expansionsMax?: number;
  /** Texts that are known to matter, such as delimiters and labels. */
  readonly constants?: readonly string[];
  /**
   * The outputs are known to be computed from these inputs, so a program need not prove more than it claims.
   * Never where that is only a guess, as in induction.
   */
  readonly isDetermined?: boolean;
  /** Only single programs: what decides between several is told elsewhere. */
  readonly isSingle?: boolean;
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

const PROGRAMS_MAX = 8;
const EXPANSIONS_MAX = 20_000;
/** Examples that probes are made from. */
const PROBED_MAX = 2;
/** Inputs of examples that are probes themselves. */
const EXAMPLE_PROBES_MAX = 12;
/** Rivals that are evaluated on the probes. */
const CANDIDATES_MAX = 120;
/** A counterexample joins the searched examples; what is not found with so many is not there. */
const ROUNDS_MAX = 6;
/** Steps of a choice: terms for a few examples at a time, then decisions. */
const TERM_EXPANSIONS_MAX = 4000;
const DECISIONS_MAX = 20_000;
/** Copies, words and cases; anything finer needs outputs that differ. */
const UNVARIED_COST_MAX = 4;
/** Two examples of a case share a word by chance, and a test of it would be believed. */
const CASE_EXAMPLES_MIN = 3;
const NOTHING: Synthesis = { programs: [], surplusBits: 0 };

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
  const distinct = distinctOf(examples);
  if (distinct === undefined || distinct.length === 0) return NOTHING;
  const evidenceBits = createTask(examples).evidenceBits;
  const costMax = options.isDetermined === true ? Infinity : evidenceBits + SLACK_BITS;
  const rivalBits = options.isDetermined === true ? DETERMINED_RIVAL_BITS : RIVAL_BITS;
  const explanations = explanationsOf(distinct, examples, { ...options, costMax, rivalBits });
  const ranked = rank(
    (options.isDetermined === true ? weighed(explanations, distinct) : explanations).filter(
      (piece) => piece.cost <= UNVARIED_COST_MAX || !isUnvaried(piece, distinct),
    ),
  );
  const [cheapest] = ranked;
  if (cheapest === undefined) return NOTHING;
  const rivals = ranked.filter((candidate) => candidate.cost <= cheapest.cost + rivalBits);
  const considered = rivals.slice(0, CANDIDATES_MAX);
  const programs = considered.map(({ expression }) => expression);
  const probes = [
    ...chooseSearched(distinct)
      .slice(0, PROBED_MAX)
      .flatMap(({ inputs }) => probesOf(inputs)),
    ...distinct.slice(0, EXAMPLE_PROBES_MAX).map(({ inputs }) => inputs),
    ...distinct.slice(0, 1).flatMap(({ inputs }) => probesBeside(inputs, programs)),
  ];
  const kept = selectRivals(considered, probes, Math.max(1, options.programsMax ?? PROGRAMS_MAX));
  const [first] = kept;
  // A copy needs no evidence: that the value is the same is all it says.
  if (first === undefined || (first.expression.op !== 'var' && first.cost > costMax))
    return NOTHING;
  return {
    programs: kept.map((candidate) => candidate.expression),
    surplusBits: evidenceBits - first.cost,
  };
}

/** For a given function: what ignores an input that varies is less likely to be it. */
function weighed(pieces: readonly Piece[], distinct: readonly Example[]): readonly Piece[] {
  const varied = [...(distinct[0]?.inputs.keys() ?? [])].filter(
    (name) => new Set(distinct.map(({ inputs }) => inputs.get(name))).size > 1,
  );
  return pieces.map((piece) => {
    const read = variablesOf(piece.expression);
    const ignored = varied.filter((name) => !read.includes(name)).length;
    return { ...piece, cost: piece.cost + ignored * IGNORED_BITS };
  });
}

/** Whether what the program reads differs and the output never does: then little is known of what it keeps. */
function isUnvaried({ expression }: Piece, distinct: readonly Example[]): boolean {
  if (new Set(distinct.map(({ output }) => output)).size > 1) return false;
  return variablesOf(expression).some(
    (name) => new Set(distinct.map(({ inputs }) => inputs.get(name))).size > 1,
  );
}

/** Each input once; undefined where the same inputs have different outputs. */
function distinctOf(examples: readonly Example[]): readonly Example[] | undefined {
  const byInputs = new Map<string, Example>();
  for (const example of examples) {
    const key = JSON.stringify([...example.inputs].toSorted(([a], [b]) => (a < b ? -1 : 1)));
    const same = byInputs.get(key);
    if (same !== undefined && same.output !== example.output) return undefined;
    byInputs.set(key, same ?? example);
  }
  return [...byInputs.values()];
}

type Search = SynthesisOptions & { readonly costMax: number; readonly rivalBits: number };

/** Whatever holds on all examples: single programs, or where there is none that is believed, what decides. */
function explanationsOf(
  distinct: readonly Example[],
  examples: readonly Example[],
  search: Search,
): readonly Piece[] {
  const single = singlePrograms(distinct, search);
  if (search.isSingle === true || distinct.length < 2) return single;
  if (single.some((piece) => piece.cost <= search.costMax)) return single;
  const constants = search.constants ?? [];
  const truths = findTruths(distinct, constants, new Budget(EXPANSIONS_MAX));
  const found = [...single, ...truths, ...(truths.length > 0 ? [] : choicesOf(distinct, search))];
  return [...found, ...findLookups(examples)].filter((piece) => holds(piece, distinct));
}

/** Counterexample-guided: searched on a few examples, checked on all, searched again with one that failed. */
function singlePrograms(distinct: readonly Example[], search: Search): readonly Piece[] {
  let searched = chooseSearched(distinct);
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const candidates = findCandidates(createTask(distinct, { ...search, searched }), {
      expansionsMax: search.expansionsMax ?? EXPANSIONS_MAX,
      costMax: search.costMax,
      isWide: distinct.length > 1,
    });
    const holding = candidates.filter((candidate) => holds(candidate, distinct));
    if (holding.length > 0) return holding;
    const [nearest] = rank(candidates);
    const failed = nearest && distinct.find((example) => !holds(nearest, [example]));
    if (failed === undefined || searched.includes(failed)) break;
    searched = [...searched, failed];
  }
  return [];
}

/** A choice claims much: without a given function each of its cases needs several examples. */
function choicesOf(distinct: readonly Example[], search: Search): readonly Piece[] {
  if (search.isDetermined !== true && distinct.length < 2 * CASE_EXAMPLES_MIN) return [];
  return findChoices(distinct, {
    constants: search.constants ?? [],
    budget: new Budget(DECISIONS_MAX),
    caseExamplesMin: search.isDetermined === true ? 1 : CASE_EXAMPLES_MIN,
    explain: (few) => {
      const task = createTask(few, { ...search, searched: few });
      const candidates = findCandidates(task, {
        expansionsMax: TERM_EXPANSIONS_MAX,
        costMax: search.costMax,
        isWide: true,
      });
      return rank(candidates.filter((candidate) => holds(candidate, few)));
    },
  });
}

function holds({ expression }: Piece, examples: readonly Example[]): boolean {
  return examples.every(({ inputs, output }) => evaluate(expression, inputs) === output);
}

/** Cheapest first, then smallest, then in the order of the search; the same on every machine. */
function rank(candidates: readonly Piece[]): readonly Piece[] {
  return candidates
    .map((piece) => ({ piece, size: expressionSize(piece.expression) }))
    .toSorted((a, b) => a.piece.cost - b.piece.cost || a.size - b.size)
    .map(({ piece }) => piece);
}
