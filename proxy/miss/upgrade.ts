/**
 * WebSocket connections: a raw pipe to the provider, once the caller is known. Not the proxy middleware's own
 * (`ws: true`), which takes upgrades that no route has seen, and with them no authentication (PITFALLS §2.9).
 */
import { STATUS_CODES, type IncomingMessage } from 'node:http';
import { pipeline, type Duplex } from 'node:stream';
import { randomBytes } from 'node:crypto';
import { describeError } from '../../adapters/logger.ts';
import { authenticate } from '../request/authenticate.ts';
import type { ProxyDeps } from '../deps.ts';
import { notCached, problemBody, upstreamUnreachable, type Problem } from '../error-response.ts';
import { requestHeaders, responseHeaders } from '../request/headers.ts';
import { bypass, outcomeHeaders } from '../outcome.ts';
import { readPath } from '../request/paths.ts';
import { rulesOf } from '../request/rules.ts';
import { readWishes } from '../request/wishes.ts';

/** Other offers, such as h2c, are declined by going on as if they had not been made. */
export function isWebSocket({ method, headers }: IncomingMessage): boolean {
  return method === 'GET' && headers.upgrade?.trim().toLowerCase() === 'websocket';
}

/** Errors: none; whatever goes wrong ends the socket. */
export function handleUpgrade(
  deps: ProxyDeps,
  req: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): void {
  socket.on('error', () => socket.destroy());
  try {
    const admitted = admit(deps, req);
    if (typeof admitted === 'object') refuse(socket, admitted);
    else connect(deps, { req, socket, head }, admitted);
  } catch (error) {
    deps.log.error({ event: 'internal_error', where: 'upgrade', ...describeError(error) });
    socket.destroy();
  }
}

/** The path behind the provider's base URL, or why the caller is not let through. */
function admit(deps: ProxyDeps, req: IncomingMessage): string | Problem {
  const target = readPath(req.url ?? '');
  if (target.kind === 'refused') return target.problem;
  const caller = authenticate(deps, req.headers);
  if (caller.kind === 'refused') return caller.problem;
  const read = readWishes(req.headers);
  if (read.kind === 'refused') return read.problem;
  const project = caller.kind === 'project' ? caller.project : undefined;
  const { mode, mayForward } = rulesOf(read.wishes, project, deps.settings.rules);
  return mayForward ? target.path + target.query : notCached(mode, bypass('endpoint'));
}

interface Opening {
  readonly req: IncomingMessage;
  readonly socket: Duplex;
  /** Bytes that came right behind the request. */
  readonly head: Buffer;
}

function connect(deps: ProxyDeps, { req, socket, head }: Opening, path: string): void {
  const headers = {
    ...requestHeaders(req, undefined),
    connection: 'Upgrade',
    upgrade: 'websocket',
  };
  delete headers.host; // Ours; Node writes the provider's.
  const request = deps.upstream.open(path, headers);
  socket.once('close', () => request.destroy());
  request.once('error', (error) => {
    deps.log.warn({ event: 'upstream.failed', ...describeError(error) });
    refuse(socket, upstreamUnreachable());
  });
  request.once('upgrade', (response, upstream, first) => {
    deps.log.info({ event: 'websocket.open' });
    socket.write(headOf(response, ['Connection: Upgrade', 'Upgrade: websocket']));
    if (first.length > 0) socket.write(first);
    if (head.length > 0) upstream.write(head);
    // Either end that closes or breaks takes the other one with it.
    pipeline(upstream, socket, upstream, () => undefined);
  });
  request.once('response', (response) => {
    // The provider's own refusal: its body ends with the connection.
    socket.write(headOf(response, ['Connection: close']));
    pipeline(response, socket, () => undefined);
  });
  request.end();
}

function headOf(response: IncomingMessage, hop: readonly string[]): string {
  const { statusCode = 502, statusMessage = '', rawHeaders } = response;
  const own = outcomeHeaders(bypass('endpoint'));
  const lines = [...responseHeaders(rawHeaders), ...own].map(
    ([name, value]) => `${name}: ${value}`,
  );
  const status = `HTTP/1.1 ${String(statusCode)} ${statusMessage}`;
  return [status, ...lines, ...hop, '', ''].join('\r\n');
}

function refuse(socket: Duplex, problem: Problem): void {
  if (!socket.writable) return;
  const body = problemBody(problem);
  const lines = [
    `HTTP/1.1 ${String(problem.status)} ${STATUS_CODES[problem.status] ?? ''}`,
    'Content-Type: application/json',
    `Content-Length: ${String(Buffer.byteLength(body))}`,
    `x-request-id: req_${randomBytes(16).toString('hex')}`,
    'x-should-retry: false',
    'Connection: close',
  ];
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
}
