/** How our processes end: told to by a signal, or because the supervisor's channel closed. */

/** A second one while the first is waited for changes nothing; after this the process ends anyway. */
const DEADLINE_MS = 7000;

/** Calls `stop` once and exits; code 1 if it did not finish in time. */
export function stopWhenTold(stop: () => Promise<void>): void {
  let isStopping = false;
  const begin = (): void => {
    if (isStopping) return;
    isStopping = true;
    setTimeout(() => process.exit(1), DEADLINE_MS).unref();
    stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, begin);
  if (process.connected) process.on('disconnect', begin);
}
