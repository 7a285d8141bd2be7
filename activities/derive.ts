/** Step 5: programs for what is no copy. */
import { deriveVariables, type Derived, type DeriveInput } from '../core/induction/derive.ts';
import { readProposal } from './proposals.ts';
import {
  counted,
  listed,
  openRun,
  otherExchanges,
  readPath,
  saveProposal,
  type Run,
  type StepDeps,
  type StepReport,
} from './run.ts';

/** Errors: StoreError, StepFault. */
export async function derive(deps: StepDeps, id: string): Promise<StepReport> {
  const found = deriveVariables(await deriveInput(deps, await openRun(deps, id)));
  await saveProposal(deps, id, 'derive', found);
  return { note: describeDerived(found) };
}

/** What derivations are sought from, by whomever. */
export async function deriveInput(deps: StepDeps, { record, exchange }: Run): Promise<DeriveInput> {
  const { start } = readProposal(record, 'load');
  const path = await readPath(deps, start);
  return {
    exchange,
    from: start.depth,
    above: path.map((node) => node.template),
    groups: readProposal(record, 'name'),
    arranged: readProposal(record, 'arrange'),
    inherited: new Map([...start.inherited, ...record.observation.bindings]),
    others: await otherExchanges(deps, exchange),
  };
}

export function describeDerived({ derived, placed, unexplained }: Derived): string {
  const found = derived.map(({ span, derivation }) => {
    const how =
      derivation.kind === 'javascript'
        ? "a model's code"
        : counted(derivation.programs.length, 'program');
    return `\`${span.name}\` by ${how}`;
  });
  const names = listed(placed.map((span) => span.name));
  return `${found.join(', ') || 'nothing derived'}; ${counted(unexplained.length, 'span')} without origin; variables ${names}`;
}
