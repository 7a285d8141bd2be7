/** A provider that answers from a recording: what was answered then, in the form that is asked for now. */
import {
  fieldOf,
  isArray,
  isJsonObject,
  isObject,
  stringOf,
  type JsonObject,
  type JsonValue,
} from '../../core/completion/completion.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  listen,
  type Provider,
  type ProviderCall,
} from '../../adapters/demo-provider/start-provider.ts';

export interface RecordedProvider extends Provider {
  /** From now on `request` is answered with `response`; the newest answer to equal requests counts. */
  record(request: unknown, response: unknown): void;
  /** Calls that were answered so far. */
  readonly callCount: number;
}

/** `thinkMs`: before each answer. Errors: rejects when no port is free. A call that was never recorded gets 404. */
export async function startRecordedProvider(thinkMs = 0): Promise<RecordedProvider> {
  const answers = new Map<string, JsonObject>();
  let callCount = 0;
  const provider = await listen(0, async (call) => {
    const request: unknown = JSON.parse(call.body.toString('utf8'));
    const answer = answers.get(JSON.stringify(request));
    if (answer !== undefined) callCount++;
    if (thinkMs > 0) await sleep(thinkMs);
    send(call, request, answer);
  });
  return {
    url: provider.url,
    close: () => provider.close(),
    record: (request, response) => {
      if (isJsonObject(response)) answers.set(JSON.stringify(request), response);
    },
    get callCount() {
      return callCount;
    },
  };
}

function send({ response }: ProviderCall, request: unknown, answer: JsonObject | undefined): void {
  if (answer === undefined) {
    response.writeHead(404, { 'content-type': 'application/json', 'x-should-retry': 'false' });
    response.end(JSON.stringify({ error: { message: 'this call is not in the recording' } }));
  } else if (isJsonObject(request) && fieldOf(request, 'stream') === true) {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    response.end(toStream(request, answer));
  } else {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer));
  }
}

/** The events of a stream that adds up to `answer`, `[DONE]` included. */
export function toStream(request: JsonObject, answer: JsonObject): string {
  const options = fieldOf(request, 'stream_options');
  const wantsUsage = isObject(options) && fieldOf(options, 'include_usage') === true;
  const { choices, usage, ...envelope } = answer;
  const head = { ...envelope, object: 'chat.completion.chunk' };
  const chunks: JsonObject[] = (isArray(choices) ? choices : []).flatMap((choice, index) => {
    const message = isObject(choice) ? fieldOf(choice, 'message') : undefined;
    if (!isObject(choice) || !isObject(message)) return [];
    const chunk = (delta: JsonObject, finish: JsonValue): JsonObject => ({
      ...head,
      choices: [{ index, delta, finish_reason: finish }],
    });
    return [chunk(toDelta(message), null), chunk({}, stringOf(choice, 'finish_reason') ?? 'stop')];
  });
  if (wantsUsage) chunks.push({ ...head, choices: [], usage: usage ?? null });
  return [...chunks.map((chunk) => JSON.stringify(chunk)), '[DONE]']
    .map((data) => `data: ${data}\n\n`)
    .join('');
}

/** Deltas of tool calls carry their position. */
function toDelta(message: JsonObject): JsonObject {
  const calls = fieldOf(message, 'tool_calls');
  if (!isArray(calls)) return message;
  const positioned = calls.map((call, index) => (isObject(call) ? { index, ...call } : call));
  return { ...message, tool_calls: positioned };
}
