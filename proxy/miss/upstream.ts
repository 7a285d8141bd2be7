/**
 * The way to one provider, for misses, bypasses and the raw pipe alike: http-proxy-middleware with its
 * plugins ejected. Bytes pass unchanged in both directions and under back-pressure (PITFALLS §2).
 */
import { createProxyMiddleware, type Plugin } from 'http-proxy-middleware';
import {
  Agent as HttpAgent,
  request as httpRequest,
  type ClientRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { Stream, type Readable } from 'node:stream';
import { describeError, type Logger } from '../../adapters/logger.ts';
import type { Call } from '../call.ts';
import { refuseCall, upstreamUnreachable } from '../error-response.ts';
import { requestHeaders, responseHeaders } from '../request/headers.ts';
import { bypass, outcomeHeaders } from '../outcome.ts';

export interface Upstream {
  /** A stable name of the provider: part of every scope. */
  readonly identity: string;
  forward(req: IncomingMessage, res: ServerResponse, forwarding: Forwarding): void;
  /** A POST of our own. Rejects when no answer begins; its body is the caller's to read or destroy. */
  ask(question: OwnRequest): Promise<IncomingMessage>;
  /** A request for an upgrade, on a connection of its own; its events and its end are the caller's. */
  open(path: string, headers: OutgoingHttpHeaders): ClientRequest;
  /** Ends idle connections. */
  close(): void;
}

export interface OwnRequest {
  /** As in Forwarding. */
  readonly path: string;
  /** As a client sent them: what is meant for us or for one hop is left out. */
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly signal: AbortSignal;
}

export interface Forwarding {
  /** Path and query behind the base URL. */
  readonly path: string;
  /** The request's bytes, if they were read; else they are piped from there, or from the request. */
  readonly body: Buffer | Readable | undefined;
  readonly call: Call;
  /** Sees the provider's response, already on its way to the client. */
  readonly onResponse?: (response: IncomingMessage) => void;
}

/** Idle connections kept for each host. */
const FREE_SOCKETS_MAX = 1024;
const AGENT_OPTIONS = {
  keepAlive: true,
  // A stream holds its socket for as long as the model talks: any cap would make others wait.
  maxSockets: Infinity,
  maxFreeSockets: FREE_SOCKETS_MAX,
};

export interface UpstreamOptions {
  readonly identity: string;
  readonly baseUrl: string;
  readonly log: Logger;
}

export function createUpstream({ identity, baseUrl, log }: UpstreamOptions): Upstream {
  // Parsed once: given as a text, it is parsed for each call.
  const target = new URL(baseUrl);
  const isHttps = target.protocol === 'https:';
  const agent = isHttps ? new HttpsAgent(AGENT_OPTIONS) : new HttpAgent(AGENT_OPTIONS);
  const forwardings = new WeakMap<IncomingMessage, Forwarding>();
  const middleware = createProxyMiddleware({
    target,
    agent,
    changeOrigin: true,
    // Headers of the response are ours to write: see `respond`.
    selfHandleResponse: true,
    ejectPlugins: true,
    plugins: [eventsPlugin(forwardings, log)],
    router: (req, _res, options) => {
      const body = forwardings.get(req)?.body;
      if (body !== undefined) options.buffer = Buffer.isBuffer(body) ? new WholeBody(body) : body;
      return target;
    },
  });
  return {
    identity,
    forward: (req, res, forwarding) => {
      forwardings.set(req, forwarding);
      const { body } = forwarding;
      req.headers = requestHeaders(req, Buffer.isBuffer(body) ? body.byteLength : undefined);
      req.url = forwarding.path;
      middleware(req, res, () => undefined).catch((error: unknown) => {
        // Its faults come as `error` events; this is what the handling of one threw.
        log.error({ event: 'internal_error', where: 'forward', ...describeError(error) });
        res.destroy();
      });
    },
    ask: ({ path, headers, body, signal }) => {
      const others = requestHeaders({ headers, method: 'POST' }, body.byteLength);
      delete others.host; // Ours; Node writes the provider's.
      return new Promise((resolve, reject) => {
        const options = { method: 'POST', headers: others, agent, signal };
        const request = (isHttps ? httpsRequest : httpRequest)(`${baseUrl}${path}`, options);
        request.once('response', resolve);
        request.once('error', reject);
        request.end(body);
      });
    },
    open: (path, headers) =>
      (isHttps ? httpsRequest : httpRequest)(`${baseUrl}${path}`, { headers, agent: false }),
    close: () => agent.destroy(),
  };
}

function eventsPlugin(forwardings: WeakMap<IncomingMessage, Forwarding>, log: Logger): Plugin {
  const responses = new WeakMap<IncomingMessage, IncomingMessage>();
  return (proxy) => {
    proxy.on('proxyReq', (request, req, res) => {
      request.once('close', () => {
        // Neither an answer nor an error: the provider has switched protocols, unasked.
        if (!res.headersSent) fail(new Error('no answer'), res, forwardings.get(req)?.call, log);
      });
    });
    proxy.on('proxyRes', (response, req, res) => {
      const forwarding = forwardings.get(req);
      responses.set(req, response);
      try {
        if (forwarding !== undefined) respond(response, res, forwarding);
      } catch (error) {
        log.error({ event: 'internal_error', where: 'respond', ...describeError(error) });
        res.destroy();
      }
    });
    proxy.on('error', (error, req, res) => {
      // Sockets only come with upgrades, and those never get here.
      if (req === undefined || !isResponse(res)) return;
      // It is on its way to the client; what broke afterwards is only the connection.
      if (responses.get(req)?.complete === true) return;
      fail(error, res, forwardings.get(req)?.call, log);
    });
    // The client went away while it was sending: nobody is left to tell.
    proxy.on('econnreset', () => undefined);
  };
}

function respond(response: IncomingMessage, res: ServerResponse, forwarding: Forwarding): void {
  const { call, onResponse } = forwarding;
  call.mark('upstream');
  const given = response.headers['x-request-id'];
  if (typeof given === 'string' && given !== '') call.requestId = given;
  const status = response.headers['cache-status'];
  const upstreamStatus = Array.isArray(status) ? status.join(', ') : status;
  const headers = [
    ...responseHeaders(response.rawHeaders).filter(
      ([name]) => !OWN_HEADERS.has(name.toLowerCase()),
    ),
    ['x-request-id', call.requestId],
    ...outcomeHeaders(call.outcome ?? bypass('unknown'), upstreamStatus),
  ];
  res.writeHead(response.statusCode ?? 502, response.statusMessage, headers.flat());
  response.pipe(res);
  if (response.headers['content-length'] === undefined) setImmediate(announce, response, res);
  onResponse?.(response);
}

/**
 * A stream's headers tell the client that it was accepted, long before its first chunk. Where that came in the same
 * packet, they have left with it: a write of their own costs each stream as much again.
 */
function announce(response: IncomingMessage, res: ServerResponse): void {
  if (!response.readableDidRead && !res.writableEnded && !res.destroyed) res.flushHeaders();
}

/** Written anew, with the provider's value in them. */
const OWN_HEADERS = new Set(['x-request-id', 'cache-status']);

function fail(error: Error, res: ServerResponse, call: Call | undefined, log: Logger): void {
  const isClientGone = res.destroyed || res.socket?.destroyed !== false;
  if (isClientGone) return;
  const requestId = call?.requestId ?? '';
  log.warn({ event: 'upstream.failed', requestId, ...describeError(error) });
  refuseCall(res, upstreamUnreachable(), { requestId, outcome: call?.outcome });
}

/** A body in one piece, for who wants to pipe it: written with one system call behind the headers. */
class WholeBody extends Stream {
  private readonly body: Buffer;

  constructor(body: Buffer) {
    super();
    this.body = body;
  }

  override pipe<T extends NodeJS.WritableStream>(destination: T): T {
    destination.end(this.body);
    return destination;
  }
}

function isResponse(value: object | undefined): value is ServerResponse {
  return value !== undefined && 'writeHead' in value;
}
