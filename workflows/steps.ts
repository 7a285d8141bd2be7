/**
 * The activities of a run as its workflow calls them, each with its own timeout and retries. Steps that
 * compute are local activities: a run is then a handful of history events (DESIGN §11.19).
 */
import { proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type {
  InductionActivities,
  PruneActivities,
  ReviseActivities,
  MergeActivities,
  SweepActivities,
} from '../activities/create-activities.ts';

/** A store that is down comes back: these faults end only with the run. */
const STORE_RETRY = {
  initialInterval: '200 ms',
  backoffCoefficient: 2,
  maximumInterval: '30 s',
} as const;

/** A step that computes fails the same way each time, unless the store failed under it. */
const COMPUTE_RETRY = { ...STORE_RETRY, initialInterval: '100 ms' } as const;

/** Reads a whole tree. */
export const { load } = proxyLocalActivities<InductionActivities>({
  startToCloseTimeout: '90 s',
  retry: STORE_RETRY,
});

export const { bind, identify, name, arrange } = proxyLocalActivities<InductionActivities>({
  startToCloseTimeout: '15 s',
  retry: COMPUTE_RETRY,
});

/**
 * Questions to a model. The worker's own deadline ends a call long before; a worker that dies is noticed by it.
 * What passes (rate limits, faults of the network) is tried again; then the symbolic step takes over.
 */
export const { identifyByModel, nameByModel, arrangeByModel, deriveByModel } =
  proxyActivities<InductionActivities>({
    startToCloseTimeout: '5 minutes',
    retry: {
      initialInterval: '1 s',
      backoffCoefficient: 3,
      maximumInterval: '30 s',
      maximumAttempts: 3,
    },
  });

/** Searches for programs: the longest of the computing steps. */
export const { derive } = proxyLocalActivities<InductionActivities>({
  startToCloseTimeout: '60 s',
  retry: COMPUTE_RETRY,
});

/** Replays earlier exchanges. */
export const { validate } = proxyLocalActivities<InductionActivities>({
  startToCloseTimeout: '60 s',
  retry: COMPUTE_RETRY,
});

export const { commit, finish } = proxyLocalActivities<InductionActivities>({
  startToCloseTimeout: '30 s',
  retry: STORE_RETRY,
});

/** Reads a whole tree and replays exchanges. */
export const { reviseTemplate } = proxyLocalActivities<ReviseActivities>({
  startToCloseTimeout: '90 s',
  retry: STORE_RETRY,
});

export const { projectsToPrune, pruneProject } = proxyActivities<PruneActivities>({
  startToCloseTimeout: '30 minutes',
  retry: { ...STORE_RETRY, maximumAttempts: 5 },
});

/** Hours of starts after a long outage, at 15 a second; heartbeats tell a dead worker apart. */
export const { startWaiting } = proxyActivities<SweepActivities>({
  startToCloseTimeout: '2 hours',
  heartbeatTimeout: '1 minute',
  retry: { initialInterval: '1 s', backoffCoefficient: 2, maximumAttempts: 3 },
});

/**
 * These compare thousands of siblings for seconds, and meanwhile the run must hear of queries and of its cancellation, as
 * it does not during local activities. Heartbeats come between parts that take a few seconds at most.
 */
export const { clusterSiblings, planClusters, checkPlans } = proxyActivities<MergeActivities>({
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: '30 s',
  retry: COMPUTE_RETRY,
});

export const { commitMerge, finishMerge } = proxyLocalActivities<MergeActivities>({
  startToCloseTimeout: '1 minute',
  retry: STORE_RETRY,
});

export const { startDueMerges } = proxyActivities<MergeActivities>({
  startToCloseTimeout: '5 minutes',
  retry: { initialInterval: '1 s', backoffCoefficient: 2, maximumAttempts: 3 },
});
