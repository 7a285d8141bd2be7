/**
 * Environment → frozen Config: the only file that knows the names of settings.
 * The two composition roots and the scripts call it, each with `process.env`.
 */
import path from 'node:path';
import { z } from 'zod';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** A value that no log line or JSON shows. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }
}

/** The agents of induction, one for each step that a model can take (DESIGN §5). */
export const AGENTS = ['identifier', 'namer', 'arranger', 'deriver'] as const;
export type Agent = (typeof AGENTS)[number];

export const INDUCER_MODES = ['symbolic', 'llm', 'auto'] as const;

export type InducerConfig = Readonly<{
  /** `auto`: the model is asked only where the symbolic steps leave something open. */
  mode: (typeof INDUCER_MODES)[number];
  /** An agent without a model is left to the symbolic step. */
  models: Readonly<Record<Agent, string | undefined>>;
  baseUrl: string;
  apiKey: Secret | undefined;
  /** Of one call. */
  timeoutMs: number;
  /** For all workers together; a day is one of UTC. */
  dailyUsd: number;
  /** USD for a million tokens; undefined: the price table knows, or no call is made. */
  prices: Readonly<{ input: number; output: number }> | undefined;
}>;

export type Config = Readonly<{
  proxyPort: number;
  temporalPort: number;
  temporalUiPort: number;
  mongodbPort: number;
  bindAddress: string;
  /** Absolute. */
  home: string;
  temporalAddress: string;
  /** False when TEMPORAL_ADDRESS names a server that somebody else runs. */
  isTemporalEmbedded: boolean;
  temporalNamespace: string;
  temporalTaskQueue: string;
  /** May hold a password: never log it. */
  mongodbUri: string;
  isMongodbEmbedded: boolean;
  mongodbDatabase: string;
  upstreamBaseUrl: string;
  secret: Secret | undefined;
  inducer: InducerConfig;
  logLevel: (typeof LOG_LEVELS)[number];
  requestBytesMax: number;
  spoolBytesMax: number;
  staleMaxSeconds: number;
  /** The share of served answers that may be wrong. */
  errorBudget: number;
  /** The workflow bundle made ahead of time; without it the worker bundles for itself. */
  workflowBundle: string | undefined;
}>;

/** Settings are wrong; the message names each of them and says what to do. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code = 'config_invalid';
  readonly retryable = false;
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`settings need a change:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

interface Setting {
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

const SETTINGS = {
  PROXY_PORT: port(8787, 'Port of the proxy: http://127.0.0.1:8787/v1 is the BASE_URL of your app'),
  TEMPORAL_PORT: port(7233, 'Port of the embedded Temporal server'),
  TEMPORAL_UI_PORT: port(8233, 'Port of the embedded Temporal UI'),
  MONGODB_PORT: port(27017, 'Port of the embedded MongoDB'),
  BIND_ADDRESS: text(
    '127.0.0.1',
    'Address the proxy listens on; embedded servers have no password and stay on 127.0.0.1',
    z.union([z.ipv4(), z.ipv6()], { error: 'must be an IP address such as 127.0.0.1' }),
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
  REQUEST_BYTES_MAX: count(10_485_760, 'Largest request body in bytes; a larger one gets 413'),
  SPOOL_BYTES_MAX: count(268_435_456, 'Bytes of observations kept on disk while MongoDB is away'),
  STALE_MAX_SECONDS: count(900, 'How long the proxy serves from memory while MongoDB is away'),
  ERROR_BUDGET: share(
    0.005,
    'Share of served answers that may be wrong: the smaller, the more often a template is tried before it serves',
  ),
  WORKFLOW_BUNDLE: text('', 'File of the workflow bundle; set by npm start'),
} satisfies Record<string, Setting>;

type Name = keyof typeof SETTINGS;
type Values = Record<Name, string | number>;

/** What `npm start -- --help` lists; WORKFLOW_BUNDLE is between our own processes. */
export const CONFIG_HELP: readonly { name: string; default: string; what: string }[] =
  Object.entries(SETTINGS)
    .filter(([name]) => name !== 'WORKFLOW_BUNDLE')
    .map(([name, setting]) => ({ name, default: setting.default, what: setting.what }));

const PORT_NAMES = ['PROXY_PORT', 'TEMPORAL_PORT', 'TEMPORAL_UI_PORT', 'MONGODB_PORT'] as const;

/** Errors: ConfigError with all problems at once. An empty value counts as unset. */
export function loadConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const problems: string[] = [];
  const values: Partial<Values> = {};
  for (const [name, setting] of Object.entries(SETTINGS) as [Name, Setting][]) {
    const given = env[name]?.trim();
    const parsed = setting.schema.safeParse(
      given === undefined || given === '' ? setting.default : given,
    );
    if (parsed.success) values[name] = parsed.data;
    else problems.push(`${name} ${parsed.error.issues[0]?.message ?? 'is not valid'}`);
  }
  problems.push(...sharedPorts(values), ...missingModels(values));
  if (problems.length > 0) throw new ConfigError(problems);
  return toConfig(values as Values);
}

function toConfig(values: Values): Config {
  const word = (name: Name) => String(values[name]);
  const orUndefined = (name: Name) => (word(name) === '' ? undefined : word(name));
  const secret = orUndefined('GHEE_SECRET');
  return Object.freeze({
    proxyPort: Number(values.PROXY_PORT),
    temporalPort: Number(values.TEMPORAL_PORT),
    temporalUiPort: Number(values.TEMPORAL_UI_PORT),
    mongodbPort: Number(values.MONGODB_PORT),
    bindAddress: word('BIND_ADDRESS'),
    home: path.resolve(word('GHEE_HOME')),
    temporalAddress: orUndefined('TEMPORAL_ADDRESS') ?? `127.0.0.1:${word('TEMPORAL_PORT')}`,
    isTemporalEmbedded: orUndefined('TEMPORAL_ADDRESS') === undefined,
    temporalNamespace: word('TEMPORAL_NAMESPACE'),
    temporalTaskQueue: word('TEMPORAL_TASK_QUEUE'),
    mongodbUri:
      orUndefined('MONGODB_URI') ??
      `mongodb://127.0.0.1:${word('MONGODB_PORT')}/?directConnection=true`,
    isMongodbEmbedded: orUndefined('MONGODB_URI') === undefined,
    mongodbDatabase: word('MONGODB_DATABASE'),
    upstreamBaseUrl: word('UPSTREAM_BASE_URL').replace(/\/+$/, ''),
    secret: secret === undefined ? undefined : new Secret(secret),
    inducer: toInducer(values),
    logLevel: values.LOG_LEVEL as Config['logLevel'],
    requestBytesMax: Number(values.REQUEST_BYTES_MAX),
    spoolBytesMax: Number(values.SPOOL_BYTES_MAX),
    staleMaxSeconds: Number(values.STALE_MAX_SECONDS),
    errorBudget: Number(values.ERROR_BUDGET),
    workflowBundle: orUndefined('WORKFLOW_BUNDLE'),
  });
}

const MODEL_NAMES = {
  identifier: 'IDENTIFIER_MODEL',
  namer: 'NAMER_MODEL',
  arranger: 'ARRANGER_MODEL',
  deriver: 'DERIVER_MODEL',
} as const satisfies Record<Agent, Name>;

function toInducer(values: Values): InducerConfig {
  const word = (name: Name) => String(values[name]);
  const model = (agent: Agent) => word(MODEL_NAMES[agent]) || word('INDUCER_MODEL') || undefined;
  const [input, output] = word('INDUCER_PRICES').split('/').map(Number);
  return Object.freeze({
    mode: values.INDUCER as InducerConfig['mode'],
    models: {
      identifier: model('identifier'),
      namer: model('namer'),
      arranger: model('arranger'),
      deriver: model('deriver'),
    },
    baseUrl: (word('INDUCER_BASE_URL') || word('UPSTREAM_BASE_URL')).replace(/\/+$/, ''),
    apiKey: word('INDUCER_API_KEY') === '' ? undefined : new Secret(word('INDUCER_API_KEY')),
    timeoutMs: Number(values.INDUCER_TIMEOUT_MS),
    dailyUsd: Number(values.INDUCER_DAILY_USD),
    prices: input === undefined || output === undefined ? undefined : { input, output },
  });
}

function missingModels(values: Partial<Values>): string[] {
  if (values.INDUCER !== 'llm' || values.INDUCER_MODEL !== '') return [];
  return AGENTS.map((agent) => MODEL_NAMES[agent])
    .filter((name) => values[name] === '')
    .map((name) => `${name} must name a model, or INDUCER_MODEL: INDUCER is llm`);
}

function sharedPorts(values: Partial<Values>): string[] {
  return PORT_NAMES.flatMap((name, index) => {
    const other = PORT_NAMES.slice(0, index).find(
      (earlier) => values[earlier] !== undefined && values[earlier] === values[name],
    );
    return other === undefined
      ? []
      : [`${name} must differ from ${other}: both are ${String(values[name])}`];
  });
}

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
