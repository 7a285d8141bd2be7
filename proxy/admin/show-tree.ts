/** Nodes as the picture of a tree needs them: templates in parts, so that variables can be told from text. */
import type { LeafTemplate, MessageTemplate } from '../../core/template/template.ts';
import type { TreeNode } from '../../core/tree/node.ts';
import type { Part, TreeNodeShown } from './contract/template.ts';
import type { AdminDeps } from './deps.ts';
import { labelLeaves } from './leaf-labels.ts';

/** Enough to recognise a template by. */
const PICTURE_CHARACTERS = 200;
/** A node's own page has more, but no book. */
const PAGE_CHARACTERS = 20_000;

/**
 * With how many children each has, as this proxy knows: to ask the database for a thousand of them takes seconds. Those
 * that are not walked through count as well, since people want to see them.
 */
export function showTreeNodes(
  { mirror }: { readonly mirror: Pick<AdminDeps['mirror'], 'tree'> },
  nodes: readonly TreeNode[],
): TreeNodeShown[] {
  const counts = new Map(nodes.map(({ id }) => [id, 0]));
  for (const scope of new Set(nodes.map((node) => node.scope))) {
    for (const { parent } of mirror.tree(scope)?.all() ?? []) {
      const count = counts.get(parent);
      if (count !== undefined) counts.set(parent, count + 1);
    }
  }
  return nodes.map((node) => showTreeNode(node, counts.get(node.id) ?? 0));
}

export function showTreeNode(node: TreeNode, children: number): TreeNodeShown {
  const { id, parent, depth, state, evidence, template, variables } = node;
  const named = (role: 'independent' | 'dependent') =>
    variables.filter((one) => one.role === role && isShown(one.name)).map(({ name }) => name);
  return {
    id,
    parent,
    depth,
    role: template.role,
    state,
    isAnswer: node.answer !== undefined,
    parts: cut(joined(labelledLeaves(template)), PICTURE_CHARACTERS),
    reads: named('independent'),
    derives: named('dependent'),
    confirmations: evidence.confirmations,
    required: evidence.required,
    children,
  };
}

/** One list of parts for each field of the message. */
export function showLeaves({ template }: TreeNode): Part[][] {
  let left = PAGE_CHARACTERS;
  return labelledLeaves(template).map((leaf) => {
    const parts = cut(leaf, left);
    left -= lengthOf(parts);
    return parts;
  });
}

/** Each leaf with what it is called: a key of JSON, the tool that a call names. */
function labelledLeaves({ leaves, skeleton }: MessageTemplate): Part[][] {
  const labels = labelLeaves(skeleton);
  return leaves.map((leaf, index) => {
    const { tool, key } = labels[index] ?? { tool: undefined, key: undefined };
    const called = tool === undefined ? '' : `${tool} → `;
    const label = key === undefined ? called : `${called}${key}: `;
    return label === '' ? partsOf(leaf) : [{ text: label }, ...partsOf(leaf)];
  });
}

function joined(leaves: readonly (readonly Part[])[]): Part[] {
  return leaves.flatMap((leaf, index) => (index === 0 ? leaf : [{ text: ', ' }, ...leaf]));
}

/** Ids of tool calls are variables, too, but none that people know. */
export function isShown(variable: string): boolean {
  return !variable.startsWith('$');
}

function partsOf(leaf: LeafTemplate): Part[] {
  return leaf.map((segment) =>
    segment.kind === 'literal' ? { text: segment.text } : { variable: segment.name },
  );
}

function cut(parts: readonly Part[], characters: number): Part[] {
  const shown: Part[] = [];
  let left = Math.max(0, characters);
  for (const part of parts) {
    if (left <= 0) return [...shown, { text: '…' }];
    if ('text' in part && part.text.length > left) {
      return [...shown, { text: `${wholeCharacters(part.text, left)}…` }];
    }
    shown.push(part);
    left -= lengthOf([part]);
  }
  return shown;
}

function lengthOf(parts: readonly Part[]): number {
  return parts.reduce((sum, part) => sum + ('text' in part ? part.text : part.variable).length, 0);
}

/** Never half of a surrogate pair. */
function wholeCharacters(text: string, length: number): string {
  const part = text.slice(0, length);
  return part.isWellFormed() ? part : part.slice(0, -1);
}
