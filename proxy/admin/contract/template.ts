/** Templates and nodes as people read them. */
import { z } from 'zod';

const count = z.number().nonnegative();

export const NODE_STATE = z.enum([
  ...(['candidate', 'probation', 'serving', 'quarantined', 'retired'] as const),
]);
export type NodeState = z.infer<typeof NODE_STATE>;

/** A piece of a template: fixed text, or the name of a variable. */
export const PART = z.union([z.object({ text: z.string() }), z.object({ variable: z.string() })]);
export type Part = z.infer<typeof PART>;

export const EVIDENCE_COUNTS = z.object({
  confirmations: count,
  contradictions: count,
  required: count,
  reasons: z.array(z.string()),
});

export const DERIVATION = z.union([
  z.object({ name: z.string(), programs: z.array(z.string()) }),
  z.object({ name: z.string(), javascript: z.string(), variables: z.array(z.string()) }),
]);
export type ShownDerivation = z.infer<typeof DERIVATION>;

/** What a decision tells of each node on its path where content may not be shown. */
export const NODE_OUTLINE = z.object({
  id: z.string(),
  depth: count,
  role: z.string(),
  state: NODE_STATE,
  isAnswer: z.boolean(),
  evidence: EVIDENCE_COUNTS,
  derivations: z.array(DERIVATION),
});

/** A node of the tree's picture. */
export const TREE_NODE = z.object({
  id: z.string(),
  parent: z.string(),
  depth: count,
  role: z.string(),
  state: NODE_STATE,
  isAnswer: z.boolean(),
  /** The template, cut after some 200 characters. */
  parts: z.array(PART),
  /** Variables that are first bound here, and those that are computed here. */
  reads: z.array(z.string()),
  derives: z.array(z.string()),
  confirmations: count,
  required: count,
  /** How many nodes lie right below. */
  children: count,
});
export type TreeNodeShown = z.infer<typeof TREE_NODE>;
