/** Starts the runs that were never started: Temporal was down, or a proxy died after it had recorded. */
import { Progress } from './progress.ts';
import { startWaiting } from './steps.ts';

/** Started by the Schedule `ghee-sweep`. */
export async function sweep(): Promise<string> {
  const progress = new Progress();
  const { started, waiting, finished } = await startWaiting();
  const note = `${started} runs started for ${waiting} waiting observations, of which ${finished} needed none`;
  progress.add('sweep', note);
  return note;
}
