/** Which outcomes of induction leave an observation as an exact answer that a merge may yet explain. */
const SETTLED: ReadonlySet<string> = new Set([
  ...['committed', 'confirmed', 'unsettled', 'exact-only', 'unreadable', 'gone'],
]);

export function isUnexplained(outcome: string): boolean {
  return !SETTLED.has(outcome);
}
