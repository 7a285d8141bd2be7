/**
 * Reads a provider's answer, whole or in chunks, into a Completion. Both ways give the same one, so an
 * entry learned from a stream serves calls without streaming and the reverse. What is not one
 * complete, good answer is `unusable`: better not learned than learned in part.
 */
import { collect, combineFragments } from './combine.ts';
import {
  extrasOf,
  fieldOf,
  isArray,
  isJsonObject,
  isObject,
  stringOf,
  without,
  type Completion,
  type CompletionResult,
  type JsonObject,
  type JsonValue,
  type UnusableReason,
} from './completion.ts';
import { checkToolCalls, combineToolCall } from './tool-calls.ts';

/** Takes the chunks of one stream in their order. */
export interface ChunkAccumulator {
  /** One parsed `data:` of the stream, without `[DONE]`. */
  push(chunk: unknown): void;
  /** `sawDone`: whether the stream ended with `[DONE]`; one that broke off is never learned. */
  finish(sawDone: boolean): CompletionResult;
}

const UNUSABLE_FINISH_REASONS = ['length', 'content_filter', 'function_call'] as const;
/** The bound of OpenAI's own client. */
const TOOL_CALLS_MAX = 128;
const OWN_RULES = new Set(['role', 'content', 'tool_calls']);
const INDEX = new Set(['index']);

/** Reads the body of an answer without streaming. */
export function readCompletion(body: unknown): CompletionResult {
  if (!isJsonObject(body)) return unusable('not_a_completion');
  const choice = onlyChoice(body);
  if (typeof choice === 'string') return unusable(choice);
  const message = fieldOf(choice, 'message');
  if (!isObject(message)) return unusable('missing_choice');
  const usage = fieldOf(body, 'usage');
  return checkCompletion({
    // Some providers leave the role out.
    message: isBlank(fieldOf(message, 'role')) ? { ...message, role: 'assistant' } : message,
    finishReason: stringOf(choice, 'finish_reason') ?? '',
    model: stringOf(body, 'model') ?? '',
    ...(isObject(usage) ? { usage } : {}),
    extras: extrasOf(body),
  });
}

export function createChunkAccumulator(): ChunkAccumulator {
  return new Accumulator();
}

class Accumulator implements ChunkAccumulator {
  private fault: UnusableReason | undefined;
  private readonly deltas = new Map<string, JsonValue[]>();
  private readonly calls = new Map<number, JsonObject[]>();
  private readonly extras = new Map<string, JsonValue>();
  private model = '';
  private finishReason = '';
  private usage: JsonObject | undefined;

  push(chunk: unknown): void {
    // The first fault stands: nothing after it can make the stream whole.
    this.fault ??= isJsonObject(chunk) ? this.take(chunk) : 'not_a_completion';
  }

  finish(sawDone: boolean): CompletionResult {
    if (this.fault !== undefined) return unusable(this.fault);
    if (!sawDone) return unusable('missing_done');
    const calls: JsonObject[] = [];
    for (const [, fragments] of [...this.calls].sort(([a], [b]) => a - b)) {
      const call = combineToolCall(fragments);
      if (typeof call === 'string') return unusable(call);
      calls.push(call);
    }
    return checkCompletion({
      message: this.message(calls),
      finishReason: this.finishReason,
      model: this.model,
      ...(this.usage === undefined ? {} : { usage: this.usage }),
      extras: Object.fromEntries(this.extras),
    });
  }

  private take(chunk: JsonObject): UnusableReason | undefined {
    const choice = hasNoChoice(chunk) ? undefined : onlyChoice(chunk);
    if (typeof choice === 'string') return choice;
    this.model ||= stringOf(chunk, 'model') ?? '';
    const usage = fieldOf(chunk, 'usage');
    if (isObject(usage)) this.usage = usage;
    for (const [key, value] of Object.entries(extrasOf(chunk))) {
      if (value !== null || !this.extras.has(key)) this.extras.set(key, value);
    }
    return choice === undefined ? undefined : this.takeChoice(choice);
  }

  private takeChoice(choice: JsonObject): UnusableReason | undefined {
    const reason = stringOf(choice, 'finish_reason') ?? '';
    if (reason !== '' && this.finishReason !== '' && reason !== this.finishReason) {
      return 'changed_finish_reason';
    }
    this.finishReason ||= reason;
    const delta = fieldOf(choice, 'delta');
    if (!isObject(delta)) return undefined;
    for (const [key, value] of Object.entries(delta)) {
      if (key !== 'tool_calls') collect(this.deltas, key, value);
    }
    const calls = fieldOf(delta, 'tool_calls');
    return isArray(calls) ? this.takeCalls(calls) : undefined;
  }

  private takeCalls(calls: readonly JsonValue[]): UnusableReason | undefined {
    for (const call of calls) {
      if (!isObject(call)) return 'invalid_tool_call';
      const index = fieldOf(call, 'index');
      const valid =
        typeof index === 'number' &&
        Number.isInteger(index) &&
        index >= 0 &&
        index < TOOL_CALLS_MAX;
      if (!valid) return 'invalid_tool_call_index';
      collect(this.calls, index, without(call, INDEX));
    }
    return undefined;
  }

  private message(calls: readonly JsonObject[]): JsonObject {
    const others = [...this.deltas].filter(([key]) => !OWN_RULES.has(key));
    const rest = Object.fromEntries(others.map(([key, values]) => [key, combineFragments(values)]));
    const role = this.deltas.get('role')?.find((value) => !isBlank(value)) ?? 'assistant';
    const content = combineFragments(this.deltas.get('content') ?? []);
    // Streams open with an empty content even where the message has none.
    const isAbsent = content === '' && (calls.length > 0 || !isBlank(fieldOf(rest, 'refusal')));
    return Object.fromEntries<JsonValue>([
      ['role', role],
      ['content', isAbsent ? null : content],
      ...Object.entries(rest),
      ...(calls.length > 0 ? [['tool_calls', calls] as const] : []),
    ]);
  }
}

/** The rules that both ways share. */
function checkCompletion(completion: Completion): CompletionResult {
  const reason = finishFault(completion.finishReason) ?? messageFault(completion);
  return reason === undefined ? { kind: 'completion', completion } : unusable(reason);
}

function finishFault(reason: string): UnusableReason | undefined {
  if (reason === '') return 'missing_finish_reason';
  if (reason === 'stop' || reason === 'tool_calls') return undefined;
  return UNUSABLE_FINISH_REASONS.find((known) => known === reason) ?? 'unknown_finish_reason';
}

function messageFault({ message, finishReason }: Completion): UnusableReason | undefined {
  if (fieldOf(message, 'role') !== 'assistant') return 'unexpected_role';
  if (!isBlank(fieldOf(message, 'function_call'))) return 'function_call';
  const calls = fieldOf(message, 'tool_calls') ?? null;
  if (isBlank(calls) || (isArray(calls) && calls.length === 0)) {
    return finishReason === 'tool_calls' ? 'missing_tool_calls' : undefined;
  }
  return isArray(calls) ? checkToolCalls(calls) : 'invalid_tool_call';
}

/** The usage chunk and Azure's first chunk have no choice; some providers then leave the list out. */
function hasNoChoice(chunk: JsonObject): boolean {
  if (isFault(chunk)) return false;
  const choices = fieldOf(chunk, 'choices') ?? null;
  return isArray(choices)
    ? choices.length === 0
    : choices === null && isObject(fieldOf(chunk, 'usage'));
}

/** The one choice of a body or chunk, or why there is not exactly one that can be learned. */
function onlyChoice(body: JsonObject): JsonObject | UnusableReason {
  if (isFault(body)) return 'error';
  const choices = fieldOf(body, 'choices');
  if (!isArray(choices)) return 'not_a_completion';
  if (choices.length > 1) return 'several_choices';
  const choice = choices[0];
  if (!isObject(choice)) return 'missing_choice';
  if ((fieldOf(choice, 'index') ?? 0) !== 0) return 'several_choices';
  return (fieldOf(choice, 'logprobs') ?? null) === null ? choice : 'logprobs';
}

function isFault(body: JsonObject): boolean {
  return (fieldOf(body, 'error') ?? null) !== null;
}

function isBlank(value: JsonValue | undefined): boolean {
  return value === undefined || value === null || value === '';
}

function unusable(reason: UnusableReason): CompletionResult {
  return { kind: 'unusable', reason };
}
