/**
 * Programs with choices, where no single program explains all examples. As in EUSolver: programs that explain some
 * examples each (terms), then a small decision list of tests that sends every example to a term that explains it.
 *
 * Source: R. Alur et al., "Scaling enumerative program synthesis via divide and conquer" (TACAS 2017).
 */

import { evaluate } from '../expressions/evaluate.ts';
import type { Expression } from '../expressions/expression.ts';
import { COST } from './evidence.ts';
import { findConditions, CONDITION_EXAMPLES_MAX, type Condition } from './conditions.ts';
import type { Budget, Example, Piece } from './task.ts';

interface Term {
  readonly expression: Expression;
  readonly cost: number;
  /** Bit i is set where the term explains example i. */
  readonly mask: number;
}

/** More than four cases are a table. */
const CASES_MAX = 4;
const SEEDS_MAX = 5;
const PARTNERS_MAX = 4;
const LARGE_SEEDS_MAX = 3;
const TERMS_MAX = 60;
/** Tests that a decision may use, and decisions that are ranked. */
const TESTS_MAX = 160;
const FOUND_MAX = 60;
/** A test that makes its choice so much dearer than the best one is no rival. */
const DEARER_MAX = 8;

export interface ChoiceSearch {
  /** Programs that explain all of these few examples, cheapest first. */
  readonly explain: (examples: readonly Example[]) => readonly Piece[];
  readonly constants: readonly string[];
  readonly budget: Budget;
  /** Examples that each case has to explain. */
  readonly caseExamplesMin: number;
}

/** Decision lists that explain the first thirty examples, cheapest first. */
export function findChoices(examples: readonly Example[], search: ChoiceSearch): readonly Piece[] {
  const tested = examples.slice(0, CONDITION_EXAMPLES_MAX);
  if (tested.length < 2) return [];
  const terms = termsOf(tested, search);
  const tests = findConditions(tested, search.constants, search.budget).slice(0, TESTS_MAX);
  const values = tested.map(({ output }) => output);
  const { budget, caseExamplesMin } = search;
  return decide({ terms, tests, budget, caseExamplesMin }, 2 ** tested.length - 1, CASES_MAX)
    .slice(0, FOUND_MAX)
    .map(({ expression, cost }) => ({ expression, cost, values }));
}

interface Decision {
  readonly terms: readonly Term[];
  readonly tests: readonly Condition[];
  readonly budget: Budget;
  readonly caseExamplesMin: number;
}

type Candidate = Omit<Term, 'mask'>;

/** The cheapest ways to explain the examples of `mask` with at most so many cases. */
function decide(decision: Decision, mask: number, casesMax: number): readonly Candidate[] {
  const whole = wholeOf(decision, mask);
  if (whole.length > 0 || casesMax < 2) return whole;
  const found: Candidate[] = [];
  let best = Infinity;
  for (const test of decision.tests) {
    if (!decision.budget.take() || COST.choice + test.cost > best + DEARER_MAX) break;
    for (const candidate of divided(decision, { mask, casesMax, test })) {
      best = Math.min(best, candidate.cost);
      found.push(candidate);
    }
  }
  return found.toSorted((a, b) => a.cost - b.cost).slice(0, FOUND_MAX);
}

/** Single terms for all of the examples. */
function wholeOf({ terms, caseExamplesMin }: Decision, mask: number): readonly Term[] {
  if (bitsOf(mask) < caseExamplesMin) return [];
  return terms.filter((term) => (term.mask & mask) === mask && isSupported(term, mask)).slice(0, 2);
}

/** Choices by one test, with a single term on one side at the least, as in a decision list. */
function divided(
  decision: Decision,
  { mask, casesMax, test }: { mask: number; casesMax: number; test: Condition },
): readonly Candidate[] {
  const [yes, no] = [mask & test.mask, mask & ~test.mask];
  if (yes === 0 || no === 0) return [];
  const [thens, elses] = [wholeOf(decision, yes), wholeOf(decision, no)];
  const choose = (all: readonly Candidate[], others: readonly Candidate[]): readonly Candidate[] =>
    all.flatMap((then) => others.map((other) => choice(test, then, other)));
  if (thens.length > 0 && elses.length > 0) return choose(thens, elses);
  if (thens.length > 0) return choose(thens, decide(decision, no, casesMax - 1));
  return elses.length > 0 ? choose(decide(decision, yes, casesMax - 1), elses) : [];
}

function choice(test: Condition, then: Candidate, other: Candidate): Candidate {
  return {
    expression: {
      op: 'if',
      condition: test.expression,
      then: then.expression,
      else: other.expression,
    },
    cost: COST.choice + test.cost + then.cost + other.cost,
  };
}

/** An answer that is a mere text for one example is a line of a table, not a case. */
function isSupported({ expression }: Term, mask: number): boolean {
  return expression.op !== 'text' || expression.value === '' || bitsOf(mask) > 1;
}

/** Terms from single examples and from pairs; of those that explain the same examples the cheapest two. */
function termsOf(examples: readonly Example[], search: ChoiceSearch): readonly Term[] {
  const byMask = new Map<number, Term[]>();
  const add = (piece: Piece): void => {
    const mask = explainedBy(piece.expression, examples);
    const same = byMask.get(mask) ?? [];
    if (mask === 0 || same.length >= 2) return;
    byMask.set(mask, [...same, { ...piece, mask }]);
  };
  // A case of several examples is found from two of them; induction tries many hopeless tasks and must stay quick.
  const areLarge = search.caseExamplesMin > 1;
  const [seeds, partners] = areLarge
    ? [LARGE_SEEDS_MAX, LARGE_SEEDS_MAX]
    : [SEEDS_MAX, PARTNERS_MAX];
  for (const [index, seed] of examples.slice(0, seeds).entries()) {
    for (const partner of examples.slice(index + 1, index + 1 + partners))
      search.explain([seed, partner]).slice(0, TERMS_MAX).forEach(add);
    if (!areLarge) search.explain([seed]).slice(0, TERMS_MAX).forEach(add);
    add(constantTerm(seed, search.constants));
  }
  return [...byMask.values()]
    .flat()
    .toSorted((a, b) => bitsOf(b.mask) - bitsOf(a.mask) || a.cost - b.cost)
    .slice(0, TERMS_MAX * 2)
    .toSorted((a, b) => a.cost - b.cost);
}

/** An output as it is, at the price of all its characters. */
function constantTerm({ output }: Example, constants: readonly string[]): Piece {
  const cost = constants.includes(output) || output === '' ? 3 : 4 + 4 * output.length;
  return { expression: { op: 'text', value: output }, cost, values: [output] };
}

function explainedBy(expression: Expression, examples: readonly Example[]): number {
  let mask = 0;
  for (const [index, { inputs, output }] of examples.entries())
    if (evaluate(expression, inputs) === output) mask |= 1 << index;
  return mask;
}

function bitsOf(mask: number): number {
  let bits = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) bits++;
  return bits;
}
