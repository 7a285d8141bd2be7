/** What goes into a child and what comes out: only texts, in both directions. */
import { z } from 'zod';

export type RejectCode =
  /** The source is no JavaScript; uses what is not on the allow-list. */
  | 'syntax'
  | 'not-allowed'
  /** It threw; gave no string, finite number or boolean; gave different ones in two runs. */
  | 'threw'
  | 'not-literal'
  | 'not-deterministic'
  /** The source, an input, a value or all values together exceed a bound. */
  | 'too-long'
  /** It was killed: out of time, out of memory, or its process ended. */
  | 'timeout'
  | 'memory'
  | 'crashed'
  /** Nothing was tried: the queue is full, no child is ready in time, or the sandbox is closed. */
  | 'unavailable';

/** `input` says which of the inputs was refused. */
export interface Rejected {
  readonly kind: 'rejected';
  readonly code: RejectCode;
  readonly input?: number;
}

/** One string for each input: a tag (`s`tring, `n`umber, `b`oolean) and the text (realm.mjs). */
export interface TaggedValues {
  readonly kind: 'values';
  readonly values: readonly string[];
}

export type JobOutcome = TaggedValues | Rejected;

export interface Job {
  readonly source: string;
  /** For each input its variables, as pairs of name and value. */
  readonly inputs: readonly (readonly (readonly [string, string])[])[];
  readonly budgetMs: number;
}

const REPLY = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  z.object({ kind: z.literal('values'), values: z.array(z.string()) }),
  z.object({
    kind: z.literal('rejected'),
    code: z.enum([
      ...(['syntax', 'not-allowed', 'threw', 'not-literal'] as const),
      ...(['not-deterministic', 'too-long', 'memory'] as const),
    ]),
    input: z.int().optional(),
  }),
]);

/** Reads a line of the child's; undefined for what a sound child never writes. */
export function parseReply(line: string): JobOutcome | { readonly kind: 'ready' } | undefined {
  try {
    const reply = REPLY.safeParse(JSON.parse(line)).data;
    if (reply?.kind !== 'rejected') return reply;
    const { kind, code, input } = reply;
    return input === undefined ? { kind, code } : { kind, code, input };
  } catch {
    return undefined; // Not even JSON.
  }
}

export function rejected(code: RejectCode): Rejected {
  return { kind: 'rejected', code };
}
