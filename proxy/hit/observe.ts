/** In the mode `observe` the provider answers, and what Ghee would have said is held against it. */
import type { Completion } from '../../core/completion/completion.ts';
import { compareMessages } from '../../core/induction/compare-messages.ts';
import type { Verdict } from '../../core/induction/compare-answers.ts';
import type { Asked, Found } from '../request/plan.ts';

export interface Observed {
  readonly asked: Asked;
  readonly predicted: Found;
  /** The provider's. */
  readonly completion: Completion;
  readonly verdict: Verdict;
}

/** Shape: messages that cannot be read are taken for a contradiction: nothing shows that they agree. */
export function observe(asked: Asked, predicted: Found, completion: Completion): Observed {
  const { thread } = asked.question.request;
  const actual = JSON.stringify(completion.message);
  const verdict = compareMessages(thread, predicted.message, actual) ?? 'contradict';
  return { asked, predicted, completion, verdict };
}
