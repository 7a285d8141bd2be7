/** Step 2: which stretches of the new messages and of the answer are data. */
import { identify } from '../core/induction/identify.ts';
import { proposeSpans } from '../adapters/recognisers/recognise.ts';
import { counted, openRun, type StepDeps, type StepReport } from './run.ts';

/** Errors: StoreError, StepFault. */
export async function identifyData(deps: StepDeps, id: string): Promise<StepReport> {
  const run = await openRun(deps, id);
  const { observation, exchange, parameters } = run;
  const { messages } = exchange;
  const from = run.proposal('load').start.depth;
  const history = await run.history();
  const identified = identify({
    messages,
    from,
    bound: run.proposal('bind'),
    vouched: observation.bindings.length > 0,
    parameters,
    proposals: proposeSpans(messages, from),
    others: await run.others(),
    history,
  });
  await run.save('identify', identified);
  const { sources, sinks } = identified;
  return {
    note: `${counted(sources.length, 'span')} of data in requests, ${sinks.length} in answers`,
  };
}
