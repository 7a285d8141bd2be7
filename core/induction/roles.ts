/**
 * What each stretch of a proposal is: a value read off a request, a copy or a computation of such values, wording
 * that stays, or noise. An arrangement in which a value is used before it exists, or never comes to be, is refused.
 */
import { inputsOf } from '../expressions/derivation.ts';
import type { Message } from '../messages/message.ts';
import type { Placed } from './arrange.ts';
import type { DerivedVariable } from './derive.ts';
import { overlaps, type Span } from './span.ts';

export type Role = 'independent' | 'copy' | 'dependent' | 'constant' | 'noise';

export interface RoleOf {
  readonly role: Role;
  readonly span: Span;
  /** Of the variable; a constant has none. */
  readonly name?: string;
}

export interface Arrangement {
  readonly messages: readonly Message[];
  readonly placed: readonly Placed[];
  readonly derived: readonly DerivedVariable[];
  /** Variables of the path above, and what was known before anything is matched. */
  readonly known: ReadonlySet<string>;
}

/** `forward`: an input comes later than its use. `cycle`: a value would need itself. `thin-air`: nothing gives it. */
export type Disorder = 'forward' | 'cycle' | 'thin-air';

/** Why the variables cannot be filled in from the first message to the last; undefined where they can. */
export function findDisorder({
  messages,
  placed,
  derived,
  known,
}: Arrangement): Disorder | undefined {
  const firstAt = firstPlaces(messages, placed);
  const computed = new Map(derived.map((variable) => [variable.span.name, variable]));
  for (const { span, derivation } of derived) {
    for (const input of inputsOf(derivation)) {
      if (known.has(input)) continue;
      if (computed.has(input)) {
        if (dependsOn(input, span.name, computed)) return 'cycle';
        if ((computed.get(input)?.span.message ?? 0) > span.message) return 'forward';
        continue;
      }
      const at = firstAt.get(input);
      if (at === undefined) return 'thin-air';
      if (at >= span.message) return 'forward';
    }
  }
  const isGiven = ({ name, message }: Placed): boolean =>
    known.has(name) ||
    computed.has(name) ||
    messages[message]?.role !== 'assistant' ||
    (firstAt.get(name) ?? message) < message;
  return placed.every(isGiven) ? undefined : 'thin-air';
}

/** Variable → the first message that is no assistant's in which it stands. */
function firstPlaces(
  messages: readonly Message[],
  placed: readonly Placed[],
): ReadonlyMap<string, number> {
  const first = new Map<string, number>();
  for (const { name, message } of placed) {
    if (messages[message]?.role === 'assistant') continue;
    first.set(name, Math.min(message, first.get(name) ?? message));
  }
  return first;
}

function dependsOn(
  from: string,
  target: string,
  computed: ReadonlyMap<string, DerivedVariable>,
): boolean {
  const seen = new Set<string>();
  const waiting = [from];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (name === target) return true;
    const variable = computed.get(name);
    if (variable === undefined || seen.has(name)) continue;
    seen.add(name);
    waiting.push(...inputsOf(variable.derivation));
  }
  return false;
}

/** The role of every placed span, and of each value of assistant messages (`sinks`) that stays wording. */
export function rolesOf(
  { messages, placed, derived, known }: Arrangement,
  sinks: readonly Span[],
): RoleOf[] {
  const computed = new Set(derived.map(({ span }) => span.name));
  const used = new Set([
    ...derived.flatMap(({ derivation }) => inputsOf(derivation)),
    ...placed
      .filter(({ message }) => messages[message]?.role === 'assistant')
      .map(({ name }) => name),
  ]);
  const roleOf = ({ name, message }: Placed): Role => {
    if (computed.has(name)) return 'dependent';
    if (messages[message]?.role === 'assistant') return 'copy';
    return used.has(name) || known.has(name) ? 'independent' : 'noise';
  };
  return [
    ...placed.map((span): RoleOf => ({ role: roleOf(span), span, name: span.name })),
    ...sinks
      .filter((sink) => !placed.some((other) => overlaps(sink, other)))
      .map((span): RoleOf => ({ role: 'constant', span })),
  ];
}
