/** An observation as the steps of induction see it: canonical messages, the answer as the last of them. */
import { memberOf, parseJson, stringMember, type Json } from '../json/json.ts';
import { callIdBindings } from '../messages/call-ids.ts';
import { appendMessage, readThread, type Message, type Thread } from '../messages/message.ts';
import type { Observation } from '../observation.ts';
import type { Bindings } from '../template/template.ts';

export interface Exchange {
  readonly observation: Observation;
  readonly thread: Thread;
  readonly answer: Message;
  /** The thread's messages, then the answer. */
  readonly messages: readonly Message[];
  /** What is known before anything is matched: ids of tool calls and the client's own bindings. */
  readonly known: Bindings;
}

/** Fields of an assistant message that templates understand; any other makes an answer exact-only. */
const UNDERSTOOD = new Set(['role', 'content', 'tool_calls', 'name']);

/** Reads an observation back. Errors: undefined when its texts are not what a proxy records. */
export function readExchange(observation: Observation): Exchange | undefined {
  const messages = parseJson(observation.messages);
  const recorded = parseJson(observation.answer.message);
  if (messages.kind === 'fault' || recorded.kind === 'fault') return undefined;
  const read = readThread(messages.value);
  if (read.kind === 'bypass') return undefined;
  // The answer is read on its own, so that its offsets are those of its own text.
  const appended = appendMessage({ messages: [], callIds: read.thread.callIds }, recorded.value);
  const answer = appended.kind === 'thread' ? appended.thread.messages[0] : undefined;
  if (answer === undefined) return undefined;
  return {
    observation,
    thread: read.thread,
    answer,
    messages: [...read.thread.messages, answer],
    known: new Map([...callIdBindings(read.thread), ...observation.bindings]),
  };
}

/** Whether the answer has fields that only its own exchange can vouch for (DESIGN §11.15). */
export function isExactOnly(observation: Observation): boolean {
  const parsed = parseJson(observation.answer.message);
  if (parsed.kind === 'fault' || parsed.value.kind !== 'object') return true;
  return (
    parsed.value.entries.some((entry) => !UNDERSTOOD.has(entry.key) && !isEmpty(entry.value)) ||
    memberOf(parsed.value, 'role')?.kind !== 'string'
  );
}

function isEmpty(value: Json): boolean {
  return value.kind === 'null' || (value.kind === 'array' && value.items.length === 0);
}

/** The content of an assistant message as JSON text, where it is a text and nothing else is said. */
export function contentOf(message: string): string | undefined {
  const parsed = parseJson(message);
  if (parsed.kind === 'fault') return undefined;
  const calls = memberOf(parsed.value, 'tool_calls');
  return calls === undefined || isEmpty(calls) ? stringMember(parsed.value, 'content') : undefined;
}
