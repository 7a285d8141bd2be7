/** Before induction: what does the tree already say about this observation? */
import type { Observation } from '../observation.ts';
import {
  literalCharacters,
  templateWidth,
  variablesOfTemplate,
  type Bindings,
} from '../template/template.ts';
import type { ScopeTree } from '../tree/scope-tree.ts';
import { walk, type ReachedAnswer, type WalkState } from '../tree/walk.ts';
import { compareAnswers, mayStandForEachOther, type Verdict } from './compare-answers.ts';
import { areWordings, predictedAnswer } from './wordings.ts';
import { judge, type Finding, type Values } from './evidence.ts';
import { isTelling } from './flow.ts';
import { occurrences } from './span.ts';
import { contentOf, isExactOnly, readExchange, type Exchange } from './exchange.ts';

/** A template's prediction held against the answer. */
export interface Prediction extends Finding {
  readonly node: string;
}

/** Where induction starts: the deepest node that the thread matched. */
export interface Start {
  readonly parent: string;
  /** How many messages are matched already. */
  readonly depth: number;
  readonly path: readonly string[];
  /** Variables of the path and their values. */
  readonly inherited: Values;
}

export type Loaded =
  /** Nothing to induce: `outcome` says why. */
  | {
      readonly kind: 'finish';
      readonly outcome: string;
      readonly predictions: readonly Prediction[];
    }
  | { readonly kind: 'induce'; readonly start: Start; readonly predictions: readonly Prediction[] };

/** A shorter text in a request need not be where the same text in an answer comes from. */
const TAKEN_CHARACTERS_MIN = 4;
/** An answer that is worded in more ways has no wording. */
const WORDINGS_MAX = 6;

/** Holds an observation against the tree of its scope. `code`: results of code derivations (look-up-code.ts). */
export function loadObservation(
  tree: ScopeTree,
  observation: Observation,
  code: Bindings = new Map<string, string>(),
): Loaded {
  const exchange = readExchange(observation);
  if (exchange === undefined) return finish('unreadable');
  if (!observation.induce) return finish('exact-only');
  if (isExactOnly(observation)) return finish('exact-only');
  const explicit = new Map([...observation.bindings, ...code]);
  const walked = walk(tree, observation.scope, exchange.thread, explicit);
  if (walked.kind === 'overflow') return finish('too-many-candidates');
  const answers = walked.kind === 'reached' ? walked.answers : [];
  const predicted = answers.flatMap((answer) => predict(answer, exchange));
  const predictions = predicted.map((one) => together(one, predicted));
  if (predicted.some(({ verdict }) => verdict === 'agree'))
    return { kind: 'finish', outcome: 'confirmed', predictions };
  const unsettled = predicted.filter(({ verdict }) => verdict === 'unsettled');
  if (unsettled.length > 0) return learnWording(unsettled, answers, exchange, predictions);
  const depth = walked.kind === 'reached' ? exchange.thread.messages.length : walked.depth;
  const best = bestStart(walked.states, answers);
  if (best === undefined) return finish('unreadable');
  const isRefuted = predictions.length === answers.length;
  const start =
    walked.kind === 'reached' && isRefuted
      ? startBeforeLast(best, exchange)
      : startFrom(best, depth);
  return { kind: 'induce', start: startAbove(start, best, exchange), predictions };
}

/** Where all that was known of a request is wrong, it may be read otherwise: its last message is learned anew. */
function startBeforeLast(state: WalkState, { observation }: Exchange): Start {
  const path = state.path.slice(0, -1);
  return startFrom({ ...state, at: path.at(-1)?.id ?? observation.scope, path }, path.length);
}

/**
 * The start before the first message of the path that holds, as fixed text, a value which the answer takes: only
 * from there can it become a variable (a form whose second field is filled in after its first).
 */
function startAbove(start: Start, state: WalkState, exchange: Exchange): Start {
  const taken = exchange.answer.leaves.flatMap((leaf) => (leaf.kind === 'string' ? leaf.text : []));
  const values = taken.filter((value) => value.length >= TAKEN_CHARACTERS_MIN && isTelling(value));
  const above = state.path.findIndex(
    ({ template: { role, leaves } }) =>
      role === 'user' &&
      leaves.some((leaf) =>
        leaf.some(
          (segment) =>
            segment.kind === 'literal' &&
            values.some((value) => occurrences(segment.text, value).length > 0),
        ),
      ),
  );
  if (above < 0) return start;
  const path = state.path.slice(0, above);
  const parent = path.at(-1)?.id ?? exchange.observation.scope;
  return startFrom({ ...state, at: parent, path }, above);
}

function finish(outcome: string): Loaded {
  return { kind: 'finish', outcome, predictions: [] };
}

interface Predicted extends Prediction {
  readonly answer: ReachedAnswer;
}

/** What was said in other words is learned as another wording of the same answer, below the same request. */
function learnWording(
  unsettled: readonly Predicted[],
  answers: readonly ReachedAnswer[],
  exchange: Exchange,
  predictions: readonly Prediction[],
): Loaded {
  const [best] = unsettled.toSorted(
    (a, b) => b.answer.node.evidence.confirmations - a.answer.node.evidence.confirmations,
  );
  const known = answers.filter(({ node }) => node.parent === best?.answer.node.parent);
  const [said, heard] = [best?.answer.message, exchange.observation.answer.message].map(
    (message) => message && contentOf(message),
  );
  const isWording = said !== undefined && heard !== undefined && mayStandForEachOther(said, heard);
  if (best === undefined || known.length >= WORDINGS_MAX || !isWording)
    return { kind: 'finish', outcome: 'unsettled', predictions };
  const { node, path, bindings } = best.answer;
  const above = path.slice(0, -1);
  const state = { at: node.parent, path: above, bindings, open: new Set<string>() };
  return {
    kind: 'induce',
    start: startFrom(state, exchange.thread.messages.length),
    predictions,
  };
}

/** With the confirmations of all wordings of the answer, where the exchange was answered in one that is known. */
function together(one: Predicted, all: readonly Predicted[]): Prediction {
  const { answer, ...prediction } = one;
  const wordings = all.filter((other) => other !== one && areWordings(other.answer, answer));
  if (wordings.length === 0 || ![one, ...wordings].some(({ verdict }) => verdict === 'agree'))
    return prediction;
  const counts = [one, ...wordings].map(
    (each) => judge(each.answer.node.evidence, 'probation', each).evidence.confirmations,
  );
  return { ...prediction, together: counts.reduce((sum, count) => sum + count, 0) };
}

function predict(answer: ReachedAnswer, exchange: Exchange): Predicted[] {
  // A derivation that abstained has predicted nothing.
  if (answer.message === undefined) return [];
  return [
    {
      answer,
      node: answer.node.id,
      verdict: compareWith(answer, exchange),
      values: valuesOf(answer),
    },
  ];
}

/** How the answer that a walk predicts compares with the one of the exchange. */
export function compareWith(answer: ReachedAnswer, exchange: Exchange): Verdict {
  return compareAnswers(
    predictedAnswer(answer),
    exchange.answer,
    contentOf(exchange.observation.answer.message),
  );
}

/** The free variables of a path: read off messages, neither derived nor given by the client. */
function valuesOf(answer: ReachedAnswer): Values {
  return answer.node.evidence.seen.flatMap(({ name }) => {
    const value = answer.bindings.get(name);
    return value === undefined ? [] : [[name, value] as const];
  });
}

function startFrom(state: WalkState, depth: number): Start {
  const names = new Set(
    state.path.flatMap((node) => [
      ...variablesOfTemplate(node.template),
      ...node.variables.map((variable) => variable.name),
    ]),
  );
  return {
    parent: state.at,
    depth,
    path: state.path.map((node) => node.id),
    inherited: [...names].flatMap((name) => {
      const value = state.bindings.get(name);
      return value === undefined || name.startsWith('$') ? [] : [[name, value] as const];
    }),
  };
}

/** What an answer leaves open is learned beside it, where it settles that; else the way that has proved itself. */
function bestStart(
  states: readonly WalkState[],
  answers: readonly ReachedAnswer[],
): WalkState | undefined {
  const open = answers.filter(({ message, isAmbiguous }) => message === undefined && !isAmbiguous);
  const parents = new Set(open.map(({ node }) => node.parent));
  const ordered = states.toSorted(byProof);
  return ordered.find(({ at }) => parents.has(at)) ?? ordered[0];
}

/**
 * The way whose answers were confirmed most often first: what is learned below a template that has proved itself holds
 * for all that it fits, and below the first sight of a conversation only for that one.
 */
function byProof(a: WalkState, b: WalkState): number {
  const proof = (state: WalkState): number =>
    state.path.reduce((total, node) => total + node.evidence.confirmations, 0);
  return proof(b) - proof(a) || bySpecificity(a, b);
}

function bySpecificity(a: WalkState, b: WalkState): number {
  const measure = (state: WalkState, of: typeof literalCharacters): number =>
    state.path.reduce((total, node) => total + of(node.template), 0);
  return (
    measure(b, literalCharacters) - measure(a, literalCharacters) ||
    measure(a, templateWidth) - measure(b, templateWidth) ||
    (a.at < b.at ? -1 : 1)
  );
}
