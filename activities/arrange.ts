/** Step 4: which variable stands where, and what in the answer has to be derived. */
import { arrange } from '../core/induction/arrange.ts';
import { readProposal } from './proposals.ts';
import { historyOf, listed, openRun, saveProposal, type StepDeps, type StepReport } from './run.ts';

/** Errors: StoreError, StepFault. */
export async function arrangeVariables(deps: StepDeps, id: string): Promise<StepReport> {
  const { record, exchange } = await openRun(deps, id);
  const arranged = arrange({
    messages: exchange.messages,
    from: readProposal(record, 'load').start.depth,
    bound: readProposal(record, 'bind'),
    groups: readProposal(record, 'name'),
    sinks: readProposal(record, 'identify').sinks,
    others: await historyOf(deps, exchange),
  });
  await saveProposal(deps, id, 'arrange', arranged);
  const { copied, dependents } = arranged;
  return {
    note: `copied ${listed(copied)}; to derive ${listed(dependents.map((span) => span.name))}`,
  };
}
