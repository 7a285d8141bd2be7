/** Where a request path leads. `/v1/x` and `/x` are the same endpoint of the provider. */
import { invalidPath, unknownUpstream, type Problem } from '../error-response.ts';

export type PathResult =
  | { readonly kind: 'path'; readonly path: string; readonly query: string }
  | { readonly kind: 'refused'; readonly problem: Problem };

export const CHAT_COMPLETIONS = '/chat/completions';

/** `/../` would leave the path of UPSTREAM_BASE_URL. */
const DOT_SEGMENT = /\/(?:\.|%2e){1,2}(?:\/|$)/i;
const NAMED_UPSTREAM = /^\/([^/]+)\/v1(?:\/|$)/;

/** `url`: the request target. `path` goes behind UPSTREAM_BASE_URL; `query` has its question mark. */
export function readPath(url: string): PathResult {
  const start = url.indexOf('?');
  const full = start < 0 ? url : url.slice(0, start);
  const query = start < 0 ? '' : url.slice(start);
  // A proxy's absolute form, or a second slash, would be read as a host by some servers.
  if (!full.startsWith('/') || full.startsWith('//') || DOT_SEGMENT.test(full)) {
    return { kind: 'refused', problem: invalidPath() };
  }
  const name = NAMED_UPSTREAM.exec(full)?.[1];
  if (name !== undefined) {
    return { kind: 'refused', problem: unknownUpstream(name.slice(0, 64)) };
  }
  const isVersioned = full === '/v1' || full.startsWith('/v1/');
  const path = isVersioned ? full.slice('/v1'.length) : full;
  return path.startsWith('//')
    ? { kind: 'refused', problem: invalidPath() }
    : { kind: 'path', path: path === '' ? '/' : path, query };
}

/** The methods that the API knows at a chat completions path, or undefined at any other. */
export function chatMethods(path: string): readonly string[] | undefined {
  if (path === CHAT_COMPLETIONS) return ['POST', 'GET', 'HEAD', 'OPTIONS'];
  // Stored completions, by id: they pass.
  if (path.startsWith(`${CHAT_COMPLETIONS}/`)) return ['GET', 'POST', 'DELETE', 'HEAD', 'OPTIONS'];
  return undefined;
}
