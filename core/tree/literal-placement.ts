/** Whether the literals of a template can stand in a message at all: what is checked before it is parsed. */
import { canonicalNumber } from '../decimal.ts';
import type { Leaf, Message } from '../messages/message.ts';
import type { LeafTemplate, MessageTemplate } from '../template/template.ts';
import { firstPlace } from '../template/find-literal.ts';
import { foldingOf } from '../template/pieces.ts';
import { literalText } from './grams.ts';

/** A leaf whose literals are not placed so soon, about 20 µs, is left to the parser and its budget. */
const STEPS_MAX = 256;

/**
 * True for every message that the template matches, whatever its variables take, the empty text included:
 * literals at the ends are compared, those between are placed as far left as they go, which leaves the
 * most room to the next ones. A leaf that folds is passed over.
 *
 * Cost: one pass over each leaf; no allocation for a leaf with variables.
 */
export function literalsFit(template: MessageTemplate, message: Message): boolean {
  if (template.leaves.length !== message.leaves.length) return false;
  for (let index = 0; index < message.leaves.length; index++) {
    const leaf = message.leaves[index];
    const pattern = template.leaves[index];
    if (leaf === undefined || pattern === undefined || !leafFits(pattern, leaf)) return false;
  }
  return true;
}

function leafFits(pattern: LeafTemplate, leaf: Leaf): boolean {
  if (leaf.kind !== 'number') return textFits(pattern, leaf.text);
  const text = literalText(pattern);
  return text === undefined || canonicalNumber(text) === canonicalNumber(leaf.text);
}

function textFits(pattern: LeafTemplate, text: string): boolean {
  if (foldingOf(pattern) !== undefined) return true;
  const last = pattern.length - 1;
  const tail = pattern[last];
  const hasTail = tail?.kind === 'literal';
  if (hasTail && !text.endsWith(tail.text)) return false;
  const end = hasTail ? text.length - tail.text.length : text.length;
  const budget = { steps: STEPS_MAX };
  let offset = 0;
  // Whether the next literal can only stand at `offset`: nothing of open length came before it.
  let pinned = true;
  for (let index = 0; index < (hasTail ? last : pattern.length); index++) {
    const segment = pattern[index];
    if (segment?.kind !== 'literal') {
      pinned = false;
      continue;
    }
    if (pinned) {
      if (!text.startsWith(segment.text, offset)) return false;
    } else {
      offset = firstPlace(text, segment.text, offset, budget);
      if (budget.steps < 0) return true;
      if (offset < 0) return false;
    }
    offset += segment.text.length;
  }
  return pinned ? offset === end : offset <= end;
}
