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
import { compareAnswers, type Verdict } from './compare-answers.ts';
import type { Values } from './evidence.ts';
import { isTelling } from './flow.ts';
import { occurrences } from './span.ts';
import { contentOf, isExactOnly, readExchange, type Exchange } from './exchange.ts';

/** A template's prediction held against the answer. */
export interface Prediction {
  readonly node: string;
  readonly verdict: Verdict;
  readonly values: Values;
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
  const predictions = answers.flatMap((answer) => predict(answer, exchange));
  const agrees = predictions.find((prediction) => prediction.verdict === 'agree');
  const unsettled = predictions.find((prediction) => prediction.verdict === 'unsettled');
  if (agrees !== undefined) return { kind: 'finish', outcome: 'confirmed', predictions };
  if (unsettled !== undefined) return { kind: 'finish', outcome: 'unsettled', predictions };
  const depth = walked.kind === 'reached' ? exchange.thread.messages.length : walked.depth;
  const best = walked.states.toSorted(bySpecificity)[0];
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

function predict(answer: ReachedAnswer, exchange: Exchange): Prediction[] {
  // A derivation that abstained has predicted nothing.
  if (answer.message === undefined) return [];
  return [
    {
      node: answer.node.id,
      verdict: compareWith(answer, exchange),
      values: valuesOf(answer),
    },
  ];
}

/** How the answer that a walk predicts compares with the one of the exchange. */
export function compareWith(answer: ReachedAnswer, exchange: Exchange): Verdict {
  const { skeleton } = answer.node.template;
  const content = answer.message === undefined ? undefined : contentOf(answer.message);
  const predicted = { skeleton, texts: answer.texts, content };
  return compareAnswers(predicted, exchange.answer, contentOf(exchange.observation.answer.message));
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

function bySpecificity(a: WalkState, b: WalkState): number {
  const measure = (state: WalkState, of: typeof literalCharacters): number =>
    state.path.reduce((total, node) => total + of(node.template), 0);
  return (
    measure(b, literalCharacters) - measure(a, literalCharacters) ||
    measure(a, templateWidth) - measure(b, templateWidth) ||
    (a.at < b.at ? -1 : 1)
  );
}
