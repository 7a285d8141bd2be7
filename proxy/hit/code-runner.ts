/** The proxy's CodeRunner on the memoised sandbox. */
import type { CodeCall } from '../../core/expressions/derivation.ts';
import type { MemoisedSandbox, Remembered } from '../../adapters/sandbox/memoised-sandbox.ts';
import type { CodeRunner } from '../deps.ts';

export function createCodeRunner(sandbox: MemoisedSandbox): CodeRunner {
  return {
    recall: (call) => {
      const known = sandbox.recall(toDerivation(call));
      return known === undefined ? undefined : textOf(known);
    },
    run: async (call) => textOf(await sandbox.derive(toDerivation(call))),
  };
}

function toDerivation({ source, inputs }: CodeCall) {
  return { id: source, source, variables: inputs };
}

/** Busy, killed and quarantined are a miss for now; nothing of that is remembered here. */
function textOf(remembered: Remembered | undefined): string {
  return remembered === undefined || remembered === 'none' ? '' : remembered.text;
}
