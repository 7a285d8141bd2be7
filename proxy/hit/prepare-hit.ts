/** A stored answer rendered but for what is new in every hit: its id and its time. */
import { mintId } from '../../core/completion/mint-id.ts';
import type { AnswerForm } from '../../core/tree/node.ts';
import { hitText, secondsOf, type HitContext, type HitForm } from './serve-hit.ts';

export interface Prepared {
  readonly answer: AnswerForm;
  /** The text around the heads. */
  readonly pieces: readonly string[];
  /** What stands between id and time in a head. */
  readonly object: string;
}

/**
 * Undefined where more than the head is new: ids of tool calls are. `form` must be that of every hit that is filled
 * from it. Errors: StoredAnswerError.
 */
export function prepareHit(
  answer: AnswerForm,
  form: HitForm,
  context: HitContext,
): Prepared | undefined {
  if (answer.message.includes('"tool_calls"')) return undefined;
  // Random, so that no answer holds it.
  const id = mintId('', context.random) + mintId('', context.random);
  const object = form.stream ? 'chat.completion.chunk' : 'chat.completion';
  const text = hitText({ answer, message: answer.message }, form, { ...context, id, created: 0 });
  const pieces = text.split(head(id, object, 0));
  return pieces.length < 2 ? undefined : { answer, pieces, object };
}

export function fillHit({ pieces, object }: Prepared, context: HitContext): string {
  return pieces.join(head(mintId('', context.random), object, secondsOf(context)));
}

/** The first fields of a completion and of each chunk, as `renderCompletion` and `streamWriter` write them. */
function head(id: string, object: string, created: number): string {
  return `{"id":"${id}","object":"${object}","created":${String(created)},`;
}
