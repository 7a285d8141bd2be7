/** `GET /admin/scopes`, `GET /admin/tree`. */
import { z } from 'zod';
import { TREE_NODE } from './template.ts';

export const SCOPE = z.object({
  id: z.string(),
  project: z.string(),
  model: z.string(),
  /** Canonical text of the parameters, cut after 1,000 characters. */
  parameters: z.string(),
  nodes: z.number().nonnegative(),
});
export type ScopeShown = z.infer<typeof SCOPE>;

export const SCOPES = z.object({ scopes: z.array(SCOPE), next: z.string().nullable() });

export const TREE = z.object({
  scope: z.string(),
  nodes: z.array(TREE_NODE),
  /** Of a search: those of the nodes that have the text; the others are above them. */
  found: z.array(z.string()).optional(),
  next: z.string().nullable(),
});
export type TreePage = z.infer<typeof TREE>;
