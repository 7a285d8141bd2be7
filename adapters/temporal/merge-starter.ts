/** Starts, watches and cancels merges: one run for one parent, however many ask for it. */
import {
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
  WorkflowNotFoundError,
  type Client,
} from '@temporalio/client';
import type { MergeRequest } from '../../core/merge/request.ts';

export interface MergeStart {
  /** The run's id: what the merge is known by. */
  readonly id: string;
  readonly workflowId: string;
}

export interface MergeProgress {
  readonly done: number;
  readonly total: number;
  readonly step: string;
}

export interface MergeStarterOptions {
  readonly client: Client;
  readonly taskQueue: string;
  /** A start failed; codes only. */
  readonly onFailed?: (error: unknown) => void;
}

const DEADLINE_MS = 3000;
const RUN_TIMEOUT = '1 hour';

export class MergeStarter {
  private readonly options: MergeStarterOptions;

  constructor(options: MergeStarterOptions) {
    this.options = options;
  }

  /** The run that was started, or the one that is under way. Undefined when Temporal takes none. */
  async start(request: MergeRequest): Promise<MergeStart | undefined> {
    const { client, taskQueue } = this.options;
    const workflowId = mergeWorkflowId(request);
    try {
      const handle = await client.withDeadline(Date.now() + DEADLINE_MS, () =>
        client.workflow.start('merge', {
          workflowId,
          taskQueue,
          args: [request],
          workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
          workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
          workflowRunTimeout: RUN_TIMEOUT,
          staticSummary: `Merge the children of ${request.parent.slice(0, 12)}${request.isDryRun ? ' (dry run)' : ''}`,
        }),
      );
      return { id: handle.firstExecutionRunId, workflowId };
    } catch (error) {
      this.options.onFailed?.(error);
      return undefined;
    }
  }

  /** Undefined when the run is not there, or nobody answers for it. */
  async progress({ workflowId, id }: MergeStart): Promise<MergeProgress | undefined> {
    const { client } = this.options;
    try {
      return await client.withDeadline(Date.now() + DEADLINE_MS, () =>
        client.workflow.getHandle(workflowId, id).query<MergeProgress>('mergeProgress'),
      );
    } catch {
      return undefined;
    }
  }

  /**
   * Why a run is over, as a code, whatever its record says; undefined while it is under way, or nobody can tell.
   * Errors: none.
   */
  async endOf({ workflowId, id }: MergeStart): Promise<string | undefined> {
    const { client } = this.options;
    try {
      const { status } = await client.withDeadline(Date.now() + DEADLINE_MS, () =>
        client.workflow.getHandle(workflowId, id).describe(),
      );
      return status.name === 'RUNNING' ? undefined : `run_${status.name.toLowerCase()}`;
    } catch (error) {
      return error instanceof WorkflowNotFoundError ? 'run_gone' : undefined;
    }
  }

  /** `gone`: no such run is under way. Errors: of the server. */
  async cancel({ workflowId, id }: MergeStart): Promise<'cancelling' | 'gone'> {
    const { client } = this.options;
    try {
      await client.withDeadline(Date.now() + DEADLINE_MS, () =>
        client.workflow.getHandle(workflowId, id).cancel(),
      );
      return 'cancelling';
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return 'gone';
      throw error;
    }
  }
}

/** Concurrent merges of one parent are one run; a dry run stands in no other's way. */
export function mergeWorkflowId({ project, parent, isDryRun }: MergeRequest): string {
  return `${isDryRun ? 'merge-dry-run' : 'merge'}:${project}:${parent}`;
}
