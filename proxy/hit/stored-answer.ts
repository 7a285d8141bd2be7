/**
 * Stored answers, read once: what a response says besides its message, and the text of it where that can be written
 * around a message as it is stored (`serve-hit.test.ts` holds it to the obvious way).
 */
import { extrasOf, isJsonObject, type JsonObject } from '../../core/completion/completion.ts';
import { deltaWriter, type WriteDeltas } from '../../core/completion/deltas.ts';
import { streamWriter, type WriteStream } from '../../core/completion/render.ts';
import type { AnswerForm } from '../../core/tree/node.ts';

/** Stored text that is not what was stored: the call is forwarded. */
export class StoredAnswerError extends Error {
  override readonly name = 'StoredAnswerError';
  readonly code = 'stored_answer_invalid';
  readonly retryable = false;
}

export interface StoredAnswer {
  readonly extras: JsonObject;
  readonly usage: JsonObject | undefined;
  /** Of a response without streaming, the texts around id, time and message; undefined where that is written anew. */
  readonly pieces: readonly [string, string] | undefined;
}

export interface StreamedAnswer {
  readonly write: WriteStream;
  /** Of messages as they are stored or hydrated, where they can be written without being parsed. */
  readonly writeDeltas: WriteDeltas | undefined;
}

/** Errors: StoredAnswerError when stored texts are not JSON objects. Kept as long as the answer itself. */
export function readStored(answer: AnswerForm): StoredAnswer {
  const known = stored.get(answer);
  if (known !== undefined) return known;
  const extras = parseObject(answer.extras);
  const usage = answer.usage === undefined ? undefined : parseObject(answer.usage);
  const made = { extras, usage, pieces: piecesOf(answer, extras, usage) };
  stored.set(answer, made);
  return made;
}

const stored = new WeakMap<AnswerForm, StoredAnswer>();

/** How the answer is streamed. Errors and memory as of `readStored`. */
export function readStreamed(answer: AnswerForm, includeUsage: boolean): StreamedAnswer {
  const kept = includeUsage ? streamedWithUsage : streamed;
  const known = kept.get(answer);
  if (known !== undefined) return known;
  const { model, finishReason, message } = answer;
  const fields = { model, finishReason, ...readStored(answer) };
  const write = streamWriter(fields, { includeUsage });
  const made = { write, writeDeltas: deltaWriter(message) };
  kept.set(answer, made);
  return made;
}

const streamed = new WeakMap<AnswerForm, StreamedAnswer>();
const streamedWithUsage = new WeakMap<AnswerForm, StreamedAnswer>();

function piecesOf(
  { message, model, finishReason }: AnswerForm,
  extras: JsonObject,
  usage: JsonObject | undefined,
): StoredAnswer['pieces'] {
  // Ids of calls are new in every hit. Escapes may be written in another way than `JSON.stringify` does.
  const isVerbatim = !message.includes('"tool_calls"') && !message.includes('\\u');
  if (!isVerbatim || JSON.stringify(parseObject(message)) !== message) return undefined;
  const rest = JSON.stringify({ ...(usage === undefined ? {} : { usage }), ...extrasOf(extras) });
  const open = `"model":${JSON.stringify(model)},"choices":[{"index":0,"message":`;
  const close = `,"logprobs":null,"finish_reason":${JSON.stringify(finishReason)}}]`;
  return [open, rest === '{}' ? `${close}}` : `${close},${rest.slice(1)}`];
}

export function parseObject(text: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  // The parser's message would quote the text.
  if (!isJsonObject(value)) throw new StoredAnswerError('a stored answer is not a JSON object');
  return value;
}
