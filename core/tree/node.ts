/** A node: one message template at one place in a tree, and, where it can be served, how. */
import type { Derivation } from '../expressions/derivation.ts';
import type { Condition } from '../template/condition.ts';
import type { MessageTemplate } from '../template/template.ts';
import type { ValueType } from './value-type.ts';
import type { RiskClass, TypedBars } from '../trust/risk.ts';

/** `retired` and `quarantined` nodes are history: never walked, never served. */
export type NodeState = 'candidate' | 'probation' | 'serving' | 'quarantined' | 'retired';

/**
 * How a variable gets its value. `independent`: read off the message. `dependent`: computed from
 * others. A copy is no variable of its own: its segment names the variable that it copies.
 */
export type NodeVariable =
  | { readonly role: 'independent'; readonly name: string }
  | { readonly role: 'dependent'; readonly name: string; readonly derivation: Derivation };

/** What is needed, besides the template, to serve the node as an answer. */
export interface AnswerForm {
  /** The assistant message as recorded, as JSON text: formatting and unknown fields live here. */
  readonly message: string;
  readonly finishReason: string;
  readonly model: string;
  /** JSON text of the recorded usage and of unknown fields of the completion. */
  readonly usage: string | undefined;
  readonly extras: string;
}

/** What must hold of a value that is bound above: siblings branch on it ("unread > 0"). */
export interface Guard {
  readonly name: string;
  readonly condition: Condition;
}

/** What speaks for serving an answer (DESIGN §4, §11.5, §11.10). */
export interface Evidence {
  readonly confirmations: number;
  readonly contradictions: number;
  /** Confirmations needed before the node serves; 0 where every span that varies was vouched for. */
  readonly required: number;
  /** Confirmations needed for values that fit their types so well. */
  readonly requiredTyped: TypedBars;
  /** What is known of the values of free variables. */
  readonly types: readonly ValueType[];
  /** What makes the answer risky; decides, at commit, how many confirmations are required. */
  readonly classes: readonly RiskClass[];
  /** Why more than one is required, in words that people can read. */
  readonly reasons: readonly string[];
  /** Free variable → the values seen so far. One that has only been seen with one value serves only that. */
  readonly seen: readonly { readonly name: string; readonly values: readonly string[] }[];
}

export interface TreeNode {
  readonly id: string;
  readonly scope: string;
  /** The node above, or the scope's id for the first message of a thread. */
  readonly parent: string;
  readonly depth: number;
  readonly template: MessageTemplate;
  readonly variables: readonly NodeVariable[];
  /** Conditions on inherited bindings: values the answer may depend on without showing it. */
  readonly guards: readonly Guard[];
  readonly state: NodeState;
  /** Absent on request messages and on assistant messages known only from inside a thread. */
  readonly answer: AnswerForm | undefined;
  readonly evidence: Evidence;
  /** Order of creation within the project: the older of two equal candidates is reported. */
  readonly revision: number;
  /** A person wants it kept: never pruned, merged away or revised by itself. */
  readonly pinned?: boolean;
}

/** Names a node: what runs about it are given. */
export interface NodeRef {
  readonly node: string;
  readonly scope: string;
  readonly project: string;
}

/** A node that says how to answer. */
export type AnswerNode = TreeNode & { readonly answer: AnswerForm };

/** Whether walks go through the node at all. */
export function isWalkable(node: TreeNode): boolean {
  return node.state !== 'quarantined' && node.state !== 'retired';
}

/** The text whose hash is the node's id: equal for the same template at the same place. */
export function nodeText(
  node: Pick<TreeNode, 'parent' | 'variables' | 'guards'>,
  template: string,
): string {
  return JSON.stringify([node.parent, template, node.variables, node.guards]);
}
