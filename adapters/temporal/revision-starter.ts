/** Starts `revise` runs, one at a time for each node. Nothing is lost when a start is: the node goes on waiting. */
import { WorkflowIdConflictPolicy, WorkflowIdReusePolicy, type Client } from '@temporalio/client';
import type { NodeRef } from '../../core/tree/node.ts';

const START_DEADLINE_MS = 3000;
const RUN_TIMEOUT = '1 hour';

/** Resolves with whether a run is under way. Errors: none. */
export async function startRevision(
  { client, taskQueue }: { readonly client: Client; readonly taskQueue: string },
  ref: NodeRef,
): Promise<boolean> {
  try {
    await client.withDeadline(Date.now() + START_DEADLINE_MS, () =>
      client.workflow.start('revise', {
        workflowId: `revise:${ref.project}:${ref.node}`,
        taskQueue,
        args: [ref],
        workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
        workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
        workflowRunTimeout: RUN_TIMEOUT,
        staticSummary: `Revise template ${ref.node.slice(0, 12)}`,
      }),
    );
    return true;
  } catch {
    return false;
  }
}
