/**
 * What each step found, since payloads of workflows carry ids only. Where it is stored with the observation and read back
 * it is untrusted like everything in the database; `validate` then holds it against what was observed.
 */
import { z } from 'zod';
import { parseDerivation } from '../core/expressions/derivation.ts';
import type { Arranged } from '../core/induction/arrange.ts';
import type { BoundSpan } from '../core/induction/bind.ts';
import type { Derived } from '../core/induction/derive.ts';
import type { Identified } from '../core/induction/identify.ts';
import type { Start } from '../core/induction/load.ts';
import type { NamedGroup } from '../core/induction/name.ts';
import { MATCHER_KINDS } from '../core/template/kinds.ts';
import type { TreeNode } from '../core/tree/node.ts';
import { parseNode, toNodeDocument } from '../adapters/mongo/node-document.ts';
import { StepFault } from './failure.ts';

/** Where the run starts, and the version of the parent's children that it must still have at the end. */
export interface Loading {
  readonly start: Start;
  readonly childrenVersion: number;
}

export interface Accepted {
  readonly nodes: readonly TreeNode[];
  /** Ids of the observations that speak for the answer. */
  readonly exemplars: readonly string[];
}

export interface Proposals {
  readonly load: Loading;
  readonly bind: readonly BoundSpan[];
  readonly identify: Identified;
  readonly name: readonly NamedGroup[];
  readonly arrange: Arranged;
  readonly derive: Derived;
  readonly validate: Accepted;
}
export type Step = keyof Proposals;

const count = z.int().nonnegative();
const pair = z.tuple([z.string(), z.string()]);
const span = z.object({
  message: count,
  leaf: count,
  start: count,
  end: count,
  value: z.string(),
  kind: z.enum(MATCHER_KINDS),
  delimited: z.boolean(),
  label: z.string().exactOptional(),
  doubtful: z.literal(true).exactOptional(),
  category: z.string().exactOptional(),
  seen: z.array(z.string().nullable()).exactOptional(),
  claimed: z.literal(true).exactOptional(),
});
const placed = span.extend({ name: z.string() });
const derivation = z.unknown().transform((json, context) => {
  const parsed = parseDerivation(json);
  if (parsed !== undefined) return parsed;
  context.addIssue('not a derivation');
  return z.NEVER;
});
const node = z.unknown().transform((json, context) => {
  const parsed = parseNode(json);
  if (parsed !== undefined) return parsed;
  context.addIssue('not a node');
  return z.NEVER;
});

const SCHEMAS: { readonly [S in Step]: z.ZodType<Proposals[S]> } = {
  load: z.object({
    start: z.object({
      parent: z.string(),
      depth: count,
      path: z.array(z.string()),
      inherited: z.array(pair),
    }),
    childrenVersion: count,
  }),
  bind: z.array(placed),
  identify: z.object({ sources: z.array(span), sinks: z.array(span) }),
  name: z.array(z.object({ name: z.string(), value: z.string(), spans: z.array(span) })),
  arrange: z.object({
    placed: z.array(placed),
    copied: z.array(z.string()),
    dependents: z.array(placed),
    chosen: z.array(z.object({ name: z.string(), from: z.array(z.string()) })).exactOptional(),
  }),
  derive: z.object({
    placed: z.array(placed),
    derived: z.array(z.object({ span: placed, derivation })),
    unexplained: z.array(span),
  }),
  validate: z.object({ nodes: z.array(node), exemplars: z.array(z.string()) }),
};

/** JSON text of what a step found. */
export function formatProposal<S extends Step>(step: S, proposal: Proposals[S]): string {
  if (step !== 'validate') return JSON.stringify(proposal);
  const { nodes, exemplars } = proposal as Accepted;
  const documents = nodes.map((entry) => toNodeDocument(entry, UNBORN));
  return JSON.stringify({ nodes: documents, exemplars });
}

/** Inverse of `formatProposal`. Errors: StepFault `proposal_invalid` when there is no text or it is not ours. */
export function parseProposal<S extends Step>(step: S, text: string | undefined): Proposals[S] {
  const parsed = SCHEMAS[step].safeParse(text === undefined ? undefined : parseText(text));
  if (parsed.success) return parsed.data;
  throw new StepFault('proposal_invalid');
}

/** The commit gives a node what belongs to its birth. */
const UNBORN = { project: '', revision: 0, at: 0 };

function parseText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
