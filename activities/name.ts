/** Step 3: equal values are one variable, and it gets a name. */
import { nameVariables } from '../core/induction/name.ts';
import { listed, openRun, type StepDeps, type StepReport } from './run.ts';

/** Errors: StoreError, StepFault. */
export async function nameData(deps: StepDeps, id: string): Promise<StepReport> {
  const run = await openRun(deps, id);
  const { exchange } = run;
  const { start } = run.proposal('load');
  const { sources, sinks } = run.proposal('identify');
  const taken = new Set([...exchange.known.keys(), ...start.inherited.map(([name]) => name)]);
  const groups = nameVariables(sources, sinks, taken);
  await run.save('name', groups);
  return { note: `candidates ${listed(groups.map((group) => group.name))}` };
}
