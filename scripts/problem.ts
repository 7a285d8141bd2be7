/** Faults that the person at the keyboard can mend are told in one paragraph, without a stack trace. */
import { ConfigError } from '../adapters/config.ts';

export class Problem extends Error {
  override readonly name = 'Problem';
}

const NOT_ALLOWED = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST']);

/** The paragraph to print for any error that ends a command. */
export function explain(error: unknown): string {
  if (error instanceof Problem || error instanceof ConfigError) return error.message;
  if (!(error instanceof Error)) return String(error);
  const { code, path: file } = error as NodeJS.ErrnoException;
  const where = file === undefined ? '' : ` (${file})`;
  if (code === 'ENOSPC') {
    return `The disk is full${where}. Free some space, or set GHEE_HOME to a folder on another disk, and start again.`;
  }
  if (code !== undefined && NOT_ALLOWED.has(code)) {
    return `Ghee may not write there${where}. Make the folder yours, or set GHEE_HOME to a folder that you may write to, and start again.`;
  }
  return error.stack ?? error.message;
}
