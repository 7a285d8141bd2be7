/** The one step of `revise`: what evidence spoke against is narrowed, split, or stays out of service. */
import { readExchange } from '../core/induction/exchange.ts';
import { reviseNode, type Revision } from '../core/induction/revise.ts';
import type { NodeRef, TreeNode } from '../core/tree/node.ts';
import type { ExemplarKind } from '../adapters/mongo/documents.ts';
import type { FeedbackStore } from '../adapters/mongo/feedback-store.ts';
import type { TurnStore } from '../adapters/mongo/turn-store.ts';
import { countNextTurn } from './next-turns.ts';
import { counted, listed, otherExchanges, sha256, type StepDeps, type StepReport } from './run.ts';

export interface ReviseDeps extends Pick<StepDeps, 'observations' | 'trees' | 'scopes'> {
  readonly feedback: Pick<FeedbackStore, 'vetoesOf'>;
  readonly turns: Pick<TurnStore, 'of' | 'remove'>;
}

/** Evidence that is read: more of it separates no better. */
const EXEMPLARS_MAX = 200;

/**
 * Idempotent. Outcome `conflict`: the tree changed meanwhile, do it again. `run`: for the node's history.
 * Errors: StoreError.
 */
export async function revise(
  deps: ReviseDeps,
  { node: id, scope }: NodeRef,
  run: string,
): Promise<StepReport & { readonly outcome: string }> {
  const heard = await countTurns(deps, id, run);
  // From the primary: what was just counted against the node may not have come to this worker yet.
  const { tree, childrenVersions } = await deps.trees.readTree(scope);
  const node = tree.get(id);
  if (node === undefined) return { note: 'the node was deleted', outcome: 'gone' };
  if (heard === 'nothing-against' && node.state === 'serving') {
    return { note: 'the next turns settle nothing', outcome: 'kept' };
  }
  const path = pathOf(id, (above) => tree.get(above));
  if (isDecided(node) || path === undefined || path.some(hasCode)) {
    return conclude(deps, node, run, { kind: 'kept' });
  }
  const [examples, counters] = await Promise.all([
    exchangesOf(deps, id, 'example'),
    exchangesOf(deps, id, 'counter'),
  ]);
  const [one] = [...examples, ...counters];
  const others = one === undefined ? [] : await otherExchanges(deps, one);
  const vetoes = await deps.feedback.vetoesOf(scope);
  const revision = reviseNode({ hash: sha256, path, examples, counters, others, vetoes });
  if (revision.kind === 'unexplained') return conclude(deps, node, run, revision);
  const committed = await deps.trees.commit({
    scope,
    parent: node.parent,
    expectedChildrenVersion: childrenVersions.get(node.parent) ?? 0,
    nodes: revision.nodes.map((revised) => revised.node),
    observation: revision.nodes[0]?.exemplars[0] ?? '',
    exemplars: revision.nodes.flatMap((revised) =>
      revised.exemplars.map((observation) => ({
        ...{ node: revised.node.id, observation, kind: 'example' as const },
      })),
    ),
    source: { by: 'revise', run },
  });
  if (committed === 'conflict') return { note: 'the tree changed meanwhile', outcome: committed };
  return conclude(deps, node, run, committed === 'gone' ? { kind: 'kept' } : revision);
}

/** What was served on from since the last run. A run that dies counts the same turns again, once. */
async function countTurns(
  deps: ReviseDeps,
  node: string,
  run: string,
): Promise<'nothing' | 'nothing-against' | 'against'> {
  const turns = await deps.turns.of(node);
  if (turns.length === 0) return 'nothing';
  let isAgainst = false;
  for (const turn of turns) {
    const { scope, thread } = turn;
    const from = { scope, observation: `turn:${thread}`, by: 'revise' as const, run };
    if (await countNextTurn(deps, turn, from)) isAgainst = true;
  }
  await deps.turns.remove(turns);
  return isAgainst ? 'against' : 'nothing-against';
}

async function exchangesOf(
  { trees, observations, scopes }: ReviseDeps,
  node: string,
  kind: ExemplarKind,
) {
  const exemplars = (await trees.exemplarsOf(node, EXEMPLARS_MAX)).filter(
    (exemplar) => exemplar.kind === kind,
  );
  const ids = exemplars.map((exemplar) => exemplar.observation);
  const readAll = (some: readonly string[]) => observations.readMany(some);
  const found = await (scopes?.histories.readMany(ids, readAll) ?? readAll(ids));
  return [...found.values()].flatMap((observation) => readExchange(observation) ?? []);
}

/** What a person decided in the meantime stands. */
function isDecided({ pinned, state }: TreeNode): boolean {
  return pinned === true || state === 'serving' || state === 'retired';
}

/** Its results would have to be run first, for each exchange: a person decides about such a template. */
function hasCode({ variables }: TreeNode): boolean {
  return variables.some(
    (variable) => variable.role === 'dependent' && variable.derivation.kind === 'javascript',
  );
}

/** From the root; undefined where a node of it is gone. */
function pathOf(
  id: string,
  get: (id: string) => TreeNode | undefined,
): readonly TreeNode[] | undefined {
  const path: TreeNode[] = [];
  for (let node = get(id); node !== undefined; node = get(node.parent)) {
    path.unshift(node);
    if (node.parent === node.scope) return path;
  }
  return undefined;
}

/** Ends the waiting. A template whose place others took is history; any other stays in the state that it is in. */
async function conclude(
  { trees }: ReviseDeps,
  { id }: TreeNode,
  run: string,
  revision: Revision | { readonly kind: 'kept' },
): Promise<StepReport & { readonly outcome: string }> {
  const note = describe(revision);
  const isReplaced = revision.kind === 'narrowed' || revision.kind === 'split';
  await trees.changeNode(id, ({ evidence, state }) => ({
    evidence,
    state: isReplaced ? 'retired' : state,
    ...{ note: `revise: ${note}`, by: 'revise', run, revise: false },
  }));
  return { note, outcome: revision.kind };
}

function describe(revision: Revision | { readonly kind: 'kept' }): string {
  switch (revision.kind) {
    case 'kept':
      return 'left as it is';
    case 'unexplained':
      return `nothing tells right from wrong (${revision.why})`;
    case 'narrowed':
    case 'split': {
      const names = listed(revision.nodes.flatMap((revised) => revised.names));
      const ids = revision.nodes.map(({ node }) => node.id.slice(0, 12)).join(', ');
      return `${revision.kind} by conditions on ${names}; ${counted(revision.nodes.length, 'node')} in its place: ${ids}`;
    }
  }
}
