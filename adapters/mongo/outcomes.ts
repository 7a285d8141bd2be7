/** Outcome of observations of which the client wants the exact exchange only. */
export const EXACT_ONLY = 'exact-only';

/** Which outcomes of induction leave an observation as an exact answer that a merge may yet explain. */
const SETTLED: ReadonlySet<string> = new Set([
  ...['committed', 'confirmed', 'unsettled', EXACT_ONLY, 'unreadable', 'gone'],
]);

export function isUnexplained(outcome: string): boolean {
  return !SETTLED.has(outcome);
}
