/** The one error of this adapter. What a provider says may quote what it was sent, so none of it is kept. */
import { APICallError } from 'ai';

/** A call that was not answered and may be if it is made again. */
export class ModelError extends Error {
  override readonly name = 'ModelError';
  readonly code = 'model_unavailable';
  readonly retryable = true;

  constructor(about: string) {
    super(`the inducer's model did not answer: ${about}`);
  }
}

/** Rate limits, faults of the server or of the way to it, and time: the next attempt may be answered. */
export function isPassing(error: unknown): boolean {
  if (APICallError.isInstance(error)) return error.isRetryable;
  // Everything else that can go wrong below `generateText` is the network or our own deadline.
  return true;
}

/** Whether the provider said no: then nothing was used. */
export function isUnbilled(error: unknown): boolean {
  return (
    APICallError.isInstance(error) && error.statusCode !== undefined && error.statusCode >= 400
  );
}

/** `HTTP 429`, `TimeoutError`: what may be logged. */
export function describeFault(error: unknown): string {
  if (APICallError.isInstance(error) && error.statusCode !== undefined) {
    return `HTTP ${error.statusCode}`;
  }
  return error instanceof Error ? error.name : typeof error;
}
