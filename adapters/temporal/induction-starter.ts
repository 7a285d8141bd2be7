/**
 * Starts induce runs: one for each observation, as many a second as the embedded server takes. Nothing is
 * lost when a start is: the observation waits in MongoDB until `sweep` finds it.
 */
import {
  Client,
  Connection,
  WorkflowExecutionAlreadyStartedError,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
  type WorkflowClientInterceptor,
} from '@temporalio/client';
import PQueue from 'p-queue';
import type { ObservationRef } from '../../core/observation.ts';

export interface InductionStarterOptions {
  readonly client: Client;
  readonly taskQueue: string;
  /** A start failed; codes only. Told at most once for a row of failures. */
  readonly onFailed?: (error: unknown) => void;
  /** Around each start, when its turn has come: where a trace is continued. */
  readonly around?: (<T>(observation: string, start: () => T) => T) | undefined;
}

/** `known`: a run of this observation is under way, or was. */
export type StartResult = 'started' | 'known' | 'failed' | 'dropped';

/** The embedded server finishes about 15 runs a second on two cores; more would only pile up in it. */
const STARTS_PER_SECOND = 15;
const CONCURRENT_STARTS = 8;
/** What waits beyond this is left to `sweep`. */
const WAITING_MAX = 1000;
const START_DEADLINE_MS = 3000;
/** A run that takes this long hangs: it ends, and `sweep` starts another one. */
const RUN_TIMEOUT = '1 hour';

/** The connection is made with the first call, so that a process starts while Temporal is down. */
export function connectTemporal(options: {
  readonly address: string;
  readonly namespace: string;
  /** Around each start of a workflow. */
  readonly interceptors?: WorkflowClientInterceptor[] | undefined;
}): Client {
  const { address, namespace, interceptors = [] } = options;
  const connection = Connection.lazy({ address });
  return new Client({ connection, namespace, interceptors: { workflow: interceptors } });
}

export class InductionStarter {
  private readonly options: InductionStarterOptions;
  private readonly queue = new PQueue({
    concurrency: CONCURRENT_STARTS,
    interval: 1000,
    intervalCap: STARTS_PER_SECOND,
  });
  private isFailing = false;

  constructor(options: InductionStarterOptions) {
    this.options = options;
  }

  /**
   * Queues a start. `again` also starts what had a run before, for observations that still wait after it.
   * Resolves with what became of it. Errors: none.
   */
  async start(
    ref: ObservationRef,
    { again = false }: { readonly again?: boolean } = {},
  ): Promise<StartResult> {
    if (this.queue.size >= WAITING_MAX) return 'dropped';
    const start = () => this.startNow(ref, again);
    const { around } = this.options;
    return this.queue.add(() => (around === undefined ? start() : around(ref.observation, start)));
  }

  /** Drops what waits and finishes what is under way. */
  async close(): Promise<void> {
    this.queue.clear();
    await this.queue.onPendingZero();
  }

  private async startNow(ref: ObservationRef, again: boolean): Promise<StartResult> {
    const { client, taskQueue } = this.options;
    try {
      await client.withDeadline(Date.now() + START_DEADLINE_MS, () =>
        client.workflow.start('induce', {
          workflowId: workflowIdOf(ref),
          taskQueue,
          args: [ref],
          workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
          workflowIdReusePolicy: again
            ? WorkflowIdReusePolicy.ALLOW_DUPLICATE
            : WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
          workflowRunTimeout: RUN_TIMEOUT,
          staticSummary: `Learn from observation ${ref.observation.slice(0, 12)}`,
        }),
      );
      this.isFailing = false;
      return 'started';
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return 'known';
      if (!this.isFailing) this.options.onFailed?.(error);
      this.isFailing = true;
      return 'failed';
    }
  }
}

/** One run for one observation, however many proxies saw it (DESIGN §6). */
export function workflowIdOf({
  project,
  observation,
}: Pick<ObservationRef, 'project' | 'observation'>): string {
  return `induce:${project}:${observation}`;
}
