/**
 * Arguments of tools that a model chooses. A constant argument that stands in no text may be how the tool is used, or
 * what the model happened to say: where the same tool got another value from nowhere, it is the latter.
 */
import type { Leaf, Message } from '../messages/message.ts';
import type { LeafTemplate } from '../template/template.ts';
import type { TreeNode } from '../tree/node.ts';
import { barsFor, type Trust } from '../trust/risk.ts';
import { leastBar } from './evidence.ts';
import type { Exchange } from './exchange.ts';
import type { Promotion } from './promote.ts';
import { occurrences, type Span } from './span.ts';

/** Whether another call of the same tools has none of a span's value in its place, but something that nobody said. */
export function isChosen(answer: Message, span: Span, others: readonly Exchange[]): boolean {
  const leaf = answer.leaves[span.leaf];
  if (leaf === undefined || !isArgument(leaf)) return false;
  return others.some(
    (other) => other.answer.skeleton === answer.skeleton && differs([span.value], span.leaf, other),
  );
}

/** What an exchange shows of a template that takes an argument for a constant: undefined where nothing. */
export function doubtChosen(
  node: TreeNode,
  exchange: Exchange,
  trust: Trust,
): Promotion | undefined {
  if (!mayBeChosen(node, exchange)) return undefined;
  const { evidence, state } = node;
  const classes = [...evidence.classes, 'choice' as const];
  const doubted = { ...evidence, classes, ...barsFor(classes, trust) };
  const isServed = state === 'serving' && evidence.confirmations >= leastBar(doubted);
  return {
    evidence: { ...doubted, reasons: [...evidence.reasons, CHOSEN] },
    state: isServed ? 'serving' : 'probation',
    note: CHOSEN,
  };
}

export const CHOSEN = 'an argument of a tool is chosen by the model';

/** Whether the exchange's answer calls the tools of the node's with another constant, which nobody said. */
export function mayBeChosen(
  { answer, evidence, state, template }: TreeNode,
  exchange: Exchange,
): boolean {
  if (answer === undefined || (state !== 'probation' && state !== 'serving')) return false;
  if (template.skeleton !== exchange.answer.skeleton) return false;
  // What was vouched for by hand has no bar.
  if (evidence.required === 0 || !evidence.classes.includes('orphan')) return false;
  if (evidence.classes.includes('choice')) return false;
  return exchange.answer.leaves.some(
    (leaf, index) =>
      isArgument(leaf) && differs(fixedWords(template.leaves[index]), index, exchange),
  );
}

/** The fixed stretches of a leaf that say something. */
function fixedWords(leaf: LeafTemplate = []): string[] {
  return leaf.flatMap((segment) =>
    segment.kind === 'literal' && /[\p{L}\p{N}]/u.test(segment.text) ? [segment.text.trim()] : [],
  );
}

function isArgument({ path, kind }: Leaf): boolean {
  return path[0] === 'tool_calls' && (kind === 'string' || kind === 'number');
}

/** Whether the exchange's answer lacks one of the texts there, and has what stands nowhere before it. */
function differs(texts: readonly string[], index: number, { answer, thread }: Exchange): boolean {
  const other = answer.leaves[index]?.text;
  if (other === undefined) return false;
  if (texts.every((text) => other.includes(text))) return false;
  return !thread.messages.some(({ leaves }) =>
    leaves.some((leaf) => occurrences(leaf.text, other).length > 0),
  );
}
