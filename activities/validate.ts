/** Step 6: the proposal must rebuild what was observed, and change no answer given before. */
import { completePlaced } from '../core/induction/complete.ts';
import { toSnakeCase } from '../core/induction/name.ts';
import { orphansOf } from '../core/induction/provenance.ts';
import { rolesOf, type Role, type RoleOf } from '../core/induction/roles.ts';
import { missingCode, validate } from '../core/induction/validate.ts';
import { ScopeTree } from '../core/tree/scope-tree.ts';
import { runMissing } from './run-missing.ts';
import { counted, listed, openRun, sha256, type StepDeps, type StepReport } from './run.ts';

/** Errors: StoreError, StepFault. A proposal that fails is no error: its code is the outcome. */
export async function validateProposal(deps: StepDeps, id: string): Promise<ValidateReport> {
  const run = await openRun(deps, id);
  const { exchange, parameters } = run;
  const { start } = run.proposal('load');
  const tree = new ScopeTree();
  const path = await run.path();
  for (const node of path) tree.put(node);
  const { sources, sinks } = run.proposal('identify');
  const history = await run.history();
  const others = await run.others();
  const { derived, unguarded } = completePlaced({
    exchange,
    from: start.depth,
    above: path.map((node) => node.template),
    inherited: start.inherited,
    derived: run.proposal('derive'),
    sources,
    others,
    history,
  });
  const input = {
    hash: sha256,
    exchange,
    start,
    derived,
    sources,
    unguarded,
    tree,
    parameters,
    others,
    history,
    trust: {
      counts: await deps.trees.readTrust(run.observation.project),
      budget: deps.errorBudget,
    },
  };
  const code = await runMissing(deps.runDerivation, (known) =>
    missingCode({ ...input, code: known }),
  );
  const validated = validate({ ...input, code });
  if (validated.kind === 'rejected') {
    return { note: `rejected: ${validated.code}`, outcome: `rejected:${validated.code}` };
  }
  const { nodes, exemplars } = validated;
  const observations = exemplars.map((exemplar) => exemplar.observation);
  await run.save('validate', { nodes, exemplars: observations });
  const { messages } = exchange;
  const orphans = orphansOf({ ...input, ...derived, messages, others: history });
  const open = orphans.filter((span) => span.message === messages.length - 1);
  const isText = open.some((span) => messages.at(-1)?.leaves[span.leaf]?.kind === 'text');
  const known = new Set([...exchange.known.keys(), ...start.inherited.map(([name]) => name)]);
  const roles = rolesOf({ messages, ...derived, known }, sinks);
  const note = describe(nodes.length, observations.length, nodes.at(-1)?.evidence);
  return {
    note: `${note}; ${describeRoles(roles)}`,
    ...(open.length === 0 ? {} : { unexplained: isText ? 'text' : 'leaves' }),
  };
}

/** Variables by what they are, and the arguments of tools that stay as they are. */
function describeRoles(roles: readonly RoleOf[]): string {
  const named = (role: Role): string =>
    listed(roles.flatMap((each) => (each.role === role ? (each.name ?? []) : [])));
  const constants = roles.flatMap(({ role, span }) =>
    role === 'constant' && span.delimited ? (toSnakeCase(span.label ?? '') ?? []) : [],
  );
  return `independent ${named('independent')}; dependent ${named('dependent')}; noise ${named('noise')}; constant arguments ${listed(constants)}`;
}

export interface ValidateReport extends StepReport {
  /**
   * The answer has values with no origin, which a model may explain: whole leaves, such as arguments of a tool, or
   * stretches of running text, where the model may also see other limits of a value ("Bureau of Investigation").
   */
  readonly unexplained?: 'leaves' | 'text';
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
