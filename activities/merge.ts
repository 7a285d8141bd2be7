/** The steps of a merge: read the question, ask `core/merge`, keep the answer, tell counts (workflows/merge.ts). */
import { setImmediate as breathe } from 'node:timers/promises';
import { clusterChildren } from '../core/merge/cluster-children.ts';
import { planCluster } from '../core/merge/plan-cluster.ts';
import { checkMerge } from '../core/merge/check-merge.ts';
import {
  MERGE_LIMITS,
  type CheckedMerge,
  type MergeQuestion,
  type Rejection,
} from '../core/merge/plan.ts';
import type { MergeRequest } from '../core/merge/request.ts';
import type { FeedbackStore } from '../adapters/mongo/feedback-store.ts';
import type { MergeState, ProposedTemplate } from '../adapters/mongo/merge-document.ts';
import type { MergeStore } from '../adapters/mongo/merge-store.ts';
import type { ObservationStore } from '../adapters/mongo/observation-store.ts';
import type { KeptScopes } from '../adapters/mongo/worker-memory.ts';
import type { StoredTree, TreeStore } from '../adapters/mongo/tree-store.ts';
import { StepFault } from './failure.ts';
import {
  readChecked,
  readClusters,
  readPlanned,
  saveChecked,
  saveClusters,
  savePlanned,
} from './merge-proposals.ts';
import { counted, sha256 } from './run.ts';

export interface MergeDeps {
  readonly observations: ObservationStore;
  readonly trees: TreeStore;
  /** Without it every step reads all of the scope. */
  readonly scopes?: KeptScopes;
  readonly merges: MergeStore;
  readonly feedback: Pick<FeedbackStore, 'vetoesOf'>;
  readonly errorBudget: number;
  readonly now: () => number;
  /** Told between parts of what takes long: the step is alive. */
  readonly heartbeat: () => void;
}

export interface ClusterReport {
  readonly clusters: number;
  readonly note: string;
}

export interface PlanReport {
  /** Clusters that are planned now. */
  readonly done: number;
  readonly note: string;
}

export interface CheckReport {
  /** Nothing is gained by a commit. */
  readonly isEmpty: boolean;
  readonly note: string;
}

/** One activity plans as many clusters as this time allows: a run of many small ones then is a few activities. */
const PLAN_MS = 2000;
/** What a record of a merge keeps for people; the nodes themselves have it all. */
const TEMPLATES_LISTED = 200;
const TEXT_LISTED = 2000;

/** Begins the record. Idempotent. Errors: StoreError; StepFault `scope_unknown`. */
export async function clusterSiblings(
  deps: MergeDeps,
  { id, workflowId }: { readonly id: string; readonly workflowId: string },
  request: MergeRequest,
): Promise<ClusterReport> {
  const scope = await deps.observations.scopes.read(request.scope);
  // Whoever may start workflows may name anything: nothing crosses projects.
  if (scope?.project !== request.project) throw new StepFault('scope_unknown');
  await deps.merges.begin(id, request, workflowId);
  const { question } = await readQuestion(deps, request);
  deps.heartbeat();
  const clusters = clusterChildren(question);
  await saveClusters(deps.merges, id, clusters);
  const members = clusters.reduce((sum, cluster) => sum + cluster.members.length, 0);
  return {
    clusters: clusters.length,
    note: `${counted(members, 'sibling')} in ${counted(clusters.length, 'cluster')}`,
  };
}

/** Plans from cluster `from` on. Errors: StoreError, StepFault. */
export async function planClusters(deps: MergeDeps, id: string, from: number): Promise<PlanReport> {
  const clusters = await readClusters(deps.merges, id);
  const { question } = await readQuestion(deps, await requestOf(deps, id));
  const until = deps.now() + PLAN_MS;
  let nodes = 0;
  let done = from;
  for (const cluster of clusters.slice(from)) {
    const planned = planCluster(question, cluster);
    await savePlanned(deps.merges, id, done, planned);
    nodes += planned.nodes.length;
    done += 1;
    deps.heartbeat();
    if (deps.now() > until) break;
    await breathe();
  }
  return { done, note: `${done} of ${clusters.length} clusters, ${counted(nodes, 'node')}` };
}

/** Holds all plans against what is stored. Errors: StoreError, StepFault. */
export async function checkPlans(deps: MergeDeps, id: string): Promise<CheckReport> {
  const clusters = await readClusters(deps.merges, id);
  const planned = [];
  for (const index of clusters.keys()) planned.push(await readPlanned(deps.merges, id, index));
  const request = await requestOf(deps, id);
  const { question, childrenVersions } = await readQuestion(deps, request);
  deps.heartbeat();
  const merge = checkMerge(question, planned);
  const parents = [request.parent, ...merge.retires];
  const versions = parents.map((parent) => [parent, childrenVersions.get(parent) ?? 0] as const);
  const retires = merge.retires.flatMap((retired) => {
    const node = question.tree.get(retired);
    return node === undefined ? [] : [{ id: node.id, state: node.state }];
  });
  await saveChecked(deps.merges, id, { merge, versions, retires });
  return { isEmpty: merge.nodes.length === 0 && merge.retires.length === 0, note: describe(merge) };
}

/** Outcome `conflict`: the tree changed, plan again. Errors: StoreError, StepFault. */
export async function commitMerge(deps: MergeDeps, id: string): Promise<string> {
  const record = await deps.merges.read(id);
  // The worker may have died after the commit and before it could say so.
  if (record?.state === 'committed') return 'committed';
  const request = await requestOf(deps, id);
  const { merge, versions, retires } = await readChecked(deps.merges, id);
  const outcome = await deps.merges.commit(
    {
      id,
      request,
      versions: new Map(versions),
      nodes: merge.nodes,
      retires,
      exemplars: merge.exemplars.map((exemplar) => ({ ...exemplar, kind: 'example' as const })),
    },
    resultOf(merge),
  );
  if (outcome === 'conflict') deps.scopes?.trees.forget(request.scope);
  return outcome;
}

/** Ends a run that commits nothing; what it would have done is kept. Errors: StoreError. */
export async function finishMerge(
  deps: MergeDeps,
  id: string,
  end: {
    readonly state: Exclude<MergeState, 'running' | 'committed' | 'undone'>;
    readonly reason?: string;
  },
): Promise<void> {
  // The worker may have died after the end and before it could say so: the plan is gone by then.
  if ((await deps.merges.read(id))?.state !== 'running') return;
  const { state, reason } = end;
  const isPlanned = state === 'proposed' || state === 'unchanged';
  const result = isPlanned ? resultOf((await readChecked(deps.merges, id)).merge) : {};
  await deps.merges.finish(id, state, { ...result, ...(reason === undefined ? {} : { reason }) });
}

async function requestOf({ merges }: MergeDeps, id: string): Promise<MergeRequest> {
  const record = await merges.read(id);
  if (record === undefined) throw new StepFault('proposal_invalid');
  const { project, scope, parent, isDryRun, by } = record;
  return { project, scope, parent, isDryRun, by };
}

async function readQuestion(
  deps: MergeDeps,
  { project, scope, parent }: MergeRequest,
): Promise<{ question: MergeQuestion; childrenVersions: StoredTree['childrenVersions'] }> {
  const { scopes } = deps;
  const { tree, childrenVersions } = await (scopes?.trees ?? deps.trees).readTree(scope);
  const [observations, counts, vetoes, stored] = await Promise.all([
    scopes?.histories.byScope(scope) ??
      deps.observations.byScope(scope, MERGE_LIMITS.observationsMax),
    deps.trees.readTrust(project),
    deps.feedback.vetoesOf(scope),
    deps.observations.scopes.read(scope),
  ]);
  const question = {
    hash: sha256,
    tree,
    scope,
    parent,
    parameters: stored?.parameters ?? '',
    observations,
    trust: { counts, budget: deps.errorBudget },
    vetoes,
  };
  return { question, childrenVersions };
}

function resultOf({ counts, templates, rejected }: CheckedMerge) {
  return {
    counts,
    templates: templates.slice(0, TEMPLATES_LISTED).map(listed),
    rejected: tally(rejected),
  };
}

function listed(template: ProposedTemplate): ProposedTemplate {
  return { ...template, text: template.text.map((text) => text.slice(0, TEXT_LISTED)) };
}

function tally(rejected: readonly Rejection[]): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const { reason, members } of rejected) {
    counts.set(reason, (counts.get(reason) ?? 0) + members.length);
  }
  return [...counts];
}

function describe({ counts, templates, retires, rejected }: CheckedMerge): string {
  const { siblings, covered } = counts;
  const left = tally(rejected)
    .map(([reason, count]) => `${count} ${reason}`)
    .join(', ');
  return `${counted(templates.length, 'template')} for ${covered} of ${counted(siblings, 'sibling')}, ${counted(retires.length, 'node')} to retire${left === '' ? '' : `; left as they are: ${left}`}`;
}
