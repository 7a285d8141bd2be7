/** A bar on a terminal, nothing elsewhere: logs stay clean. */

const WIDTH = 30;

/** `total` calls are expected; the returned function takes the number of those done. */
export function progressBar(total: number): (done: number) => void {
  if (!process.stderr.isTTY) return () => undefined;
  const startedAt = performance.now();
  return (done) => {
    const filled = Math.round((WIDTH * done) / Math.max(1, total));
    const bar = '█'.repeat(filled) + '░'.repeat(WIDTH - filled);
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    process.stderr.write(`\r${bar} ${done}/${total}, ${seconds} s`);
    if (done === total) process.stderr.write('\n');
  };
}
