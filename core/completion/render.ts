/**
 * Renders a hit in the OpenAI wire format. Inverse of accumulate.ts: reading what is rendered gives
 * the same Completion. A stream is one string, because it is sent with a single `end()`.
 */
import { extrasOf, type JsonObject, type JsonValue, type ServedCompletion } from './completion.ts';
import { jsonOf } from './json-text.ts';

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

/** `deltas`: of its message, see deltas.ts. */
export type WriteStream = (
  served: Pick<ServedCompletion, 'id' | 'created'>,
  deltas: readonly string[],
) => string;

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
  return ({ id, created }, deltas) => {
    const head = `data: {"id":${jsonOf(id)},"object":"chat.completion.chunk","created":${String(created)},`;
    const parts = [
      ...[head, atEnds, deltas.join(unfinished + head + between), unfinished],
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

function isContainer(value: JsonValue): boolean {
  return typeof value === 'object' && value !== null;
}
