/** Which headers travel: what is meant for us or for one hop stays here, all else passes. */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

/** RFC 9110 §7.6.1, and what a proxy says about itself. */
const HOP_BY_HOP = new Set([
  'connection',
  'proxy-connection',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  'proxy-authenticate',
  'proxy-authorization',
]);

/** Without a body in most requests: Node does not chunk those by itself. */
const BODILESS_METHODS = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE']);

/**
 * The headers for the provider. Why before the proxy and not in its hook: with `Expect: 100-continue`
 * that hook does not run, and the project's key would go upstream (PITFALLS §2.1).
 * `bodyBytes`: the length of a body that was read; undefined when the request itself is piped.
 */
export function requestHeaders(
  req: Pick<IncomingMessage, 'headers' | 'method'>,
  bodyBytes: number | undefined,
): IncomingHttpHeaders {
  const listed = listedIn(req.headers.connection);
  const headers: IncomingHttpHeaders = Object.fromEntries(
    Object.entries(req.headers).filter(
      ([name]) => !isOurs(name) && !HOP_BY_HOP.has(name) && !listed.has(name),
    ),
  );
  if (bodyBytes !== undefined) {
    headers['content-length'] = String(bodyBytes);
    return headers;
  }
  const isChunked = req.headers['transfer-encoding'] !== undefined;
  const isBodiless = BODILESS_METHODS.has(req.method ?? 'GET');
  // Node chunks other methods by itself; said explicitly it would cost the upstream connection.
  if (isChunked && isBodiless) headers['transfer-encoding'] = 'chunked';
  if (!isChunked && !isBodiless) headers['content-length'] ??= '0';
  return headers;
}

/** The provider's headers for the client, as pairs: names keep their case and repeated ones stay apart. */
export function responseHeaders(rawHeaders: readonly string[]): [string, string][] {
  const pairs: [string, string][] = [];
  const listed = new Set<string>();
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const [name = '', value = ''] = rawHeaders.slice(index, index + 2);
    pairs.push([name, value]);
    if (name.toLowerCase() === 'connection') for (const token of listedIn(value)) listed.add(token);
  }
  return pairs.filter(([name]) => {
    const key = name.toLowerCase();
    return !HOP_BY_HOP.has(key) && !listed.has(key) && !key.startsWith('butter-');
  });
}

function isOurs(name: string): boolean {
  return (
    name.startsWith('butter-') ||
    name.startsWith('x-forwarded-') ||
    name === 'forwarded' ||
    name === 'expect'
  );
}

/** Names that the Connection header declares to be for this hop; never those that requests live by. */
function listedIn(connection: string | undefined): Set<string> {
  const names = (connection ?? '').split(',').map((token) => token.trim().toLowerCase());
  return new Set(names.filter((name) => !END_TO_END.has(name)));
}

const END_TO_END = new Set(['authorization', 'content-length', 'content-type', 'content-encoding']);
