/** From the answers that a walk reached to one outcome: serve, predict in the shadow, or miss with a reason. */
import { accepts, isNarrower, type Matcher } from '../template/matcher.ts';
import { matchLeaf } from '../template/match.ts';
import { templateText, type LeafTemplate, type MessageTemplate } from '../template/template.ts';
import type { TreeNode } from './node.ts';
import type { ReachedAnswer, Walk } from './walk.ts';

export type MissReason =
  | 'no_path'
  | 'no_answer'
  | 'too_many_candidates'
  | 'ambiguous'
  | 'derivation_abstains'
  | 'probation';

export type Decision =
  | { readonly kind: 'hit'; readonly answer: ServableAnswer }
  | { readonly kind: 'miss'; readonly reason: MissReason; readonly depth: number };

export type ServableAnswer = ReachedAnswer & { readonly message: string };

/** Decides on a walk. Errors: none; whatever is not certain is a miss. */
export function decide(walk: Walk): Decision {
  if (walk.kind === 'diverged') return { kind: 'miss', reason: 'no_path', depth: walk.depth };
  if (walk.kind === 'overflow')
    return { kind: 'miss', reason: 'too_many_candidates', depth: walk.depth };
  const depth = walk.states[0]?.path.length ?? 0;
  const answers = walk.answers.filter((answer) => !isSuperseded(answer, walk.answers));
  const [first, ...others] = answers;
  if (first === undefined) return { kind: 'miss', reason: 'no_answer', depth };
  const best = others.reduce(
    (chosen, answer) => (isInside(answer, chosen) ? answer : chosen),
    first,
  );
  const rivals = answers.filter(
    (answer) => answer !== best && !sameAnswer(answer, best) && !isInside(best, answer),
  );
  if (rivals.length > 0) return { kind: 'miss', reason: 'ambiguous', depth };
  const agreeing = answers.filter((answer) => answer === best || sameAnswer(answer, best));
  const served = agreeing.find(isServed);
  if (served !== undefined) return { kind: 'hit', answer: served };
  return {
    kind: 'miss',
    reason: best.message === undefined ? 'derivation_abstains' : 'probation',
    depth,
  };
}

/**
 * Whether an abstention is settled by a later node of the same template at the same place. That one
 * was only committed because it answers every exemplar of the earlier one as it was answered, and
 * was learned from what the earlier one left open.
 */
function isSuperseded(answer: ReachedAnswer, all: readonly ReachedAnswer[]): boolean {
  if (answer.message !== undefined) return false;
  const text = templateText(answer.node.template);
  return all.some(
    ({ node, message }) =>
      message !== undefined &&
      node.parent === answer.node.parent &&
      node.revision > answer.node.revision &&
      templateText(node.template) === text,
  );
}

/** Whether evidence allows to serve this very answer: state, and no variable outside what was seen of it. */
function isServed(answer: ReachedAnswer): answer is ServableAnswer {
  const { node, bindings, message } = answer;
  if (message === undefined || node.state !== 'serving') return false;
  if (node.evidence.required === 0) return true;
  return node.evidence.seen.every(
    ({ name, values }) => values.length !== 1 || bindings.get(name) === values[0],
  );
}

function sameAnswer(a: ReachedAnswer, b: ReachedAnswer): boolean {
  return (
    a.message !== undefined &&
    b.message !== undefined &&
    a.node.template.skeleton === b.node.template.skeleton &&
    a.texts.length === b.texts.length &&
    a.texts.every((text, index) => text === b.texts[index])
  );
}

/** Whether the threads that `a` fits are, all and strictly, among those that `b` fits. */
function isInside(a: ReachedAnswer, b: ReachedAnswer): boolean {
  const [above, over] = [a.path.slice(0, -1), b.path.slice(0, -1)];
  if (above.length !== over.length) return false;
  let strict = false;
  for (const [index, node] of above.entries()) {
    const other = over[index];
    if (other === undefined || !nodeWithin(node, other)) return false;
    strict ||= !nodeWithin(other, node);
  }
  return strict;
}

function nodeWithin(a: TreeNode, b: TreeNode): boolean {
  return a.id === b.id || isWithin(a.template, b.template);
}

/** Whether every message that `a` fits is one that `b` fits. Errs on the side of "no". */
export function isWithin(a: MessageTemplate, b: MessageTemplate): boolean {
  return (
    a.skeleton === b.skeleton &&
    a.leaves.length === b.leaves.length &&
    a.leaves.every((leaf, index) => leafWithin(leaf, b.leaves[index] ?? []))
  );
}

/** Private-use characters stand for the variables of the inner template; no kind accepts them by itself. */
const STAND_IN = 0xe000;

function leafWithin(inner: LeafTemplate, outer: LeafTemplate): boolean {
  const matchers = new Map<string, Matcher>();
  const standIns = new Map<string, string>();
  let text = '';
  for (const segment of inner) {
    if (segment.kind === 'literal') {
      if (/[\ue000-\uf8ff]/.test(segment.text)) return false;
      text += segment.text;
      continue;
    }
    const standIn = standIns.get(segment.name) ?? String.fromCharCode(STAND_IN + standIns.size);
    standIns.set(segment.name, standIn);
    matchers.set(standIn, segment.matcher);
    text += standIn;
  }
  const accept = (matcher: Matcher, value: string): boolean => {
    const variable = matchers.get(value);
    if (variable !== undefined) return isNarrower(variable, matcher);
    return !/[\ue000-\uf8ff]/.test(value) && accepts(matcher, value);
  };
  return matchLeaf(outer, { kind: 'text', text }, new Map(), accept).length > 0;
}
