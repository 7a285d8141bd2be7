/** A chat request's canonical form: its scope (all but the messages) and its thread. */
import { canonicalNumber } from '../decimal.ts';
import { canonicalJson, memberOf, stringMember, type Json } from '../json/json.ts';
import { callIdBindings } from './call-ids.ts';
import { readThread, type BypassReason, type Thread } from './message.ts';

export interface ChatRequest {
  readonly model: string;
  /** Canonical text of every parameter that may change the answer. */
  readonly parameters: string;
  readonly thread: Thread;
  readonly stream: boolean;
  readonly includeUsage: boolean;
}

export type RequestBypass =
  | BypassReason
  | 'several_choices'
  | 'logprobs'
  | 'modalities'
  | 'audio'
  | 'web_search'
  | 'prediction'
  | 'moderation'
  | 'not_an_object';

export type ChatRequestResult =
  | { readonly kind: 'request'; readonly request: ChatRequest }
  | { readonly kind: 'bypass'; readonly reason: RequestBypass };

/** Transport and bookkeeping: they do not change the answer. Everything else, known or not, is in the scope. */
const NOT_IN_SCOPE = new Set([
  'messages',
  'stream',
  'stream_options',
  'user',
  'metadata',
  'store',
  'service_tier',
  'safety_identifier',
  'prompt_cache_key',
  'prompt_cache_options',
  'prompt_cache_retention',
  'n',
  'logprobs',
]);

const BYPASS_WHEN_PRESENT: readonly (readonly [string, RequestBypass])[] = [
  ['top_logprobs', 'logprobs'],
  ['audio', 'audio'],
  ['web_search_options', 'web_search'],
  ['prediction', 'prediction'],
  ['moderation', 'moderation'],
  ['functions', 'unsupported_functions_api'],
  ['function_call', 'unsupported_functions_api'],
];

/** Reads a parsed request body. Errors: none, what Ghee does not serve is a `bypass` with its reason. */
export function readChatRequest(body: Json): ChatRequestResult {
  if (body.kind !== 'object') return { kind: 'bypass', reason: 'not_an_object' };
  const reason = bypassReason(body);
  if (reason !== undefined) return { kind: 'bypass', reason };
  const read = readThread(memberOf(body, 'messages'));
  if (read.kind === 'bypass') return read;
  const options = memberOf(body, 'stream_options');
  return {
    kind: 'request',
    request: {
      model: stringMember(body, 'model') ?? '',
      parameters: parametersOf(body),
      thread: read.thread,
      stream: isTrue(memberOf(body, 'stream')),
      includeUsage: isTrue(memberOf(options, 'include_usage')),
    },
  };
}

function bypassReason(body: Json): RequestBypass | undefined {
  const n = memberOf(body, 'n');
  if (
    n !== undefined &&
    n.kind !== 'null' &&
    !(n.kind === 'number' && canonicalNumber(n.source) === '1')
  ) {
    return 'several_choices';
  }
  const logprobs = memberOf(body, 'logprobs');
  if (logprobs !== undefined && logprobs.kind !== 'null' && !isFalse(logprobs)) return 'logprobs';
  const modalities = memberOf(body, 'modalities');
  if (modalities?.kind === 'array') {
    const others = modalities.items.some((item) => item.kind !== 'string' || item.value !== 'text');
    if (others) return 'modalities';
  }
  for (const [key, reason] of BYPASS_WHEN_PRESENT) {
    const member = memberOf(body, key);
    if (member !== undefined && member.kind !== 'null') return reason;
  }
  return undefined;
}

function parametersOf(body: Extract<Json, { kind: 'object' }>): string {
  return body.entries
    .filter((entry) => !NOT_IN_SCOPE.has(entry.key) && entry.value.kind !== 'null')
    .map(({ key, value }) => {
      const name = key === 'max_completion_tokens' ? 'max_tokens' : key;
      return `${JSON.stringify(name)}:${canonicalJson(value, canonicalNumber)}`;
    })
    .sort()
    .join(',');
}

/**
 * The canonical text of a thread, or of a part of it with the call ids of all: equal exactly for threads that the
 * model cannot tell apart. Their hashes are the keys of the exact answers.
 */
export function threadText(thread: Thread): string {
  const ids = [...callIdBindings(thread)];
  const parts: string[] = [];
  for (const message of thread.messages) {
    parts.push(JSON.stringify(message.skeleton));
    for (const leaf of message.leaves) {
      parts.push(leaf.kind === 'number' ? canonicalNumber(leaf.text) : leafText(leaf.text, ids));
    }
  }
  return parts.join('\n');
}

/** Gives the canonical text of a thread of one message with one leaf, a text, for other texts in its place. */
export function lastTextWriter(thread: Thread): (text: string) => string {
  const ids = [...callIdBindings(thread)];
  const before = thread.messages.map(({ skeleton }) => `${JSON.stringify(skeleton)}\n`).join('');
  return (text) => before + leafText(text, ids);
}

/** A text with the ids of tool calls replaced by their positions; a list, so that no text can imitate one. */
function leafText(text: string, ids: readonly (readonly [string, string])[]): string {
  let pieces: (string | readonly [string])[] | undefined;
  for (const [name, id] of ids) {
    if (!text.includes(id)) continue;
    pieces ??= [text];
    pieces = pieces.flatMap((piece) =>
      typeof piece !== 'string'
        ? [piece]
        : piece
            .split(id)
            .flatMap((part, index) => (index === 0 ? [part] : [[name] as const, part])),
    );
  }
  // A text alone is written in half the time.
  return pieces === undefined ? `[${JSON.stringify(text)}]` : JSON.stringify(pieces);
}

function isTrue(value: Json | undefined): boolean {
  return value?.kind === 'boolean' && value.value;
}

function isFalse(value: Json): boolean {
  return value.kind === 'boolean' && !value.value;
}
