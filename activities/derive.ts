/** Step 5: programs for what is no copy. */
import { deriveVariables } from '../core/induction/derive.ts';
import { readProposal } from './proposals.ts';
import {
  counted,
  listed,
  openRun,
  otherExchanges,
  readPath,
  saveProposal,
  type StepDeps,
  type StepReport,
} from './run.ts';

/** Errors: StoreError, StepFault. */
export async function derive(deps: StepDeps, id: string): Promise<StepReport> {
  const { record, exchange } = await openRun(deps, id);
  const { start } = readProposal(record, 'load');
  const path = await readPath(deps, start);
  const found = deriveVariables({
    exchange,
    from: start.depth,
    above: path.map((node) => node.template),
    groups: readProposal(record, 'name'),
    arranged: readProposal(record, 'arrange'),
    inherited: new Map([...start.inherited, ...record.observation.bindings]),
    others: await otherExchanges(deps, record.observation),
  });
  await saveProposal(deps, id, 'derive', found);
  const derived = found.derived.map(({ span, derivation }) => {
    return `\`${span.name}\` by ${counted(derivation.programs.length, 'program')}`;
  });
  const placed = listed(found.placed.map((span) => span.name));
  return {
    note: `${derived.join(', ') || 'nothing derived'}; ${counted(found.unexplained.length, 'span')} without origin; variables ${placed}`,
  };
}
