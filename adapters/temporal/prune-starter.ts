/** Runs `prune` by hand: one run at a time, whoever asks. */
import { WorkflowIdConflictPolicy, type Client } from '@temporalio/client';
import type { PruneReport } from '../../core/prune-report.ts';

const RUN_TIMEOUT = '1 hour';

/** Resolves when it is over. Errors: of the server, or of the run, or when it takes longer than `patienceMs`. */
export async function runPrune(
  { client, taskQueue }: { readonly client: Client; readonly taskQueue: string },
  patienceMs: number,
): Promise<readonly PruneReport[]> {
  return client.withDeadline(Date.now() + patienceMs, async () => {
    const handle = await client.workflow.start('prune', {
      workflowId: 'prune',
      taskQueue,
      args: [],
      workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
      workflowRunTimeout: RUN_TIMEOUT,
      staticSummary: 'Prune, by hand',
    });
    return (await handle.result()) as readonly PruneReport[];
  });
}
