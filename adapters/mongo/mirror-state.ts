/**
 * What a mirror holds: the documents of the mirrored collections as core types, found by what a request knows. It holds
 * whole scopes, and only so many: beyond its bound the one that was read least recently goes.
 */
import type { ExactAnswer } from '../../core/observation.ts';
import type { ScopeTree } from '../../core/tree/scope-tree.ts';
import type { Contents } from './contents.ts';
import {
  isLive,
  parseExactAnswer,
  parseProject,
  type OnSkipped,
  type Project,
} from './documents.ts';
import { HeldScope } from './held-scope.ts';
import { parseNode } from './node-document.ts';
import { hasTexts, isCount, isFields } from './untrusted.ts';

export const MIRRORED = ['nodes', 'answers', 'projects', 'vetoes'] as const;
export type MirroredCollection = (typeof MIRRORED)[number];
/** Those whose documents belong to a scope. */
export const OF_SCOPES = ['nodes', 'answers', 'vetoes'] as const;

export function isMirrored(collection: string | undefined): collection is MirroredCollection {
  return MIRRORED.some((name) => name === collection);
}

/** A change of one document; `document` undefined: it is deleted. */
export interface Change {
  readonly collection: MirroredCollection;
  readonly id: string;
  readonly document: unknown;
}

/** Scopes that were left out of a snapshot are remembered up to its end: half a scope must not be held. */
type Phase =
  { readonly kind: 'snapshot'; readonly left: Set<string> } | { readonly kind: 'stream' };

/** Written by one task, in the order of the change stream; readers see the state between two batches. */
export class MirrorState {
  private readonly scopes = new Map<string, HeldScope>();
  private readonly scopeOfNode = new Map<string, string>();
  private readonly threadOfAnswer = new Map<string, { scope: string; thread: string }>();
  private readonly scopeOfVeto = new Map<string, string>();
  private readonly projects = new Map<string, Project>();
  private readonly projectIds = new Map<string, string>();
  /** Scopes that are being read, with what changed meanwhile. */
  private readonly loading = new Map<string, Change[]>();
  private phase: Phase = { kind: 'snapshot', left: new Set() };
  private uses = 0;
  private entries = 0;
  private readonly entriesMax: number;
  private readonly contents: Contents;
  private readonly onSkipped: OnSkipped;
  /** Whether there is no scope in the database that is not here. */
  isComplete = true;

  constructor(contents: Contents, onSkipped: OnSkipped, entriesMax: number) {
    this.contents = contents;
    this.onSkipped = onSkipped;
    this.entriesMax = entriesMax;
  }

  /** Whether all of a scope is here; what is not in the database is here, too, as nothing. */
  holds(scope: string): boolean {
    return this.isComplete || this.scopes.has(scope);
  }

  tree(scope: string): ScopeTree | undefined {
    const tree = this.use(scope)?.tree;
    return tree?.size === 0 ? undefined : tree;
  }

  exact(scope: string, thread: string): ExactAnswer | undefined {
    return this.use(scope)?.answers.get(thread);
  }

  project(keyHash: string): Project | undefined {
    return this.projects.get(this.projectIds.get(keyHash) ?? '');
  }

  projectOf(id: string): Project | undefined {
    return this.projects.get(id);
  }

  /** Keys of the answers that no template of the scope may give (`answerKey`). */
  vetoed(scope: string): ReadonlySet<string> | undefined {
    return this.use(scope)?.vetoes;
  }

  auditsOf(node: string): number {
    return this.holderOf(node)?.audits.get(node) ?? 0;
  }

  /** When the newest live answer was given that agrees with a node: its age. */
  agreedAt(node: string): number | undefined {
    return this.holderOf(node)?.agreed.get(node);
  }

  counts() {
    const { scopeOfNode, threadOfAnswer, projects, scopes, isComplete } = this;
    return {
      ...{ nodes: scopeOfNode.size, answers: threadOfAnswer.size, projects: projects.size },
      ...{ scopes: scopes.size, isComplete },
    };
  }

  /** All documents were read once: from now on changes follow. */
  endSnapshot(): void {
    this.phase = { kind: 'stream' };
  }

  /** Takes a document as it is now. One that is deleted or does not parse takes its old self away. */
  put(change: Change): void {
    for (const [scope, changes] of this.loading) {
      if (mayConcern(scope, change)) changes.push(change);
    }
    this.apply(change);
  }

  private apply({ collection, id, document: stored }: Change): void {
    const document = this.contents.open(collection, stored);
    if (document === undefined || !this.parseAndPut(collection, document)) {
      this.remove(collection, id);
      if (isLive(stored)) this.onSkipped(collection, id);
    }
    this.shrink();
  }

  putExact(answer: ExactAnswer): void {
    const { id, scope, thread } = answer;
    this.removeAnswer(id);
    const held = this.holder(scope);
    if (held === undefined) return;
    this.entries -= held.size;
    held.answers.set(thread, answer);
    this.entries += held.size;
    this.threadOfAnswer.set(id, { scope, thread });
  }

  /** Begins to keep what changes in a scope that is being read; false if that is under way. */
  beginLoading(scope: string): boolean {
    if (this.loading.has(scope)) return false;
    this.loading.set(scope, []);
    return true;
  }

  abandonLoading(scope: string): void {
    this.loading.delete(scope);
  }

  /** The scope as it was read, and then as it changed since reading began. */
  endLoading(scope: string, documents: readonly Change[]): void {
    const changes = this.loading.get(scope) ?? [];
    this.loading.delete(scope);
    if (this.holds(scope)) return;
    this.begin(scope);
    for (const change of [...documents, ...changes]) this.apply(change);
  }

  private remove(collection: MirroredCollection, id: string): void {
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

  /** Whether the document is one; one of a scope that is not here is let go. */
  private parseAndPut(collection: MirroredCollection, document: unknown): boolean {
    switch (collection) {
      case 'nodes': {
        const node = parseNode(document);
        if (node === undefined) return false;
        const held = this.holder(node.scope);
        if (held === undefined) return true;
        this.entries -= held.size;
        held.putNode(node, countsOf(document));
        this.entries += held.size;
        this.scopeOfNode.set(node.id, node.scope);
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
        const held = this.holder(document.scope);
        if (held === undefined) return true;
        this.entries -= held.size;
        held.vetoes.add(document._id);
        this.entries += held.size;
        this.scopeOfVeto.set(document._id, document.scope);
        return true;
      }
    }
  }

  /** The scope, if it is here or was not anywhere before. */
  private holder(scope: string): HeldScope | undefined {
    const held = this.scopes.get(scope);
    if (held !== undefined) return held;
    const { phase } = this;
    const mayBegin =
      phase.kind === 'stream'
        ? this.isComplete
        : !phase.left.has(scope) && (this.isComplete || this.entries < this.entriesMax);
    if (!mayBegin) {
      if (phase.kind === 'snapshot') phase.left.add(scope);
      return undefined;
    }
    return this.begin(scope);
  }

  private begin(scope: string): HeldScope {
    const begun = new HeldScope();
    begun.usedAt = ++this.uses;
    this.scopes.set(scope, begun);
    return begun;
  }

  private use(scope: string): HeldScope | undefined {
    const held = this.scopes.get(scope);
    if (held !== undefined) held.usedAt = ++this.uses;
    return held;
  }

  private holderOf(node: string): HeldScope | undefined {
    return this.scopes.get(this.scopeOfNode.get(node) ?? '');
  }

  /** Down to its bound, but never to nothing: one scope is always held as a whole, however large. */
  private shrink(): void {
    while (this.entries > this.entriesMax && this.scopes.size > 1) {
      let oldest: [string, HeldScope] | undefined;
      for (const entry of this.scopes) {
        if (oldest === undefined || entry[1].usedAt < oldest[1].usedAt) oldest = entry;
      }
      if (oldest !== undefined) this.letGo(...oldest);
    }
  }

  private letGo(scope: string, held: HeldScope): void {
    this.isComplete = false;
    if (this.phase.kind === 'snapshot') this.phase.left.add(scope);
    this.entries -= held.size;
    this.scopes.delete(scope);
    for (const { id } of held.tree.all()) this.scopeOfNode.delete(id);
    for (const { id } of held.answers.values()) this.threadOfAnswer.delete(id);
    for (const key of held.vetoes) this.scopeOfVeto.delete(key);
  }

  private removeNode(id: string): void {
    const scope = this.scopeOfNode.get(id) ?? '';
    const held = this.scopes.get(scope);
    this.scopeOfNode.delete(id);
    if (held === undefined) return;
    this.entries -= held.size;
    held.removeNode(id);
    this.entries += held.size;
    this.forgetEmpty(scope, held);
  }

  private removeVeto(key: string): void {
    const scope = this.scopeOfVeto.get(key) ?? '';
    const held = this.scopes.get(scope);
    this.scopeOfVeto.delete(key);
    if (held?.vetoes.delete(key) === true) this.entries--;
    if (held !== undefined) this.forgetEmpty(scope, held);
  }

  private removeAnswer(id: string): void {
    const place = this.threadOfAnswer.get(id);
    if (place === undefined) return;
    this.threadOfAnswer.delete(id);
    const held = this.scopes.get(place.scope);
    if (held?.answers.delete(place.thread) === true) this.entries--;
    if (held !== undefined) this.forgetEmpty(place.scope, held);
  }

  /** Where all scopes are here, an empty one need not be. */
  private forgetEmpty(scope: string, held: HeldScope): void {
    if (this.isComplete && held.size === 0) this.scopes.delete(scope);
  }

  private removeProject(id: string): void {
    for (const key of this.projects.get(id)?.keys ?? []) this.projectIds.delete(key.hash);
    this.projects.delete(id);
  }
}

/** What is deleted need not say any more where it was. */
function mayConcern(scope: string, { document }: Change): boolean {
  return !isLive(document) || !isFields(document) || document['scope'] === scope;
}

function countsOf(document: unknown): { readonly audited?: number; readonly agreedAt?: number } {
  if (!isFields(document)) return {};
  const { audited, agreedAt } = document;
  return {
    ...(isCount(audited) ? { audited } : {}),
    ...(isCount(agreedAt) ? { agreedAt } : {}),
  };
}
