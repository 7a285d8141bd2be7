/** Runs a script of ours or of a package under this Node, in the foreground. */
import { execa } from 'execa';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Shape: the exit code. A signal is left to the child: it knows what it has to clean up. */
export async function runNode(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<number> {
  const child = execa(process.execPath, args, { stdio: 'inherit', reject: false, env });
  const forward = (signal: NodeJS.Signals) => void child.kill(signal);
  for (const signal of SIGNALS) process.on(signal, forward);
  const { exitCode } = await child;
  for (const signal of SIGNALS) process.off(signal, forward);
  return exitCode ?? 1;
}
