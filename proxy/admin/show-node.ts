/** A node as people read it. Values that were seen are content; templates and programs are what was learned. */
import { formatExpression } from '../../core/expressions/format-expression.ts';
import { showTemplate } from '../../core/template/template.ts';
import type { NodeVariable, TreeNode } from '../../core/tree/node.ts';

export function showNode(node: TreeNode, allows: { readonly content: boolean }): object {
  return {
    ...outlineNode(node),
    scope: node.scope,
    parent: node.parent,
    template: showTemplate(node.template),
    matchers: matchersOf(node),
    guards: node.guards.map(({ name, condition }) =>
      allows.content ? { name, condition } : { name, condition: condition.kind },
    ),
    evidence: {
      ...node.evidence,
      seen: node.evidence.seen.map(({ name, values }) =>
        allows.content ? { name, values } : { name, values: values.length },
      ),
    },
  };
}

/** What a decision tells of each node on its path: nothing that any message said. */
export function outlineNode(node: TreeNode): object {
  const { confirmations, contradictions, required, reasons } = node.evidence;
  return {
    id: node.id,
    depth: node.depth,
    role: node.template.role,
    state: node.state,
    isAnswer: node.answer !== undefined,
    isPinned: node.pinned === true,
    evidence: { confirmations, contradictions, required, reasons },
    derivations: node.variables.flatMap(showDerivation),
  };
}

function showDerivation(variable: NodeVariable): object[] {
  if (variable.role !== 'dependent') return [];
  const { name, derivation } = variable;
  switch (derivation.kind) {
    case 'programs':
      return [{ name, programs: derivation.programs.map(formatExpression) }];
    case 'javascript':
      return [{ name, javascript: derivation.source, variables: derivation.variables }];
  }
}

function matchersOf(node: TreeNode): object[] {
  const byName = new Map<string, object>();
  for (const leaf of node.template.leaves) {
    for (const segment of leaf) {
      if (segment.kind === 'variable' && !byName.has(segment.name)) {
        const { name, matcher, condition } = segment;
        byName.set(name, { name, ...matcher, ...(condition === undefined ? {} : { condition }) });
      }
    }
  }
  return [...byName.values()];
}
