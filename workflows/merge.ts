/**
 * The children of one node become few templates: cluster → plan → check → commit. Only ids and counts are in its
 * history. Until the commit, which is one transaction, the tree is as it was: whoever cancels cancels all of it.
 */
import { ActivityFailure, ApplicationFailure } from '@temporalio/common';
import {
  CancellationScope,
  defineQuery,
  isCancellation,
  log,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { readMergeRequest, type MergeRequest } from '../core/merge/request.ts';
import { Progress } from './progress.ts';
import { GHEE_OUTCOME, GHEE_PROJECT, GHEE_SCOPE } from './search-attributes.ts';
import { checkPlans, clusterSiblings, commitMerge, finishMerge, planClusters } from './steps.ts';

/** Each loss means that another run changed the tree below this parent first. */
const ATTEMPTS_MAX = 5;

/** What a progress bar shows: parts that are done, of all that are known so far. */
export interface MergeProgress {
  readonly done: number;
  readonly total: number;
  readonly step: string;
}

export const mergeProgressQuery = defineQuery<MergeProgress>('mergeProgress');

/**
 * Gives back the outcome: `committed`, `proposed`, `unchanged`, `conflict` or `gone`. People start it too, so what it
 * is asked is checked. Errors: ApplicationFailure `request_invalid`, or with the code of the step that failed.
 */
export async function merge(input: unknown): Promise<string> {
  const request = readMergeRequest(input);
  if (request === undefined) {
    const shape = '{"project", "scope", "parent"?, "isDryRun"?}';
    throw ApplicationFailure.nonRetryable(`a merge is asked for as ${shape}`, 'request_invalid');
  }
  upsertSearchAttributes([
    { key: GHEE_PROJECT, value: request.project },
    { key: GHEE_SCOPE, value: request.scope },
  ]);
  const id = workflowInfo().runId;
  const run = new Run(id, request);
  try {
    const outcome = await run.untilSettled();
    upsertSearchAttributes([{ key: GHEE_OUTCOME, value: outcome }]);
    return outcome;
  } catch (error) {
    // The record must not say for ever that a run is under way.
    await CancellationScope.nonCancellable(() =>
      isCancellation(error)
        ? finishMerge(id, { state: 'cancelled' })
        : finishMerge(id, { state: 'failed', reason: codeOf(error) }),
    );
    if (isCancellation(error)) throw error;
    const code = codeOf(error);
    throw ApplicationFailure.nonRetryable(`a step of the merge failed: ${code}`, code);
  }
}

class Run {
  private readonly id: string;
  private readonly request: MergeRequest;
  private readonly notes = new Progress();
  private progress: MergeProgress = { done: 0, total: 1, step: 'cluster' };

  constructor(id: string, request: MergeRequest) {
    this.id = id;
    this.request = request;
    setHandler(mergeProgressQuery, () => this.progress);
  }

  async untilSettled(): Promise<string> {
    let outcome = 'conflict';
    for (let attempt = 1; outcome === 'conflict' && attempt <= ATTEMPTS_MAX; attempt++) {
      if (attempt > 1) log.info('another run changed the tree first', { attempt });
      outcome = await this.attempt();
    }
    if (outcome === 'conflict' || outcome === 'gone') {
      await finishMerge(this.id, { state: 'failed', reason: outcome });
    }
    this.notes.add('outcome', outcome);
    return outcome;
  }

  private async attempt(): Promise<string> {
    const { clusters, note } = await clusterSiblings(
      this.id,
      this.request,
      workflowInfo().workflowId,
    );
    // Clustering, checking and the commit are a part each.
    const total = clusters + 3;
    this.notes.add('cluster', note);
    this.progress = { done: 1, total, step: 'plan' };
    for (let done = 0; done < clusters;) {
      const planned = await planClusters(this.id, done);
      done = planned.done;
      this.notes.add('plan', planned.note);
      this.progress = { done: 1 + done, total, step: done < clusters ? 'plan' : 'check' };
    }
    const checked = await checkPlans(this.id);
    this.notes.add('check', checked.note);
    this.progress = { done: 2 + clusters, total, step: 'commit' };
    if (checked.isEmpty || this.request.isDryRun) {
      const state = checked.isEmpty ? 'unchanged' : 'proposed';
      await finishMerge(this.id, { state });
      return this.end(total, state);
    }
    return this.end(total, await commitMerge(this.id));
  }

  private end(total: number, outcome: string): string {
    this.progress = { done: total, total, step: outcome };
    return outcome;
  }
}

/** Activities fail with codes for types and no content in their messages. */
function codeOf(error: unknown): string {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  return (cause instanceof ApplicationFailure ? cause.type : undefined) ?? 'internal_error';
}
