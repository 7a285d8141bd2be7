/**
 * Who calls whom and what for, beyond the body: the partition keeps callers and providers apart, the endpoint joins the
 * scope. A header that nobody thought of is in the endpoint: never ignore what might matter.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { KeyedHash } from '../../adapters/caller.ts';

/** Names a caller. The provider answers differently, or not at all, to another one. */
export const CREDENTIAL_HEADERS = [
  'authorization',
  'api-key',
  'x-api-key',
  'x-goog-api-key',
  'x-auth-token',
  'x-access-token',
  'x-amz-security-token',
  'ocp-apim-subscription-key',
  'cf-aig-authorization',
  'cookie',
] as const;

const CREDENTIAL_QUERY = new Set([
  'key',
  'api_key',
  'api-key',
  'apikey',
  'access_token',
  'token',
  'subscription-key',
  'sig',
  'signature',
  'code',
]);

/** Choose an account, whoever may use it. */
const ACCOUNT_HEADERS = ['openai-organization', 'openai-project', 'butter-namespace'] as const;

/** How the request travels, who traces it, and what is said about the client program. */
const TRANSPORT_HEADERS = new Set([
  ...['host', 'connection', 'proxy-connection', 'keep-alive', 'te', 'trailer', 'upgrade', 'expect'],
  ...['transfer-encoding', 'http2-settings', 'proxy-authenticate', 'proxy-authorization'],
  ...['content-length', 'content-type', 'content-encoding', 'content-md5', 'digest'],
  ...['cache-control', 'pragma', 'date', 'via', 'forwarded', 'max-forwards', 'priority', 'from'],
  ...['user-agent', 'origin', 'referer', 'dnt', 'x-requested-with', 'x-real-ip', 'x-client-ip'],
  // OpenRouter's name of the calling app.
  ...['http-referer', 'x-title'],
  ...['x-request-id', 'x-client-request-id', 'x-correlation-id', 'request-id'],
  ...['idempotency-key', 'x-idempotency-key', 'x-openai-client-user-agent'],
  ...['traceparent', 'tracestate', 'baggage', 'b3', 'sentry-trace', 'uber-trace-id', 'newrelic'],
  ...['x-amzn-trace-id', 'x-cloud-trace-context', 'elastic-apm-traceparent', 'true-client-ip'],
]);
const TRANSPORT_PREFIXES = [
  'accept',
  'x-stainless-',
  'butter-',
  'x-forwarded-',
  'x-envoy-',
  'sec-',
  'x-b3-',
  'x-datadog-',
  'cf-ray',
  'cf-connecting-',
  'cf-ipcountry',
  'cf-visitor',
];

/** All that says who calls, whether or not callers are kept apart by it. */
export function credentialsOf(headers: IncomingHttpHeaders, query: string): readonly unknown[] {
  const names = [...CREDENTIAL_HEADERS, ...ACCOUNT_HEADERS];
  return [names.map((name) => textOf(headers[name])), splitQuery(query).credentials];
}

export interface Caller {
  readonly project: string;
  readonly partition: string;
  readonly namespace?: string | undefined;
  readonly endpoint: string;
}

/** Without projects everything belongs to this one. */
export const LOCAL_PROJECT = 'local';

/**
 * `upstream`: a stable name of the provider. In a project its callers share, so their credentials are left out
 * unless it wants them apart (`separate`, DESIGN §11.14).
 */
export function callerOf(
  keyedHash: KeyedHash,
  headers: IncomingHttpHeaders,
  target: { readonly upstream: string; readonly path: string; readonly query: string },
  { project, separate }: { readonly project: string | undefined; readonly separate: boolean },
): Caller {
  const { credentials, rest } = splitQuery(target.query);
  const isShared = project !== undefined && !separate;
  const names = [...(isShared ? [] : CREDENTIAL_HEADERS), ...ACCOUNT_HEADERS];
  const parts = names.map((name) => textOf(headers[name]));
  return {
    project: project ?? LOCAL_PROJECT,
    partition: keyedHash('partition', [target.upstream, parts, isShared ? [] : credentials]),
    namespace: textOf(headers['butter-namespace']) || undefined,
    endpoint: JSON.stringify([target.path, rest, ...scopeHeaders(headers)]),
  };
}

function scopeHeaders(headers: IncomingHttpHeaders): (readonly [string, string])[] {
  return Object.entries(headers)
    .filter(([name]) => isInScope(name))
    .map(([name, value]) => [name, textOf(value) ?? ''] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

function isInScope(name: string): boolean {
  return (
    !TRANSPORT_HEADERS.has(name) &&
    !TRANSPORT_PREFIXES.some((prefix) => name.startsWith(prefix)) &&
    !CREDENTIAL_HEADERS.some((credential) => credential === name) &&
    !ACCOUNT_HEADERS.some((account) => account === name)
  );
}

function splitQuery(query: string): { credentials: string[]; rest: string[] } {
  const credentials: string[] = [];
  const rest: string[] = [];
  for (const pair of query.replace(/^\?/, '').split('&')) {
    if (pair === '') continue;
    const name = (pair.split('=', 1)[0] ?? pair).toLowerCase();
    (CREDENTIAL_QUERY.has(name) ? credentials : rest).push(pair);
  }
  return { credentials, rest };
}

function textOf(value: string | readonly string[] | undefined): string | null {
  if (value === undefined) return null;
  return typeof value === 'string' ? value : value.join(', ');
}
