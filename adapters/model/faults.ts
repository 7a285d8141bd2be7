/** What went wrong below the SDK, and whether it may pass. */
import { APICallError } from 'ai';

/** Rate limits, faults of the server or of the way to it, and time: the next attempt may be answered. */
export function isPassing(error: unknown): boolean {
  if (APICallError.isInstance(error)) return error.isRetryable;
  // Everything else that can go wrong in a call is the network or our own deadline.
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
