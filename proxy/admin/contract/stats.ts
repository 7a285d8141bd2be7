/** `GET /admin/stats`, `GET /admin/overview`. */
import { z } from 'zod';
import { NODE_STATE, TREE_NODE } from './template.ts';

const count = z.number();

export const COUNTS = z.object({
  calls: z.object({
    hitsExact: count,
    hitsTemplate: count,
    misses: count,
    bypasses: count,
    refused: count,
  }),
  saved: z.object({ inputTokens: count, outputTokens: count, usd: count, hitsUnpriced: count }),
  spent: z.object({ inputTokens: count, outputTokens: count, usd: count }),
  audits: z.object({ calls: count, inputTokens: count, outputTokens: count, usd: count }),
  /** What models cost that helped to learn. */
  induction: z.object({ calls: count, inputTokens: count, outputTokens: count, usd: count }),
  /** Saved, less audits and learning. */
  netUsd: count,
  feedback: count,
  rowsLeftOut: count,
});
export type Counts = z.infer<typeof COUNTS>;

export const STATS = z.object({
  since: z.string(),
  total: COUNTS,
  models: z.array(COUNTS.extend({ model: z.string() })),
  nodes: z.partialRecord(NODE_STATE, count),
  audits: z.object({ agreed: count, disagreed: count, unsettled: count }),
});
export type Stats = z.infer<typeof STATS>;

export const LATENCY = z.object({ calls: count, p50: count, p95: count });

export const OVERVIEW = z.object({
  unit: z.enum(['hour', 'day']),
  since: z.string(),
  series: z.array(
    z.object({
      at: z.string(),
      hits: count,
      misses: count,
      bypasses: count,
      refused: count,
      savedUsd: count,
      savedTokens: count,
    }),
  ),
  /** Of the newest calls in the log. */
  sample: z.object({
    calls: count,
    hits: LATENCY.nullable(),
    misses: LATENCY.nullable(),
    /** Templates by how often they answered in the sample. */
    top: z.array(z.object({ node: TREE_NODE, hits: count, savedUsd: count })),
  }),
  watch: z.object({ probation: z.array(TREE_NODE), quarantined: z.array(TREE_NODE) }),
  budget: z.object({
    /** The share of served answers that may be wrong. */
    allowed: count,
    served: count,
    /** Served answers that feedback or an audit called wrong. */
    wrong: count,
  }),
});
export type Overview = z.infer<typeof OVERVIEW>;
