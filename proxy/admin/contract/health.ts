/** `GET /admin/health`, `GET /status/public`, `GET /admin/settings`, and the events of `GET /admin/events`. */
import { z } from 'zod';

export const PART_HEALTH = z.object({
  name: z.enum(['proxy', 'worker', 'temporal', 'mongodb']),
  state: z.enum(['ok', 'degraded', 'down']),
  /** What it means for calls, and what to do. */
  note: z.string(),
});
export const HEALTH = z.object({
  state: z.enum(['ok', 'degraded', 'down']),
  parts: z.array(PART_HEALTH),
});
export type Health = z.infer<typeof HEALTH>;

/** For everybody: no names, no counts. */
export const PUBLIC_STATUS = z.object({
  state: z.enum(['ok', 'degraded', 'down']),
  parts: z.array(PART_HEALTH.pick({ name: true, state: true })),
});

export const SHOWN_SETTINGS = z.object({
  settings: z.array(
    z.object({ name: z.string(), value: z.string(), isDefault: z.boolean(), what: z.string() }),
  ),
});

/** One event: something changed since the last. */
export const CHANGE = z.object({
  calls: z.number(),
  nodes: z.number(),
  answers: z.number(),
  mirror: z.string(),
});
export type Change = z.infer<typeof CHANGE>;
