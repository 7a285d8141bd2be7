/** Our own refusals, in the OpenAI error shape: SDKs parse it and turn it into their error classes. */
import type { ServerResponse } from 'node:http';
import { bypass, outcomeHeaders, refusalHeaders, type Forwarded, type Outcome } from './outcome.ts';

export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly param?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** More for those who look closer; SDKs show it as the error's body. */
  readonly details?: object;
  /** Why a call was not answered from memory, where that is why it is refused. */
  readonly outcome?: Forwarded;
}

/** Asking again can help; with all others it cannot, and SDKs are told so. */
const RETRYABLE = new Set([502, 503]);

export const invalidRequest = (code: string, message: string, param?: string): Problem => ({
  status: 400,
  code,
  message,
  ...(param === undefined ? {} : { param }),
});

export const tooLarge = (bytesMax: number): Problem => ({
  status: 413,
  code: 'request_too_large',
  message: `The request body is over the limit of ${bytesMax} bytes.`,
});

export const unknownEncoding = (encoding: string): Problem => ({
  status: 415,
  code: 'unsupported_content_encoding',
  message: `Unsupported content encoding '${encoding}'. Use identity, gzip, deflate, br or zstd.`,
});

export const corruptEncoding = (encoding: string): Problem =>
  invalidRequest('corrupt_content_encoding', `The request body is not valid ${encoding} data.`);

export const malformedJson = (): Problem =>
  invalidRequest(
    'malformed_json',
    'We could not parse the JSON body of your request: it is not valid JSON in UTF-8.',
  );

export const methodNotAllowed = (method: string, allow: string): Problem => ({
  status: 405,
  code: 'method_not_allowed',
  message: `${method} is not allowed here. Use ${allow}.`,
  headers: { allow },
});

export const unknownUpstream = (name: string): Problem => ({
  status: 404,
  code: 'unknown_upstream',
  message: `There is no upstream named '${name}'. Paths begin with /v1/ or the endpoint itself.`,
});

export const invalidPath = (): Problem =>
  invalidRequest(
    'invalid_path',
    "The request path must begin with one '/' and hold no dot segments.",
  );

export const unknownProjectKey = (): Problem => ({
  status: 401,
  code: 'unknown_project_key',
  message:
    'Butter-Auth holds no key of a project. Send `Butter-Auth: Bearer <project key>`, or leave it out.',
});

export const projectKeyRequired = (): Problem => ({
  status: 401,
  code: 'project_key_required',
  message:
    'This Ghee is open to the network, so calls need the key of a project: send `Butter-Auth: Bearer <project key>`.',
});

/** `details`: the nearest template, for calls that Ghee could read. */
export const notCached = (
  mode: string,
  outcome: Forwarded,
  details?: NotCachedDetails,
): Problem => ({
  status: 504,
  code: 'not_cached',
  message: [
    mode === 'frozen'
      ? `No stored answer fits (${outcome.reason}), and in the mode \`frozen\` the provider is not asked.`
      : `No stored answer fits (${outcome.reason}), and \`Cache-Control: only-if-cached\` forbids to ask the provider.`,
    ...(details?.remedy === undefined ? [] : [details.remedy]),
    ...(details?.diff === undefined ? [] : [`\n${details.diff}`]),
  ].join(' '),
  details: { reason: outcome.reason, ...details },
  outcome,
});

export interface NotCachedDetails {
  readonly remedy: string;
  /** How many messages of the conversation fitted. */
  readonly depth: number;
  readonly nearest: object | null;
  /** The nearest template beside the message; only where content may be shown. */
  readonly diff?: string | undefined;
}

export const upstreamUnreachable = (): Problem => ({
  status: 502,
  code: 'upstream_unreachable',
  message: 'The provider could not be reached, or closed the connection without an answer.',
});

export const internalError = (): Problem => ({
  status: 500,
  code: 'internal_error',
  message: 'Ghee could not handle the request.',
});

/** The body of an error, for those that have no response object to write it to. */
export function problemBody(problem: Problem): string {
  const { message, param = null, code, status, details } = problem;
  const type = status >= 500 ? 'server_error' : 'invalid_request_error';
  return JSON.stringify({ error: { message, type, param, code, details } });
}

/**
 * Answers a call with the error. As all answers it says what the cache did: `outcome` where the call has been on its way
 * to the provider.
 */
export function refuseCall(
  res: ServerResponse,
  problem: Problem,
  call: { readonly requestId: string; readonly outcome: Outcome | undefined },
): void {
  const said =
    call.outcome === undefined
      ? refusalHeaders(problem.outcome ?? bypass(problem.code))
      : outcomeHeaders(call.outcome);
  const headers = { ...Object.fromEntries(said), ...problem.headers };
  sendProblem(res, { ...problem, headers }, call.requestId);
}

/** Answers with the error, unless an answer is already on its way: then the connection is cut. */
export function sendProblem(res: ServerResponse, problem: Problem, requestId: string): void {
  if (res.headersSent) {
    res.destroy();
    return;
  }
  const body = problemBody(problem);
  res.writeHead(problem.status, {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    'x-request-id': requestId,
    ...(RETRYABLE.has(problem.status) ? {} : { 'x-should-retry': 'false' }),
    ...problem.headers,
  });
  res.end(body);
}
