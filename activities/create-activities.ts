/** The activities by the names that workflows call them by. */
import { heartbeat } from '@temporalio/activity';
import type { PruneStore } from '../adapters/mongo/prune-store.ts';
import { arrangeVariables } from './arrange.ts';
import { bindKnown } from './bind.ts';
import type { NodeRef } from '../core/tree/node.ts';
import { commitNodes } from './commit.ts';
import { deriveByModel, type DeriveWhat } from './derive-by-model.ts';
import { derive } from './derive.ts';
import { finish } from './finish.ts';
import { identifyData } from './identify.ts';
import { load } from './load.ts';
import {
  checkPlans,
  clusterSiblings,
  commitMerge,
  finishMerge,
  planClusters,
  type MergeDeps,
} from './merge.ts';
import type { MergeRequest } from '../core/merge/request.ts';
import { startDueMerges, type DueMergesDeps } from './start-merges.ts';
import { nameData } from './name.ts';
import { revise, type ReviseDeps } from './revise.ts';
import type { StepDeps } from './run.ts';
import { arrangeByModel, identifyByModel, nameByModel } from './steps-by-model.ts';
import { startWaiting, type SweepDeps } from './start-waiting.ts';
import { validateProposal } from './validate.ts';

export type InductionActivities = ReturnType<typeof createInductionActivities>;
export type PruneActivities = ReturnType<typeof createPruneActivities>;
export type ReviseActivities = ReturnType<typeof createReviseActivities>;
export type MergeActivities = ReturnType<typeof createMergeActivities>;
export type SweepActivities = ReturnType<typeof createSweepActivities>;

/** Each takes the id of an observation; contents stay in MongoDB (DESIGN §6). */
export function createInductionActivities(deps: StepDeps) {
  return {
    load: (id: string, isFollowedUp?: boolean) => load(deps, id, isFollowedUp),
    bind: (id: string) => bindKnown(deps, id),
    identify: (id: string) => identifyData(deps, id),
    name: (id: string) => nameData(deps, id),
    arrange: (id: string) => arrangeVariables(deps, id),
    derive: (id: string) => derive(deps, id),
    identifyByModel: (id: string) => identifyByModel(deps, id),
    nameByModel: (id: string) => nameByModel(deps, id),
    arrangeByModel: (id: string) => arrangeByModel(deps, id),
    deriveByModel: (id: string, what: DeriveWhat) => deriveByModel(deps, id, what),
    validate: (id: string) => validateProposal(deps, id),
    commit: (id: string) => commitNodes(deps, id),
    finish: (id: string, outcome: string) => finish(deps, id, outcome),
  };
}

export function createPruneActivities(store: PruneStore) {
  return {
    projectsToPrune: () => store.projects(),
    pruneProject: (project: string) => store.prune(project),
  };
}

export function createReviseActivities(deps: ReviseDeps) {
  return { reviseTemplate: (ref: NodeRef, run: string) => revise(deps, ref, run) };
}

/** Each takes the id of a merge: its run's. */
export function createMergeActivities(parts: Omit<MergeDeps, 'heartbeat'> & DueMergesDeps) {
  const deps = { ...parts, heartbeat };
  return {
    clusterSiblings: (id: string, request: MergeRequest, workflowId: string) =>
      clusterSiblings(deps, { id, workflowId }, request),
    planClusters: (id: string, from: number) => planClusters(deps, id, from),
    checkPlans: (id: string) => checkPlans(deps, id),
    commitMerge: (id: string) => commitMerge(deps, id),
    finishMerge: (id: string, end: Parameters<typeof finishMerge>[2]) => finishMerge(deps, id, end),
    startDueMerges: () => startDueMerges(deps),
  };
}

export function createSweepActivities(deps: Omit<SweepDeps, 'heartbeat'>) {
  return { startWaiting: () => startWaiting({ ...deps, heartbeat }) };
}
