/**
 * Traces over proxy → workflow → activities. Nothing of OpenTelemetry is loaded, and nothing is done, unless an
 * endpoint is set.
 */
import type { RequestListener, ServerResponse } from 'node:http';
import type { WorkflowClientInterceptor } from '@temporalio/client';
import type { ActivityInterceptorsFactory, WorkerOptions } from '@temporalio/worker';

export interface Tracing {
  /** A span for each call of a client, in the trace that its `traceparent` names. */
  readonly traced: (listener: RequestListener) => RequestListener;
  /** What became of a call, before its span ends: codes, ids and numbers; what is undefined is left out. */
  readonly tell: (res: ServerResponse, attributes: SpanAttributes) => void;
  /** Remembers that an observation comes from the call that is under way. */
  readonly observed: (observation: string) => void;
  /** Does it as a part of the call that the observation came from. */
  readonly within: <T>(observation: string, work: () => T) => T;
  readonly clientInterceptors: WorkflowClientInterceptor[];
  readonly worker: WorkerTracing;
  /** Sends what waits, for a moment at most. Errors: none. */
  readonly close: () => Promise<void>;
}

export type SpanAttributes = Readonly<Record<string, string | number | undefined>>;

export interface WorkerTracing {
  readonly activity: ActivityInterceptorsFactory;
  /** What is bundled with the workflows (scripts/write-workflow-bundle.ts does so ahead of time). */
  readonly workflowModules: string[];
  readonly sinks: NonNullable<WorkerOptions['sinks']>;
}

/** `endpoint`: of OTLP over HTTP, such as http://127.0.0.1:4318; undefined: no tracing. */
export async function startTracing(
  endpoint: string | undefined,
  service: 'ghee-proxy' | 'ghee-worker',
): Promise<Tracing | undefined> {
  if (endpoint === undefined) return undefined;
  const { createTracing } = await import('./open-telemetry.ts');
  return createTracing(endpoint, service);
}
