/**
 * One observation becomes nodes, or a reason why not: load → bind → identify → name → arrange → derive →
 * validate → commit. Models take steps where they are set up to (propose.ts). Only ids, counts and names of variables are in its history.
 */
import { ActivityFailure, ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { isCancellation, log, upsertSearchAttributes } from '@temporalio/workflow';
import type { ObservationRef } from '../core/observation.ts';
import { Progress } from './progress.ts';
import { GHEE_OUTCOME, GHEE_PROJECT, GHEE_SCOPE } from './search-attributes.ts';
import { improveByModel, propose, proposeByModel } from './propose.ts';
import { startRevise } from './start-revise.ts';
import { bind, commit, finish, load } from './steps.ts';

/** Each loss means that another run under the same parent won, so a few suffice. */
const ATTEMPTS_MAX = 5;

/** Gives back the outcome, which is also stored with the observation and in GheeOutcome. */
export async function induce(ref: ObservationRef): Promise<string> {
  upsertSearchAttributes([
    { key: GHEE_PROJECT, value: ref.project },
    { key: GHEE_SCOPE, value: ref.scope },
  ]);
  const progress = new Progress();
  try {
    const outcome = await learn(ref, progress);
    return await conclude(ref.observation, outcome, progress);
  } catch (error) {
    if (isCancellation(error)) throw error;
    // Not to be tried again: the exact answer stays, and the run shows as failed.
    const code = codeOf(error);
    if (code === 'observation_gone') return conclude(ref.observation, 'gone', progress);
    await conclude(ref.observation, `failed:${code}`, progress);
    throw ApplicationFailure.nonRetryable(`a step of induction failed: ${code}`, code);
  }
}

async function learn(ref: ObservationRef, progress: Progress): Promise<string> {
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
    const outcome = await attemptOnce(ref, progress).catch(orConflict);
    if (outcome !== 'conflict') return outcome;
    log.info('another run changed the tree first, or this one moved to another worker', {
      observation: ref.observation,
      attempt,
    });
  }
  return 'conflict';
}

/** Steps that another worker has taken are taken again. */
function orConflict(error: unknown): 'conflict' {
  if (codeOf(error) === 'steps_forgotten') return 'conflict';
  throw error;
}

async function attemptOnce(ref: ObservationRef, progress: Progress): Promise<string> {
  const { observation, scope, project } = ref;
  const loaded = await load(observation, ref.isFollowedUp === true);
  progress.add('load', loaded.note);
  // Decided by what an activity said, too: runs that contradicted nothing replay as they went.
  for (const node of loaded.revise ?? []) await startRevise({ node, scope, project });
  if (loaded.outcome !== undefined) return loaded.outcome;
  progress.add('bind', (await bind(observation)).note);
  // Decided by what an activity said, so that runs from before there were agents replay as they went.
  const validated =
    loaded.agents === 'llm'
      ? await proposeByModel(observation, progress)
      : await propose(observation, progress);
  const isOpen = validated.outcome !== undefined || validated.unexplained !== undefined;
  const last =
    loaded.agents === 'auto' && isOpen
      ? await improveByModel(observation, progress, validated)
      : validated;
  if (last.outcome !== undefined) return last.outcome;
  const committed = await commit(observation);
  progress.add('commit', committed.note);
  return committed.outcome;
}

async function conclude(observation: string, outcome: string, progress: Progress): Promise<string> {
  await finish(observation, outcome);
  upsertSearchAttributes([{ key: GHEE_OUTCOME, value: outcome }]);
  progress.add('outcome', outcome);
  return outcome;
}

/** Activities fail with codes for types and no content in their messages. */
function codeOf(error: unknown): string {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof CancelledFailure) throw error;
  return (cause instanceof ApplicationFailure ? cause.type : undefined) ?? 'internal_error';
}
