/**
 * Canonical messages: a skeleton (all that must be equal) and leaves (the texts that templates vary).
 * Two messages can match only if their skeletons are equal.
 */
import { canonicalNumber } from '../decimal.ts';
import {
  canonicalJson,
  memberOf,
  parseContainer,
  sortedEntries,
  stringMember,
  type Json,
  type JsonEntry,
} from '../json/json.ts';
import { LIMITS } from '../limits.ts';

/** `text`: a plain text. The others are leaves of a JSON text, which keep their JSON type; a `constant` is `true`, `false` or `null`. */
export type LeafKind = 'text' | 'string' | 'number' | 'constant';

export interface Leaf {
  /** Where the leaf stands: `content`, `content/1`, `tool_calls/0/get_weather/city`, … */
  readonly path: readonly string[];
  readonly kind: LeafKind;
  /** The text, or the source of a number or constant. */
  readonly text: string;
  /** Offsets of its token in the message's JSON and, for leaves of JSON texts, in that text. */
  readonly token: Range;
  readonly innerToken?: Range;
}

export interface Range {
  readonly start: number;
  readonly end: number;
}

export interface Message {
  readonly role: string;
  readonly skeleton: string;
  readonly leaves: readonly Leaf[];
}

export interface Thread {
  readonly messages: readonly Message[];
  /** Ids of the tool calls in the order of the conversation; skeletons hold their positions. */
  readonly callIds: readonly string[];
}

export type BypassReason =
  | 'unsupported_role'
  | 'unsupported_content'
  | 'unsupported_functions_api'
  | 'too_many_messages'
  | 'empty_messages'
  | 'not_messages';

export type ThreadResult =
  | { readonly kind: 'thread'; readonly thread: Thread }
  | { readonly kind: 'bypass'; readonly reason: BypassReason };

const ROLES = new Set(['system', 'developer', 'user', 'assistant', 'tool']);
/** Only these carry a JSON document as a whole; what people write stays text. */
const JSON_ROLES = new Set(['assistant', 'tool']);
const PART_TEXT: Readonly<Record<string, string>> = { text: 'text', refusal: 'refusal' };
/** Hints to the provider's own cache: they change the bill, not the answer. */
const PART_HINTS = new Set(['type', 'text', 'refusal', 'prompt_cache_breakpoint', 'cache_control']);

class Bypass {
  readonly reason: BypassReason;
  constructor(reason: BypassReason) {
    this.reason = reason;
  }
}

/** Reads a request's `messages`. Errors: none, what cannot be templated is a `bypass` with its reason. */
export function readThread(messages: Json | undefined): ThreadResult {
  if (messages?.kind !== 'array') return { kind: 'bypass', reason: 'not_messages' };
  if (messages.items.length === 0) return { kind: 'bypass', reason: 'empty_messages' };
  if (messages.items.length > LIMITS.threadMessagesMax) {
    return { kind: 'bypass', reason: 'too_many_messages' };
  }
  let thread: Thread = { messages: [], callIds: [] };
  for (const item of messages.items) {
    const next = appendMessage(thread, item);
    if (next.kind === 'bypass') return next;
    thread = next.thread;
  }
  return { kind: 'thread', thread };
}

/** The thread with one more message; ids of its tool calls continue the numbering. */
export function appendMessage(thread: Thread, item: Json): ThreadResult {
  const reader = new MessageReader(thread.callIds);
  const message = reader.read(item);
  if (message instanceof Bypass) return { kind: 'bypass', reason: message.reason };
  return {
    kind: 'thread',
    thread: { messages: [...thread.messages, message], callIds: reader.callIds },
  };
}

/**
 * The leaf of a message that is a single text and nothing else that varies, if it is one: whatever stands there as
 * text, the message differs in nothing but that.
 */
export function onlyText({ role, leaves }: Message): Leaf | undefined {
  return JSON_ROLES.has(role) || leaves.length !== 1 ? undefined : leaves[0];
}

class MessageReader {
  readonly callIds: string[];
  private readonly leaves: Leaf[] = [];
  /** Ids of the calls of this message. */
  private readonly own = new Set<string>();

  constructor(callIds: readonly string[]) {
    this.callIds = [...callIds];
  }

  read(item: Json): Message | Bypass {
    const role = stringMember(item, 'role');
    if (item.kind !== 'object' || role === undefined) return new Bypass('not_messages');
    if (role === 'function') return new Bypass('unsupported_functions_api');
    if (!ROLES.has(role)) return new Bypass('unsupported_role');
    const fields: string[] = [];
    for (const entry of sortedEntries(item.entries)) {
      // Clients echo absent fields as null or empty lists: both mean "absent".
      if (entry.key === 'role' || isAbsent(entry.value)) continue;
      const field = this.field(role, entry);
      if (field instanceof Bypass) return field;
      fields.push(`${JSON.stringify(entry.key)}=${field}`);
    }
    return { role, skeleton: `${role}{${fields.join(';')}}`, leaves: this.leaves };
  }

  private field(role: string, entry: JsonEntry): string | Bypass {
    switch (entry.key) {
      case 'content':
        return this.content(role, entry.value);
      case 'tool_calls':
        return this.toolCalls(entry.value);
      case 'tool_call_id':
        return this.reference(entry.value);
      case 'name':
      case 'refusal':
        return this.textLeaf(entry.value, [entry.key]);
      case 'audio':
        return new Bypass('unsupported_content');
      case 'function_call':
        return new Bypass('unsupported_functions_api');
      default:
        return canonicalJson(entry.value, canonicalNumber);
    }
  }

  private content(role: string, value: Json): string | Bypass {
    if (value.kind === 'string') return this.document(role, value);
    if (value.kind !== 'array') return new Bypass('unsupported_content');
    const only = value.items.length === 1 ? plainPart(value.items[0]) : undefined;
    if (only !== undefined) return this.document(role, only);
    const parts: string[] = [];
    for (const [index, part] of value.items.entries()) {
      const text = this.part(part, index);
      if (text instanceof Bypass) return text;
      parts.push(text);
    }
    return `[${parts.join(',')}]`;
  }

  private part(part: Json, index: number): string | Bypass {
    const type = stringMember(part, 'type') ?? '';
    const textKey = PART_TEXT[type];
    const text = textKey === undefined ? undefined : memberOf(part, textKey);
    if (part.kind !== 'object' || text?.kind !== 'string') return new Bypass('unsupported_content');
    const others = part.entries.filter(
      (entry) => !PART_HINTS.has(entry.key) && !isAbsent(entry.value),
    );
    const rest = canonicalJson({ kind: 'object', entries: others }, canonicalNumber);
    return `${type}${rest}${this.textLeaf(text, ['content', String(index)])}`;
  }

  /** A text, or, where the role carries documents and the text is one, its JSON leaves. */
  private document(role: string, value: Extract<Json, { kind: 'string' }>): string {
    return JSON_ROLES.has(role)
      ? this.jsonText(value, ['content'])
      : this.textLeaf(value, ['content']);
  }

  private toolCalls(value: Json): string | Bypass {
    if (value.kind !== 'array') return new Bypass('unsupported_content');
    const calls = value.items.map((call, index) => this.toolCall(call, index));
    return `[${calls.join(',')}]`;
  }

  private toolCall(call: Json, index: number): string {
    if (call.kind !== 'object') return canonicalJson(call, canonicalNumber);
    const fields: string[] = [];
    for (const entry of sortedEntries(call.entries)) {
      if (entry.key === 'index' || isAbsent(entry.value)) continue;
      const text =
        entry.key === 'id'
          ? this.definition(entry.value)
          : entry.key === 'function' || entry.key === 'custom'
            ? this.callee(entry.value, index)
            : canonicalJson(entry.value, canonicalNumber);
      fields.push(`${JSON.stringify(entry.key)}=${text}`);
    }
    return `{${fields.join(';')}}`;
  }

  private callee(value: Json, index: number): string {
    if (value.kind !== 'object') return canonicalJson(value, canonicalNumber);
    const name = stringMember(value, 'name') ?? '';
    const fields = sortedEntries(value.entries).map((entry) => {
      const path = ['tool_calls', String(index), name];
      const text =
        entry.value.kind !== 'string' || entry.key === 'name'
          ? canonicalJson(entry.value, canonicalNumber)
          : entry.key === 'arguments'
            ? this.jsonText(entry.value, path)
            : this.textLeaf(entry.value, [...path, entry.key]);
      return `${JSON.stringify(entry.key)}=${text}`;
    });
    return `{${fields.join(';')}}`;
  }

  private definition(value: Json): string {
    if (value.kind !== 'string') return canonicalJson(value, canonicalNumber);
    // Two calls of one message with one id cannot be told apart by position: the id stays literal.
    if (this.own.has(value.value)) return JSON.stringify(value.value);
    this.own.add(value.value);
    this.callIds.push(value.value);
    return `#${this.callIds.length - 1}`;
  }

  private reference(value: Json): string {
    if (value.kind !== 'string') return canonicalJson(value, canonicalNumber);
    const position = this.callIds.lastIndexOf(value.value);
    return position < 0 ? JSON.stringify(value.value) : `#${position}`;
  }

  private textLeaf(value: Json, path: readonly string[]): string {
    if (value.kind !== 'string') return canonicalJson(value, canonicalNumber);
    this.leaves.push({ path, kind: 'text', text: value.value, token: value });
    return 'T';
  }

  private jsonText(value: Extract<Json, { kind: 'string' }>, path: readonly string[]): string {
    const inner = parseContainer(value.value);
    if (inner === undefined) return this.textLeaf(value, path);
    const leaves: Leaf[] = [];
    const skeleton = jsonSkeleton(inner, path, value, leaves);
    if (leaves.length + this.leaves.length > LIMITS.messageLeavesMax)
      return this.textLeaf(value, path);
    this.leaves.push(...leaves);
    return `J${skeleton}`;
  }
}

function jsonSkeleton(value: Json, path: readonly string[], token: Range, leaves: Leaf[]): string {
  switch (value.kind) {
    case 'null':
    case 'boolean': {
      const text = value.kind === 'null' ? 'null' : String(value.value);
      leaves.push({ path, kind: 'constant', text, token, innerToken: value });
      return 'C';
    }
    case 'number':
      leaves.push({ path, kind: 'number', text: value.source, token, innerToken: value });
      return 'N';
    case 'string':
      leaves.push({ path, kind: 'string', text: value.value, token, innerToken: value });
      return 'S';
    case 'array':
      return `[${value.items
        .map((item, index) => jsonSkeleton(item, [...path, String(index)], token, leaves))
        .join(',')}]`;
    case 'object':
      return `{${sortedEntries(value.entries)
        .map(
          (e) =>
            `${JSON.stringify(e.key)}:${jsonSkeleton(e.value, [...path, e.key], token, leaves)}`,
        )
        .join(',')}}`;
  }
}

function isAbsent(value: Json): boolean {
  return value.kind === 'null' || (value.kind === 'array' && value.items.length === 0);
}

/** A single text part without further fields is the same as a string (DESIGN §11.13). */
function plainPart(part: Json | undefined): Extract<Json, { kind: 'string' }> | undefined {
  if (part?.kind !== 'object' || stringMember(part, 'type') !== 'text') return undefined;
  if (part.entries.some((entry) => !PART_HINTS.has(entry.key))) return undefined;
  const text = memberOf(part, 'text');
  return text?.kind === 'string' ? text : undefined;
}
