/** What a mirror holds of one scope: all that a request in it may need. */
import type { ExactAnswer } from '../../core/observation.ts';
import { ScopeTree } from '../../core/tree/scope-tree.ts';
import type { TreeNode } from '../../core/tree/node.ts';

export class HeldScope {
  readonly tree = new ScopeTree();
  /** By thread. */
  readonly answers = new Map<string, ExactAnswer>();
  readonly vetoes = new Set<string>();
  /** Nodes that were audited at all. */
  readonly audits = new Map<string, number>();
  /** Node → when the newest live answer was given that agrees with it. */
  readonly agreed = new Map<string, number>();
  /** Larger than that of any scope that was read before it. */
  usedAt = 0;

  /** Nodes, answers and vetoes: what it takes in memory, roughly. */
  get size(): number {
    return this.tree.size + this.answers.size + this.vetoes.size;
  }

  putNode(node: TreeNode, counts: { readonly audited?: number; readonly agreedAt?: number }): void {
    this.tree.put(node);
    if (counts.audited !== undefined) this.audits.set(node.id, counts.audited);
    if (counts.agreedAt !== undefined) this.agreed.set(node.id, counts.agreedAt);
  }

  removeNode(id: string): void {
    this.tree.remove(id);
    this.audits.delete(id);
    this.agreed.delete(id);
  }
}
