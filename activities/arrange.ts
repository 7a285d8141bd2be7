/** Step 4: which variable stands where, and what in the answer has to be derived. */
import { arrange } from '../core/induction/arrange.ts';
import { listed, openRun, type StepDeps, type StepReport } from './run.ts';

/** Errors: StoreError, StepFault. */
export async function arrangeVariables(deps: StepDeps, id: string): Promise<StepReport> {
  const run = await openRun(deps, id);
  const { exchange } = run;
  const arranged = arrange({
    messages: exchange.messages,
    from: run.proposal('load').start.depth,
    bound: run.proposal('bind'),
    groups: run.proposal('name'),
    sinks: run.proposal('identify').sinks,
    others: await run.history(),
  });
  await run.save('arrange', arranged);
  const { copied, dependents } = arranged;
  return {
    note: `copied ${listed(copied)}; to derive ${listed(dependents.map((span) => span.name))}`,
  };
}
