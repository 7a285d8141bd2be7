/** Why a call that may not go to the provider has no answer: the nearest template, and what differs. */
import { explainMiss } from '../../core/tree/explain.ts';
import { decide } from '../../core/tree/decide.ts';
import { lookUpCode } from '../../core/tree/look-up-code.ts';
import { ScopeTree } from '../../core/tree/scope-tree.ts';
import { walk } from '../../core/tree/walk.ts';
import type { ProxyDeps } from '../deps.ts';
import type { NotCachedDetails } from '../error-response.ts';
import type { Question } from '../hit/look-up.ts';
import type { Permissions } from '../request/permissions.ts';
import { showNearest, showUnseen } from './show-nearest.ts';
import { showDifference } from './show-difference.ts';

/** Content only where it is allowed. Errors: whatever the mirror or the walk throws. */
export function explainQuestion(
  { mirror, code, lock }: Pick<ProxyDeps, 'mirror' | 'code' | 'lock'>,
  question: Question,
  allows: Permissions,
): NotCachedDetails | undefined {
  const { scope, request, bindings: explicit } = question;
  const known = mirror.tree(scope.id);
  if (known === undefined && lock !== undefined)
    return { remedy: lock.explain(scope), depth: 0, nearest: null };
  const tree = known ?? new ScopeTree();
  const asked = { tree, scope: scope.id, thread: request.thread, explicit };
  const { bindings } = lookUpCode(asked, (call) => code.recall(call) ?? '');
  const walked = walk(tree, scope.id, request.thread, bindings);
  const decision = decide(walked);
  // An answer that was there, but too old, or taken back.
  if (decision.kind === 'hit') return undefined;
  const { depth, nearest, remedy } = explainMiss(tree, walked, request.thread, decision.reason);
  if (nearest === undefined) {
    const reached = walked.kind === 'reached' ? walked.answers[0] : undefined;
    const diff = allows.content && reached !== undefined ? showUnseen(reached) : undefined;
    return { remedy, depth, nearest: null, diff };
  }
  const difference = nearest.difference && showDifference(nearest.difference, allows);
  const [node, message] = [tree.get(nearest.node), request.thread.messages[depth]];
  const isShown = allows.content && node !== undefined && message !== undefined;
  const diff = isShown ? showNearest(node, message, nearest.difference) : undefined;
  return { remedy, depth, nearest: { ...nearest, difference }, diff };
}
