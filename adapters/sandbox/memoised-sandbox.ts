/**
 * A sandbox for the hot path: what a derivation gave for its inputs is remembered, calls for the same thing at
 * the same time are one, and a derivation that had to be killed twice is not tried again.
 */
import { LRUCache } from 'lru-cache';
import type { RejectCode } from './job.ts';
import type { DerivedValue, Sandbox, SandboxOutcome } from './sandbox.ts';
import type { Strikes } from './strikes.ts';

export interface DerivationCall {
  /** Identifies the source: equal ids must mean equal sources. */
  readonly id: string;
  readonly source: string;
  /** The variables that the derivation reads, and no others: they are the key of what is remembered. */
  readonly variables: ReadonlyMap<string, string>;
}

export interface MemoisedSandboxOptions {
  readonly run: Sandbox['run'];
  readonly strikes: Strikes;
  /** Who asks waits for so long; then it is a miss, but the run goes on and its value is there the next time. */
  readonly patienceMs: number;
  /** When a run is killed, and a strike. Far above patience: a busy machine must not cost honest sources theirs. */
  readonly budgetMs: number;
  /** A source has had its last strike and is not run here again. Must not throw. */
  readonly onQuarantined?: (source: string) => void;
}

/** `none`: this derivation has no value for these variables, and never will. */
export type Remembered = DerivedValue | 'none';

/** Characters of keys and values that are remembered: 8 to 16 MB. */
const CHARACTERS_MAX = 8_388_608;

/** Refusals that another try would repeat. */
const LASTING: ReadonlySet<RejectCode> = new Set([
  ...(['syntax', 'not-allowed', 'threw', 'not-literal', 'not-deterministic', 'too-long'] as const),
]);

export class MemoisedSandbox {
  readonly #options: MemoisedSandboxOptions;
  readonly #remembered = new LRUCache<string, Remembered>({
    maxSize: CHARACTERS_MAX,
    sizeCalculation: (value, key) => key.length + (value === 'none' ? 4 : value.text.length) + 64,
  });
  readonly #underWay = new Map<string, Promise<Remembered | undefined>>();

  constructor(options: MemoisedSandboxOptions) {
    this.#options = options;
  }

  /** What is known without asking the sandbox. Cost: one look-up. */
  recall(call: DerivationCall): Remembered | undefined {
    return this.#remembered.get(keyOf(call));
  }

  /** Shape: undefined means a miss for now (slow, busy, killed, quarantined). Never throws. */
  async derive(call: DerivationCall): Promise<Remembered | undefined> {
    const key = keyOf(call);
    const known = this.#remembered.get(key);
    if (known !== undefined) return known;
    if (!this.#options.strikes.mayRun(call.source)) return undefined;
    let run = this.#underWay.get(key);
    if (run === undefined) {
      run = this.#run(call, key).finally(() => this.#underWay.delete(key));
      this.#underWay.set(key, run);
    }
    return within(run, this.#options.patienceMs);
  }

  async #run(call: DerivationCall, key: string): Promise<Remembered | undefined> {
    const { source, variables } = call;
    const { run, strikes, budgetMs } = this.#options;
    const outcome = await run({ source, inputs: [variables], budgetMs });
    if (strikes.record(source, outcome) === 'quarantined') this.#options.onQuarantined?.(source);
    const value = toRemembered(outcome);
    if (value !== undefined) this.#remembered.set(key, value);
    return value;
  }
}

async function within<T>(promise: Promise<T>, patienceMs: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), patienceMs);
  });
  return Promise.race([promise, patience]).finally(() => clearTimeout(timer));
}

function toRemembered(outcome: SandboxOutcome): Remembered | undefined {
  if (outcome.kind === 'values') return outcome.values[0];
  return LASTING.has(outcome.code) ? 'none' : undefined;
}

/** Injective: the order of variables does not count, their names and values do. */
function keyOf({ id, variables }: DerivationCall): string {
  const pairs = [...variables].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return JSON.stringify([id, ...pairs]);
}
