/**
 * A local HTTP server that speaks the OpenAI Chat Completions format. With `respondDemo` it is the
 * built-in model `demo`, which needs no key; with a responder of its own it is a test's provider.
 */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, zstdDecompress } from 'node:zlib';
import {
  fieldOf,
  isArray,
  isJsonObject,
  stringOf,
  type JsonObject,
} from '../../core/completion/completion.ts';
import { invalidRequest, type ErrorBody, type Reply, type Respond } from './reply.ts';
import { toBody, toEvents } from './wire.ts';

export interface ProviderOptions {
  readonly respond: Respond;
  /** 0, the default, takes a free one. */
  readonly port?: number;
  /** How long an answer takes in all; a stream is spread over it. */
  readonly latencyMs?: number;
}

export interface Provider {
  /** Without `/v1`. */
  readonly url: string;
  close(): Promise<void>;
}

/** One request whose body has been read. */
export interface ProviderCall {
  readonly request: IncomingMessage;
  readonly body: Buffer;
  readonly response: ServerResponse;
}

/** A small model's time: people shall see what a hit saves. */
export const DEMO_LATENCY_MS = 350;
/** The part of an answer's time before its first chunk, about as with hosted models. */
const FIRST_CHUNK_SHARE = 0.3;
const BODY_BYTES_MAX = 64 * 1024 * 1024;
const HOST = '127.0.0.1';
/** 2025-01-01: clients show it, nothing depends on it. */
const MODEL_CREATED = 1_735_689_600;

const DECODERS: ReadonlyMap<string, (body: Buffer) => Promise<Buffer>> = new Map(
  Object.entries({
    gzip: (body: Buffer) => promisify(gunzip)(body, { maxOutputLength: BODY_BYTES_MAX }),
    deflate: (body: Buffer) => promisify(inflate)(body, { maxOutputLength: BODY_BYTES_MAX }),
    br: (body: Buffer) => promisify(brotliDecompress)(body, { maxOutputLength: BODY_BYTES_MAX }),
    zstd: (body: Buffer) => promisify(zstdDecompress)(body, { maxOutputLength: BODY_BYTES_MAX }),
    identity: (body: Buffer) => Promise.resolve(body),
  }),
);

/** Errors: rejects when the port is taken. */
export async function startProvider(options: ProviderOptions): Promise<Provider> {
  return listen(options.port ?? 0, (call) => answerCall(options, call));
}

/** Serves `answer` on the loopback interface. */
export async function listen(
  port: number,
  answer: (call: ProviderCall) => Promise<void>,
): Promise<Provider> {
  const server = createServer((request, response) => {
    readBody(request)
      .then((body) => answer({ request, body, response }))
      // The client broke off; there is nobody left to tell.
      .catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    // Of this process alone: others of a cluster have one of their own.
    server.listen({ port, host: HOST, exclusive: true }, resolve);
  });
  return { url: `http://${HOST}:${portOf(server)}`, close: () => close(server) };
}

/** Answers one request as OpenAI would. */
export async function answerCall(options: ProviderOptions, call: ProviderCall): Promise<void> {
  const { method = 'GET', url = '/' } = call.request;
  const path = url.split('?', 1)[0] ?? url;
  if (method === 'POST' && path === '/v1/chat/completions') {
    await answerChat(options, call);
  } else if (method === 'GET' && path === '/v1/models') {
    const models = [{ id: 'demo', object: 'model', created: MODEL_CREATED, owned_by: 'ghee' }];
    sendJson(call, 200, { object: 'list', data: models });
  } else {
    sendError(call, 404, invalidRequest(`Invalid URL (${method} ${path})`));
  }
}

async function answerChat(options: ProviderOptions, call: ProviderCall): Promise<void> {
  const started = performance.now();
  const parsed = await parseChatRequest(call);
  if (parsed.kind === 'refused') {
    sendError(call, parsed.status, parsed.error);
    return;
  }
  const reply = await replyTo(options.respond, parsed.body);
  const latencyMs = reply.latencyMs ?? options.latencyMs ?? DEMO_LATENCY_MS;
  const gone = new AbortController();
  call.response.once('close', () => gone.abort());
  /** Waits for a share of the latency, measured from the start, so that late timers do not add up. */
  const pace = async (share: number) => {
    const rest = started + latencyMs * share - performance.now();
    if (rest > 0) await wait(rest, undefined, { signal: gone.signal });
  };
  if (reply.kind === 'error') {
    await pace(1);
    sendError(call, reply.status, reply.error, reply.headers);
  } else if (fieldOf(parsed.body, 'stream') === true) {
    await sendStream(call, toEvents(parsed.body, reply), pace);
  } else {
    await pace(1);
    sendJson(call, 200, toBody(parsed.body, reply));
  }
}

/** A responder that throws is a provider that fails. */
async function replyTo(respond: Respond, request: JsonObject): Promise<Reply> {
  try {
    return await respond(request);
  } catch {
    const message = 'The server had an error while processing your request';
    return {
      kind: 'error',
      status: 500,
      error: { message, type: 'server_error', param: null, code: null },
    };
  }
}

type ParsedRequest =
  | { readonly kind: 'request'; readonly body: JsonObject }
  | { readonly kind: 'refused'; readonly status: number; readonly error: ErrorBody };

async function parseChatRequest(call: ProviderCall): Promise<ParsedRequest> {
  const refused = (error: ErrorBody, status = 400) => ({ kind: 'refused', status, error }) as const;
  const coding = call.request.headers['content-encoding']?.toLowerCase() ?? 'identity';
  const decode = DECODERS.get(coding);
  if (decode === undefined)
    return refused(invalidRequest(`Unsupported content encoding: ${coding}`), 415);
  let body: unknown;
  try {
    body = JSON.parse((await decode(call.body)).toString('utf8'));
  } catch {
    // Corrupt compression and corrupt JSON are the same to the sender.
    return refused(invalidRequest('We could not parse the JSON body of your request.'));
  }
  if (!isJsonObject(body))
    return refused(invalidRequest('The JSON body of your request must be an object.'));
  if (stringOf(body, 'model') === undefined)
    return refused(invalidRequest('you must provide a model parameter'));
  const messages = fieldOf(body, 'messages');
  if (!isArray(messages)) return refused(missing('messages'));
  if (messages.length === 0) {
    return refused(invalidRequest("Invalid 'messages': empty array.", 'messages', 'empty_array'));
  }
  const n = fieldOf(body, 'n') ?? 1;
  if (n !== 1)
    return refused(invalidRequest('This model gives one choice only.', 'n', 'unsupported_value'));
  return { kind: 'request', body };
}

function missing(name: string): ErrorBody {
  return invalidRequest(
    `Missing required parameter: '${name}'.`,
    name,
    'missing_required_parameter',
  );
}

async function sendStream(
  { response }: ProviderCall,
  events: readonly string[],
  pace: (share: number) => Promise<void>,
): Promise<void> {
  await pace(FIRST_CHUNK_SHARE);
  response.writeHead(200, {
    ...commonHeaders(),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
  });
  for (const [index, event] of events.entries()) {
    await pace(FIRST_CHUNK_SHARE + ((1 - FIRST_CHUNK_SHARE) * index) / events.length);
    response.write(event);
  }
  await pace(1);
  response.end();
}

function sendError(
  call: ProviderCall,
  status: number,
  error: ErrorBody,
  headers: Readonly<Record<string, string>> = {},
): void {
  sendJson(call, status, { error: { ...error } }, headers);
}

function sendJson(
  { response }: ProviderCall,
  status: number,
  body: JsonObject,
  headers: Readonly<Record<string, string>> = {},
): void {
  const text = Buffer.from(JSON.stringify(body));
  response.writeHead(status, {
    ...commonHeaders(),
    'content-type': 'application/json',
    'content-length': text.byteLength,
    ...headers,
  });
  response.end(text);
}

function commonHeaders(): Record<string, string> {
  return {
    'x-request-id': `req_${randomBytes(16).toString('hex')}`,
    'openai-version': '2020-10-01',
  };
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request) {
    if (!Buffer.isBuffer(piece)) continue;
    bytes += piece.byteLength;
    // Only tools of ours call this server, so a flood is cut off without a word.
    if (bytes > BODY_BYTES_MAX) throw new RangeError('request body is over the limit');
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}
