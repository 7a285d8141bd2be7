/** What the API says when a person has decided about a node. */
import { z } from 'zod';

export const NODE_CHANGED = z.object({
  id: z.string(),
  state: z.enum(['candidate', 'probation', 'serving', 'quarantined', 'retired']),
  isPinned: z.boolean(),
  isChanged: z.boolean(),
  evidence: z.object({
    confirmations: z.int(),
    required: z.int(),
    reasons: z.array(z.string()).readonly(),
  }),
});
export type NodeChanged = z.infer<typeof NODE_CHANGED>;
