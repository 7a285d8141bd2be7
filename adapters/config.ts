/**
 * Environment → frozen Config: only this file and `settings.ts` know the names of settings.
 * The two composition roots and the scripts call it, each with `process.env`.
 */
import path from 'node:path';
import {
  SETTINGS,
  type GHEE_MODES,
  type INDUCER_MODES,
  type LOG_LEVELS,
  type Setting,
  type SettingName,
} from './settings.ts';

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

export interface Viewer {
  readonly token: Secret;
  readonly projects: readonly string[] | undefined;
}

/** The agents of induction, one for each step that a model can take (DESIGN §5). */
export const AGENTS = ['identifier', 'namer', 'arranger', 'deriver'] as const;
export type Agent = (typeof AGENTS)[number];

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
  proxyProcesses: number;
  adminPort: number;
  adminBindAddress: string;
  /** Names by which the admin API may be reached besides its address and this machine's own. */
  adminHosts: readonly string[];
  /** Undefined only where the admin API is bound to this machine. */
  adminToken: Secret | undefined;
  /** Those who may only read, and which projects; undefined: all. */
  viewers: readonly Viewer[];
  /** Folder of the built dashboard. */
  webRoot: string | undefined;
  temporalPort: number;
  temporalUiPort: number;
  mongodbPort: number;
  bindAddress: string;
  /** Absolute. */
  home: string;
  temporalAddress: string;
  /** False when TEMPORAL_ADDRESS names a server that somebody else runs. */
  isTemporalEmbedded: boolean;
  /** Undefined where Temporal is somebody else's, whose UI we do not know. */
  temporalUiUrl: string | undefined;
  temporalNamespace: string;
  temporalTaskQueue: string;
  /** May hold a password: never log it. */
  mongodbUri: string;
  isMongodbEmbedded: boolean;
  mongodbDatabase: string;
  upstreamBaseUrl: string;
  secret: Secret | undefined;
  /** What content is sealed with; undefined: it lies in the database as it is. */
  encryptionKey: Secret | undefined;
  inducer: InducerConfig;
  /** Asked where the inducer's models are. */
  judgeModel: string | undefined;
  logLevel: (typeof LOG_LEVELS)[number];
  requestBytesMax: number;
  spoolBytesMax: number;
  staleMaxSeconds: number;
  /** Nodes and answers. */
  mirrorEntriesMax: number;
  mode: (typeof GHEE_MODES)[number];
  /** Undefined: answers do not grow old. */
  ttlSeconds: number | undefined;
  /** Absolute path of the file that is served in place of a database. */
  behaviourLock: string | undefined;
  collapseSeconds: number;
  requestLogDays: number;
  /** Of calls without a project; projects have settings of the same names in lower case. */
  logContent: boolean;
  audits: boolean;
  /** Share of hits, 0 to 1. */
  auditRate: number;
  /** The share of served answers that may be wrong. */
  errorBudget: number;
  /** What a project may keep; 0 stands for no limit. Settings of a project come first. */
  prune: Readonly<
    Record<
      'answerTtlDays' | 'answersMax' | 'templatesMax' | 'observationsMax' | 'leftoverDays',
      number
    >
  >;
  /** Siblings below one node from which a merge is started. */
  mergeThreshold: number;
  mergeEveryMinutes: number;
  /** The workflow bundle made ahead of time; without it the worker bundles for itself. */
  workflowBundle: string | undefined;
  /** Where traces go; undefined: none are made. */
  otlpEndpoint: string | undefined;
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

type Values = Record<SettingName, string | number>;

/** Between our own processes. */
const INTERNAL: ReadonlySet<string> = new Set(['WEB_ROOT', 'WORKFLOW_BUNDLE']);

/** What `npm start -- --help` lists. */
export const CONFIG_HELP: readonly { name: string; default: string; what: string }[] =
  Object.entries(SETTINGS)
    .filter(([name]) => !INTERNAL.has(name))
    .map(([name, setting]) => ({ name, default: setting.default, what: setting.what }));

export interface ShownSetting {
  readonly name: string;
  readonly value: string;
  readonly isDefault: boolean;
  readonly what: string;
}

/** May hold a password, or is one: whether it is set is all that is told. */
const HIDDEN: ReadonlySet<string> = new Set([
  ...['GHEE_ADMIN_TOKEN', 'GHEE_VIEWER_TOKENS', 'GHEE_SECRET', 'INDUCER_API_KEY', 'MONGODB_URI'],
  'GHEE_ENCRYPTION_KEY',
]);

/** The settings of an environment as people may see them. */
export function shownSettings(
  env: Readonly<Record<string, string | undefined>>,
): readonly ShownSetting[] {
  return CONFIG_HELP.map(({ name, default: standard, what }) => {
    const given = env[name]?.trim() ?? '';
    const isDefault = given === '' || given === standard;
    const value =
      HIDDEN.has(name) && !isDefault ? 'set' : withoutUser(isDefault ? standard : given);
    return { name, value, isDefault, what };
  });
}

/** A URL may name a user and a password. */
function withoutUser(text: string): string {
  return text.replace(/\/\/[^@/]*@/, '//***@');
}

const PORT_NAMES = [
  'PROXY_PORT',
  'ADMIN_PORT',
  'TEMPORAL_PORT',
  'TEMPORAL_UI_PORT',
  'MONGODB_PORT',
] as const;

/** Errors: ConfigError with all problems at once. An empty value counts as unset. */
export function loadConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const problems: string[] = [];
  const values: Partial<Values> = {};
  for (const [name, setting] of Object.entries(SETTINGS) as [SettingName, Setting][]) {
    const given = env[name]?.trim();
    const parsed = setting.schema.safeParse(
      given === undefined || given === '' ? setting.default : given,
    );
    if (parsed.success) values[name] = parsed.data;
    else problems.push(`${name} ${parsed.error.issues[0]?.message ?? 'is not valid'}`);
  }
  problems.push(
    ...sharedPorts(values),
    ...missingModels(values),
    ...openAdmin(values),
    ...openLock(values),
  );
  if (values.GHEE_VIEWER_TOKENS !== '' && values.GHEE_ADMIN_TOKEN === '') {
    problems.push('GHEE_VIEWER_TOKENS needs GHEE_ADMIN_TOKEN: without it everybody is an owner');
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return toConfig(values as Values);
}

function toConfig(values: Values): Config {
  const word = (name: SettingName) => String(values[name]);
  const orUndefined = (name: SettingName) => (word(name) === '' ? undefined : word(name));
  const secret = orUndefined('GHEE_SECRET');
  const encryptionKey = orUndefined('GHEE_ENCRYPTION_KEY');
  const lock = orUndefined('BEHAVIOUR_LOCK');
  return Object.freeze({
    proxyPort: Number(values.PROXY_PORT),
    proxyProcesses: Number(values.PROXY_PROCESSES),
    ...toAdmin(values),
    temporalPort: Number(values.TEMPORAL_PORT),
    temporalUiPort: Number(values.TEMPORAL_UI_PORT),
    mongodbPort: Number(values.MONGODB_PORT),
    bindAddress: word('BIND_ADDRESS'),
    home: path.resolve(word('GHEE_HOME')),
    temporalAddress: orUndefined('TEMPORAL_ADDRESS') ?? `127.0.0.1:${word('TEMPORAL_PORT')}`,
    isTemporalEmbedded: orUndefined('TEMPORAL_ADDRESS') === undefined,
    temporalUiUrl: temporalUiOf(values),
    temporalNamespace: word('TEMPORAL_NAMESPACE'),
    temporalTaskQueue: word('TEMPORAL_TASK_QUEUE'),
    mongodbUri:
      orUndefined('MONGODB_URI') ??
      `mongodb://127.0.0.1:${word('MONGODB_PORT')}/?directConnection=true`,
    isMongodbEmbedded: orUndefined('MONGODB_URI') === undefined,
    mongodbDatabase: word('MONGODB_DATABASE'),
    upstreamBaseUrl: word('UPSTREAM_BASE_URL').replace(/\/+$/, ''),
    secret: secret === undefined ? undefined : new Secret(secret),
    encryptionKey: encryptionKey === undefined ? undefined : new Secret(encryptionKey),
    inducer: toInducer(values),
    judgeModel: orUndefined('JUDGE_MODEL'),
    logLevel: values.LOG_LEVEL as Config['logLevel'],
    requestBytesMax: Number(values.REQUEST_BYTES_MAX),
    spoolBytesMax: Number(values.SPOOL_BYTES_MAX),
    staleMaxSeconds: Number(values.STALE_MAX_SECONDS),
    mirrorEntriesMax: Number(values.MIRROR_ENTRIES_MAX),
    mode: values.GHEE_MODE as Config['mode'],
    behaviourLock: lock === undefined ? undefined : path.resolve(lock),
    ttlSeconds: word('TTL_SECONDS') === '' ? undefined : Number(values.TTL_SECONDS),
    collapseSeconds: Number(values.COLLAPSE_SECONDS),
    requestLogDays: Number(values.REQUEST_LOG_DAYS),
    logContent: values.LOG_CONTENT === 'on',
    audits: values.AUDITS === 'on',
    auditRate: Number(values.AUDIT_RATE),
    prune: Object.freeze({
      answerTtlDays: Number(values.ANSWER_TTL_DAYS),
      answersMax: Number(values.ANSWERS_MAX),
      templatesMax: Number(values.TEMPLATES_MAX),
      observationsMax: Number(values.OBSERVATIONS_MAX),
      leftoverDays: Number(values.LEFTOVER_DAYS),
    }),
    errorBudget: Number(values.ERROR_BUDGET),
    mergeThreshold: Number(values.MERGE_THRESHOLD),
    mergeEveryMinutes: Number(values.MERGE_EVERY_MINUTES),
    workflowBundle: orUndefined('WORKFLOW_BUNDLE'),
    otlpEndpoint: orUndefined('OTEL_EXPORTER_OTLP_ENDPOINT'),
  });
}

function temporalUiOf(values: Values): string | undefined {
  if (values.TEMPORAL_UI_URL !== '') return String(values.TEMPORAL_UI_URL).replace(/\/+$/, '');
  return values.TEMPORAL_ADDRESS === ''
    ? `http://127.0.0.1:${String(values.TEMPORAL_UI_PORT)}`
    : undefined;
}

const MODEL_NAMES = {
  identifier: 'IDENTIFIER_MODEL',
  namer: 'NAMER_MODEL',
  arranger: 'ARRANGER_MODEL',
  deriver: 'DERIVER_MODEL',
} as const satisfies Record<Agent, SettingName>;

function toInducer(values: Values): InducerConfig {
  const word = (name: SettingName) => String(values[name]);
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

function toAdmin(values: Values) {
  const token = String(values.GHEE_ADMIN_TOKEN);
  const hosts = String(values.ADMIN_HOSTS).split(',');
  return {
    adminPort: Number(values.ADMIN_PORT),
    adminBindAddress: String(values.ADMIN_BIND_ADDRESS),
    adminHosts: Object.freeze(hosts.map((host) => host.trim()).filter((host) => host !== '')),
    adminToken: token === '' ? undefined : new Secret(token),
    viewers: toViewers(String(values.GHEE_VIEWER_TOKENS)),
    webRoot: values.WEB_ROOT === '' ? undefined : String(values.WEB_ROOT),
  };
}

/** `token` or `token=project+project`, with commas between. */
function toViewers(text: string): readonly Viewer[] {
  const entries = text === '' ? [] : text.split(',');
  return Object.freeze(
    entries.map((entry) => {
      const [token = '', projects] = entry.split('=', 2);
      return { token: new Secret(token), projects: projects?.split('+') };
    }),
  );
}

/** Whether an address can only be reached from this machine. */
export function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}

function openAdmin(values: Partial<Values>): string[] {
  const address = values.ADMIN_BIND_ADDRESS;
  if (address === undefined || isLoopback(String(address))) return [];
  return values.GHEE_ADMIN_TOKEN === ''
    ? [`GHEE_ADMIN_TOKEN must be set: ADMIN_BIND_ADDRESS=${String(address)} is open to the network`]
    : [];
}

function openLock(values: Partial<Values>): string[] {
  const address = String(values.BIND_ADDRESS ?? '127.0.0.1');
  return values.BEHAVIOUR_LOCK === '' || isLoopback(address)
    ? []
    : [`BIND_ADDRESS must be of this machine with BEHAVIOUR_LOCK: a lock file knows no keys`];
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
