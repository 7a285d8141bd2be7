/** From the answers that a walk reached to one outcome: serve, predict in the shadow, or miss with a reason. */
import type { Budget } from '../template/cuts.ts';
import { templateText, variablesOfTemplate, type Bindings } from '../template/template.ts';
import { SEEN_MAX } from '../induction/evidence.ts';
import { areWordings } from '../induction/wordings.ts';
import { isWithin } from '../template/within.ts';
import { barOf } from '../trust/risk.ts';
import type { Evidence, TreeNode } from './node.ts';
import { mayBeState, STATES_MIN } from './states.ts';
import { countsOneAsMany, hasRepeats, isOrdinary } from './traits.ts';
import { fitOf, fitOfValues, shapeOf, type Fit, type ValueType } from './value-type.ts';
import type { Overflow, ReachedAnswer, Walk } from './walk.ts';

export type MissReason = 'no_path' | 'no_answer' | Overflow | 'probation';

export type Decision =
  | { readonly kind: 'hit'; readonly answer: ServableAnswer }
  | { readonly kind: 'miss'; readonly reason: MissReason; readonly depth: number };

export type ServableAnswer = ReachedAnswer & { readonly message: string };

/** Steps that comparing the templates of all answers may take, at most 1 ms; over the bound none is inside another. */
const STEPS_MAX = 16_384;

/** So many values of one shape were right: the shape is no accident. */
const SHAPE_VALUES_MIN = 3;

/** What is the same for all comparisons of one decision. */
interface Comparison {
  /** What was known before the first message. */
  readonly known: Bindings;
  readonly budget: Budget;
}

/** Decides on a walk. Errors: none; whatever is not certain is a miss. */
export function decide(walk: Walk): Decision {
  if (walk.kind === 'diverged') return { kind: 'miss', reason: 'no_path', depth: walk.depth };
  if (walk.kind === 'overflow') return { kind: 'miss', reason: walk.reason, depth: walk.depth };
  const depth = walk.states[0]?.path.length ?? 0;
  const [only] = walk.answers;
  // Nothing to hold it against, as with most threads.
  if (only !== undefined && walk.answers.length === 1) {
    return isServed(only, factsOf(only.node).proof)
      ? { kind: 'hit', answer: only }
      : { kind: 'miss', reason: missReason(only), depth };
  }
  const answers = walk.answers.filter((answer) => !isSuperseded(answer, walk.answers));
  const [first, ...others] = answers;
  if (first === undefined) return { kind: 'miss', reason: 'no_answer', depth };
  const comparison = { known: walk.known, budget: { steps: STEPS_MAX } };
  const best = others.reduce(
    (chosen, answer) => (isInside(answer, chosen, comparison) ? answer : chosen),
    first,
  );
  const wordings = answers.filter((answer) => answer !== best && areWordings(answer, best));
  const rivals = answers.filter(
    (answer) =>
      answer !== best &&
      !wordings.includes(answer) &&
      !sameAnswer(answer, best) &&
      !isInside(best, answer, comparison),
  );
  if (rivals.length > 0) return { kind: 'miss', reason: 'ambiguous', depth };
  const agreeing = answers.filter(
    (answer) => answer === best || wordings.includes(answer) || sameAnswer(answer, best),
  );
  const proof = proofOf([best, ...wordings]);
  const served = agreeing.find((answer) =>
    isServed(answer, wordings.includes(answer) || answer === best ? proof : proofOf([answer])),
  );
  if (served !== undefined) return { kind: 'hit', answer: served };
  return { kind: 'miss', reason: missReason(best), depth };
}

function missReason(best: ReachedAnswer): MissReason {
  if (best.isAmbiguous) return 'ambiguous';
  return best.message === undefined ? 'derivation_abstains' : 'probation';
}

/**
 * Whether an abstention is settled by a later node at the same place, of the same template or seen with the same values,
 * for the same reading of the thread. That one was only committed because it answers every exemplar of the earlier one as it was answered, and
 * was learned from what the earlier one left open.
 */
function isSuperseded(answer: ReachedAnswer, all: readonly ReachedAnswer[]): boolean {
  if (answer.message !== undefined || answer.isAmbiguous) return false;
  const text = templateText(answer.node.template);
  return all.some(
    ({ node, message, bindings }) =>
      message !== undefined &&
      node.parent === answer.node.parent &&
      node.revision > answer.node.revision &&
      (templateText(node.template) === text || covers(node.evidence, answer.node.evidence)) &&
      isSubset(answer.bindings, bindings),
  );
}

/** Whether the one was right with all values that the other was. */
function covers(one: Evidence, other: Evidence): boolean {
  return other.seen.every(({ name, values }) => {
    const own = one.seen.find((entry) => entry.name === name)?.values ?? [];
    return values.every((value) => own.includes(value));
  });
}

/** Whether `all` has each of `some`. */
function isSubset(some: Bindings, all: Bindings): boolean {
  return [...some].every(([name, value]) => all.get(name) === value);
}

interface Proof {
  readonly confirmations: number;
  /** The values that each variable was right with. */
  readonly seen: ReadonlyMap<string, readonly string[]>;
}

/** What speaks for the wordings of one answer, taken together. */
function proofOf(wordings: readonly ReachedAnswer[]): Proof {
  const nodes = wordings.map(({ node }) => node);
  const [only, ...others] = nodes;
  return only !== undefined && others.length === 0 ? factsOf(only).proof : sumOf(nodes);
}

function sumOf(nodes: readonly TreeNode[]): Proof {
  const seen = new Map<string, readonly string[]>();
  for (const { evidence } of nodes) {
    for (const { name, values } of evidence.seen)
      seen.set(name, [...new Set([...(seen.get(name) ?? []), ...values])]);
  }
  const confirmations = nodes.reduce((sum, { evidence }) => sum + evidence.confirmations, 0);
  return { confirmations, seen };
}

/** What follows from a node alone. */
interface Facts {
  readonly proof: Proof;
  readonly computed: ReadonlySet<string>;
  /** The variables whose values it was seen with. */
  readonly copied: readonly string[];
  /** Whether more than one variable stands in it, so that two may have one value. */
  readonly hasSeveral: boolean;
}

/** Kept as long as the node: they are asked about with every hit. */
const facts = new WeakMap<TreeNode, Facts>();

function factsOf(node: TreeNode): Facts {
  const known = facts.get(node);
  if (known !== undefined) return known;
  const made = {
    proof: sumOf([node]),
    computed: computedIn(node),
    copied: node.evidence.seen.map(({ name }) => name),
    hasSeveral: variablesOfTemplate(node.template).length > 1,
  };
  facts.set(node, made);
  return made;
}

/** Whether evidence allows to serve this very answer: state, and no variable outside what was seen of it. */
function isServed(answer: ReachedAnswer, proof: Proof): answer is ServableAnswer {
  const { node, bindings, message } = answer;
  if (message === undefined || node.state !== 'serving') return false;
  const { evidence } = node;
  if (evidence.required === 0) return true;
  const { copied, computed, hasSeveral } = factsOf(node);
  if (hasSeveral && hasRepeats(node.template, bindings, copied)) return false;
  if (countsOneAsMany(node.template, bindings, computed)) return false;
  return evidence.seen.every(({ name, values: own }) => {
    const values = proof.seen.get(name) ?? [];
    const value = bindings.get(name) ?? '';
    const type = typeOf(evidence, name);
    const fit = fitHere(type, value, values);
    // Of what nothing is known in its type no more can be asked than of what is odd there.
    const least = fit === 'untyped' && type !== undefined ? barOf(evidence, 'odd') : Infinity;
    const bar = Math.min(barOf(evidence, fit), least);
    if (proof.confirmations < bar) return false;
    if (fit === 'known') return true;
    if (values.length < STATES_MIN && isStateOf(answer, name, value)) return false;
    // What stayed the same while others varied may be needed as it is.
    const isFixed = values.length === 1 && proof.confirmations > 0;
    if (fit === 'novel') return true;
    return !isFixed && isTried(values, bar) && isOrdinary(node.template, name, value, own);
  });
}

function isStateOf({ node, path }: ReachedAnswer, name: string, value: string): boolean {
  const above = path.slice(0, -1).map(({ template }) => template);
  return mayBeState(above, node.template, name, value);
}

function computedIn({ variables }: TreeNode): ReadonlySet<string> {
  return new Set(variables.flatMap(({ role, name }) => (role === 'dependent' ? [name] : [])));
}

/** Whether so many new values of the variable were right that any may be served; no more of them are kept. */
function isTried(values: readonly string[], bar: number): boolean {
  return values.length > Math.min(bar, SEEN_MAX - 1);
}

/**
 * How a value fits; one that the template was seen with is known. Those of a shape for which the template was right are
 * not odd.
 */
function fitHere(type: ValueType | undefined, value: string, values: readonly string[]): Fit {
  if (values.includes(value)) return 'known';
  const fit = fitOf(type, value);
  if (fit !== 'odd') return fit;
  const shape = shapeOf(value);
  const alike = values.filter((seen) => shapeOf(seen) === shape);
  return alike.length < SHAPE_VALUES_MIN ? fit : 'untyped';
}

function typeOf({ types }: Evidence, name: string): ValueType | undefined {
  return types.find((type) => type.name === name);
}

/** How well the worst value of an answer fits; one that the template was seen with is known. */
export function fitOfBindings({ seen, types }: Evidence, bindings: Bindings): Fit {
  const fresh = seen.flatMap(({ name, values }) => {
    const value = bindings.get(name) ?? '';
    return values.includes(value) ? [] : [[name, value] as const];
  });
  return fitOfValues(types, fresh);
}

function sameAnswer(a: ReachedAnswer, b: ReachedAnswer): boolean {
  return (
    a.message !== undefined &&
    b.message !== undefined &&
    a.node.template.skeleton === b.node.template.skeleton &&
    a.texts.length === b.texts.length &&
    a.texts.every((text, index) => text === b.texts[index])
  );
}

/**
 * Whether the threads that `a` fits are, all and strictly, among those that `b` fits. A message of `b` that
 * repeats values known before it is only compared with itself: what it fits depends on those values.
 */
function isInside(a: ReachedAnswer, b: ReachedAnswer, { known, budget }: Comparison): boolean {
  const [above, over] = [a.path.slice(0, -1), b.path.slice(0, -1)];
  if (above.length !== over.length) return false;
  const bound = new Set(known.keys());
  let strict = false;
  for (const [index, node] of above.entries()) {
    const other = over[index];
    if (other === undefined || --budget.steps < 0) return false;
    if (node.id !== other.id) {
      const names = variablesOfTemplate(other.template);
      if (names.some((name) => bound.has(name)) || dependentsOf(other) > 0) return false;
      if (other.guards.length > 0 || !isWithin(node.template, other.template, budget)) return false;
      strict ||= node.guards.length > 0 || !isWithin(other.template, node.template, budget);
      // Cut short, "not within" shows nothing.
      if (budget.steps < 0) return false;
    }
    for (const name of namesOf(other)) bound.add(name);
  }
  return strict;
}

function dependentsOf(node: TreeNode): number {
  return node.variables.filter((variable) => variable.role === 'dependent').length;
}

function namesOf(node: TreeNode): string[] {
  return [
    ...variablesOfTemplate(node.template),
    ...node.variables.map((variable) => variable.name),
  ];
}
