/** Gets the results of code derivations for a step: asks what is missing, runs it, and asks again. */
import type { CodeCall } from '../core/expressions/derivation.ts';
import { runCalls, type RunDerivation } from '../core/expressions/run-code.ts';
import type { Bindings } from '../core/template/template.ts';

/** Of one request to the sandbox: a hundred inputs, each twice in a fresh realm. */
const BUDGET_MS = 3000;
/** Results may lead to further calls, in chains no longer than this. */
const ROUNDS_MAX = 8;

/** Without a sandbox there are no results, and what needs them abstains. */
export async function runMissing(
  run: RunDerivation | undefined,
  missing: (known: Bindings) => readonly CodeCall[],
): Promise<Bindings> {
  let known: Bindings = new Map<string, string>();
  for (let round = 1; run !== undefined && round <= ROUNDS_MAX; round++) {
    const calls = missing(known);
    if (calls.length === 0) break;
    known = new Map([...known, ...(await runCalls(run, calls, BUDGET_MS))]);
  }
  return known;
}
