/** Every setting: its name, its default, what it is for, and which values it takes. `config.ts` reads them. */
import { z } from 'zod';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

export const GHEE_MODES = ['live', 'observe', 'frozen'] as const;

export const INDUCER_MODES = ['symbolic', 'llm', 'auto'] as const;

export interface Setting {
  readonly default: string;
  readonly what: string;
  readonly schema: z.ZodType<string | number>;
}

const port = (value: number, what: string): Setting => ({
  default: String(value),
  what,
  schema: wholeNumber(1, 65_535, `a port, a whole number from 1 to 65535 such as ${String(value)}`),
});
const count = (value: number, what: string): Setting => ({
  default: String(value),
  what,
  schema: wholeNumber(
    1,
    Number.MAX_SAFE_INTEGER,
    `a whole number above 0 such as ${String(value)}`,
  ),
});
const limit = (value: number, what: string): Setting => ({
  default: String(value),
  what: `${what}; 0: no limit`,
  schema: wholeNumber(0, 999_999_999, `a whole number such as ${String(value)}`),
});
const share = (value: number, what: string): Setting => ({
  default: String(value),
  what,
  schema: z
    .string()
    .regex(/^(0?\.\d+|0|1)$/, `must be a share from 0 to 1 such as ${String(value)}`)
    .transform(Number),
});
const text = (value: string, what: string, schema: Setting['schema'] = z.string()): Setting => ({
  default: value,
  what,
  schema,
});

const onOff = (value: 'on' | 'off', what: string): Setting =>
  text(value, what, z.enum(['on', 'off'], { error: 'must be on or off' }));

export const SETTINGS = {
  PROXY_PORT: port(8787, 'Port of the proxy: http://127.0.0.1:8787/v1 is the BASE_URL of your app'),
  PROXY_PROCESSES: {
    default: '1',
    what: 'How many processes share the port of the proxy: as many as there are cores to spare',
    schema: wholeNumber(1, 256, 'a whole number from 1 to 256'),
  },
  ADMIN_PORT: port(8788, 'Port of the admin API, /metrics and /status'),
  TEMPORAL_PORT: port(7233, 'Port of the embedded Temporal server'),
  TEMPORAL_UI_PORT: port(8233, 'Port of the embedded Temporal UI'),
  MONGODB_PORT: port(27017, 'Port of the embedded MongoDB'),
  BIND_ADDRESS: text(
    '127.0.0.1',
    'Address the proxy listens on; embedded servers have no password and stay on 127.0.0.1',
    z.union([z.ipv4(), z.ipv6()], { error: 'must be an IP address such as 127.0.0.1' }),
  ),
  ADMIN_BIND_ADDRESS: text(
    '127.0.0.1',
    'Address the admin API listens on; any but 127.* and ::1 needs GHEE_ADMIN_TOKEN',
    z.union([z.ipv4(), z.ipv6()], { error: 'must be an IP address such as 127.0.0.1' }),
  ),
  ADMIN_HOSTS: text(
    '',
    'Host names by which the admin API is reached from elsewhere, with commas between',
    matching(
      /^$|^[\w.:[\]-]+(\s*,\s*[\w.:[\]-]+)*$/,
      'must be host names such as ghee.example.com',
    ),
  ),
  GHEE_ADMIN_TOKEN: text(
    '',
    'Bearer token of the admin API, 16 characters or more; empty: none is asked for',
    matching(/^$|^\S{16,}$/, 'must have at least 16 characters and no blanks, or be unset'),
  ),
  GHEE_VIEWER_TOKENS: text(
    '',
    'Tokens that may only read, with commas between; token=project+project reads these projects only',
    matching(
      /^$|^[^\s,=]{16,}(=[^\s,=]+)?(,[^\s,=]{16,}(=[^\s,=]+)?)*$/,
      'must be tokens of at least 16 characters such as abcdefghijklmnop=shop+blog, or be unset',
    ),
  ),
  GHEE_HOME: text('.ghee', 'Folder of all state: data, logs, caches'),
  TEMPORAL_ADDRESS: text(
    '',
    'host:port of a Temporal server of yours; empty: an embedded one is started',
    matching(
      /^$|^[^\s:/]+:\d+$/,
      'must be host:port such as temporal.example.com:7233, or be unset',
    ),
  ),
  TEMPORAL_UI_URL: text(
    '',
    'URL of the Temporal UI, for links to runs; empty: that of the embedded server',
    z.union([z.literal(''), z.url({ protocol: /^https?$/ })], {
      error: 'must be an http(s) URL such as http://127.0.0.1:8233, or be unset',
    }),
  ),
  TEMPORAL_NAMESPACE: text('default', 'Temporal namespace', notBlank('default')),
  TEMPORAL_TASK_QUEUE: text('ghee', 'Temporal task queue of the worker', notBlank('ghee')),
  MONGODB_URI: text(
    '',
    'URI of a MongoDB replica set of yours; empty: an embedded one is started',
    matching(
      /^$|^mongodb(\+srv)?:\/\/.+/,
      'must start with mongodb:// or mongodb+srv://, or be unset',
    ),
  ),
  MONGODB_DATABASE: text(
    'ghee',
    'Name of the database',
    matching(/^[A-Za-z0-9_-]{1,63}$/, 'must be 1 to 63 letters, digits, _ or -, such as ghee'),
  ),
  UPSTREAM_BASE_URL: text(
    'https://api.openai.com/v1',
    'The provider: base URL of an OpenAI-compatible API',
    z.url({
      protocol: /^https?$/,
      error: 'must be an http(s) URL such as https://api.openai.com/v1',
    }),
  ),
  GHEE_SECRET: text(
    '',
    'Key of all hashes, 16 characters or more; empty: one is made and kept in GHEE_HOME',
    matching(/^$|^.{16,}$/s, 'must have at least 16 characters, or be unset'),
  ),
  GHEE_ENCRYPTION_KEY: text(
    '',
    'Key that content is encrypted with in MongoDB and in the spool, from `openssl rand -hex 32`; empty: it is not encrypted',
    matching(
      /^$|^[0-9a-fA-F]{64}$/,
      'must be 64 hexadecimal digits as `openssl rand -hex 32` prints them, or be unset',
    ),
  ),
  INDUCER: text(
    'auto',
    'Who induces templates: symbolic, llm, or auto (a model only where the symbolic steps give up)',
    z.enum(INDUCER_MODES, { error: `must be one of ${INDUCER_MODES.join(', ')}` }),
  ),
  INDUCER_MODEL: text('', 'Model of all four agents of induction; empty: no model is asked'),
  IDENTIFIER_MODEL: text('', 'Model that finds the data in messages; empty: INDUCER_MODEL'),
  NAMER_MODEL: text('', 'Model that names variables; empty: INDUCER_MODEL'),
  ARRANGER_MODEL: text('', 'Model that says what depends on what; empty: INDUCER_MODEL'),
  DERIVER_MODEL: text('', 'Model that writes derivations; empty: INDUCER_MODEL'),
  JUDGE_MODEL: text(
    '',
    'Model that `ghee replay` asks whether an answer says the same in other words; empty: none',
  ),
  INDUCER_BASE_URL: text(
    '',
    'OpenAI-compatible API of these models; empty: UPSTREAM_BASE_URL',
    z.union([z.literal(''), z.url({ protocol: /^https?$/ })], {
      error: 'must be an http(s) URL such as http://127.0.0.1:11434/v1, or be unset',
    }),
  ),
  INDUCER_API_KEY: text('', 'Key for INDUCER_BASE_URL'),
  INDUCER_TIMEOUT_MS: {
    default: '30000',
    what: 'Longest time of one model call in milliseconds',
    schema: wholeNumber(100, 120_000, 'a whole number from 100 to 120000 such as 30000'),
  },
  INDUCER_DAILY_USD: text(
    '1',
    'Most that model calls of all workers may cost in a day (UTC); 0: none is made',
    matching(/^\d{1,9}(\.\d{1,6})?$/, 'must be an amount in USD such as 2.50'),
  ),
  INDUCER_PRICES: text(
    '',
    'USD for a million input/output tokens, such as 0.25/2 (0/0: own hardware); empty: a price table',
    matching(
      /^$|^\d{1,6}(\.\d{1,6})?\/\d{1,6}(\.\d{1,6})?$/,
      'must be two amounts such as 0.25/2, or be unset',
    ),
  ),
  LOG_LEVEL: text(
    'info',
    `How much to log: ${LOG_LEVELS.join(', ')}`,
    z.enum(LOG_LEVELS, { error: `must be one of ${LOG_LEVELS.join(', ')}` }),
  ),
  REQUEST_BYTES_MAX: count(
    10_485_760,
    'Largest request body that is read, in bytes; a larger one passes unread',
  ),
  SPOOL_BYTES_MAX: count(268_435_456, 'Bytes of observations kept on disk while MongoDB is away'),
  STALE_MAX_SECONDS: count(900, 'How long the proxy serves from memory while MongoDB is away'),
  GHEE_MODE: text(
    'live',
    'live: serve and learn; observe: never serve, only compare; frozen: never ask the provider',
    z.enum(GHEE_MODES, { error: `must be one of ${GHEE_MODES.join(', ')}` }),
  ),
  BEHAVIOUR_LOCK: text(
    '',
    'File of trees (ghee export) from which alone is served: no MongoDB, Temporal or provider is needed or asked',
  ),
  TTL_SECONDS: text(
    '',
    'How old an answer may be that is served, in seconds; empty: as old as it is',
    matching(/^$|^\d{1,10}$/, 'must be a whole number such as 86400, or be unset'),
  ),
  COLLAPSE_SECONDS: count(
    5,
    'How long a stream waits for the answer of an identical call under way; other calls six times that',
  ),
  MIRROR_ENTRIES_MAX: count(
    250_000,
    'Templates and answers that a proxy process holds in memory; of more, those of the least used scopes are read when asked for',
  ),
  REQUEST_LOG_DAYS: count(30, 'How many days the log of requests is kept'),
  LOG_CONTENT: onOff('off', 'Whether the log of requests holds messages and values: on or off'),
  ANSWER_TTL_DAYS: limit(0, 'Days after which answers and templates that nothing confirmed go'),
  ANSWERS_MAX: limit(100_000, 'Exact answers of a project; the least recently used beyond go'),
  TEMPLATES_MAX: limit(20_000, 'Templates of a project; the least recently used beyond go'),
  OBSERVATIONS_MAX: limit(
    200_000,
    'Observations of a project; the oldest beyond go, where no template and no answer needs them',
  ),
  LEFTOVER_DAYS: count(30, 'Days for which quarantined and retired templates are kept'),
  AUDITS: onOff(
    'off',
    "Whether hits may be checked by calls of Ghee's own, with the caller's key and at its cost: on or off",
  ),
  AUDIT_RATE: share(
    0.01,
    'Share of hits of a proven template that are checked, 0 to 1; a new one begins with a fifth',
  ),
  ERROR_BUDGET: share(
    0.005,
    'Share of served answers that may be wrong: the smaller, the more often a template is tried before it serves',
  ),
  OTEL_EXPORTER_OTLP_ENDPOINT: text(
    '',
    'Collector that traces are sent to, as OTLP over HTTP, such as http://127.0.0.1:4318; empty: none are made',
    z.union([z.literal(''), z.url({ protocol: /^https?$/ })], {
      error: 'must be an http(s) URL such as http://127.0.0.1:4318, or be unset',
    }),
  ),
  WEB_ROOT: text('', 'Folder of the built dashboard; set by npm start'),
  MERGE_THRESHOLD: count(
    8,
    'Siblings that read alike from which they are merged; looked at when one is learned',
  ),
  MERGE_EVERY_MINUTES: count(10, 'How often all trees are looked at for siblings to merge'),
  WORKFLOW_BUNDLE: text('', 'File of the workflow bundle; set by npm start'),
} satisfies Record<string, Setting>;

export type SettingName = keyof typeof SETTINGS;

function wholeNumber(min: number, max: number, what: string): Setting['schema'] {
  return z
    .string()
    .regex(/^\d+$/, `must be ${what}`)
    .transform(Number)
    .refine((value) => value >= min && value <= max, `must be ${what}`);
}

function matching(pattern: RegExp, message: string): Setting['schema'] {
  return z.string().regex(pattern, message);
}

function notBlank(example: string): Setting['schema'] {
  return matching(/^\S+$/, `must have no blanks, such as ${example}`);
}
