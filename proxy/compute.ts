/** Plans a call, running the code derivations that its walk needs: in the sandbox, in little time, or it is a miss. */
import type { CodeCall } from '../core/expressions/derivation.ts';
import type { ProxyDeps } from './deps.ts';
import { planCall, type ChatCall, type Plan } from './plan.ts';

/** Results lead to further calls in chains; a longer one is a miss. */
const ROUNDS_MAX = 4;

export type SettledPlan = Exclude<Plan, { readonly kind: 'compute' }>;

/** Errors: none. Cost: that of `planCall` where nothing has to be run. */
export async function planWithCode(
  deps: ProxyDeps,
  call: Omit<ChatCall, 'recall'>,
): Promise<SettledPlan> {
  const results = new Map<string, string>();
  const recall = (needed: CodeCall) => results.get(needed.key) ?? deps.code.recall(needed);
  for (let round = 1; ; round++) {
    // With a result for everything, if only an empty one, no plan asks for more.
    const plan = planCall(deps, { ...call, recall: round > ROUNDS_MAX ? () => '' : recall });
    if (plan.kind !== 'compute') return plan;
    await Promise.all(
      plan.calls.map(async (needed) => results.set(needed.key, await deps.code.run(needed))),
    );
  }
}
