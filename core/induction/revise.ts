/**
 * What becomes of a template that was wrong: narrowed by conditions that keep every exchange that it answered right and
 * none that it answered wrong, or split into two such branches; else nothing explains it. A revision never serves what
 * the template did not, and what is new in it starts in probation.
 */
import { canonicalNumber, compare, parseDecimal } from '../decimal.ts';
import { answerKey, type Hash } from '../observation.ts';
import type { Condition } from '../template/condition.ts';
import {
  templateText,
  variablesOfTemplate,
  type Bindings,
  type LeafTemplate,
  type MessageTemplate,
  type Segment,
} from '../template/template.ts';
import { ANYTHING } from '../template/matcher.ts';
import { nodeText, type AnswerNode, type Guard, type TreeNode } from '../tree/node.ts';
import { ScopeTree } from '../tree/scope-tree.ts';
import { advance, startOf, walk, type WalkState } from '../tree/walk.ts';
import { evenBars } from '../trust/risk.ts';
import { initialEvidence, SEEN_MAX } from './evidence.ts';
import type { Verdict } from './compare-answers.ts';
import type { Exchange } from './exchange.ts';
import { compareWith } from './load.ts';
import { occurrences } from './span.ts';

export interface ReviseQuestion {
  readonly hash: Hash;
  /** From the root down to the answer that was wrong. */
  readonly path: readonly TreeNode[];
  /** Exchanges that it answered right, and such that it answered wrong; their threads may go on below it. */
  readonly examples: readonly Exchange[];
  readonly counters: readonly Exchange[];
  /**
   * Whatever else was observed in this shape: a revision must not contradict it. What the template would have answered
   * counts with the examples or the counterexamples: once it is out of service nobody holds an exchange against it.
   */
  readonly others: readonly Exchange[];
  /** Keys (`answerKey`) of answers that feedback took back. */
  readonly vetoes: ReadonlySet<string>;
}

export type Revision =
  | { readonly kind: 'narrowed' | 'split'; readonly nodes: readonly RevisedNode[] }
  | { readonly kind: 'unexplained'; readonly why: Unexplained };

export type Unexplained =
  'no-counterexample' | 'too-few-examples' | 'not-separable' | 'contradicts';

export interface RevisedNode {
  readonly node: TreeNode;
  /** The variables that it has new conditions on. */
  readonly names: readonly string[];
  /** Ids of the observations that speak for it. */
  readonly exemplars: readonly string[];
}

/** Fewer examples separate from anything. */
const EXAMPLES_MIN = 2;
/** Confirmations that counterexamples ask for: one each, but many at once say no more than a few. */
const DOUBTS_MAX = 3;
/** One answer in a new form is no rule. */
const BRANCH_MIN = 2;

interface Read {
  readonly exchange: Exchange;
  readonly bindings: Bindings;
}

/** Errors: none; what cannot be revised is `unexplained`. */
export function reviseNode(question: ReviseQuestion): Revision {
  const { path } = question;
  const node = path.at(-1);
  if (node?.answer === undefined) return { kind: 'unexplained', why: 'not-separable' };
  const others = Map.groupBy(question.others, (exchange) => verdictOf(path, exchange));
  const examples = readAll(path, [...question.examples, ...(others.get('agree') ?? [])]);
  const counters = readAll(path, [...question.counters, ...(others.get('contradict') ?? [])]);
  if (counters.length === 0) return { kind: 'unexplained', why: 'no-counterexample' };
  if (examples.length < EXAMPLES_MIN) return { kind: 'unexplained', why: 'too-few-examples' };
  const separating = separate(examples, counters);
  if (separating.length === 0) return { kind: 'unexplained', why: 'not-separable' };
  const narrowed = narrow(question, { ...node, answer: node.answer }, examples, separating);
  const branch = branchOff(question, node, counters, separating);
  const plans = branch === undefined ? [[narrowed]] : [[narrowed, branch], [narrowed]];
  const nodes = plans.find((plan) => holdsOnReplay(question, plan));
  if (nodes === undefined) return { kind: 'unexplained', why: 'contradicts' };
  return { kind: nodes.length > 1 ? 'split' : 'narrowed', nodes };
}

/** What the template alone would have said to an exchange of its own length, held against its answer. */
function verdictOf(path: readonly TreeNode[], exchange: Exchange): Verdict | undefined {
  const { observation, thread } = exchange;
  if (!observation.induce) return undefined;
  const walked = walk(treeOf(path), observation.scope, thread, new Map(observation.bindings));
  const [answer, ...more] = walked.kind === 'reached' ? walked.answers : [];
  if (answer?.message === undefined || more.length > 0) return undefined;
  return compareWith(answer, exchange);
}

/** The exchanges that fit the path in just one way, with the values that they have there. */
function readAll(path: readonly TreeNode[], exchanges: readonly Exchange[]): Read[] {
  const byThread = new Map(
    exchanges.map((exchange) => [exchange.observation.thread, exchange] as const),
  );
  return [...byThread.values()].flatMap((exchange) => {
    let states: readonly WalkState[] = [startOf(exchange.observation.scope, exchange.known)];
    for (const [index, node] of path.slice(0, -1).entries()) {
      const message = exchange.thread.messages[index];
      const next = message && advance(treeOf([node]), states, message);
      if (next === undefined || typeof next === 'string') return [];
      states = next;
    }
    const [state, ...more] = states;
    if (state === undefined || more.length > 0 || state.open.size > 0) return [];
    return [{ exchange, bindings: state.bindings }];
  });
}

/** The nodes as walks would go through them, whatever was taken back. */
function treeOf(nodes: readonly TreeNode[]): ScopeTree {
  const tree = new ScopeTree();
  for (const node of nodes) tree.put({ ...node, state: 'candidate' });
  return tree;
}

interface Separation {
  readonly name: string;
  readonly values: readonly string[];
  /** Of the examples, and of the counterexamples. */
  readonly right: Condition;
  readonly wrong: Condition;
}

/** Every variable whose values tell the two apart: with all of them as conditions the least is served. */
function separate(examples: readonly Read[], counters: readonly Read[]): Separation[] {
  const names = [...(examples[0]?.bindings.keys() ?? [])].filter((name) => !name.startsWith('$'));
  return names.flatMap((name) => {
    const right = valuesOf(examples, name);
    const wrong = valuesOf(counters, name);
    if (right === undefined || wrong === undefined) return [];
    const conditions = byOrder(right, wrong) ?? byValue(right, wrong);
    return conditions === undefined ? [] : [{ name, values: right, ...conditions }];
  });
}

function valuesOf(reads: readonly Read[], name: string): readonly string[] | undefined {
  const values = reads.flatMap(({ bindings }) => bindings.get(name) ?? []);
  return values.length === reads.length ? [...new Set(values)] : undefined;
}

type Sides = Pick<Separation, 'right' | 'wrong'>;

/** Numbers that lie apart: each side ends at the last value that was seen of it. */
function byOrder(right: readonly string[], wrong: readonly string[]): Sides | undefined {
  if (right.length < EXAMPLES_MIN) return undefined;
  const [low, high] = extremes(right) ?? [];
  const [least, most] = extremes(wrong) ?? [];
  if (low === undefined || high === undefined) return undefined;
  if (least === undefined || most === undefined) return undefined;
  if (isLess(most, low)) return { right: atLeast(low), wrong: atMost(most) };
  if (isLess(high, least)) return { right: atMost(high), wrong: atLeast(least) };
  return undefined;
}

function byValue(right: readonly string[], wrong: readonly string[]): Sides | undefined {
  if (right.length < EXAMPLES_MIN || right.length > SEEN_MAX) return undefined;
  if (right.some((value) => wrong.includes(value))) return undefined;
  const oneOf = (values: readonly string[]): Condition => ({
    kind: 'one-of',
    values: values.toSorted(),
  });
  return { right: oneOf(right), wrong: oneOf(wrong) };
}

function extremes(values: readonly string[]): readonly [string, string] | undefined {
  const sorted = values.toSorted((a, b) => (isLess(a, b) ? -1 : 1));
  const [first, last] = [sorted[0], sorted.at(-1)];
  const isNumeric = values.every((value) => parseDecimal(value) !== undefined);
  return isNumeric && first !== undefined && last !== undefined ? [first, last] : undefined;
}

function isLess(a: string, b: string): boolean {
  const [left, right] = [parseDecimal(a), parseDecimal(b)];
  return left !== undefined && right !== undefined && compare(left, right) < 0;
}

const atLeast = (number: string): Condition => ({
  ...{ kind: 'compare', comparison: '>=', number: canonicalNumber(number) },
});
const atMost = (number: string): Condition => ({
  ...{ kind: 'compare', comparison: '<=', number: canonicalNumber(number) },
});

function narrow(
  { hash, counters }: ReviseQuestion,
  node: AnswerNode,
  examples: readonly Read[],
  separating: readonly Separation[],
): RevisedNode {
  const { evidence } = node;
  const guards = separating.map(({ name, right }) => ({ name, condition: right }));
  // A closed list of values is tried by no new value: it is what was seen, or nothing.
  const closed = new Set(
    separating.flatMap(({ name, right }) => (right.kind === 'one-of' ? [name] : [])),
  );
  const ordered = separating.flatMap(({ name, right }) => (right.kind === 'compare' ? name : []));
  // What the client vouched for has to prove itself, too, now that it has been wrong.
  const names = new Set([...evidence.seen.map(({ name }) => name), ...ordered]);
  const free = [...names].filter((name) => !closed.has(name));
  const isProved = evidence.confirmations >= evidence.required;
  const isClosed = free.length === 0 && evidence.seen.length === 1 && isProved;
  const required = isClosed
    ? 0
    : Math.max(evidence.required, 1) + Math.min(counters.length, DOUBTS_MAX);
  return {
    node: {
      ...guarded(hash, node, guards),
      state: isClosed ? 'serving' : 'probation',
      evidence: {
        ...evidence,
        ...{ confirmations: 0, contradictions: 0, ...evenBars(required) },
        reasons: [...evidence.reasons, 'narrowed after it was wrong'],
        seen: free.map((name) => ({ name, values: seenIn(examples, name) })),
      },
    },
    names: separating.map(({ name }) => name),
    exemplars: examples.map(({ exchange }) => exchange.observation.id),
  };
}

/** The branch for those that were answered otherwise, where they were answered alike. */
function branchOff(
  { hash }: ReviseQuestion,
  node: TreeNode,
  counters: readonly Read[],
  separating: readonly Separation[],
): RevisedNode | undefined {
  const answered = counters.filter(
    ({ exchange }) => exchange.thread.messages.length === node.depth,
  );
  const [first] = answered;
  if (first === undefined || answered.length < BRANCH_MIN) return undefined;
  const templates = answered.map(({ exchange, bindings }) => answerTemplate(exchange, bindings));
  const texts = new Set(templates.map(templateText));
  const template = templates[0];
  if (template === undefined || texts.size > 1) return undefined;
  const guards = separating.map(({ name, wrong }) => ({ name, condition: wrong }));
  const bare = { ...node, template, variables: [], answer: first.exchange.observation.answer };
  const required = Math.max(node.evidence.required, 1) + 1;
  const names = node.evidence.seen.map(({ name }) => name);
  return {
    node: {
      ...guarded(hash, bare, guards),
      state: 'probation',
      evidence: {
        ...initialEvidence(required, ['split off after another template was wrong'], []),
        classes: node.evidence.classes,
        seen: names.map((name) => ({ name, values: seenIn(answered, name) })),
      },
    },
    names: separating.map(({ name }) => name),
    exemplars: answered.map(({ exchange }) => exchange.observation.id),
  };
}

function guarded<T extends TreeNode>(hash: Hash, node: T, more: readonly Guard[]): T {
  const guards = [...node.guards, ...more];
  const { parent, variables, template } = node;
  const id = hash(nodeText({ parent, variables, guards }, templateText(template)));
  return { ...node, id, guards, revision: 0 };
}

function seenIn(reads: readonly Read[], name: string): readonly string[] {
  const values = reads.flatMap(({ bindings }) => bindings.get(name) ?? []);
  return [...new Set(values)].slice(-SEEN_MAX);
}

/** The answer with the values of the path as variables, the longest first. */
function answerTemplate({ answer }: Exchange, bindings: Bindings): MessageTemplate {
  const values = [...bindings]
    .filter(([, value]) => value !== '')
    .sort(([a, x], [b, y]) => y.length - x.length || (a < b ? -1 : 1));
  return {
    role: answer.role,
    skeleton: answer.skeleton,
    leaves: answer.leaves.map((leaf) => leafTemplate(leaf.text, values)),
  };
}

function leafTemplate(
  text: string,
  [first, ...others]: readonly (readonly [string, string])[],
): LeafTemplate {
  if (text === '') return [];
  if (first === undefined) return [{ kind: 'literal', text }];
  const [name, value] = first;
  const segments: Segment[] = [];
  let offset = 0;
  for (const at of occurrences(text, value)) {
    if (at < offset) continue;
    segments.push(...leafTemplate(text.slice(offset, at), others));
    segments.push({ kind: 'variable', name, matcher: ANYTHING });
    offset = at + value.length;
  }
  return [...segments, ...leafTemplate(text.slice(offset), others)];
}

/** Whether the new nodes give every exchange that they reach its own answer, and none that was taken back. */
function holdsOnReplay(question: ReviseQuestion, revised: readonly RevisedNode[]): boolean {
  const { hash, path, vetoes, examples, counters, others } = question;
  const nodes = revised.map(({ node }) => node);
  const tree = treeOf([...path.slice(0, -1), ...nodes]);
  const replayed = [...examples, ...counters, ...others].every((exchange) => {
    const { observation, thread } = exchange;
    const walked = walk(tree, observation.scope, thread, new Map(observation.bindings));
    if (walked.kind !== 'reached') return true;
    return walked.answers.every((answer) => {
      if (answer.message === undefined) return true;
      const { skeleton } = answer.node.template;
      const key = answerKey(hash, observation, { skeleton, texts: answer.texts });
      return compareWith(answer, exchange) !== 'contradict' && !vetoes.has(key);
    });
  });
  return (
    replayed && nodes.every((node) => variablesOfTemplate(node.template).every(isBoundBy(path)))
  );
}

/** An answer may only use what the path above it binds, or what it computes itself. */
function isBoundBy(path: readonly TreeNode[]): (name: string) => boolean {
  const names = new Set(
    path.flatMap((node) => [
      ...variablesOfTemplate(node.template),
      ...node.variables.map((variable) => variable.name),
    ]),
  );
  return (name) => names.has(name) || name.startsWith('$');
}
