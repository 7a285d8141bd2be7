/** Starts `revise` for templates that a run contradicted. What is not started here, the sweep starts. */
import { WorkflowExecutionAlreadyStartedError, WorkflowIdReusePolicy } from '@temporalio/common';
import { ParentClosePolicy, startChild } from '@temporalio/workflow';
import type { NodeRef } from '../core/tree/node.ts';
import { revise } from './revise.ts';

export async function startRevise(ref: NodeRef): Promise<void> {
  try {
    await startChild(revise, {
      workflowId: `revise:${ref.project}:${ref.node}`,
      workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
      parentClosePolicy: ParentClosePolicy.ABANDON,
      args: [ref],
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}
