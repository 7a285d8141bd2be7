/** Is there an answer in memory? Exact answers first, then the tree. No round trip, no waiting. */
import type { CodeCall } from '../../core/expressions/derivation.ts';
import type { ChatRequest } from '../../core/messages/request.ts';
import { answerKey, type Hash, type Scope } from '../../core/observation.ts';
import type { Bindings } from '../../core/template/template.ts';
import { decide, type ServableAnswer } from '../../core/tree/decide.ts';
import type { AnswerForm } from '../../core/tree/node.ts';
import { lookUpCode } from '../../core/tree/look-up-code.ts';
import type { ScopeTree } from '../../core/tree/scope-tree.ts';
import { beginWalk, endWalk, isBegun, type BegunWalk, type Walk } from '../../core/tree/walk.ts';
import type { MirrorStatus } from '../../adapters/mongo/mirror.ts';
import type { MirrorView } from '../deps.ts';
import type { Outcome } from '../outcome.ts';

export interface Question {
  readonly scope: Scope;
  readonly request: ChatRequest;
  /** Hash of the thread. */
  readonly thread: string;
  readonly bindings: Bindings;
  /** A new answer is asked for. */
  readonly noCache: boolean;
  /** Seconds; older answers do not answer it. */
  readonly maxAge: number | undefined;
  /** Questions that only differ in the text of their last message share it. */
  readonly beginning?: Beginning;
}

/** How the walks of several questions begin. */
export interface Beginning {
  /** The last one; it holds while its tree does. */
  walk: BegunWalk | undefined;
}

export type LookUp =
  | {
      readonly kind: 'found';
      readonly answer: AnswerForm;
      /** The assistant message to send, as JSON text; its call ids are still the recorded ones. */
      readonly message: string;
      readonly outcome: Extract<Outcome, { cache: 'hit' }>;
      /** How the tree came to it; undefined for an exact answer. */
      readonly reached: ServableAnswer | undefined;
    }
  /** The walk cannot decide before these have been run. */
  | { readonly kind: 'compute'; readonly calls: readonly CodeCall[] }
  /** `refresh`: there may be a stored answer, and the new one takes its place. */
  | { readonly kind: 'none'; readonly reason: string; readonly refresh: boolean };

export interface LookUpContext {
  readonly mirror: MirrorView;
  readonly now: number;
  readonly staleMaxSeconds: number;
  /** Results of code derivations that are known; the text is empty where one does not know. */
  readonly recall: (call: CodeCall) => string | undefined;
  readonly hash: Hash;
}

/** Errors: whatever the mirror or the walk throws; the caller forwards then. */
export function lookUp(context: LookUpContext, question: Question): LookUp {
  const { scope, request, thread, bindings } = question;
  if (question.noCache) return none('no_cache', true);
  const unfit = unfitReason(context.mirror.status(), context.staleMaxSeconds);
  if (unfit !== undefined) return none(unfit);
  if (!context.mirror.holds(scope.id)) return none('scope_loading');
  const exact = context.mirror.exact(scope.id, thread);
  if (exact !== undefined) {
    if (isTooOld(context, question, exact.at)) return none('expired', true);
    const { answer, id } = exact;
    const outcome = { cache: 'hit', reason: 'exact', node: id } as const;
    return { kind: 'found', answer, message: answer.message, outcome, reached: undefined };
  }
  const tree = context.mirror.tree(scope.id);
  if (tree === undefined) return none('no_path');
  const { thread: messages } = request;
  const code = lookUpCode(
    { tree, scope: scope.id, thread: messages, explicit: bindings },
    context.recall,
  );
  if (code.missing.length > 0) return { kind: 'compute', calls: code.missing };
  const decision = decide(walkFor(question, tree, code.bindings));
  if (decision.kind === 'miss') return none(decision.reason);
  const { node, message } = decision.answer;
  // A template is as old as the newest answer of the provider that agreed with it (DESIGN §11.16).
  if (isTooOld(context, question, context.mirror.agreedAt(node.id))) return none('expired');
  if (isVetoed(context, question, decision.answer)) return none('vetoed');
  const outcome = { cache: 'hit', reason: 'template', node: node.id } as const;
  return { kind: 'found', answer: node.answer, message, outcome, reached: decision.answer };
}

/** Bindings that code gave are none of the beginning's: they may come from the last message. */
function walkFor(question: Question, tree: ScopeTree, bindings: Bindings): Walk {
  const { beginning, scope, request } = question;
  const known = tree.hasCode ? undefined : beginning?.walk;
  const holds = known?.tree === tree && known.version === tree.version;
  const begun = holds ? known : beginWalk(tree, scope.id, request.thread, bindings);
  if (!isBegun(begun)) return begun;
  if (beginning !== undefined && !tree.hasCode) beginning.walk = begun;
  return endWalk(begun, request.thread);
}

function isTooOld({ now }: LookUpContext, { maxAge }: Question, at: number | undefined): boolean {
  return maxAge !== undefined && (at === undefined || now - at > maxAge * 1000);
}

/** Whether somebody said that this very answer to this very thread is wrong (DESIGN §11.3). */
function isVetoed(
  { mirror, hash }: LookUpContext,
  { scope, thread }: Question,
  answer: ServableAnswer,
): boolean {
  const vetoed = mirror.vetoed(scope.id);
  if (vetoed === undefined || vetoed.size === 0) return false;
  return vetoed.has(answerKey(hash, { scope: scope.id, thread }, answerTexts(answer)));
}

/** What names an answer that the tree gives: see `answerKey`. */
export function answerTexts({ node, texts }: ServableAnswer) {
  return { skeleton: node.template.skeleton, texts };
}

function none(reason: string, refresh = false): LookUp {
  return { kind: 'none', reason, refresh };
}

/** Why the mirror must not be read now, if so (DESIGN §11.18). */
export function unfitReason(status: MirrorStatus, staleMaxSeconds: number): string | undefined {
  switch (status.kind) {
    case 'live':
      return undefined;
    case 'loading':
      return 'mirror_loading';
    case 'stale':
      // The database answers, so others may have changed it meanwhile; without one nobody can.
      return status.reachable || status.seconds > staleMaxSeconds ? 'mirror_stale' : undefined;
  }
}
