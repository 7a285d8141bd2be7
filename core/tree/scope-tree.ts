/** The nodes of one scope in memory, indexed by what a walk asks for: the children that may fit a message. */
import type { Message } from '../messages/message.ts';
import { isLiteral, type MessageTemplate } from '../template/template.ts';
import { isWalkable, type AnswerNode, type TreeNode } from './node.ts';

interface Children {
  /** Templates without variables, by skeleton and texts: one look-up however many there are. */
  readonly literal: Map<string, Set<string>>;
  /** The others, by skeleton. */
  readonly templated: Map<string, Set<string>>;
}

/** Built incrementally; a walk only reads. */
export class ScopeTree {
  private readonly nodes = new Map<string, TreeNode>();
  private readonly children = new Map<string, Children>();
  private codeCount = 0;

  get size(): number {
    return this.nodes.size;
  }

  /** Whether a node has a derivation in JavaScript: then walks need results (look-up-code.ts). */
  get hasCode(): boolean {
    return this.codeCount > 0;
  }

  get(id: string): TreeNode | undefined {
    return this.nodes.get(id);
  }

  all(): IterableIterator<TreeNode> {
    return this.nodes.values();
  }

  /** Adds a node or replaces the one with its id. */
  put(node: TreeNode): void {
    this.remove(node.id);
    this.nodes.set(node.id, node);
    if (usesCode(node)) this.codeCount++;
    const children = this.children.get(node.parent) ?? { literal: new Map(), templated: new Map() };
    this.children.set(node.parent, children);
    const [index, key] = placeOf(children, node.template);
    const ids = index.get(key) ?? new Set();
    index.set(key, ids.add(node.id));
  }

  remove(id: string): void {
    const node = this.nodes.get(id);
    const children = node === undefined ? undefined : this.children.get(node.parent);
    if (node === undefined || children === undefined) return;
    this.nodes.delete(id);
    if (usesCode(node)) this.codeCount--;
    const [index, key] = placeOf(children, node.template);
    index.get(key)?.delete(id);
    if (index.get(key)?.size === 0) index.delete(key);
    if (children.literal.size === 0 && children.templated.size === 0)
      this.children.delete(node.parent);
  }

  /** The walkable children of `parent` whose templates may fit `message`; each still has to be matched. */
  candidates(parent: string, message: Message): readonly TreeNode[] | 'over-limit' {
    const children = this.children.get(parent);
    if (children === undefined) return [];
    // Number leaves compare by value and call ids by position, so literal templates with either
    // are not found by their text: such nodes are few and stay with the templated ones.
    return [
      ...this.walkable(children.literal.get(literalKey(message))),
      ...this.walkable(children.templated.get(message.skeleton)),
    ];
  }

  /** The walkable children of `parent` that say how to answer. */
  answersOf(parent: string): AnswerNode[] {
    return [...this.childrenOf(parent)].filter(hasAnswer);
  }

  /** All walkable children of `parent`, of whatever shape. */
  *childrenOf(parent: string): Generator<TreeNode> {
    const children = this.children.get(parent);
    if (children === undefined) return;
    for (const ids of children.literal.values()) yield* this.walkable(ids);
    for (const ids of children.templated.values()) yield* this.walkable(ids);
  }

  private *walkable(ids: ReadonlySet<string> | undefined): Generator<TreeNode> {
    for (const id of ids ?? []) {
      const node = this.nodes.get(id);
      if (node !== undefined && isWalkable(node)) yield node;
    }
  }
}

function usesCode(node: TreeNode): boolean {
  return node.variables.some(
    (variable) => variable.role === 'dependent' && variable.derivation.kind === 'javascript',
  );
}

function hasAnswer(node: TreeNode): node is AnswerNode {
  return node.answer !== undefined;
}

function placeOf(
  children: Children,
  template: MessageTemplate,
): [Map<string, Set<string>>, string] {
  if (isLiteral(template) && !template.skeleton.includes('N')) {
    const texts = template.leaves.map((leaf) =>
      leaf.map((s) => (s.kind === 'literal' ? s.text : '')).join(''),
    );
    return [children.literal, JSON.stringify([template.skeleton, texts])];
  }
  return [children.templated, template.skeleton];
}

function literalKey(message: Message): string {
  return JSON.stringify([message.skeleton, message.leaves.map((leaf) => leaf.text)]);
}
