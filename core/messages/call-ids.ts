/**
 * Ids of tool calls are random for each run. Where one stands inside a text it is a variable
 * whose value the thread itself knows: `$call_0` is the id of the conversation's first call.
 */
import type { Thread } from './message.ts';

/** No binding of a user can have this prefix: names of variables begin with a letter or underscore. */
const PREFIX = '$call_';

/** Shorter ids ("1", "a") stand in texts by chance. */
const ID_CHARACTERS_MIN = 8;

/** The bindings that a thread brings along: one for each of its tool calls. */
export function callIdBindings(thread: Thread): Map<string, string> {
  const bindings = new Map<string, string>();
  thread.callIds.forEach((id, position) => {
    if (id.length >= ID_CHARACTERS_MIN) bindings.set(`${PREFIX}${position}`, id);
  });
  return bindings;
}

export function isCallIdVariable(name: string): boolean {
  return name.startsWith(PREFIX);
}
