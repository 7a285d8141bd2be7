/**
 * A scripted provider: counts and records what reaches it, answers as the test says, and can fail in
 * all the ways that providers do. A call nobody scripted is answered with a loud error.
 */
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import {
  answerCall,
  listen,
  type Provider,
  type ProviderCall,
} from '../../adapters/demo-provider/start-provider.ts';
import type { Respond } from '../../adapters/demo-provider/reply.ts';
import type { JsonObject } from '../../core/completion/completion.ts';

export interface RecordedRequest {
  readonly method: string;
  /** Path and query as sent. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** Names and values alternate, in the order and case of the wire. */
  readonly rawHeaders: readonly string[];
  /** The bytes of the body, still compressed where the client did so. */
  readonly body: Buffer;
}

/** `pace` is awaited before each piece, so that a test decides when it goes out. */
export type Fault =
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      /** An object is sent as JSON, a text as it is. */
      readonly body: string | JsonObject;
    }
  | {
      readonly kind: 'pieces';
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly pieces: readonly (string | Buffer)[];
      readonly pace?: (index: number) => Promise<void>;
      /** `reset` closes the connection in the middle of the body; `hang` keeps it open. */
      readonly ends: 'end' | 'reset' | 'hang';
    }
  /** The connection breaks before any answer. */
  | { readonly kind: 'reset' };

export interface ScriptedProvider extends Provider {
  /** All requests so far, the failed ones too. */
  readonly requests: readonly RecordedRequest[];
  /** Chat calls only. */
  readonly callCount: number;
  /** From now on chat calls are answered by `respond`. */
  respond(respond: Respond): void;
  /** The next `times` requests fail so; faults are used up in the order in which they were given. */
  failNext(fault: Fault, times?: number): void;
  /** Forgets requests, faults and the responder. */
  reset(): void;
}

/** `port`: to come back where an earlier one was; 0 takes a free one. */
export async function startScriptedProvider(port = 0): Promise<ScriptedProvider> {
  const script = new Script();
  const provider = await listen(port, (call) => script.answer(call));
  return Object.assign(script, { url: provider.url, close: () => provider.close() });
}

class Script {
  readonly requests: RecordedRequest[] = [];
  private faults: Fault[] = [];
  private responder: Respond = unscripted;

  get callCount(): number {
    return this.requests.filter(
      ({ method, url }) => method === 'POST' && url.startsWith('/v1/chat/'),
    ).length;
  }

  respond(respond: Respond): void {
    this.responder = respond;
  }

  failNext(fault: Fault, times = 1): void {
    for (let count = 0; count < times; count++) this.faults.push(fault);
  }

  reset(): void {
    this.requests.length = 0;
    this.faults = [];
    this.responder = unscripted;
  }

  async answer(call: ProviderCall): Promise<void> {
    const { method = '', url = '', headers, rawHeaders } = call.request;
    this.requests.push({ method, url, headers, rawHeaders, body: call.body });
    const fault = this.faults.shift();
    if (fault === undefined) await answerCall({ respond: this.responder, latencyMs: 0 }, call);
    else await fail(fault, call.response);
  }
}

/** Not retried by clients, so that a test fails at once. */
const unscripted: Respond = () => ({
  kind: 'error',
  status: 400,
  headers: { 'x-should-retry': 'false' },
  error: {
    message: 'no test scripted this call',
    type: 'invalid_request_error',
    param: null,
    code: 'unscripted_call',
  },
});

async function fail(fault: Fault, response: ServerResponse): Promise<void> {
  switch (fault.kind) {
    case 'reset':
      response.socket?.resetAndDestroy();
      return;
    case 'status': {
      const isText = typeof fault.body === 'string';
      const headers = {
        'content-type': isText ? 'text/plain' : 'application/json',
        ...fault.headers,
      };
      response.writeHead(fault.status, headers);
      response.end(isText ? fault.body : JSON.stringify(fault.body));
      return;
    }
    case 'pieces':
      await sendPieces(fault, response);
  }
}

async function sendPieces(
  fault: Extract<Fault, { readonly kind: 'pieces' }>,
  response: ServerResponse,
): Promise<void> {
  const headers = { 'content-type': 'text/event-stream; charset=utf-8', ...fault.headers };
  response.writeHead(fault.status ?? 200, headers);
  response.flushHeaders();
  for (const [index, piece] of fault.pieces.entries()) {
    await fault.pace?.(index);
    // Flushed one by one: the piece has left before the connection may break.
    await new Promise<void>((resolve) => response.write(piece, () => resolve()));
  }
  if (fault.ends === 'end') response.end();
  // Without the last chunk the body is cut off; a TCP reset could also take back what was sent.
  if (fault.ends === 'reset') response.socket?.destroy();
}

/** 429 as OpenAI sends it. */
export function rateLimited(retryAfterSeconds: number): Fault {
  return {
    kind: 'status',
    status: 429,
    headers: { 'retry-after': String(retryAfterSeconds), 'x-ratelimit-remaining-requests': '0' },
    body: {
      error: {
        message: 'Rate limit reached',
        type: 'requests',
        param: null,
        code: 'rate_limit_exceeded',
      },
    },
  };
}

/** The events of a stream of `contents`; `finishReason` null leaves the finish chunk out. */
export function streamEvents(
  contents: readonly string[],
  finishReason: string | null = 'stop',
): string[] {
  const event = (delta: JsonObject, finish: string | null) =>
    `data: ${JSON.stringify({
      id: 'chatcmpl-scripted',
      object: 'chat.completion.chunk',
      created: 1_764_000_000,
      model: 'gpt-5.4-mini',
      choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
    })}\n\n`;
  return [
    event({ role: 'assistant', content: '', refusal: null }, null),
    ...contents.map((content) => event({ content }, null)),
    ...(finishReason === null ? [] : [event({}, finishReason)]),
  ];
}

export const DONE = 'data: [DONE]\n\n';

/** A whole answer that ran into its token limit. */
export function truncated(content: string, stream: boolean): Fault {
  if (stream)
    return { kind: 'pieces', pieces: [...streamEvents([content], 'length'), DONE], ends: 'end' };
  return {
    kind: 'status',
    status: 200,
    body: {
      id: 'chatcmpl-scripted',
      object: 'chat.completion',
      created: 1_764_000_000,
      model: 'gpt-5.4-mini',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content, refusal: null },
          logprobs: null,
          finish_reason: 'length',
        },
      ],
      usage: { prompt_tokens: 9, completion_tokens: 16, total_tokens: 25 },
    },
  };
}

/** A stream that breaks off in the middle of an event, with the connection. */
export function resetMidStream(contents: readonly string[]): Fault {
  return {
    kind: 'pieces',
    pieces: [...streamEvents(contents, null), 'data: {"id":"chatcmpl-scri'],
    ends: 'reset',
  };
}

/** A stream with an event that is no JSON. */
export function malformedStream(contents: readonly string[]): Fault {
  return {
    kind: 'pieces',
    pieces: [...streamEvents(contents, null), 'data: {"choices":[{]}\n\n', DONE],
    ends: 'end',
  };
}

/** A stream whose pieces go out one by one, when `pace` allows. */
export function pacedStream(
  contents: readonly string[],
  pace: (index: number) => Promise<void>,
): Fault {
  return { kind: 'pieces', pieces: [...streamEvents(contents), DONE], pace, ends: 'end' };
}
