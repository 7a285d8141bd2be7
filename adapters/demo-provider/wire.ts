/**
 * OpenAI's wire format as its servers write it: null content beside tool calls, `annotations`, random
 * padding in chunks. Written apart from core/completion/render.ts on purpose: Ghee must read what
 * providers send, not what it sends itself.
 */
import { mintId } from '../../core/completion/mint-id.ts';
import {
  fieldOf,
  isArray,
  isObject,
  stringOf,
  type JsonObject,
} from '../../core/completion/completion.ts';
import type { Reply } from './reply.ts';

/** A reply that is an answer. */
export type Answer = Exclude<Reply, { readonly kind: 'error' }>;

const CHARACTERS_PER_TOKEN = 4;
/** The envelope of a message, as OpenAI's cookbook counts it. */
const TOKENS_PER_MESSAGE = 4;
const ARGUMENT_PIECES = /.{1,8}/gsu;
const WORDS = /\s*\S+|\s+$/gu;

/** The body of an answer without streaming. */
export function toBody(request: JsonObject, answer: Answer): JsonObject {
  const calls = withIds(answer);
  return {
    ...envelope(request, 'chat.completion'),
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: answer.kind === 'text' ? answer.content : null,
          ...(calls.length > 0 ? { tool_calls: calls } : {}),
          refusal: null,
          annotations: [],
        },
        logprobs: null,
        finish_reason: finishReasonOf(answer),
      },
    ],
    usage: usageOf(request, answer),
  };
}

/** All events of a stream, in order, `[DONE]` included. */
export function toEvents(request: JsonObject, answer: Answer): string[] {
  const base = envelope(request, 'chat.completion.chunk');
  const options = fieldOf(request, 'stream_options');
  const asked = (key: string) => (isObject(options) ? fieldOf(options, key) : undefined);
  const tail = asked('include_usage') === true ? { usage: null } : {};
  // On by default at OpenAI: it hides the lengths of tokens from whoever watches the network.
  const pad = (size: number) =>
    asked('include_obfuscation') === false ? {} : { obfuscation: noise(size) };
  const chunk = (delta: JsonObject, finishReason: string | null) => {
    const choices = [{ index: 0, delta, logprobs: null, finish_reason: finishReason }];
    return toEvent({ ...base, choices, ...tail, ...pad(16 - (JSON.stringify(delta).length % 16)) });
  };
  const events = deltasOf(answer).map((delta) => chunk(delta, null));
  events.push(chunk({}, finishReasonOf(answer)));
  if (asked('include_usage') === true) {
    events.push(toEvent({ ...base, choices: [], usage: usageOf(request, answer), ...pad(8) }));
  }
  return [...events, 'data: [DONE]\n\n'];
}

function toEvent(value: JsonObject): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}

function deltasOf(answer: Answer): JsonObject[] {
  if (answer.kind === 'text') {
    const pieces = (answer.content.match(WORDS) ?? []).map((content) => ({ content }));
    return [{ role: 'assistant', content: '', refusal: null }, ...pieces];
  }
  const deltas = withIds(answer).flatMap((call, index) => [
    [{ index, ...call, function: { ...call.function, arguments: '' } }],
    ...(call.function.arguments.match(ARGUMENT_PIECES) ?? []).map((piece) => [
      { index, function: { arguments: piece } },
    ]),
  ]);
  // OpenAI's role chunk already carries the first call.
  return deltas.map((calls, position) =>
    position === 0
      ? { role: 'assistant', content: null, tool_calls: calls, refusal: null }
      : { tool_calls: calls },
  );
}

function withIds(answer: Answer) {
  if (answer.kind === 'text') return [];
  return answer.calls.map((call) => ({
    id: mintId('call_', Math.random),
    type: 'function',
    function: { name: call.name, arguments: call.arguments },
  }));
}

function finishReasonOf(answer: Answer): string {
  return answer.kind === 'text' ? 'stop' : 'tool_calls';
}

function envelope(request: JsonObject, object: string): JsonObject {
  return {
    id: mintId('', Math.random),
    object,
    created: Math.floor(Date.now() / 1000),
    model: stringOf(request, 'model') ?? 'demo',
    service_tier: 'default',
    system_fingerprint: 'fp_demo',
  };
}

function usageOf(request: JsonObject, answer: Answer): JsonObject {
  const messages = fieldOf(request, 'messages');
  const tools = fieldOf(request, 'tools');
  const count = isArray(messages) ? messages.length : 0;
  const read =
    tokensIn(textOf(messages)) + tokensIn(tools === undefined ? '' : JSON.stringify(tools));
  const prompt = read + count * TOKENS_PER_MESSAGE + TOKENS_PER_MESSAGE;
  const completion = tokensIn(
    answer.kind === 'text' ? answer.content : JSON.stringify(answer.calls),
  );
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 },
  };
}

function textOf(messages: JsonObject[string] | undefined): string {
  if (!isArray(messages)) return '';
  const contents = messages.map((message) =>
    isObject(message) ? (fieldOf(message, 'content') ?? '') : '',
  );
  return contents
    .map((content) => (typeof content === 'string' ? content : JSON.stringify(content)))
    .join('');
}

function tokensIn(text: string): number {
  return Math.ceil(text.length / CHARACTERS_PER_TOKEN);
}

function noise(size: number): string {
  return Array.from({ length: size }, () => Math.floor(Math.random() * 36).toString(36)).join('');
}
