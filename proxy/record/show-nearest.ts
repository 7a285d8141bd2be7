/** A message beside the template that comes nearest to it, as people read differences: for those who may see content. */
import type { Difference } from '../../core/template/difference.ts';
import type { LeafTemplate } from '../../core/template/template.ts';
import { showTemplate } from '../../core/template/template.ts';
import type { Message } from '../../core/messages/message.ts';
import type { ReachedAnswer } from '../../core/tree/walk.ts';
import type { TreeNode } from '../../core/tree/node.ts';

const SHOWN_CHARACTERS_MAX = 160;
/** So much of what both have in common stands before the difference. */
const BEFORE_CHARACTERS = 60;

/** Lines such as `- Say hello to {{name}}`, `+ Say goodbye to Erik` and a mark below the first difference. */
export function showNearest(
  { template }: Pick<TreeNode, 'template'>,
  message: Message,
  difference: Difference | undefined,
): string {
  const isAtPlace = difference !== undefined && 'offset' in difference;
  const leaf = isAtPlace ? difference.leaf : undefined;
  const expected =
    leaf === undefined
      ? showTemplate(template)
      : showTemplate({ ...template, leaves: [template.leaves[leaf] ?? ([] as LeafTemplate)] });
  const found =
    leaf === undefined
      ? message.leaves.map(({ text }) => text).join(' · ')
      : (message.leaves[leaf]?.text ?? '');
  const offset = isAtPlace ? difference.offset : 0;
  const from = Math.max(0, offset - BEFORE_CHARACTERS);
  // A template reads the same as its message up to there only where no variable stands before it.
  const isAligned = expected.slice(0, from) === found.slice(0, from);
  const window = excerpt(found, from);
  const mark = ' '.repeat(2 + window.lead + escaped(found.slice(from, offset)).length);
  return [
    `- ${template.role}: ${excerpt(expected, isAligned ? from : 0).text}`,
    `+ ${message.role}: ${window.text}`,
    ...(isAtPlace ? [`${mark}${' '.repeat(message.role.length + 2)}^`] : []),
  ].join('\n');
}

/** The values that a variable had when the template was learned, and the one that it has now; undefined if all varied. */
export function showUnseen({
  node,
  bindings,
}: Pick<ReachedAnswer, 'node' | 'bindings'>): string | undefined {
  const lines = node.evidence.seen.flatMap(({ name, values }) => {
    const [seen, ...others] = values;
    const value = bindings.get(name);
    if (seen === undefined || others.length > 0 || value === undefined || value === seen) return [];
    return [`- {{${name}}}: ${excerpt(seen, 0).text}`, `+ {{${name}}}: ${excerpt(value, 0).text}`];
  });
  return lines.length === 0 ? undefined : lines.join('\n');
}

function excerpt(text: string, from: number): { readonly text: string; readonly lead: number } {
  const cut = text.slice(from, from + SHOWN_CHARACTERS_MAX);
  const lead = from > 0 ? '…' : '';
  const rest = from + SHOWN_CHARACTERS_MAX < text.length ? '…' : '';
  return { text: `${lead}${escaped(cut)}${rest}`, lead: lead.length };
}

/** On one line. */
function escaped(text: string): string {
  return JSON.stringify(text.toWellFormed()).slice(1, -1).replaceAll('\\"', '"');
}
