/** How far a long run is, on stderr: a bar on a terminal, a line now and then elsewhere. */

const WIDTH = 30;
/** Between lines. */
const EVERY_MS = 5000;

/** `total` calls are expected; the returned function takes the number of those done. */
export function progressBar(total: number): (done: number) => void {
  const { isTTY } = process.stderr;
  const startedAt = performance.now();
  let shownAt = startedAt;
  return (done) => {
    const now = performance.now();
    const isLast = done === total;
    if (!isTTY && !isLast && now - shownAt < EVERY_MS) return;
    shownAt = now;
    const count = `${done}/${total}, ${Math.round((now - startedAt) / 1000)} s`;
    process.stderr.write(isTTY ? `\r${barOf(done, total)} ${count}` : `${count}\n`);
    if (isTTY && isLast) process.stderr.write('\n');
  };
}

function barOf(done: number, total: number): string {
  const filled = Math.round((WIDTH * done) / Math.max(1, total));
  return '█'.repeat(filled) + '░'.repeat(WIDTH - filled);
}
