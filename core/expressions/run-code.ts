/** Runs code derivations through a sandbox that is passed in: results for the bindings, by key. */
import type { CodeCall } from './derivation.ts';

/** One source on several inputs. `budgetMs` is for all of them together. */
export interface SandboxRequest {
  readonly source: string;
  readonly inputs: readonly ReadonlyMap<string, string>[];
  readonly budgetMs: number;
}

export type SandboxOutcome =
  /** One literal for each input, in order. */
  | { readonly kind: 'values'; readonly values: readonly { readonly text: string }[] }
  /** `input`: position of the first input on which it fails, where one is to blame. */
  | { readonly kind: 'rejected'; readonly code: string; readonly input?: number };

/** The only way in which code of a model ever runs (adapters/sandbox). Never throws. */
export type RunDerivation = (request: SandboxRequest) => Promise<SandboxOutcome>;

/** Inputs of one request to the sandbox. */
const INPUTS_MAX = 100;

/** The results of `calls` by their keys; `''`, which says that a derivation does not know, stands for every failure. */
export async function runCalls(
  run: RunDerivation,
  calls: readonly CodeCall[],
  budgetMs: number,
): Promise<ReadonlyMap<string, string>> {
  const results = new Map<string, string>();
  for (const [source, group] of Map.groupBy(calls, (call) => call.source)) {
    for (let from = 0; from < group.length; from += INPUTS_MAX) {
      const part = group.slice(from, from + INPUTS_MAX);
      const outcome = await run({ source, inputs: part.map((call) => call.inputs), budgetMs });
      const values = outcome.kind === 'values' ? outcome.values : [];
      for (const [index, call] of part.entries()) results.set(call.key, values[index]?.text ?? '');
    }
  }
  return results;
}
