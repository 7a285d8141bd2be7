/** What `/admin/projects` and the keys below them take and give. */
import { z } from 'zod';

const ON_OFF = z.enum(['on', 'off']);

/** Settings of a project, by name: each goes before the server's setting of the like name. */
export const PROJECT_SETTINGS = {
  log_content: ON_OFF,
  audits: ON_OFF,
  mode: z.enum(['live', 'observe', 'frozen']),
  ttl_seconds: z.string().regex(/^\d{1,10}$/, 'must be a whole number such as 86400'),
  immediate_trust: ON_OFF,
  separate_by_credential: ON_OFF,
} as const;

const NAME = z
  .string()
  .trim()
  .regex(
    /^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,63}$/u,
    'must be 1 to 64 letters, digits, . _ - or blanks',
  );

export const NEW_PROJECT = z.strictObject({
  name: NAME,
  settings: z.strictObject(PROJECT_SETTINGS).partial().exactOptional(),
});

/** A setting that is null is the server's again. */
export const PROJECT_CHANGE = z.strictObject({
  settings: z
    .strictObject({
      log_content: PROJECT_SETTINGS.log_content.nullable(),
      audits: PROJECT_SETTINGS.audits.nullable(),
      mode: PROJECT_SETTINGS.mode.nullable(),
      ttl_seconds: PROJECT_SETTINGS.ttl_seconds.nullable(),
      immediate_trust: PROJECT_SETTINGS.immediate_trust.nullable(),
      separate_by_credential: PROJECT_SETTINGS.separate_by_credential.nullable(),
    })
    .partial(),
});

export const NEW_KEY = z.strictObject({ label: NAME.default('key') });

export const PROJECT_KEY = z.object({ id: z.string(), label: z.string(), createdAt: z.string() });
export const PROJECT = z.object({
  id: z.string(),
  name: z.string(),
  settings: z.record(z.string(), z.string()),
  keys: z.array(PROJECT_KEY),
});
export type ShownProject = z.infer<typeof PROJECT>;

export const PROJECTS = z.object({ projects: z.array(PROJECT) });
/** The only time that the key is shown. */
export const MADE_KEY = PROJECT_KEY.extend({ key: z.string() });
export const MADE_PROJECT = z.object({ project: PROJECT, key: MADE_KEY });
export const REVOKED_KEY = z.object({ id: z.string(), isRevoked: z.boolean() });
