/** Why a call that may not go to the provider has no answer: the nearest template, and what differs. */
import { explainMiss } from '../core/tree/explain.ts';
import { decide } from '../core/tree/decide.ts';
import { lookUpCode } from '../core/tree/look-up-code.ts';
import { ScopeTree } from '../core/tree/scope-tree.ts';
import { walk } from '../core/tree/walk.ts';
import type { ProxyDeps } from './deps.ts';
import type { NotCachedDetails } from './error-response.ts';
import type { Question } from './look-up.ts';
import type { Permissions } from './permissions.ts';
import { showDifference } from './show-difference.ts';

/** Content only where it is allowed. Errors: whatever the mirror or the walk throws. */
export function explainQuestion(
  { mirror, code }: Pick<ProxyDeps, 'mirror' | 'code'>,
  question: Question,
  allows: Permissions,
): NotCachedDetails | undefined {
  const { scope, request, bindings: explicit } = question;
  const tree = mirror.tree(scope.id) ?? new ScopeTree();
  const asked = { tree, scope: scope.id, thread: request.thread, explicit };
  const { bindings } = lookUpCode(asked, (call) => code.recall(call) ?? '');
  const walked = walk(tree, scope.id, request.thread, bindings);
  const decision = decide(walked);
  // An answer that was there, but too old, or taken back.
  if (decision.kind === 'hit') return undefined;
  const { depth, nearest, remedy } = explainMiss(tree, walked, request.thread, decision.reason);
  const difference = nearest?.difference && showDifference(nearest.difference, allows);
  return { remedy, depth, nearest: nearest === undefined ? null : { ...nearest, difference } };
}
