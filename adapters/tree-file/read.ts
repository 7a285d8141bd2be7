/** YAML → trees. The file is untrusted: each fault is told with its line and where in the file it is, never its content. */
import { isNode, LineCounter, parseDocument, visit, type Document } from 'yaml';
import { forgottenValues } from '../../core/induction/evidence.ts';
import type { Archive, ArchivedContents, ArchivedScope } from '../../core/tree/archive.ts';
import type { NodeVariable, TreeNode } from '../../core/tree/node.ts';
import { evenBars } from '../../core/trust/risk.ts';
import { LIMITS } from '../../core/limits.ts';
import { TREE_FILE, type FileNode, type FileScope } from './schema.ts';
import { readsAs } from './write.ts';

export interface FileProblem {
  readonly line: number;
  /** Such as `scopes[0].nodes[3].template`. */
  readonly path: string;
  readonly message: string;
}

export type ReadTrees =
  | { readonly kind: 'archive'; readonly archive: Archive }
  | { readonly kind: 'problems'; readonly problems: readonly FileProblem[] };

export interface ReadOptions {
  /** Why code may not be run as a derivation; undefined where it may. */
  readonly refuseCode: (source: string) => string | undefined;
}

const PROBLEMS_MAX = 20;
type Path = readonly PropertyKey[];
type Report = (path: Path, message: string) => void;

/** Errors: none, all that is wrong with a file is a value. */
export function readTrees(text: string, options: ReadOptions): ReadTrees {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, version: '1.2', schema: 'core' });
  const problems: FileProblem[] = [];
  for (const { pos, code } of document.errors) {
    problems.push({ line: lines.linePos(pos[0]).line, path: '', message: `no YAML: ${code}` });
  }
  visit(document, {
    Alias: (_key, { range }) => {
      const line = lines.linePos(range?.[0] ?? 0).line;
      problems.push({ line, path: '', message: 'aliases are not allowed' });
    },
  });
  if (problems.length > 0) return { kind: 'problems', problems: problems.slice(0, PROBLEMS_MAX) };
  const report: Report = (path, message) =>
    problems.push({ line: lineOf(document, lines, path), path: showPath(path), message });
  const parsed = TREE_FILE.safeParse(document.toJS({ maxAliasCount: 0 }));
  if (!parsed.success) {
    for (const issue of parsed.error.issues) report(issue.path, issue.message);
    return { kind: 'problems', problems: problems.slice(0, PROBLEMS_MAX) };
  }
  const scopes = parsed.data.scopes.map((scope, index) =>
    toScope(scope, options, (path, message) => report(['scopes', index, ...path], message)),
  );
  findTwice(parsed.data.scopes, (index) => report(['scopes', index], 'is there twice'));
  return problems.length > 0
    ? { kind: 'problems', problems: problems.slice(0, PROBLEMS_MAX) }
    : { kind: 'archive', archive: { scopes } };
}

function toScope(file: FileScope, options: ReadOptions, report: Report): ArchivedScope {
  const { id, project, model, parameters, endpoint, namespace, vetoes = [], answers } = file;
  const depths = new Map([[id, -1]]);
  const nodes = file.nodes.map((node, index): TreeNode => {
    const at = (path: Path, message: string): void => report(['nodes', index, ...path], message);
    const depth = (depths.get(node.parent ?? id) ?? LIMITS.threadMessagesMax) + 1;
    if (depth > LIMITS.threadMessagesMax) at(['parent'], 'is not among the nodes before it');
    depths.set(node.id, depth);
    if (node.reads !== readsAs(node)) at(['reads'], 'is not what the template says');
    checkCode(node, options, at);
    return toNode(node, { scope: id, depth, revision: index });
  });
  findTwice(file.nodes, (index) => report(['nodes', index], 'is there twice'));
  const scope = {
    ...{ id, project, model, parameters, endpoint },
    ...(namespace === undefined ? {} : { namespace }),
  };
  return {
    ...{ scope, nodes, vetoes },
    answers: answers?.map(({ answer, ...rest }) => ({
      ...{ ...rest, project, scope: id, answer: { ...answer, usage: answer.usage } },
    })),
    contents: toContents(file),
  };
}

function toNode(
  file: FileNode,
  place: { readonly scope: string; readonly depth: number; readonly revision: number },
): TreeNode {
  const { id, parent = place.scope, template, variables = [], guards = [], state } = file;
  const seen = file.evidence.seen.map(({ name, values }) => ({
    name,
    values: typeof values === 'number' ? forgottenValues(values) : values,
  }));
  return {
    ...{ id, parent, ...place, template, variables, guards, state },
    answer: file.answer && { ...file.answer, usage: file.answer.usage },
    evidence: {
      ...file.evidence,
      ...evenBars(file.evidence.required),
      ...(file.evidence.requiredTyped === undefined
        ? {}
        : { requiredTyped: file.evidence.requiredTyped }),
      types: file.evidence.types ?? [],
      seen,
    },
    ...(file.pinned === true ? { pinned: true } : {}),
  };
}

/** A file without either has no contents; one that has one of them has the other, empty. */
function toContents(file: FileScope): ArchivedContents | undefined {
  const { id: scope, project, observations = [], exemplars = [] } = file;
  if (file.observations === undefined && file.exemplars === undefined) return undefined;
  return {
    observations: observations.map(({ answer, ...rest }) => ({
      ...{ ...rest, project, scope, answer: { ...answer, usage: answer.usage } },
    })),
    exemplars,
  };
}

function checkCode({ variables = [] }: FileNode, options: ReadOptions, report: Report): void {
  variables.forEach((variable: NodeVariable, index) => {
    if (variable.role !== 'dependent' || variable.derivation.kind !== 'javascript') return;
    const refusal = options.refuseCode(variable.derivation.source);
    if (refusal !== undefined) report(['variables', index, 'derivation', 'source'], refusal);
  });
}

function findTwice(items: readonly { readonly id: string }[], report: (index: number) => void) {
  const ids = new Set<string>();
  items.forEach(({ id }, index) => {
    if (ids.has(id)) report(index);
    ids.add(id);
  });
}

/** The line of the deepest part of the path that is there. */
function lineOf(document: Document, lines: LineCounter, path: Path): number {
  for (let length = path.length; length >= 0; length--) {
    const node: unknown = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range != null) return lines.linePos(node.range[0]).line;
  }
  return 1;
}

function showPath(path: Path): string {
  return path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '');
}
