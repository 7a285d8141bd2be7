/** From a complete answer to a recording: what is stored of an exchange, and where it goes. */
import type { Completion } from '../../core/completion/completion.ts';
import {
  exactAnswerId,
  observationId,
  shapeHash,
  type ExactAnswer,
  type Hash,
  type Observation,
} from '../../core/observation.ts';
import type { AnswerForm } from '../../core/tree/node.ts';
import type { Recording } from '../../adapters/mongo/documents.ts';
import { describeError } from '../../adapters/logger.ts';
import { PROXY_LIMITS, type ProxyDeps } from '../deps.ts';
import type { Question } from '../hit/look-up.ts';
import type { AnswerResult } from './read-answer.ts';

/** What is known of a request that will be learned from, once it is answered. */
export interface Lesson {
  readonly question: Question;
  /** The request's `messages` as JSON text. */
  readonly messages: string;
  readonly induce: boolean;
  readonly trust?: Observation['trust'];
  /** A refresh: the answer takes the place of the stored one. */
  readonly replace: boolean;
  /** The node whose answer is checked, when Ghee itself asked. */
  readonly audit?: string;
}

export type LearnDeps = Pick<
  ProxyDeps,
  'log' | 'record' | 'mirror' | 'now' | 'onUnusable' | 'hashObservation'
>;

/** How an answer is stored, and what a hit is rendered from. */
export function answerFormOf({
  message,
  finishReason,
  model,
  usage,
  extras,
}: Completion): AnswerForm {
  return {
    message: JSON.stringify(message),
    finishReason,
    model,
    usage: usage === undefined ? undefined : JSON.stringify(usage),
    extras: JSON.stringify(extras),
  };
}

/**
 * The id of an observation travels to Temporal, and stands in its histories: keyed, so that nobody there can check
 * guesses of what was asked and answered. Whoever holds the other hashes holds the messages, too (docs/security.md).
 */
function recordingOf(
  { hashObservation, now }: LearnDeps,
  hash: Hash,
  lesson: Lesson,
  completion: Completion,
): Recording {
  const at = now();
  const { scope, request, thread, bindings } = lesson.question;
  const answer = answerFormOf(completion);
  const parts = {
    scope: scope.id,
    thread,
    answer,
    bindings: [...bindings].sort(([a], [b]) => (a < b ? -1 : 1)),
  };
  const observation: Observation = {
    id: observationId(hashObservation, parts),
    project: scope.project,
    shape: shapeHash(hash, request.thread),
    messages: lesson.messages,
    induce: lesson.induce,
    at,
    ...parts,
    ...(lesson.audit === undefined ? {} : { audit: lesson.audit }),
    ...(lesson.trust === undefined ? {} : { trust: lesson.trust }),
  };
  const exactAnswer: ExactAnswer = {
    id: exactAnswerId(hash, scope.id, thread),
    project: scope.project,
    scope: scope.id,
    thread,
    observation: observation.id,
    answer,
    at,
  };
  return { observation, scope, exactAnswer, replace: lesson.replace };
}

/**
 * Keeps the exchange if its answer is good: in memory at once, so that the next call hits, and then
 * for good. Errors: none; the client has its answer already, so faults are logged by code.
 */
export async function learn(
  deps: LearnDeps,
  hash: Hash,
  lesson: Lesson,
  { result, requestId }: { readonly result: AnswerResult; readonly requestId: string },
): Promise<void> {
  try {
    const recording = learnable(deps, hash, lesson, result);
    if (typeof recording === 'string') {
      deps.log.info({ event: 'answer.unusable', requestId, reason: recording });
      deps.onUnusable(recording);
      return;
    }
    const recorded = deps.record(recording);
    remember(deps, recording, requestId);
    const outcome = await recorded;
    const { id } = recording.observation;
    if (outcome.kind === 'acknowledged') {
      deps.log.info({
        event: 'observation.acknowledged',
        requestId,
        observation: id,
        by: outcome.by,
      });
    } else {
      deps.log.error({ event: 'observation.lost', requestId, observation: id, code: outcome.code });
    }
  } catch (error) {
    deps.log.error({ event: 'internal_error', where: 'learn', requestId, ...describeError(error) });
  }
}

function learnable(
  deps: LearnDeps,
  hash: Hash,
  lesson: Lesson,
  result: AnswerResult,
): Recording | string {
  if (result.kind === 'unusable') return result.reason;
  const bytes = result.bytes + Buffer.byteLength(lesson.messages);
  if (bytes > PROXY_LIMITS.observationBytesMax) return 'exchange_too_large';
  return recordingOf(deps, hash, lesson, result.completion);
}

function remember(deps: LearnDeps, recording: Recording, requestId: string): void {
  try {
    deps.mirror.putExact(recording.exactAnswer, { replace: recording.replace === true });
  } catch (error) {
    // The change stream brings it as well.
    deps.log.error({
      event: 'internal_error',
      where: 'putExact',
      requestId,
      ...describeError(error),
    });
  }
}
