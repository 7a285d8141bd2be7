/** What the API says of a deletion. */
import { z } from 'zod';

const count = z.int().nonnegative();

export const PURGED = z.object({
  isDryRun: z.boolean(),
  scopes: count,
  nodes: count,
  /** Exact answers. */
  answers: count,
  observations: count,
  /** Links between observations and the nodes that they are evidence for. */
  exemplars: count,
});
export type Purged = z.infer<typeof PURGED>;
