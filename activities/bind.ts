/** Step 1: explicit and inherited values, and ids of tool calls, stand for themselves. */
import { bind } from '../core/induction/bind.ts';
import { counted, listed, openRun, type StepDeps, type StepReport } from './run.ts';

/** Errors: StoreError, StepFault. */
export async function bindKnown(deps: StepDeps, id: string): Promise<StepReport> {
  const run = await openRun(deps, id);
  const { exchange } = run;
  const { start } = run.proposal('load');
  const known = [...exchange.known, ...start.inherited];
  const bound = bind(exchange.messages, start.depth, known);
  await run.save('bind', bound);
  const names = bound.map((span) => span.name);
  return { note: `${counted(bound.length, 'span')} of known variables: ${listed(names)}` };
}
