/** Runs the code derivations that a plan or a walk needs: in the sandbox, in little time, or it is a miss. */
import type { CodeCall } from '../../core/expressions/derivation.ts';
import type { Bindings } from '../../core/template/template.ts';
import { lookUpCode, type CodeQuestion } from '../../core/tree/look-up-code.ts';
import type { CodeRunner, ProxyDeps } from '../deps.ts';
import { planCall, type ChatCall, type Plan } from '../request/plan.ts';

/** Results lead to further calls in chains; a longer one is a miss. */
const ROUNDS_MAX = 4;

export type SettledPlan = Exclude<Plan, { readonly kind: 'compute' }>;

/** Errors: none. Cost: that of `planCall`, and no waiting, where nothing has to be run. */
export function planWithCode(deps: ProxyDeps, call: ChatCall): SettledPlan | Promise<SettledPlan> {
  const plan = planCall(deps, call);
  return plan.kind === 'compute' ? computeAndPlan(deps, call, plan.calls) : plan;
}

async function computeAndPlan(
  deps: ProxyDeps,
  call: ChatCall,
  first: readonly CodeCall[],
): Promise<SettledPlan> {
  const results = new Map<string, string>();
  const recall = (needed: CodeCall) => results.get(needed.key) ?? call.recall(needed);
  let calls = first;
  for (let round = 1; ; round++) {
    await runAll(deps.code, calls, results);
    // With a result for everything, if only an empty one, no plan asks for more.
    const plan = planCall(deps, { ...call, recall: round < ROUNDS_MAX ? recall : () => '' });
    if (plan.kind !== 'compute') return plan;
    calls = plan.calls;
  }
}

/** What to walk a tree with outside of a plan, as `planWithCode` would have. Errors: none. */
export async function bindingsWithCode(
  code: CodeRunner,
  question: CodeQuestion,
): Promise<Bindings> {
  const results = new Map<string, string>();
  const recall = (needed: CodeCall) => results.get(needed.key) ?? code.recall(needed);
  for (let round = 1; ; round++) {
    const { bindings, missing } = lookUpCode(question, recall);
    if (missing.length === 0 || round > ROUNDS_MAX) return bindings;
    await runAll(code, missing, results);
  }
}

async function runAll(
  code: CodeRunner,
  calls: readonly CodeCall[],
  results: Map<string, string>,
): Promise<void> {
  await Promise.all(calls.map(async (call) => results.set(call.key, await code.run(call))));
}
