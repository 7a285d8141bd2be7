/** Remembers which derivations had to be killed. A kill is a miss for the caller and a strike against the source. */
import { createHash } from 'node:crypto';
import type { RejectCode } from './job.ts';

/** One kill may be the machine's fault; two are the source's (DESIGN §11.24). */
const STRIKES_MAX = 2;
/** 32 bytes each; the oldest are forgotten, and earn their strikes again. */
const SOURCES_MAX = 10_000;

const KILLED: ReadonlySet<RejectCode> = new Set(['timeout', 'memory', 'crashed']);

export class Strikes {
  readonly #counts = new Map<string, number>();

  /** False for a source that is quarantined. */
  mayRun(source: string): boolean {
    return (this.#counts.get(hash(source)) ?? 0) < STRIKES_MAX;
  }

  /** Takes note of an outcome. Shape: whether this very one put the source into quarantine. */
  record(
    source: string,
    outcome: { readonly kind: string; readonly code?: RejectCode },
  ): 'quarantined' | 'unchanged' | 'strike' {
    if (outcome.code === undefined || !KILLED.has(outcome.code)) return 'unchanged';
    const key = hash(source);
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.delete(key);
    this.#counts.set(key, count);
    for (const oldest of this.#counts.keys()) {
      if (this.#counts.size <= SOURCES_MAX) break;
      this.#counts.delete(oldest);
    }
    return count === STRIKES_MAX ? 'quarantined' : 'strike';
  }
}

function hash(source: string): string {
  return createHash('sha256').update(source).digest('base64');
}
