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

/** What a stream says of an answer besides its message. */
export interface StreamedFields extends Pick<
  ServedCompletion,
  'model' | 'finishReason' | 'extras'
> {
  readonly usage?: JsonObject | undefined;
}

export type WriteStream = (served: Pick<ServedCompletion, 'id' | 'created' | 'message'>) => string;

/**
 * Writes all events of a stream, `[DONE]` included. For an answer that is given many times: what is the same in all of
 * its streams, and in all their chunks, is written once.
 *
 * Shape: role chunk, deltas, finish chunk and, if `includeUsage`, the usage chunk; a recording
 * without usage has none to send.
 * Source: FEATURES.md §3.1; `ChatCompletionStream` of openai-node throws where this order is broken.
 */
export function streamWriter(
  { model, finishReason, extras, usage }: StreamedFields,
  { includeUsage }: { readonly includeUsage: boolean },
): WriteStream {
  const fields = Object.entries(extrasOf(extras));
  // Every chunk of OpenAI repeats the short fields; long ones, such as citations, come at both ends.
  const short = membersOf({
    model,
    ...Object.fromEntries(fields.filter(([, value]) => !isContainer(value))),
  });
  const open = `,"choices":[{"index":0,"delta":`;
  const atEnds = membersOf({ model, ...Object.fromEntries(fields) }) + open;
  const between = short + open;
  const close = includeUsage ? '}],"usage":null}\n\n' : '}]}\n\n';
  const unfinished = `,"logprobs":null,"finish_reason":null${close}`;
  const finished = `{},"logprobs":null,"finish_reason":${jsonOf(finishReason)}${close}`;
  const counted =
    includeUsage && usage !== undefined
      ? `${short},"choices":[],"usage":${jsonOf(usage)}}\n\n`
      : undefined;
  return ({ id, created, message }) => {
    const head = `data: {"id":${jsonOf(id)},"object":"chat.completion.chunk","created":${String(created)},`;
    const parts = [
      ...[head, atEnds, messageDeltas(message).join(unfinished + head + between), unfinished],
      ...[head, atEnds, finished],
      ...(counted === undefined ? [] : [head, counted]),
      'data: [DONE]\n\n',
    ];
    return parts.join('');
  };
}

/** As JSON, without the braces. */
function membersOf(fields: JsonObject): string {
  return jsonOf(fields).slice(1, -1);
}

/** Outside strings these characters cannot stand in JSON, so a plain replacement is an escape. */
function jsonOf(value: JsonValue): string {
  const text = JSON.stringify(value);
  return hasLineSeparator(text) ? text.replace(LINE_SEPARATORS, escaped) : text;
}

/** Three searches, two of which end at once in a text of Latin-1, take less than the expression. */
function hasLineSeparator(text: string): boolean {
  return text.includes('\u0085') || text.includes('\u2028') || text.includes('\u2029');
}

function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function messageDeltas(message: JsonObject): string[] {
  const fields = Object.entries(message).filter(([key]) => !OWN_CHUNKS.has(key));
  const content = fieldOf(message, 'content') ?? null;
  // As OpenAI does: clients echo an empty content in their next turn, where the recording had none.
  const role = `{"role":"assistant","content":${content === null ? 'null' : '""'}`;
  const absent = fields.map(([key, value]) => (value === null ? `,${jsonOf(key)}:null` : ''));
  const deltas = [`${role}${absent.join('')}}`];
  // Unknown fields first: reasoning comes before the content it led to.
  for (const [key, value] of fields) {
    if (value !== null) pushField(deltas, key, value);
  }
  if (content !== null && content !== '') pushField(deltas, 'content', content);
  const calls = fieldOf(message, 'tool_calls');
  if (!isArray(calls)) return deltas;
  for (const [index, call] of calls.entries()) {
    if (isObject(call)) for (const delta of callDeltas(index, call)) deltas.push(jsonOf(delta));
  }
  return deltas;
}

function pushField(deltas: string[], key: string, value: JsonValue): void {
  const open = `{${jsonOf(key)}:`;
  if (typeof value !== 'string') {
    deltas.push(`${open}${jsonOf(value)}}`);
    return;
  }
  // What has no escape as a whole has none in its pieces.
  const isVerbatim = jsonOf(value).length === value.length + 2;
  for (const piece of pieces(value)) {
    deltas.push(`${open}${isVerbatim ? `"${piece}"` : jsonOf(piece)}}`);
  }
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
