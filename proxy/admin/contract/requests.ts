/** `GET /admin/requests`, `GET /admin/decisions/:id`, `POST /admin/feedback`, `GET /admin/requests/:id/run`. */
import { z } from 'zod';
import { NODE_OUTLINE, PART } from './template.ts';

export const OUTCOMES = ['hit', 'miss', 'bypass', 'refused'] as const;
export const OUTCOME = z.enum(OUTCOMES);
export type Outcome = z.infer<typeof OUTCOME>;

export const REQUEST = z.object({
  requestId: z.string(),
  at: z.string(),
  project: z.string().optional(),
  endpoint: z.string(),
  outcome: OUTCOME,
  reason: z.string().optional(),
  status: z.number().optional(),
  isAborted: z.boolean(),
  model: z.string().optional(),
  tokens: z.object({ input: z.number(), cached: z.number(), output: z.number() }).optional(),
  microUsd: z.number().optional(),
  ms: z.record(z.string(), z.number()),
  node: z.string().optional(),
  path: z.array(z.string()),
  variables: z.array(z.string()),
  scope: z.string().optional(),
  content: z
    .object({
      messages: z.string(),
      answer: z.string().optional(),
      values: z.array(z.tuple([z.string(), z.string()])),
    })
    .optional(),
});
export type RequestRow = z.infer<typeof REQUEST>;

export const REQUESTS = z.object({
  requests: z.array(REQUEST),
  next: z.string().nullable(),
  /** A text filter looks at so many templates at most; true: there were more. */
  isTextCut: z.boolean().optional(),
});

export const DIFFERENCE = z.looseObject({
  kind: z.string(),
  path: z.array(z.string()).optional(),
  offset: z.number().optional(),
  expected: z.string().optional(),
  found: z.string().optional(),
  variable: z.string().optional(),
});
export type ShownDifference = z.infer<typeof DIFFERENCE>;

/** Of a template or of a message that is near it. `value`: what `variable` takes; `differs`: only one side has it. */
export const COMPARED_PART = z.object({
  text: z.string(),
  mark: z.enum(['same', 'variable', 'value', 'differs']),
  variable: z.string().optional(),
});
export type ComparedPart = z.infer<typeof COMPARED_PART>;

/** Each side, put together, is a text and its nearest template. */
export const COMPARED = z.object({
  template: z.array(COMPARED_PART),
  message: z.array(COMPARED_PART),
});
export type Compared = z.infer<typeof COMPARED>;

export const EXPLANATION = z.object({
  reason: z.string().optional(),
  reasonNow: z.string().optional(),
  remedy: z.string(),
  depth: z.number().optional(),
  node: z.string().optional(),
  nearest: z
    .object({
      node: z.string(),
      parts: z.array(PART).optional(),
      difference: DIFFERENCE.optional(),
      /** Both side by side; only where content may be shown. */
      compared: COMPARED.optional(),
    })
    .optional(),
});

export const COMPUTED = z.object({
  name: z.string(),
  node: z.string(),
  program: z.string(),
  inputs: z.array(z.tuple([z.string(), z.string()])),
  output: z.string(),
});

export const DECISION = z.object({
  request: REQUEST,
  answer: z.object({ id: z.string(), observation: z.string(), recordedAt: z.string() }).nullish(),
  path: z.array(NODE_OUTLINE.extend({ leaves: z.array(z.array(PART)).optional() })).optional(),
  /** Derivations with what went in and came out; only where content may be shown. */
  computed: z.array(COMPUTED).optional(),
  explanation: EXPLANATION.optional(),
  feedback: z.object({ verdict: z.string(), effect: z.string() }).nullish(),
});
export type Decision = z.infer<typeof DECISION>;

export const FEEDBACK_GIVEN = z.object({
  requestId: z.string(),
  effect: z.enum(['quarantined', 'removed', 'none']),
  isCorrected: z.boolean(),
  node: z.string().nullable(),
});

/** What became of learning from a call. */
export const RUN = z.object({
  /** `none`: nothing is learned from this call, or not yet. */
  state: z.enum(['none', 'waiting', 'done']),
  workflowId: z.string().nullable(),
  outcome: z.string().nullable(),
  steps: z.array(z.object({ step: z.string(), note: z.string() })),
});
export type Run = z.infer<typeof RUN>;
