/** Step 5: programs for what is no copy. */
import { deriveVariables, type Derived, type DeriveInput } from '../core/induction/derive.ts';
import { counted, listed, openRun, type Run, type StepDeps, type StepReport } from './run.ts';

/** Errors: StoreError, StepFault. */
export async function derive(deps: StepDeps, id: string): Promise<StepReport> {
  const run = await openRun(deps, id);
  const found = deriveVariables(await deriveInput(run));
  await run.save('derive', found);
  return { note: describeDerived(found) };
}

/** What derivations are sought from, by whomever. */
export async function deriveInput(run: Run): Promise<DeriveInput> {
  const { start } = run.proposal('load');
  const path = await run.path();
  return {
    exchange: run.exchange,
    from: start.depth,
    above: path.map((node) => node.template),
    groups: run.proposal('name'),
    arranged: run.proposal('arrange'),
    inherited: new Map([...start.inherited, ...run.observation.bindings]),
    others: await run.others(),
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
