/** Step 6: the proposal must rebuild what was observed, and change no answer given before. */
import { completePlaced } from '../core/induction/complete.ts';
import { validate } from '../core/induction/validate.ts';
import { ScopeTree } from '../core/tree/scope-tree.ts';
import { readProposal } from './proposals.ts';
import {
  counted,
  openRun,
  otherExchanges,
  readPath,
  saveProposal,
  sha256,
  type StepDeps,
  type StepReport,
} from './run.ts';

/** Errors: StoreError, StepFault. A proposal that fails is no error: its code is the outcome. */
export async function validateProposal(deps: StepDeps, id: string): Promise<StepReport> {
  const { record, exchange } = await openRun(deps, id);
  const { start } = readProposal(record, 'load');
  const tree = new ScopeTree();
  const path = await readPath(deps, start);
  for (const node of path) tree.put(node);
  const { sources } = readProposal(record, 'identify');
  const others = await otherExchanges(deps, record.observation);
  const { derived, unguarded } = completePlaced({
    exchange,
    from: start.depth,
    above: path.map((node) => node.template),
    inherited: start.inherited,
    derived: readProposal(record, 'derive'),
    sources,
    others,
  });
  const scope = await deps.observations.readScope(record.observation.scope);
  const validated = validate({
    hash: sha256,
    exchange,
    start,
    derived,
    sources,
    unguarded,
    tree,
    parameters: scope?.parameters ?? '',
    others,
    trust: {
      counts: await deps.trees.readTrust(record.observation.project),
      budget: deps.errorBudget,
    },
  });
  if (validated.kind === 'rejected') {
    return { note: `rejected: ${validated.code}`, outcome: `rejected:${validated.code}` };
  }
  const { nodes, exemplars } = validated;
  const observations = exemplars.map((exemplar) => exemplar.observation);
  await saveProposal(deps, id, 'validate', { nodes, exemplars: observations });
  return { note: describe(nodes.length, observations.length, nodes.at(-1)?.evidence) };
}

function describe(
  nodes: number,
  exemplars: number,
  evidence: { readonly required: number; readonly reasons: readonly string[] } | undefined,
): string {
  const reasons = evidence?.reasons.join(', ') ?? '';
  const bar = `needs ${counted(evidence?.required ?? 0, 'confirmation')}`;
  return `rebuilt byte for byte; ${counted(nodes, 'node')}, ${counted(exemplars, 'exemplar')}; ${bar}${reasons === '' ? '' : ` (${reasons})`}`;
}
