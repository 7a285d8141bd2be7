/** Step 3: equal values are one variable, and it gets a name. */
import { nameVariables } from '../core/induction/name.ts';
import { readProposal } from './proposals.ts';
import { listed, openRun, saveProposal, type StepDeps, type StepReport } from './run.ts';

/** Errors: StoreError, StepFault. */
export async function nameData(deps: StepDeps, id: string): Promise<StepReport> {
  const { record, exchange } = await openRun(deps, id);
  const { start } = readProposal(record, 'load');
  const { sources, sinks } = readProposal(record, 'identify');
  const taken = new Set([...exchange.known.keys(), ...start.inherited.map(([name]) => name)]);
  const groups = nameVariables(sources, sinks, taken);
  await saveProposal(deps, id, 'name', groups);
  return { note: `candidates ${listed(groups.map((group) => group.name))}` };
}
