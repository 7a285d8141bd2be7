/** What the API says of pruning. */
import { z } from 'zod';

const count = z.int().nonnegative();

export const PRUNED = z.object({
  isDryRun: z.boolean(),
  projects: z.array(
    z.object({
      project: z.string(),
      nodes: count,
      answers: count,
      observations: count,
      tombstones: count,
    }),
  ),
});
export type Pruned = z.infer<typeof PRUNED>;
