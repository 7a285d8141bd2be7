/** Who may use the admin API: a page that somebody else's DNS or site leads here may not. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { isLoopback } from '../../adapters/config.ts';
import type { Problem } from '../error-response.ts';
import type { AdminAccess } from './deps.ts';
import { foreignHost, foreignOrigin, missingToken, notJson } from './problems.ts';

const HERE = ['localhost', '127.0.0.1', '[::1]'];
const BEARER = /^bearer +(\S+) *$/i;

export function adminAccess(options: {
  readonly address: string;
  readonly hosts: readonly string[];
  readonly token: string | undefined;
}): AdminAccess {
  const { address, token } = options;
  const own = address.includes(':') ? `[${address}]` : address;
  const hosts = [...HERE, own, ...options.hosts].map((host) => host.toLowerCase());
  if (token === undefined && !isLoopback(address)) throw new OpenAdminError(address);
  return { hosts: new Set(hosts), token };
}

/** Configuration refuses this already; a server that would be open never starts. */
class OpenAdminError extends Error {
  override readonly name = 'OpenAdminError';
  readonly code = 'open_admin';
  readonly retryable = false;

  constructor(address: string) {
    super(`the admin API on ${address} needs a token; set GHEE_ADMIN_TOKEN`);
  }
}

/** Why the request is refused, if it is. `isOpen`: a path that needs no token. */
export function refusal(
  { hosts, token }: AdminAccess,
  req: Pick<IncomingMessage, 'headers' | 'method'>,
  isOpen: boolean,
): Problem | undefined {
  const { headers } = req;
  if (!hosts.has(hostOf(`http://${headers.host ?? ''}`))) return foreignHost();
  if (isForeign(headers)) return foreignOrigin();
  if (!isOpen && token !== undefined && !hasToken(headers, token)) return missingToken();
  const isWrite = req.method !== 'GET' && req.method !== 'HEAD';
  // A form of another site can send any body but this type.
  return isWrite && !isJson(headers) ? notJson() : undefined;
}

/** Pages of this very server may; those of another port of this machine are somebody else's. */
function isForeign(headers: IncomingHttpHeaders): boolean {
  const { origin, host } = headers;
  if (headers['sec-fetch-site'] === 'cross-site') return true;
  if (origin === undefined) return false;
  return !URL.canParse(origin) || new URL(origin).host !== host?.toLowerCase();
}

/** Without the port; the empty text for what names no host. */
function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname : '';
}

function hasToken(headers: IncomingHttpHeaders, token: string): boolean {
  const given = BEARER.exec(headers.authorization ?? '')?.[1] ?? '';
  return timingSafeEqual(digest(given), digest(token));
}

/** Of equal length, whatever is compared. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function isJson(headers: IncomingHttpHeaders): boolean {
  const [type = ''] = (headers['content-type'] ?? '').split(';', 1);
  return type.trim().toLowerCase() === 'application/json';
}
