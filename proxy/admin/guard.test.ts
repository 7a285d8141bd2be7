import { describe, expect, test } from '@jest/globals';
import {
  adminAccess,
  CSRF_HEADER,
  refusal,
  SESSION_COOKIE,
  SESSION_SECONDS,
  sessionCookie,
  userOf,
} from './guard.ts';

const TOKEN = 'a-token-of-sixteen';
const here = adminAccess({ address: '127.0.0.1', hosts: [], token: undefined });
const open = adminAccess({ address: '0.0.0.0', hosts: ['Ghee.example.com'], token: TOKEN });

function codeOf(
  access: typeof here,
  headers: Record<string, string>,
  more: { method?: string; isOpen?: boolean } = {},
): string | undefined {
  const { method = 'GET', isOpen = false } = more;
  return refusal(access, { headers, method }, isOpen)?.code;
}

describe('on this machine', () => {
  test.each([
    ['127.0.0.1:8788', undefined],
    ['localhost:8788', undefined],
    ['LOCALHOST', undefined],
    ['[::1]:8788', undefined],
    ['evil.example:8788', 'foreign_host'],
    ['127.0.0.1.evil.example', 'foreign_host'],
    ['localhost@evil.example', 'foreign_host'],
    ['', 'foreign_host'],
    ['a b', 'foreign_host'],
  ])('the host %p gives %p', (host, code) => {
    expect(codeOf(here, { host })).toBe(code);
  });

  test('no Host at all is refused', () => {
    expect(codeOf(here, {})).toBe('foreign_host');
  });

  test.each([
    ['http://localhost:8788', undefined],
    ['https://localhost:8788', undefined],
    // Another server of this machine, with pages of its own.
    ['http://localhost:3000', 'foreign_origin'],
    ['http://127.0.0.1:8788', 'foreign_origin'],
    ['https://evil.example', 'foreign_origin'],
    ['null', 'foreign_origin'],
    ['', 'foreign_origin'],
  ])('a page of %p gives %p', (origin, code) => {
    expect(codeOf(here, { host: 'localhost:8788', origin })).toBe(code);
  });

  test('a browser that says that another site asks is believed', () => {
    expect(codeOf(here, { host: 'localhost', 'sec-fetch-site': 'cross-site' })).toBe(
      'foreign_origin',
    );
  });

  test('what a form of another site could send is refused', () => {
    const write = (type: string) =>
      codeOf(here, { host: 'localhost', 'content-type': type }, { method: 'POST' });
    expect(write('text/plain')).toBe('unsupported_media_type');
    expect(write('application/x-www-form-urlencoded')).toBe('unsupported_media_type');
    expect(write('application/json; charset=utf-8')).toBeUndefined();
  });
});

describe('open to the network', () => {
  const host = 'ghee.example.com';

  test.each([
    [undefined, 'unauthorized'],
    ['', 'unauthorized'],
    ['Bearer', 'unauthorized'],
    [`Bearer ${TOKEN}x`, 'unauthorized'],
    [`Bearer ${TOKEN.slice(0, -1)}`, 'unauthorized'],
    [`Basic ${TOKEN}`, 'unauthorized'],
    [`Bearer ${TOKEN}`, undefined],
    [`bearer  ${TOKEN}`, undefined],
  ])('the authorization %p gives %p', (authorization, code) => {
    const headers = authorization === undefined ? { host } : { host, authorization };
    expect(codeOf(open, headers)).toBe(code);
  });

  test('a right token does not excuse a wrong host', () => {
    const authorization = `Bearer ${TOKEN}`;
    expect(codeOf(open, { host: 'evil.example', authorization })).toBe('foreign_host');
  });

  test('health needs no token, but a name of ours', () => {
    expect(codeOf(open, { host }, { isOpen: true })).toBeUndefined();
    expect(codeOf(open, { host: 'evil.example' }, { isOpen: true })).toBe('foreign_host');
  });

  test('without a token it does not start', () => {
    const start = () => adminAccess({ address: '0.0.0.0', hosts: [], token: undefined });
    expect(start).toThrow('GHEE_ADMIN_TOKEN');
  });
});

describe('viewers and sessions', () => {
  const VIEWER = 'a-viewer-token-of-20';
  const access = adminAccess({
    address: '0.0.0.0',
    hosts: [],
    token: TOKEN,
    viewers: [[VIEWER, ['shop']]],
  });
  const host = 'localhost:8788';
  const json = { 'content-type': 'application/json' };
  const codeFor = (headers: Record<string, string>, method = 'GET') =>
    refusal(access, { headers: { host, ...headers }, method }, false)?.code;
  const cookieOf = (token: string, now = Date.now()) =>
    sessionCookie(token, now, false).split(';', 1)[0] ?? '';

  test('a viewer reads and changes nothing', () => {
    const headers = { authorization: `Bearer ${VIEWER}`, ...json };
    expect(codeFor(headers)).toBeUndefined();
    expect(codeFor(headers, 'POST')).toBe('read_only');
    expect(codeFor(headers, 'DELETE')).toBe('read_only');
    expect(userOf(access, { host, ...headers })).toEqual({ role: 'viewer', projects: ['shop'] });
  });

  test('a session is its token’s, ends in time, and writes only with the header', () => {
    const cookie = cookieOf(TOKEN);
    expect(codeFor({ cookie })).toBeUndefined();
    expect(codeFor({ cookie, ...json }, 'POST')).toBe('foreign_origin');
    expect(codeFor({ cookie, ...json, [CSRF_HEADER]: '1' }, 'POST')).toBeUndefined();
    expect(codeFor({ cookie: cookieOf(VIEWER), ...json, [CSRF_HEADER]: '1' }, 'POST')).toBe(
      'read_only',
    );
    expect(codeFor({ cookie: cookieOf('another-token-of-20') })).toBe('unauthorized');
    const old = Date.now() - (SESSION_SECONDS + 1) * 1000;
    expect(codeFor({ cookie: cookieOf(TOKEN, old) })).toBe('unauthorized');
    const [until = '', signature = ''] = cookie.replace(/^[^=]*=/, '').split('.');
    const longer = `${SESSION_COOKIE}=${String(Number(until) + 1)}.${signature}`;
    expect(codeFor({ cookie: longer })).toBe('unauthorized');
  });
});
