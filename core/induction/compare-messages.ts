/** Two assistant messages of one conversation, as JSON texts: does the one say what the other says? */
import { parseJson } from '../json/json.ts';
import { appendMessage, type Message, type Thread } from '../messages/message.ts';
import { compareAnswers, type Verdict } from './compare-answers.ts';
import { contentOf } from './exchange.ts';

/** `predicted` against `actual`, both answers to `thread`. Errors: undefined when one is no such message. */
export function compareMessages(
  thread: Thread,
  predicted: string,
  actual: string,
): Verdict | undefined {
  const [one, other] = [readAnswer(thread, predicted), readAnswer(thread, actual)];
  if (one === undefined || other === undefined) return undefined;
  const texts = one.leaves.map(({ text }) => text);
  const answer = { skeleton: one.skeleton, texts, content: contentOf(predicted) };
  return compareAnswers(answer, other, contentOf(actual));
}

function readAnswer({ callIds }: Thread, message: string): Message | undefined {
  const parsed = parseJson(message);
  if (parsed.kind === 'fault') return undefined;
  const read = appendMessage({ messages: [], callIds }, parsed.value);
  return read.kind === 'thread' ? read.thread.messages[0] : undefined;
}
