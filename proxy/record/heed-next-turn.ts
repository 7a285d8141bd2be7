/**
 * What the next turn of a conversation says of an answer that a template gave, when that turn is a hit itself: no
 * exchange is kept of it, so a small record is (DESIGN §11.12). An exact hit says nothing new: its conversation counted
 * when it was recorded.
 */
import { callIdBindings } from '../../core/messages/call-ids.ts';
import { nextTurnOf } from '../../core/induction/next-turn.ts';
import { describeError, type Logger } from '../../adapters/logger.ts';
import type { Turn } from '../../adapters/mongo/turn-store.ts';
import type { MirrorView } from '../deps.ts';
import { sha256, type Asked, type Found } from '../request/plan.ts';

export interface HeedDeps {
  readonly mirror: Pick<MirrorView, 'tree'>;
  readonly now: () => number;
  readonly log: Logger;
  /** Takes the record, and returns at once. */
  readonly keep: (turn: Turn) => void;
}

/** Called when the client has its answer. Cheap where the newest messages say nothing. Errors: none. */
export function heedNextTurn(
  deps: HeedDeps,
  { question, messages, induce }: Asked,
  found: Found,
): void {
  const { thread } = question.request;
  if (found.reached === undefined || !induce || thread.messages.length < 3) return;
  try {
    const scope = question.scope.id;
    const tree = deps.mirror.tree(scope);
    if (tree === undefined) return;
    const known = new Map([...callIdBindings(thread), ...question.bindings]);
    const turn = nextTurnOf(tree, { scope, messages, thread, known }, sha256);
    if (turn === undefined) return;
    const { project } = question.scope;
    deps.keep({ ...turn, project, scope, thread: question.thread, at: deps.now() });
  } catch (error) {
    deps.log.error({ event: 'internal_error', where: 'heed', ...describeError(error) });
  }
}
