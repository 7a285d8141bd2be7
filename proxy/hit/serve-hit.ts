/** A stored answer as a response: fresh ids, the stored usage, streamed or whole as asked. */
import type { ServerResponse } from 'node:http';
import {
  fieldOf,
  isArray,
  isObject,
  stringOf,
  type JsonObject,
  type ServedCompletion,
} from '../../core/completion/completion.ts';
import { messageDeltas } from '../../core/completion/deltas.ts';
import { mintId } from '../../core/completion/mint-id.ts';
import { renderCompletion } from '../../core/completion/render.ts';
import type { AnswerForm } from '../../core/tree/node.ts';
import { outcomeHeaders, type Outcome } from '../outcome.ts';
import { parseObject, readStored, readStreamed } from './stored-answer.ts';

export interface HitForm {
  readonly stream: boolean;
  readonly includeUsage: boolean;
}

export interface HitContext {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly random: () => number;
}

export interface HitBody {
  readonly contentType: string;
  readonly isStream: boolean;
  /** In one piece with the headers: a text costs a write less than bytes. */
  readonly text: string;
}

export interface Found {
  readonly answer: AnswerForm;
  readonly message: string;
}

/**
 * The whole response, made before a byte of it is sent, so that a fault can still be forwarded.
 * Errors: StoredAnswerError when stored texts are not JSON objects.
 */
export function renderHit(found: Found, form: HitForm, context: HitContext): HitBody {
  const id = mintId('', context.random);
  return bodyOf(form, hitText(found, form, { ...context, id, created: secondsOf(context) }));
}

export function bodyOf({ stream }: HitForm, text: string): HitBody {
  return stream
    ? { contentType: 'text/event-stream; charset=utf-8', isStream: true, text }
    : { contentType: 'application/json', isStream: false, text };
}

export function secondsOf({ now }: HitContext): number {
  return Math.floor(now / 1000);
}

/** `message`: the stored one, or that with other texts in its leaves. Errors: StoredAnswerError. */
export function hitText(
  { answer, message }: Found,
  form: HitForm,
  context: HitContext & { readonly id: string; readonly created: number },
): string {
  const { id, created, random } = context;
  const freshMessage = () => withFreshCallIds(parseObject(message), random);
  if (form.stream) {
    const { write, writeDeltas } = readStreamed(answer, form.includeUsage);
    return write({ id, created }, writeDeltas?.(message) ?? messageDeltas(freshMessage()));
  }
  const { extras, usage, pieces } = readStored(answer);
  if (pieces !== undefined) {
    const head = `{"id":"${id}","object":"chat.completion","created":${String(created)},`;
    // Copied here: a text that is a tree of pieces takes twice as long to send.
    return [head, pieces[0], message, pieces[1]].join('');
  }
  const { model, finishReason } = answer;
  const served: ServedCompletion = {
    ...{ id, created, model, finishReason, message: freshMessage(), extras },
    ...(usage === undefined ? {} : { usage }),
  };
  return JSON.stringify(renderCompletion(served));
}

/** Sends it with a single `end()`: several writes under `cork()` cut streams off (DESIGN §11.23). */
export function sendHit(
  res: ServerResponse,
  body: HitBody,
  outcome: Outcome,
  requestId: string,
): void {
  const isChunked = body.isStream && res.req.httpVersion !== '1.0';
  const headers = [
    'Content-Type',
    body.contentType,
    'Cache-Control',
    body.isStream ? 'no-cache' : 'no-store',
    'x-request-id',
    requestId,
  ];
  // Clients take a stream with a length for a finished body.
  if (isChunked) headers.push('Transfer-Encoding', 'chunked');
  else headers.push('Content-Length', String(Buffer.byteLength(body.text)));
  for (const [name, value] of outcomeHeaders(outcome)) headers.push(name, value);
  res.writeHead(200, headers);
  if (!isChunked) {
    res.end(body.text);
    return;
  }
  // Node would write a chunk's length, text and end one by one: here they are one text with the headers.
  res.chunkedEncoding = false;
  res.end(onlyChunk(body.text));
}

/** A whole body as it is sent in chunks (RFC 9112 §7.1). */
function onlyChunk(text: string): string {
  return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n0\r\n\r\n`;
}

/** Clients keep calls apart by their ids, within a conversation and sometimes beyond. */
function withFreshCallIds(message: JsonObject, random: () => number): JsonObject {
  const calls = fieldOf(message, 'tool_calls');
  if (!isArray(calls) || calls.length === 0) return message;
  const taken = new Set(calls.map((call) => (isObject(call) ? stringOf(call, 'id') : undefined)));
  const fresh = calls.map((call) => {
    const id = isObject(call) ? stringOf(call, 'id') : undefined;
    if (!isObject(call) || id === undefined) return call;
    const minted = mintDistinct(id, taken, random);
    taken.add(minted);
    return { ...call, id: minted };
  });
  return Object.fromEntries(
    Object.entries(message).map(([key, value]) => [key, key === 'tool_calls' ? fresh : value]),
  );
}

/** "call_1" has ten siblings only: after some draws any id of the usual length will do. */
const DRAWS_MAX = 16;

function mintDistinct(
  shape: string,
  taken: ReadonlySet<string | undefined>,
  random: () => number,
): string {
  for (let draw = 0; draw < DRAWS_MAX; draw++) {
    const id = mintId(shape, random);
    if (!taken.has(id)) return id;
  }
  return mintId(`${shape}_`, random);
}
