/** Starts the merges that nothing has started: siblings that came one by one, or while Temporal was down. */
import { Progress } from './progress.ts';
import { startDueMerges } from './steps.ts';

/** Started by the Schedule `ghee-merge`. */
export async function mergeSchedule(): Promise<string> {
  const progress = new Progress();
  const { started, wide } = await startDueMerges();
  const note = `${started} merges started for ${wide} parents with many children`;
  progress.add('merge', note);
  return note;
}
