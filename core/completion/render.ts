/**
 * Renders a hit in the OpenAI wire format. Inverse of accumulate.ts: reading what is rendered gives
 * the same Completion. A stream is one string, because it is sent with a single `end()`.
 */
import {
  extrasOf,
  fieldOf,
  isArray,
  isObject,
  without,
  type JsonObject,
  type JsonValue,
  type ServedCompletion,
} from './completion.ts';
import { callFormOf } from './tool-calls.ts';

/**
 * Some 15 tokens. All of them arrive at once, and each costs some 250 bytes of envelope: pieces of a token or four are
 * most of what a streamed hit costs, here and at the client.
 */
const PIECE_CHARACTERS = 64;
/** Long texts have longer pieces instead of more. */
const PIECES_MAX = 256;
/** Some clients split lines as Python's `str.splitlines` does; JSON leaves these three unescaped. */
const LINE_SEPARATORS = /[\u0085\u2028\u2029]/g;
/** DeepSeek's calls have an index without streaming too. */
const INDEX = new Set(['index']);
const OWN_CHUNKS = new Set(['role', 'content', 'tool_calls']);

/** The body of an answer without streaming. */
export function renderCompletion(served: ServedCompletion): JsonObject {
  const { id, created, model, message, finishReason, usage } = served;
  return {
    id,
    object: 'chat.completion',
    created,
    model,
    choices: [{ index: 0, message, logprobs: null, finish_reason: finishReason }],
    ...(usage === undefined ? {} : { usage }),
    ...extrasOf(served.extras),
  };
}

/**
 * All events of a stream, `[DONE]` included.
 *
 * Shape: role chunk, deltas, finish chunk and, if `includeUsage`, the usage chunk; a recording
 * without usage has none to send.
 * Source: FEATURES.md §3.1; `ChatCompletionStream` of openai-node throws where this order is broken.
 */
export function renderStream(
  served: ServedCompletion,
  options: { readonly includeUsage: boolean },
): string {
  const { id, created, model, usage } = served;
  const extras = Object.entries(extrasOf(served.extras));
  const base: JsonObject = { id, object: 'chat.completion.chunk', created, model };
  // Every chunk of OpenAI repeats the short fields; long ones, such as citations, come at both ends.
  const short = {
    ...base,
    ...Object.fromEntries(extras.filter(([, value]) => !isContainer(value))),
  };
  const full = { ...base, ...Object.fromEntries(extras) };
  const atEnds = frame(full, options.includeUsage);
  const between = frame(short, options.includeUsage);
  const events = messageDeltas(served.message).map((delta, index) =>
    (index === 0 ? atEnds : between)(delta, null),
  );
  events.push(atEnds('{}', served.finishReason));
  if (options.includeUsage && usage !== undefined) {
    events.push(`data: ${jsonOf({ ...short, choices: [], usage })}\n\n`);
  }
  events.push('data: [DONE]\n\n');
  return events.join('');
}

/**
 * Writes chunks around their deltas, which are JSON texts; what is the same in all of them is written once, and no
 * delta is an object first: together a third of the time for 300 characters.
 */
function frame(
  fields: JsonObject,
  includeUsage: boolean,
): (delta: string, finishReason: string | null) => string {
  const open = `data: ${jsonOf(fields).slice(0, -1)},"choices":[{"index":0,"delta":`;
  const close = includeUsage ? '}],"usage":null}\n\n' : '}]}\n\n';
  const unfinished = `,"logprobs":null,"finish_reason":null${close}`;
  return (delta, finishReason) =>
    finishReason === null
      ? open + delta + unfinished
      : `${open}${delta},"logprobs":null,"finish_reason":${jsonOf(finishReason)}${close}`;
}

/** Outside strings these characters cannot stand in JSON, so a plain replacement is an escape. */
function jsonOf(value: JsonValue): string {
  return JSON.stringify(value).replace(
    LINE_SEPARATORS,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function messageDeltas(message: JsonObject): string[] {
  const fields = Object.entries(without(message, OWN_CHUNKS));
  const absent = fields.filter(([, value]) => value === null);
  const deltas = [jsonOf({ ...roleDelta(message), ...Object.fromEntries(absent) })];
  // Unknown fields first: reasoning comes before the content it led to.
  for (const [key, value] of fields) {
    if (value !== null) pushField(deltas, key, value);
  }
  const content = fieldOf(message, 'content') ?? '';
  if (content !== '') pushField(deltas, 'content', content);
  const calls = fieldOf(message, 'tool_calls');
  for (const [index, call] of (isArray(calls) ? calls : []).entries()) {
    if (isObject(call)) for (const delta of callDeltas(index, call)) deltas.push(jsonOf(delta));
  }
  return deltas;
}

/** As OpenAI does: clients echo an empty content in their next turn, where the recording had none. */
function roleDelta(message: JsonObject): JsonObject {
  const hasContent = (fieldOf(message, 'content') ?? null) !== null;
  return { role: 'assistant', content: hasContent ? '' : null };
}

function pushField(deltas: string[], key: string, value: JsonValue): void {
  const open = `{${jsonOf(key)}:`;
  const parts = typeof value === 'string' ? pieces(value) : [value];
  for (const part of parts) deltas.push(`${open}${jsonOf(part)}}`);
}

/** The first delta says everything but the text, whose pieces follow. */
function* callDeltas(index: number, call: JsonObject): Generator<JsonObject> {
  const form = callFormOf(call);
  const body = form === undefined ? undefined : fieldOf(call, form.type);
  const text = form === undefined || !isObject(body) ? undefined : fieldOf(body, form.text);
  if (form === undefined || !isObject(body) || typeof text !== 'string') {
    yield { tool_calls: [{ ...call, index }] };
    return;
  }
  yield {
    tool_calls: [{ index, ...without(call, INDEX), [form.type]: { ...body, [form.text]: '' } }],
  };
  if (text === '') return;
  for (const piece of pieces(text)) {
    yield { tool_calls: [{ index, [form.type]: { [form.text]: piece } }] };
  }
}

/** `text` cut at code-point borders: half a surrogate pair would reach the client as U+FFFD. */
function pieces(text: string): string[] {
  const size = Math.max(PIECE_CHARACTERS, Math.ceil(text.length / PIECES_MAX));
  const result: string[] = [];
  let start = 0;
  do {
    let end = Math.min(start + size, text.length);
    if (end < text.length && isHighSurrogate(text, end - 1)) end++;
    result.push(text.slice(start, end));
    start = end;
  } while (start < text.length);
  return result;
}

function isHighSurrogate(text: string, offset: number): boolean {
  const unit = text.charCodeAt(offset);
  return unit >= 0xd800 && unit <= 0xdbff;
}

function isContainer(value: JsonValue): boolean {
  return typeof value === 'object' && value !== null;
}
