/** The nodes of one scope in memory, indexed by what a walk asks for: the children that may fit a message. */
import { canonicalNumber } from '../decimal.ts';
import type { Message } from '../messages/message.ts';
import type { MessageTemplate } from '../template/template.ts';
import { hashText, literalText } from './grams.ts';
import { literalsFit } from './literal-placement.ts';
import { isWalkable, type AnswerNode, type TreeNode } from './node.ts';
import { TemplateIndex } from './template-index.ts';

/** The walkable children of one parent. */
interface Children {
  readonly bySkeleton: Map<string, Siblings>;
  /** Those that can be served, which also stand among the others: an answer is a message of longer threads. */
  readonly answers: Map<string, AnswerNode>;
}

/** Children of one parent whose messages have one skeleton. */
interface Siblings {
  /** Templates without variables, by the hash of their texts. */
  readonly literal: Map<number, TreeNode[]>;
  readonly templated: TemplateIndex<TreeNode>;
}

/** Built incrementally; a walk only reads. */
export class ScopeTree {
  private readonly nodes = new Map<string, TreeNode>();
  private readonly children = new Map<string, Children>();
  private codeCount = 0;
  private changes = 0;

  get size(): number {
    return this.nodes.size;
  }

  /** Another one after each change: what was found out about the tree holds as long as it is the same. */
  get version(): number {
    return this.changes;
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
    this.changes++;
    this.nodes.set(node.id, node);
    if (!isWalkable(node)) return;
    if (usesCode(node)) this.codeCount++;
    const children = this.children.get(node.parent) ?? emptyChildren();
    this.children.set(node.parent, children);
    if (hasAnswer(node)) children.answers.set(node.id, node);
    const { skeleton } = node.template;
    const siblings = children.bySkeleton.get(skeleton) ?? emptySiblings();
    children.bySkeleton.set(skeleton, siblings);
    const key = literalKeyOf(node.template);
    if (key === undefined) siblings.templated.add(node, node.template);
    else siblings.literal.set(key, [...(siblings.literal.get(key) ?? []), node]);
  }

  remove(id: string): void {
    const node = this.nodes.get(id);
    if (node === undefined) return;
    this.changes++;
    this.nodes.delete(id);
    const children = this.children.get(node.parent);
    const siblings = children?.bySkeleton.get(node.template.skeleton);
    if (children === undefined || siblings === undefined || !isWalkable(node)) return;
    if (usesCode(node)) this.codeCount--;
    children.answers.delete(id);
    const key = literalKeyOf(node.template);
    if (key === undefined) siblings.templated.remove(node);
    else {
      const others = siblings.literal.get(key)?.filter((other) => other !== node) ?? [];
      if (others.length === 0) siblings.literal.delete(key);
      else siblings.literal.set(key, others);
    }
    if (siblings.literal.size > 0 || siblings.templated.size > 0) return;
    children.bySkeleton.delete(node.template.skeleton);
    if (children.bySkeleton.size === 0) this.children.delete(node.parent);
  }

  /**
   * The walkable children of `parent` whose templates may fit `message`, in no order; each still has
   * to be matched. `over-limit`: more than can be told apart, so the message is a miss.
   *
   * Cost: linear in the message, and in the templates whose rarest literals stand in it.
   */
  candidates(parent: string, message: Message): readonly TreeNode[] | 'over-limit' {
    const siblings = this.children.get(parent)?.bySkeleton.get(message.skeleton);
    if (siblings === undefined) return [];
    const templated = siblings.templated.size === 0 ? [] : siblings.templated.find(message);
    if (templated === 'over-limit' || siblings.literal.size === 0) return templated;
    const same = siblings.literal.get(literalKey(message.leaves.map(({ text }) => text))) ?? [];
    return [...same.filter((node) => literalsFit(node.template, message)), ...templated];
  }

  /** All walkable children of `parent`, of whatever shape. Not for the request path: cost grows with all of them. */
  *childrenOf(parent: string): Generator<TreeNode> {
    for (const siblings of this.children.get(parent)?.bySkeleton.values() ?? []) {
      for (const nodes of siblings.literal.values()) yield* nodes;
      yield* siblings.templated.values();
    }
  }

  /** The walkable children of `parent` that say how they are served. */
  answersOf(parent: string): Iterable<AnswerNode> {
    return this.children.get(parent)?.answers.values() ?? [];
  }
}

function emptyChildren(): Children {
  return { bySkeleton: new Map(), answers: new Map() };
}

function emptySiblings(): Siblings {
  return { literal: new Map(), templated: new TemplateIndex() };
}

function usesCode(node: TreeNode): boolean {
  return node.variables.some(
    (variable) => variable.role === 'dependent' && variable.derivation.kind === 'javascript',
  );
}

function hasAnswer(node: TreeNode): node is AnswerNode {
  return node.answer !== undefined;
}

/** Undefined for a template with variables or foldings: ids of tool calls are variables, too. */
function literalKeyOf(template: MessageTemplate): number | undefined {
  const texts: string[] = [];
  for (const leaf of template.leaves) {
    const text = literalText(leaf);
    if (text === undefined) return undefined;
    texts.push(text);
  }
  return literalKey(texts);
}

/** Our own hash, since V8's takes only the length of a string beyond 16 K: such texts would be one chain. */
function literalKey(texts: readonly string[]): number {
  return texts.reduce((key, text) => hashText(canonicalNumber(text), key), 0);
}
