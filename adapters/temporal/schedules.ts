/** The Schedules: one of each in a namespace, whoever creates it first. */
import { ScheduleAlreadyRunning, ScheduleOverlapPolicy, type Client } from '@temporalio/client';

/** `every`: a duration such as `30 s`. The workflow takes no arguments. */
export interface ScheduleSpec {
  readonly id: string;
  readonly workflow: string;
  readonly every: '30 s' | '10 minutes' | '1 hour';
}

export const SCHEDULES: readonly ScheduleSpec[] = [
  { id: 'ghee-sweep', workflow: 'sweep', every: '30 s' },
  { id: 'ghee-merge', workflow: 'mergeSchedule', every: '10 minutes' },
  { id: 'ghee-prune', workflow: 'prune', every: '1 hour' },
];

/** Creates the schedule, or leaves it as it is; runs it now in any case. Errors: of the server. */
export async function ensureSchedule(
  client: Client,
  taskQueue: string,
  { id, workflow, every }: ScheduleSpec,
): Promise<void> {
  try {
    await client.schedule.create({
      scheduleId: id,
      spec: { intervals: [{ every }] },
      action: { type: 'startWorkflow', workflowType: workflow, workflowId: id, taskQueue },
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 minute' },
      state: { triggerImmediately: true },
    });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    await client.schedule.getHandle(id).trigger(ScheduleOverlapPolicy.SKIP);
  }
}
