/** Looks at Temporal from outside, for people: does it answer, does a worker listen, how far is a run. */
import type { Client } from '@temporalio/client';
import proto from '@temporalio/proto';
import { z } from 'zod';

/** A page must not wait for a server that is away. */
const PATIENCE_MS = 1500;
/** A worker polls at least once a minute, as long as it lives. */
const POLLED_WITHIN_MS = 90_000;

const STEPS = z.array(z.object({ step: z.string(), note: z.string() }));
export type RunSteps = z.infer<typeof STEPS>;

export class RunViewer {
  private readonly client: Client;
  private readonly taskQueue: string;

  constructor(client: Client, taskQueue: string) {
    this.client = client;
    this.taskQueue = taskQueue;
  }

  /** Errors: of the client, when the server does not answer. */
  async probeServer(): Promise<void> {
    await this.soon(() => this.client.workflowService.getSystemInfo({}));
  }

  /** Errors: of the client; WorkerAway when nobody asks for runs. */
  async probeWorker(): Promise<void> {
    const { TASK_QUEUE_TYPE_WORKFLOW } = proto.temporal.api.enums.v1.TaskQueueType;
    const { pollers } = await this.soon(() =>
      this.client.workflowService.describeTaskQueue({
        namespace: this.client.options.namespace,
        taskQueue: { name: this.taskQueue },
        taskQueueType: TASK_QUEUE_TYPE_WORKFLOW,
      }),
    );
    const since = Date.now() - POLLED_WITHIN_MS;
    const isThere = pollers.some(
      ({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1000 > since,
    );
    if (!isThere) throw new WorkerAway();
  }

  /** What a run says of itself; undefined when nobody can tell. Errors: none. */
  async steps(workflowId: string): Promise<RunSteps | undefined> {
    try {
      const said: unknown = await this.soon(() =>
        this.client.workflow.getHandle(workflowId).query('progress'),
      );
      return STEPS.safeParse(said).data;
    } catch {
      return undefined;
    }
  }

  async close(): Promise<void> {
    await this.client.connection.close();
  }

  private soon<T>(ask: () => Promise<T>): Promise<T> {
    return this.client.withDeadline(Date.now() + PATIENCE_MS, ask);
  }
}

class WorkerAway extends Error {
  override readonly name = 'WorkerAway';
  readonly code = 'worker_away';
  readonly retryable = true;
}
