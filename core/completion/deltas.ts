/** What the chunks of a stream add to its message, one after the other: JSON texts. */
import {
  fieldOf,
  isArray,
  isJsonObject,
  isObject,
  without,
  type JsonObject,
  type JsonValue,
} from './completion.ts';
import { hasLineSeparator, jsonOf } from './json-text.ts';
import { callFormOf } from './tool-calls.ts';

/**
 * Some 15 tokens. All of them arrive at once, and each costs some 250 bytes of envelope: pieces of a token or four are
 * most of what a streamed hit costs, here and at the client.
 */
const PIECE_CHARACTERS = 64;
/** Long texts have longer pieces instead of more. */
const PIECES_MAX = 256;
/** DeepSeek's calls have an index without streaming too. */
const INDEX = new Set(['index']);
const OWN_CHUNKS = new Set(['role', 'content', 'tool_calls']);

/** Of any message: its role and what it does not have, then its fields, in pieces where they are texts. */
export function messageDeltas(message: JsonObject): readonly string[] {
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

/** Undefined for a message that is written in another way. */
export type WriteDeltas = (message: string) => readonly string[] | undefined;

/**
 * Writes what `messageDeltas` gives for messages that are `recorded`, a JSON text, with another text for its content, and where
 * nothing in that needs an escape: then it can be cut as it stands. Undefined where more than the content may differ.
 */
export function deltaWriter(recorded: string): WriteDeltas | undefined {
  const message = parseTalk(recorded);
  if (message === undefined) return undefined;
  // Content comes last where no tool is called.
  const constant = messageDeltas({ ...message, content: '-' }).slice(0, -1);
  const token = JSON.stringify(message.content);
  const before = `{${textBefore('content', message)}"content":"`;
  // Both tokens have the quotes.
  const after = recorded.slice(before.length + token.length - 2);
  return (text) => {
    const end = text.length - after.length;
    if (end <= before.length || !text.startsWith(before) || !text.endsWith(after)) return undefined;
    const content = text.slice(before.length, end);
    if (content.includes('"') || content.includes('\\') || hasLineSeparator(content)) {
      return undefined;
    }
    return [...constant, ...pieces(content).map((piece) => `{"content":"${piece}"}`)];
  };
}

/** A message that says something and calls no tool, written without blanks. */
function parseTalk(recorded: string): (JsonObject & { readonly content: string }) | undefined {
  let message: unknown;
  try {
    message = JSON.parse(recorded);
  } catch {
    return undefined;
  }
  if (!isJsonObject(message) || JSON.stringify(message) !== recorded) return undefined;
  const content = fieldOf(message, 'content');
  const isTalk =
    fieldOf(message, 'role') === 'assistant' && !isArray(fieldOf(message, 'tool_calls'));
  return isTalk && typeof content === 'string' ? { ...message, content } : undefined;
}

/** The fields that stand before `key`, as JSON. */
function textBefore(key: string, message: JsonObject): string {
  const entries = Object.entries(message);
  const index = entries.findIndex(([name]) => name === key);
  return entries
    .slice(0, index)
    .map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)},`)
    .join('');
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
