/** `POST /admin/try`: one call to the built-in model, through the proxy, as a client would make it. */
import { z } from 'zod';

/** A word that the demo repeats. */
export const TRIAL = z.strictObject({ word: z.string().regex(/^[A-Za-z]{1,30}$/) });

export const TRIED = z.object({
  requestId: z.string(),
  cache: z.string(),
  reason: z.string().nullable(),
  node: z.string().nullable(),
  /** What was asked and what came back: of the demo, so nobody's content. */
  question: z.string(),
  answer: z.string(),
  ms: z.number(),
});
export type Tried = z.infer<typeof TRIED>;
