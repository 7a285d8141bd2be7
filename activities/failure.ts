/** How faults of activities reach a workflow: a code for the type, and never a word of content. */
import { ApplicationFailure } from '@temporalio/common';
import type {
  ActivityExecuteInput,
  ActivityInboundCallsInterceptor,
  Next,
} from '@temporalio/worker';
import { describeError, type Logger } from '../adapters/logger.ts';
import { ModelError } from '../adapters/model/model-error.ts';
import { StoreError } from '../adapters/mongo/store-error.ts';

/**
 * `observation_gone`: it was deleted under the run. `proposal_invalid`: what a step found cannot be read.
 * `steps_forgotten`: this worker has not taken the steps before. `scope_unknown`: there is no such scope in the project.
 */
export type StepFaultCode =
  'observation_gone' | 'proposal_invalid' | 'steps_forgotten' | 'scope_unknown';

/** A step that cannot be taken, now or ever. */
export class StepFault extends Error {
  override readonly name = 'StepFault';
  readonly code: StepFaultCode;
  readonly retryable = false;

  constructor(code: StepFaultCode) {
    super(code);
    this.code = code;
  }
}

/** Faults of the store are tried again; ours would only happen again, and are logged with their place. */
export function toFailure(error: unknown): ApplicationFailure {
  if (error instanceof ApplicationFailure) return error;
  const isKnown =
    error instanceof StoreError || error instanceof StepFault || error instanceof ModelError;
  const known = isKnown ? error : undefined;
  const code = known?.code ?? 'internal_error';
  return ApplicationFailure.create({
    type: code,
    message: code,
    nonRetryable: known?.retryable !== true,
  });
}

/** Around every activity of the worker. */
export function failureInterceptor(log: Logger, activity: string): ActivityInboundCallsInterceptor {
  return {
    async execute(
      input: ActivityExecuteInput,
      next: Next<ActivityInboundCallsInterceptor, 'execute'>,
    ): Promise<unknown> {
      try {
        return await next(input);
      } catch (error) {
        const failure = toFailure(error);
        const level = failure.type === 'internal_error' ? 'error' : 'warn';
        log[level]({
          event: 'activity.failed',
          activity,
          code: failure.type,
          ...describeError(error),
        });
        throw failure;
      }
    },
  };
}
