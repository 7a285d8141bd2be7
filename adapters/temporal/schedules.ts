/** The Schedules: one of each in a namespace, whoever creates it first. */
import { ScheduleAlreadyRunning, ScheduleOverlapPolicy, type Client } from '@temporalio/client';

/** `everyMs`: its period. The workflow takes no arguments. */
export interface ScheduleSpec {
  readonly id: string;
  readonly workflow: string;
  readonly everyMs: number;
}

const MINUTE_MS = 60_000;

export function schedulesOf(settings: { readonly mergeEveryMinutes: number }): ScheduleSpec[] {
  const mergeMs = settings.mergeEveryMinutes * MINUTE_MS;
  return [
    { id: 'ghee-sweep', workflow: 'sweep', everyMs: MINUTE_MS / 2 },
    { id: 'ghee-merge', workflow: 'mergeSchedule', everyMs: mergeMs },
    { id: 'ghee-prune', workflow: 'prune', everyMs: 60 * MINUTE_MS },
  ];
}

/** Creates the schedule, or gives the one that is there this period; runs it now in any case. Errors: of the server. */
export async function ensureSchedule(
  client: Client,
  taskQueue: string,
  { id, workflow, everyMs }: ScheduleSpec,
): Promise<void> {
  const spec = { intervals: [{ every: everyMs }] };
  try {
    await client.schedule.create({
      scheduleId: id,
      spec,
      action: { type: 'startWorkflow', workflowType: workflow, workflowId: id, taskQueue },
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 minute' },
      state: { triggerImmediately: true },
    });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    const handle = client.schedule.getHandle(id);
    // All else is kept, so that one that somebody has paused stays so.
    await handle.update((found) => ({ ...found, spec }));
    await handle.trigger(ScheduleOverlapPolicy.SKIP);
  }
}
