/** `GET /admin/session`: who looks, and at which Ghee. `POST /admin/login`, `/admin/logout`. */
import { z } from 'zod';

export const SESSION = z.object({
  role: z.enum(['owner', 'viewer']),
  /** Null: all projects. */
  projects: z.array(z.string()).nullable(),
  /** Whether a token was asked for, so that logging out means something. */
  hasLogin: z.boolean(),
  proxyUrl: z.string(),
  upstream: z.string(),
  temporalUiUrl: z.string().nullable(),
  temporalNamespace: z.string(),
  logsContent: z.boolean(),
});
export type Session = z.infer<typeof SESSION>;

export const LOGIN = z.strictObject({ token: z.string().min(1).max(500) });
export const LOGGED_IN = z.object({ role: z.enum(['owner', 'viewer']) });
export const LOGGED_OUT = z.object({ isLoggedOut: z.literal(true) });
