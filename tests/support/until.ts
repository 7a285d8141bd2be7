/** How tests wait: on a condition, with more patience than a busy machine needs. */

/** Below Jest's own limit for a test, so that a test fails with its reason. */
const PATIENCE_MS = 120_000;

/** Waits for what others bring about. Errors: after `timeoutMs`, saying what it waited for. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  timeoutMs = PATIENCE_MS,
): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
