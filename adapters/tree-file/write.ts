/** Trees → YAML: the same trees give the same bytes, and one more template is a few more lines at one place. */
import { stringify } from 'yaml';
import { formatExpression } from '../../core/expressions/format-expression.ts';
import {
  inFileOrder,
  withoutContents,
  type Archive,
  type ArchivedContents,
  type ArchivedScope,
} from '../../core/tree/archive.ts';
import type { ExactAnswer } from '../../core/observation.ts';
import type { Evidence, NodeVariable, TreeNode } from '../../core/tree/node.ts';
import { showTemplate, type Segment } from '../../core/template/template.ts';
import type { Matcher } from '../../core/template/matcher.ts';
import type { AnswerForm } from '../../core/tree/node.ts';
import { FORMAT_VERSION } from './schema.ts';

/** What a scope has without contents goes without them, whatever the nodes say. */
export function writeTrees({ scopes }: Archive): string {
  const file = { ghee: FORMAT_VERSION, scopes: scopes.toSorted(byId).map(writeScope) };
  return stringify(file, { lineWidth: 0, aliasDuplicateObjects: false, version: '1.2' });
}

function writeScope({ scope, nodes, vetoes, answers, contents }: ArchivedScope): object {
  return {
    ...{ id: scope.id, project: scope.project, model: scope.model },
    ...(scope.namespace === undefined ? {} : { namespace: scope.namespace }),
    ...{ parameters: scope.parameters, endpoint: scope.endpoint },
    ...(vetoes.length === 0 ? {} : { vetoes: vetoes.toSorted(compareTexts) }),
    nodes: inFileOrder(nodes).map((node) =>
      writeNode(answers === undefined ? withoutContents(node) : node, answers === undefined),
    ),
    ...(answers === undefined ? {} : { answers: byAge(answers).map(writeExact) }),
    ...(contents === undefined ? {} : writeContents(contents)),
  };
}

function writeExact({ id, thread, observation, answer, at }: ExactAnswer): object {
  return { id, thread, observation, answer: writeAnswer(answer), at };
}

function writeContents({ observations, exemplars }: ArchivedContents): object {
  return {
    observations: byAge(observations).map(({ id, thread, shape, messages, answer, ...rest }) => ({
      ...{ id, thread, shape, messages, answer: writeAnswer(answer) },
      ...{ bindings: rest.bindings, induce: rest.induce, at: rest.at },
      ...(rest.audit === undefined ? {} : { audit: rest.audit }),
      ...(rest.trust === undefined ? {} : { trust: rest.trust }),
    })),
    exemplars: exemplars
      .map(({ node, observation, kind }) => ({ node, observation, kind }))
      .sort((a, b) => compareTexts(a.node + a.observation, b.node + b.observation)),
  };
}

function writeNode(node: TreeNode, isCounted: boolean): object {
  const { id, parent, scope, template, variables, guards, evidence, answer } = node;
  const { confirmations, contradictions, required, classes, reasons, seen } = evidence;
  const { requiredTyped, types } = evidence;
  const typed = isCounted ? {} : { requiredTyped, types: types.map(writeType) };
  return {
    id,
    ...(parent === scope ? {} : { parent }),
    reads: readsAs(node),
    state: node.state,
    ...(node.pinned === true ? { pinned: true } : {}),
    template: {
      role: template.role,
      skeleton: template.skeleton,
      leaves: template.leaves.map((leaf) => leaf.map(writeSegment)),
    },
    ...(variables.length === 0 ? {} : { variables: variables.map(writeVariable) }),
    ...(guards.length === 0 ? {} : { guards }),
    ...(answer === undefined ? {} : { answer: writeAnswer(answer) }),
    evidence: {
      ...{ confirmations, contradictions, required, classes, reasons, ...typed },
      seen: seen.map(({ name, values }) => ({ name, values: isCounted ? values.length : values })),
    },
  };
}

/** What `reads` says of a node. */
export function readsAs({ template }: Pick<TreeNode, 'template'>): string {
  return `${template.role}: ${showTemplate(template)}`;
}

function writeType(type: Evidence['types'][number]): object {
  const { name, values, shapes, expects, rivalled, doubtful, isWhole } = type;
  return { name, values, shapes, expects, rivalled, doubtful, isWhole };
}

function writeSegment(segment: Segment): unknown {
  if (segment.kind === 'literal') {
    const { text, fold } = segment;
    return fold === undefined ? text : { text, fold };
  }
  const { name: variable, matcher, condition } = segment;
  const takes = { variable, matcher: writeMatcher(matcher) };
  return condition === undefined ? takes : { ...takes, condition };
}

function writeMatcher(matcher: Matcher): unknown {
  return Object.keys(matcher).length === 1 ? matcher.kind : matcher;
}

function writeVariable(variable: NodeVariable): object {
  if (variable.role === 'independent') return { name: variable.name };
  const { name, derivation } = variable;
  return derivation.kind === 'javascript'
    ? { name, derivation }
    : { name, computes: derivation.programs.map(formatExpression), derivation };
}

function writeAnswer({ message, finishReason, model, usage, extras }: AnswerForm): object {
  return { message, finishReason, model, ...(usage === undefined ? {} : { usage }), extras };
}

function byAge<T extends { readonly id: string; readonly at: number }>(items: readonly T[]) {
  return items.toSorted((a, b) => a.at - b.at || compareTexts(a.id, b.id));
}

function byId(a: ArchivedScope, b: ArchivedScope): number {
  return compareTexts(a.scope.id, b.scope.id);
}

function compareTexts(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
