/** Who may use the admin API, and for what: a page that somebody else's DNS or site leads here may not. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { isLoopback } from '../../adapters/config.ts';
import type { Problem } from '../error-response.ts';
import type { AdminAccess, AdminUser } from './deps.ts';
import { foreignHost, foreignOrigin, missingToken, notJson, readOnly } from './problems.ts';

const HERE = ['localhost', '127.0.0.1', '[::1]'];
const BEARER = /^bearer +(\S+) *$/i;

/** The browser's session: HttpOnly, and never sent along from other sites. */
export const SESSION_COOKIE = 'ghee_session';
/** A page of another site cannot set it without asking first, and is then refused. */
export const CSRF_HEADER = 'x-ghee-csrf';
export const SESSION_SECONDS = 12 * 3600;

const OWNER: AdminUser = { role: 'owner', projects: undefined };

export function adminAccess(options: {
  readonly address: string;
  readonly hosts: readonly string[];
  readonly token: string | undefined;
  readonly viewers?: readonly (readonly [token: string, projects: readonly string[] | undefined])[];
}): AdminAccess {
  const { address, token, viewers = [] } = options;
  const own = address.includes(':') ? `[${address}]` : address;
  const hosts = [...HERE, own, ...options.hosts].map((host) => host.toLowerCase());
  if (token === undefined && !isLoopback(address)) throw new OpenAdminError(address);
  const owners = token === undefined ? [] : [{ token, user: OWNER }];
  const readers = viewers.map(([token, projects]) => ({
    token,
    user: { role: 'viewer', projects } as const,
  }));
  return { hosts: new Set(hosts), tokens: [...owners, ...readers] };
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

type Asked = Pick<IncomingMessage, 'headers' | 'method'>;

/** Why the request is refused, if it is. `isOpen`: a path that needs no token. */
export function refusal(access: AdminAccess, req: Asked, isOpen: boolean): Problem | undefined {
  const { headers } = req;
  if (!access.hosts.has(hostOf(`http://${headers.host ?? ''}`))) return foreignHost();
  if (isForeign(headers)) return foreignOrigin();
  const isWrite = req.method !== 'GET' && req.method !== 'HEAD';
  if (!isOpen) {
    const user = userOf(access, headers);
    if (user === undefined) return missingToken();
    if (isWrite && user.role !== 'owner') return readOnly();
    // With a cookie the browser speaks for the person: only a page of ours may make it write.
    if (isWrite && isByCookie(access, headers) && headers[CSRF_HEADER] === undefined) {
      return foreignOrigin();
    }
  }
  // A form of another site can send any body but this type.
  return isWrite && !isJson(headers) ? notJson() : undefined;
}

/** Who asks, by token or session; undefined: nobody we know. */
export function userOf(
  { tokens }: AdminAccess,
  headers: IncomingHttpHeaders,
): AdminUser | undefined {
  if (tokens.length === 0) return OWNER;
  const given = BEARER.exec(headers.authorization ?? '')?.[1];
  const session = sessionOf(headers);
  let found: AdminUser | undefined;
  // All are compared, so that the time tells nothing.
  for (const { token, user } of tokens) {
    const isIt =
      given === undefined ? hasSession(session, token) : isEqual(digest(given), digest(token));
    if (isIt) found ??= user;
  }
  return found;
}

/** The token's user, for who logs in with it. */
export function userOfToken({ tokens }: AdminAccess, given: string): AdminUser | undefined {
  return tokens.find(({ token }) => isEqual(digest(given), digest(token)))?.user;
}

/** A session is a promise signed with the token itself: another token in the settings ends it. */
export function sessionCookie(token: string, now: number, isSecure: boolean): string {
  const until = Math.floor(now / 1000) + SESSION_SECONDS;
  const value = `${until}.${sign(token, String(until))}`;
  return `${SESSION_COOKIE}=${value}; ${cookieRules(isSecure)}; Max-Age=${SESSION_SECONDS}`;
}

export function endedCookie(): string {
  return `${SESSION_COOKIE}=; ${cookieRules(false)}; Max-Age=0`;
}

function cookieRules(isSecure: boolean): string {
  return `Path=/; HttpOnly; SameSite=Strict${isSecure ? '; Secure' : ''}`;
}

function sessionOf({ cookie = '' }: IncomingHttpHeaders): string | undefined {
  return cookie
    .split(';')
    .map((part) => part.trim())
    .find((part) => part.startsWith(`${SESSION_COOKIE}=`))
    ?.slice(SESSION_COOKIE.length + 1);
}

function hasSession(session: string | undefined, token: string): boolean {
  const [until = '', signature = ''] = session?.split('.', 2) ?? [];
  if (!isEqual(digest(signature), digest(sign(token, until)))) return false;
  return Number(until) * 1000 > Date.now();
}

function isByCookie({ tokens }: AdminAccess, headers: IncomingHttpHeaders): boolean {
  return tokens.length > 0 && headers.authorization === undefined;
}

function sign(token: string, text: string): string {
  return createHmac('sha256', token).update(`ghee admin session ${text}`).digest('hex');
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

/** Of equal length, whatever is compared. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function isEqual(a: Buffer, b: Buffer): boolean {
  return timingSafeEqual(a, b);
}

function isJson(headers: IncomingHttpHeaders): boolean {
  const [type = ''] = (headers['content-type'] ?? '').split(';', 1);
  return type.trim().toLowerCase() === 'application/json';
}
