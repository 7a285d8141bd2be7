/** What the API says of an import. */
import { z } from 'zod';

const count = z.int().nonnegative();

export const IMPORTED = z.object({
  isDryRun: z.boolean(),
  scopes: count,
  /** New ones. */
  nodes: count,
  known: count,
  observations: count,
  /** What is here already and differs stays as it is; what contradicts an observation comes in quarantined. */
  conflicts: z
    .array(
      z.object({
        node: z.string(),
        what: z.enum(['content', 'state', 'evidence', 'contradicts']),
      }),
    )
    .readonly(),
});
export type ImportReport = z.infer<typeof IMPORTED>;
