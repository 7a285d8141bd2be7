/**
 * Runs derivations that a model wrote as JavaScript (DESIGN §5): checked by an allow-list, then run twice for
 * each input, each time in a fresh realm of an isolate in a child process with limits on time, memory and output.
 * Texts go in and texts come out; neither an outcome nor a log line quotes them.
 */
import { readResidentBytes } from './child.ts';
import { checkSource } from './check-source.ts';
import { rejected, type Rejected, type TaggedValues } from './job.ts';
import { SANDBOX_LIMITS } from './limits.ts';
import { Pool } from './pool.ts';
import { startChild } from './start-child.ts';

export interface SandboxRequest {
  /** The text of one function of an object of texts; see `checkSource`. */
  readonly source: string;
  /** The variables of each call, by name. */
  readonly inputs: readonly ReadonlyMap<string, string>[];
  /** For the whole job. It may wait as long again for a child to be free. */
  readonly budgetMs: number;
}

export interface DerivedValue {
  readonly type: 'string' | 'number' | 'boolean';
  /** As JavaScript prints it: `1e+21`, `0` for minus zero, `true`. */
  readonly text: string;
}

/** All values, one for each input in order, or the first reason why not. */
export type SandboxOutcome =
  { readonly kind: 'values'; readonly values: readonly DerivedValue[] } | Rejected;

export interface Sandbox {
  /** Never throws. Cost: 1.2 ms for one input when idle, 0.8 ms for each more; 60 ms more before the first job. */
  readonly run: (request: SandboxRequest) => Promise<SandboxOutcome>;
  /** Starts the children now. For who will serve derivations soon. */
  readonly prepare: () => void;
  /** Resolves when no child process is left. */
  readonly close: () => Promise<void>;
}

export interface SandboxOptions {
  /** Jobs that run at once, each in a process of its own (50 MB); one process more stands by. */
  readonly size: number;
}

export function createSandbox(options: SandboxOptions): Sandbox {
  const pool = new Pool({ size: options.size, startChild, readResidentBytes });
  return {
    run: (request) => run(pool, request),
    prepare: () => pool.prepare(),
    close: () => pool.close(),
  };
}

async function run(pool: Pool, request: SandboxRequest): Promise<SandboxOutcome> {
  const check = checkSource(request.source);
  if (check.kind === 'rejected') return rejected(check.code);
  if (!fits(request.inputs)) return rejected('too-long');
  const budgetMs = Math.min(request.budgetMs, SANDBOX_LIMITS.budgetMsMax);
  const inputs = request.inputs.map((variables) => [...variables]);
  const outcome = await pool.run({ source: request.source, inputs, budgetMs });
  return outcome.kind === 'values' ? readValues(outcome, request.inputs) : outcome;
}

function fits(inputs: SandboxRequest['inputs']): boolean {
  let characters = 0;
  for (const variables of inputs) {
    for (const [name, value] of variables) characters += name.length + value.length;
  }
  return (
    inputs.length <= SANDBOX_LIMITS.inputsMax && characters <= SANDBOX_LIMITS.inputCharactersMax
  );
}

const TYPES = { s: 'string', n: 'number', b: 'boolean' } as const;

/** What a child says is checked again: it may be in the hands of the code that it ran. */
function readValues(outcome: TaggedValues, inputs: SandboxRequest['inputs']): SandboxOutcome {
  if (outcome.values.length !== inputs.length) return rejected('crashed');
  const values: DerivedValue[] = [];
  for (const [index, tagged] of outcome.values.entries()) {
    const value = readValue(tagged);
    if (value === undefined) return rejected('crashed');
    if (isLeak(value, inputs[index])) return { ...rejected('not-literal'), input: index };
    values.push(value);
  }
  return { kind: 'values', values };
}

function readValue(tagged: string): DerivedValue | undefined {
  const tag = tagged[0];
  const text = tagged.slice(1);
  if (tag !== 's' && tag !== 'n' && tag !== 'b') return undefined;
  if (text.length > SANDBOX_LIMITS.resultCharactersMax) return undefined;
  if (tag === 'n' && !(text.trim() === text && text !== '' && Number.isFinite(Number(text)))) {
    return undefined;
  }
  if (tag === 'b' && text !== 'true' && text !== 'false') return undefined;
  return { type: TYPES[tag], text };
}

/** How JavaScript prints what is not there: a table without the entry, a search that found nothing. */
const ABSENT = ['undefined', 'NaN', 'null'];

/** Such a word in an answer that no input has is a bug of the derivation, and would be served as a fact. */
function isLeak(value: DerivedValue, variables: ReadonlyMap<string, string> | undefined): boolean {
  return ABSENT.some(
    (word) =>
      value.text.includes(word) &&
      ![...(variables?.values() ?? [])].some((input) => input.includes(word)),
  );
}
