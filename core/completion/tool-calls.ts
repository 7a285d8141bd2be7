/** Tool calls of an answer: put together from their deltas, and checked before they are learned. */
import { combineObjects } from './combine.ts';
import {
  fieldOf,
  isObject,
  stringOf,
  type JsonObject,
  type JsonValue,
  type UnusableReason,
} from './completion.ts';

/** Where each type of call has its name and its text. */
export const CALL_FORMS = [
  { type: 'function', text: 'arguments' },
  { type: 'custom', text: 'input' },
] as const;

export type CallForm = (typeof CALL_FORMS)[number];

/** The form of `call`; some providers leave out its `type`, so the field decides. */
export function callFormOf(call: JsonObject): CallForm | undefined {
  return CALL_FORMS.find((form) => isObject(fieldOf(call, form.type)));
}

/**
 * One call from its deltas. Errors: another id or name than before is `changed_tool_call`. Some
 * providers number all parallel calls 0, and the arguments would run into one another.
 */
export function combineToolCall(deltas: readonly JsonObject[]): JsonObject | UnusableReason {
  const call = combineObjects(deltas);
  const form = callFormOf(call);
  if (form === undefined) return 'invalid_tool_call';
  const bodies = deltas.map((delta) => fieldOf(delta, form.type)).filter(isObject);
  if (isChanged(deltas, 'id') || isChanged(deltas, 'type') || isChanged(bodies, 'name')) {
    return 'changed_tool_call';
  }
  const body = combineObjects(bodies);
  // A function without parameters may come without a delta of arguments.
  const text = fieldOf(body, form.text) ?? '';
  return { ...call, type: form.type, [form.type]: { ...body, [form.text]: text } };
}

/** Errors: `invalid_tool_call` when a call could not be sent to a client in chunks. */
export function checkToolCalls(calls: readonly JsonValue[]): UnusableReason | undefined {
  return calls.every(isComplete) ? undefined : 'invalid_tool_call';
}

function isComplete(call: JsonValue): boolean {
  if (!isObject(call) || (stringOf(call, 'id') ?? '') === '') return false;
  const form = callFormOf(call);
  if (form === undefined || stringOf(call, 'type') !== form.type) return false;
  const body = fieldOf(call, form.type);
  if (!isObject(body) || stringOf(body, form.text) === undefined) return false;
  return (stringOf(body, 'name') ?? '') !== '';
}

function isChanged(deltas: readonly JsonObject[], key: string): boolean {
  const texts = deltas.map((delta) => stringOf(delta, key) ?? '').filter((text) => text !== '');
  return new Set(texts).size > 1;
}
