/** `GET /admin/nodes/:id` and what changes one node. */
import { z } from 'zod';
import { NODE_OUTLINE, NODE_STATE, PART, TREE_NODE } from './template.ts';

const count = z.number().nonnegative();

export const NODE_VARIABLE = z.object({
  name: z.string(),
  /** `read` off this message or one above; `derived` here or above; `unknown`: of a node that is gone. */
  role: z.enum(['read', 'derived', 'unknown']),
  /** Where it comes from: this node or one above it. */
  node: z.string().nullable(),
});

export const NODE = NODE_OUTLINE.extend({
  project: z.string(),
  isPinned: z.boolean(),
  scope: z.string(),
  parent: z.string(),
  template: z.string(),
  /** One list of parts for each field of the message. */
  leaves: z.array(z.array(PART)),
  matchers: z.array(z.looseObject({ name: z.string(), kind: z.string() })),
  guards: z.array(z.looseObject({ name: z.string() })),
  evidence: z.object({
    confirmations: count,
    contradictions: count,
    required: count,
    reasons: z.array(z.string()),
    classes: z.array(z.unknown()),
    /** The values seen, or how many, where content may not be shown. */
    seen: z.array(
      z.object({ name: z.string(), values: z.union([z.array(z.string()), z.number()]) }),
    ),
  }),
  variables: z.array(NODE_VARIABLE),
  /** From the root down to the parent. */
  lineage: z.array(TREE_NODE),
  children: count,
  audited: count,
  history: z.array(
    z.object({
      at: z.string(),
      state: NODE_STATE,
      note: z.string(),
      /** Who or what changed it, and the workflow or call. */
      by: z.string().optional(),
      run: z.string().optional(),
    }),
  ),
  exemplars: z.array(
    z.object({
      observation: z.string(),
      kind: z.string(),
      workflowId: z.string(),
      /** Where content may be shown: the request's messages and the answer, as JSON texts. */
      content: z.object({ messages: z.string(), answer: z.string() }).optional(),
    }),
  ),
});
export type NodeShown = z.infer<typeof NODE>;
