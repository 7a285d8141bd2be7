/** Step 2: which stretches of the new messages and of the answer are data. */
import { identify } from '../core/induction/identify.ts';
import { readProposal } from './proposals.ts';
import { proposeSpans } from '../adapters/recognisers/recognise.ts';
import {
  counted,
  historyOf,
  openRun,
  othersOf,
  saveProposal,
  type StepDeps,
  type StepReport,
} from './run.ts';

/** Errors: StoreError, StepFault. */
export async function identifyData(deps: StepDeps, id: string): Promise<StepReport> {
  const { record, exchange } = await openRun(deps, id);
  const { observation } = record;
  const scope = await deps.observations.readScope(observation.scope);
  const { messages } = exchange;
  const from = readProposal(record, 'load').start.depth;
  const history = await historyOf(deps, exchange);
  const identified = identify({
    messages,
    from,
    bound: readProposal(record, 'bind'),
    vouched: observation.bindings.length > 0,
    parameters: scope?.parameters ?? '',
    proposals: proposeSpans(messages, from),
    others: othersOf(exchange, history),
    history,
  });
  await saveProposal(deps, id, 'identify', identified);
  const { sources, sinks } = identified;
  return {
    note: `${counted(sources.length, 'span')} of data in requests, ${sinks.length} in answers`,
  };
}
