/** What a mirror holds: the documents of the mirrored collections as core types, found by what a request knows. */
import type { ExactAnswer } from '../../core/observation.ts';
import { ScopeTree } from '../../core/tree/scope-tree.ts';
import {
  isLive,
  parseExactAnswer,
  parseProject,
  type OnSkipped,
  type Project,
} from './documents.ts';
import { parseNode } from './node-document.ts';
import { hasTexts, isCount, isFields } from './untrusted.ts';

export const MIRRORED = ['nodes', 'answers', 'projects', 'vetoes'] as const;
export type MirroredCollection = (typeof MIRRORED)[number];

export function isMirrored(collection: string | undefined): collection is MirroredCollection {
  return MIRRORED.some((name) => name === collection);
}

/** Written by one task, in the order of the change stream; readers see the state between two batches. */
export class MirrorState {
  private readonly trees = new Map<string, ScopeTree>();
  private readonly scopeOfNode = new Map<string, string>();
  private readonly answers = new Map<string, ExactAnswer>();
  private readonly answerIds = new Map<string, string>();
  private readonly projects = new Map<string, Project>();
  private readonly projectIds = new Map<string, string>();
  private readonly vetoes = new Map<string, Set<string>>();
  private readonly scopeOfVeto = new Map<string, string>();
  /** Of nodes that were audited at all. */
  private readonly audits = new Map<string, number>();
  private readonly agreed = new Map<string, number>();
  private readonly onSkipped: OnSkipped;

  constructor(onSkipped: OnSkipped) {
    this.onSkipped = onSkipped;
  }

  tree(scope: string): ScopeTree | undefined {
    return this.trees.get(scope);
  }

  exact(scope: string, thread: string): ExactAnswer | undefined {
    return this.answers.get(this.answerIds.get(threadKey(scope, thread)) ?? '');
  }

  project(keyHash: string): Project | undefined {
    return this.projects.get(this.projectIds.get(keyHash) ?? '');
  }

  projectOf(id: string): Project | undefined {
    return this.projects.get(id);
  }

  /** Keys of the answers that no template of the scope may give (`answerKey`). */
  vetoed(scope: string): ReadonlySet<string> | undefined {
    return this.vetoes.get(scope);
  }

  auditsOf(node: string): number {
    return this.audits.get(node) ?? 0;
  }

  /** When the newest live answer was given that agrees with a node: its age. */
  agreedAt(node: string): number | undefined {
    return this.agreed.get(node);
  }

  counts(): { readonly nodes: number; readonly answers: number; readonly projects: number } {
    const { scopeOfNode, answers, projects } = this;
    return { nodes: scopeOfNode.size, answers: answers.size, projects: projects.size };
  }

  /** Takes a document as it is now. One that is deleted or does not parse takes its old self away. */
  put(collection: MirroredCollection, id: string, document: unknown): void {
    if (!this.parseAndPut(collection, document)) {
      this.remove(collection, id);
      if (isLive(document)) this.onSkipped(collection, id);
    }
  }

  putExact(answer: ExactAnswer): void {
    this.removeAnswer(answer.id);
    this.answers.set(answer.id, answer);
    this.answerIds.set(threadKey(answer.scope, answer.thread), answer.id);
  }

  remove(collection: MirroredCollection, id: string): void {
    switch (collection) {
      case 'nodes':
        this.removeNode(id);
        break;
      case 'answers':
        this.removeAnswer(id);
        break;
      case 'projects':
        this.removeProject(id);
        break;
      case 'vetoes':
        this.removeVeto(id);
        break;
    }
  }

  private parseAndPut(collection: MirroredCollection, document: unknown): boolean {
    switch (collection) {
      case 'nodes': {
        const node = parseNode(document);
        if (node === undefined) return false;
        const tree = this.trees.get(node.scope) ?? new ScopeTree();
        this.trees.set(node.scope, tree);
        tree.put(node);
        this.scopeOfNode.set(node.id, node.scope);
        this.putCounts(node.id, document);
        return true;
      }
      case 'answers': {
        const answer = parseExactAnswer(document);
        if (answer === undefined) return false;
        this.putExact(answer);
        return true;
      }
      case 'projects': {
        const project = parseProject(document);
        if (project === undefined) return false;
        this.removeProject(project.id);
        this.projects.set(project.id, project);
        for (const key of project.keys) this.projectIds.set(key.hash, project.id);
        return true;
      }
      case 'vetoes': {
        if (!isLive(document) || !hasTexts(document, '_id', 'scope')) return false;
        this.removeVeto(document._id);
        const keys = this.vetoes.get(document.scope) ?? new Set();
        this.vetoes.set(document.scope, keys.add(document._id));
        this.scopeOfVeto.set(document._id, document.scope);
        return true;
      }
    }
  }

  private removeNode(id: string): void {
    const scope = this.scopeOfNode.get(id);
    if (scope === undefined) return;
    const tree = this.trees.get(scope);
    tree?.remove(id);
    this.scopeOfNode.delete(id);
    this.audits.delete(id);
    this.agreed.delete(id);
    if (tree?.size === 0) this.trees.delete(scope);
  }

  private putCounts(node: string, document: unknown): void {
    if (!isFields(document)) return;
    const { audited, agreedAt } = document;
    if (isCount(audited)) this.audits.set(node, audited);
    if (isCount(agreedAt)) this.agreed.set(node, agreedAt);
  }

  private removeVeto(key: string): void {
    const scope = this.scopeOfVeto.get(key);
    if (scope === undefined) return;
    this.scopeOfVeto.delete(key);
    this.vetoes.get(scope)?.delete(key);
    if (this.vetoes.get(scope)?.size === 0) this.vetoes.delete(scope);
  }

  private removeAnswer(id: string): void {
    const answer = this.answers.get(id);
    if (answer === undefined) return;
    this.answers.delete(id);
    this.answerIds.delete(threadKey(answer.scope, answer.thread));
  }

  private removeProject(id: string): void {
    for (const key of this.projects.get(id)?.keys ?? []) this.projectIds.delete(key.hash);
    this.projects.delete(id);
  }
}

function threadKey(scope: string, thread: string): string {
  return `${scope}\n${thread}`;
}
