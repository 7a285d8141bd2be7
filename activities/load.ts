/** Step 0: is there anything to learn, and below which node? Predictions are counted on the way. */
import { judge } from '../core/induction/evidence.ts';
import { loadObservation, type Loaded, type Prediction } from '../core/induction/load.ts';
import { doubtChosen, mayBeChosen } from '../core/induction/chosen.ts';
import { promote } from '../core/induction/promote.ts';
import { readExchange } from '../core/induction/exchange.ts';
import { nextTurnOf, talkOf } from '../core/induction/next-turn.ts';
import type { Observation } from '../core/observation.ts';
import type { Bindings } from '../core/template/template.ts';
import { lookUpCode } from '../core/tree/look-up-code.ts';
import type { ScopeTree } from '../core/tree/scope-tree.ts';
import type { ExemplarKind, Recording } from '../adapters/mongo/documents.ts';
import type { StoredTree } from '../adapters/mongo/tree-store.ts';
import type { Agents } from './ask-agent.ts';
import { countNextTurn } from './next-turns.ts';
import { runMissing } from './run-missing.ts';
import { beginRun, counted, runOf, sha256, type StepDeps, type StepReport } from './run.ts';

/** Also writes what the proxy may have died before writing, unless it said that it has. Errors: StoreError, StepFault. */
export async function load(deps: StepDeps, id: string, isFollowedUp = false): Promise<LoadReport> {
  const recording = await readFor(deps, id, isFollowedUp);
  if (recording === undefined) return gone();
  const { observation } = recording;
  const stored = await (deps.scopes?.trees ?? deps.trees).readTree(observation.scope);
  const { tree } = stored;
  const code = await codeFor(deps, tree, observation);
  const loaded = loadObservation(tree, observation, code);
  // Before anything is waited for: a tree that is kept goes on changing.
  const above = aboveOf(stored, loaded);
  for (const prediction of loaded.predictions) await countPrediction(deps, observation, prediction);
  const doubted = await nodesDoubted(deps, tree, observation);
  const wrong = loaded.predictions.filter(({ verdict }) => verdict === 'contradict');
  const nodes = [...wrong.map(({ node }) => node), ...doubted];
  const revise = nodes.length === 0 ? {} : { revise: nodes };
  if (loaded.predictions.length > 0) await promoteWaiting(deps, observation.project, tree);
  await doubtConstants(deps, observation, tree);
  const known = `${counted(tree.size, 'node')} in the tree, ${describe(loaded.predictions)}`;
  if (loaded.kind === 'finish') return { note: known, outcome: loaded.outcome, ...revise };
  const { start } = loaded;
  const { path, childrenVersion } = above;
  await beginRun(deps, recording, path).save('load', { start, childrenVersion });
  return {
    note: `${known}; ${counted(start.depth, 'message')} of the thread matched`,
    ...revise,
    ...(deps.agents === undefined ? {} : { agents: deps.agents.mode }),
  };
}

async function readFor(
  { observations, scopes }: StepDeps,
  id: string,
  isFollowedUp: boolean,
): Promise<Recording | undefined> {
  const recording = await (isFollowedUp ? observations.readRecording(id) : observations.repair(id));
  if (recording !== undefined) scopes?.histories.put(recording.observation);
  return recording;
}

/** What a commit below the start is held against. */
function aboveOf({ tree, childrenVersions }: StoredTree, loaded: Loaded) {
  if (loaded.kind === 'finish') return { path: [], childrenVersion: 0 };
  const { path, parent } = loaded.start;
  return {
    path: path.flatMap((id) => tree.get(id) ?? []),
    childrenVersion: childrenVersions.get(parent) ?? 0,
  };
}

export interface LoadReport extends StepReport {
  /** Whether models take the steps (`llm`), or only where the symbolic ones give up (`auto`). */
  readonly agents?: Agents['mode'];
  /** Nodes that this observation speaks against. */
  readonly revise?: readonly string[];
}

/**
 * What the thread's newest turn says of the answer before it. Shape: the nodes that it speaks against. An audit's turn
 * counted when the hit was served.
 */
async function nodesDoubted(
  deps: StepDeps,
  tree: ScopeTree,
  observation: Observation,
): Promise<readonly string[]> {
  const exchange = observation.audit === undefined ? readExchange(observation) : undefined;
  const turn = exchange && nextTurnOf(tree, talkOf(exchange), sha256);
  if (turn === undefined) return [];
  const { scope, id } = observation;
  const source = { by: 'induce' as const, run: runOf(observation) };
  return (await countNextTurn(deps, turn, { scope, observation: id, ...source }))
    ? [turn.node]
    : [];
}

/** Results of the code derivations that the observation's thread comes by. */
async function codeFor(
  { runDerivation }: StepDeps,
  tree: ScopeTree,
  observation: Observation,
): Promise<Bindings> {
  const thread = tree.hasCode ? readExchange(observation)?.thread : undefined;
  if (thread === undefined) return new Map<string, string>();
  const { scope } = observation;
  const question = { tree, scope, thread, explicit: new Map(observation.bindings) };
  return runMissing(
    runDerivation,
    (known) => lookUpCode(question, ({ key }) => known.get(key)).missing,
  );
}

function gone(): StepReport {
  return { note: 'the observation was deleted', outcome: 'gone' };
}

const EXEMPLAR_KINDS: Readonly<Record<Prediction['verdict'], ExemplarKind>> = {
  agree: 'example',
  contradict: 'counter',
  unsettled: 'unsettled',
};

/** Idempotent: an observation counts once for a node, however often its run is repeated. */
async function countPrediction(
  { trees, scopes }: StepDeps,
  observation: Observation,
  prediction: Prediction,
): Promise<void> {
  const { node, verdict } = prediction;
  const audit = observation.audit === node;
  const about = {
    node,
    observation: observation.id,
    kind: EXEMPLAR_KINDS[verdict],
    audit,
    agreedAt: verdict === 'agree' ? observation.at : undefined,
  };
  const outcome = await trees.addEvidence(about, (before, state) => {
    const { note = 'agreed, with values seen before', ...judged } = judge(
      before,
      state,
      prediction,
    );
    return {
      ...judged,
      note: audit ? AUDIT_NOTES[verdict] : note,
      by: audit ? 'audit' : 'induce',
      run: runOf(observation),
      revise: verdict === 'contradict' ? true : undefined,
    };
  });
  if (outcome.kind === 'changed') scopes?.trees.changed(outcome.node);
}

/** Templates of the scope that wait for more than their classes ask for by now. */
async function promoteWaiting(
  { trees, errorBudget }: StepDeps,
  project: string,
  tree: ScopeTree,
): Promise<void> {
  const trust = { counts: await trees.readTrust(project), budget: errorBudget };
  const waiting = [...tree.all()].filter((node) => promote(node, trust) !== undefined);
  for (const { id } of waiting) await trees.changeNode(id, (now) => promote(now, trust));
}

/** Templates that take an argument for a constant for which this observation has another value from nowhere. */
async function doubtConstants(
  { trees, errorBudget }: StepDeps,
  observation: Observation,
  tree: ScopeTree,
): Promise<void> {
  const exchange = readExchange(observation);
  if (exchange === undefined) return;
  const doubted = [...tree.all()].filter((node) => mayBeChosen(node, exchange));
  if (doubted.length === 0) return;
  const trust = { counts: await trees.readTrust(observation.project), budget: errorBudget };
  for (const { id } of doubted)
    await trees.changeNode(id, (now) => doubtChosen(now, exchange, trust));
}

/** In the history of a node: the call was Ghee's own, to check an answer that it had served. */
const AUDIT_NOTES: Readonly<Record<Prediction['verdict'], string>> = {
  agree: 'audit agreed',
  contradict: 'audit disagreed',
  unsettled: 'audit answered in other words',
};

function describe(predictions: readonly Prediction[]): string {
  if (predictions.length === 0) return 'nothing predicted';
  const of = (verdict: Prediction['verdict']): number =>
    predictions.filter((prediction) => prediction.verdict === verdict).length;
  return `predicted ${of('agree')} right, ${of('contradict')} wrong, ${of('unsettled')} in other words`;
}
