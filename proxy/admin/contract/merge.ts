/** What `/admin/merge` and `/admin/merges` take and give. */
import { z } from 'zod';

const count = z.int().nonnegative();

/** One of `node` (its children are merged) and `scope` (those of its root). */
export const MERGE_ORDER = z
  .strictObject({
    node: z.string().min(1).max(128).exactOptional(),
    scope: z.string().min(1).max(128).exactOptional(),
    dryRun: z.boolean().exactOptional(),
  })
  .refine(({ node, scope }) => (node === undefined) !== (scope === undefined), {
    message: 'name either a node or a scope',
  });
export type MergeOrder = z.infer<typeof MERGE_ORDER>;

export const MERGE_STARTED = z.object({ id: z.string(), workflowId: z.string() });

export const MERGE = z.object({
  id: z.string(),
  workflowId: z.string(),
  project: z.string(),
  scope: z.string(),
  parent: z.string(),
  dryRun: z.boolean(),
  by: z.enum(['hand', 'threshold', 'schedule']),
  state: z.enum([
    ...['running', 'proposed', 'unchanged', 'committed', 'cancelled', 'failed', 'undone'],
  ] as const),
  startedAt: z.string(),
  endedAt: z.string().nullable(),
  /** A code, where it failed. */
  reason: z.string().nullable(),
  /** While it runs: parts done, of all that are known so far. */
  progress: z.object({ done: count, total: count, step: z.string() }).nullable(),
  counts: z.object({ siblings: count, covered: count, left: count }).nullable(),
  templates: z.array(
    z.object({
      node: z.string(),
      text: z.array(z.string()),
      members: count,
      /** The last messages of some members, where content may be shown. */
      examples: z.array(z.string()),
      retires: z.array(z.string()),
    }),
  ),
  /** Siblings that stay as they are, by reason. */
  rejected: z.array(z.object({ reason: z.string(), siblings: count })),
  added: count,
  retired: count,
});
export type Merge = z.infer<typeof MERGE>;

export const MERGES = z.object({ merges: z.array(MERGE) });

/** The run hears of it and ends; its record says so then. */
export const CANCELLED = z.object({ id: z.string(), state: z.literal('cancelling') });

export const UNMERGED = z.object({
  id: z.string(),
  restored: count,
  removed: count,
  /** Observations that are learned from again. */
  reopened: count,
});
