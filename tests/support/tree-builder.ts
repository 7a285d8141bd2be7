/** Trees for tests, written down as people see templates: `weather in {{city}}`. */
import { parseJson } from '../../core/json/json.ts';
import { readThread, type Message, type Thread } from '../../core/messages/message.ts';
import type { Condition } from '../../core/template/condition.ts';
import type { Folding } from '../../core/template/fold.ts';
import type { Matcher } from '../../core/template/matcher.ts';
import {
  showTemplate,
  type LeafTemplate,
  type MessageTemplate,
} from '../../core/template/template.ts';
import { decide, type Decision } from '../../core/tree/decide.ts';
import type { Guard, NodeState, NodeVariable, TreeNode } from '../../core/tree/node.ts';
import { ScopeTree } from '../../core/tree/scope-tree.ts';
import { evenBars } from '../../core/trust/risk.ts';
import { walk, type Walk } from '../../core/tree/walk.ts';

export interface Variables {
  readonly matchers?: Readonly<Record<string, Matcher>>;
  readonly conditions?: Readonly<Record<string, Condition>>;
  readonly fold?: Folding;
}

/** `{{x}}` becomes a variable; whatever else it looks like is text. */
export function leafTemplate(shown: string, variables: Variables = {}): LeafTemplate {
  return shown.split(/(\{\{\w+\}\})/).flatMap((piece): LeafTemplate => {
    const name = /^\{\{(\w+)\}\}$/.exec(piece)?.[1];
    const { matchers = {}, conditions = {}, fold } = variables;
    if (name === undefined) {
      if (piece === '') return [];
      return [{ kind: 'literal', text: piece, ...(fold === undefined ? {} : { fold }) }];
    }
    const condition = conditions[name];
    const matcher = matchers[name] ?? { kind: 'text' };
    return [{ kind: 'variable', name, matcher, ...(condition === undefined ? {} : { condition }) }];
  });
}

export function threadOf(...messages: readonly unknown[]): Thread {
  const parsed = parseJson(JSON.stringify(messages));
  const read = readThread(parsed.kind === 'json' ? parsed.value : undefined);
  if (read.kind === 'bypass') throw new Error(read.reason);
  return read.thread;
}

export function userMessage(content: string): Message {
  const [message] = threadOf({ role: 'user', content }).messages;
  if (message === undefined) throw new Error('no message');
  return message;
}

export function userTemplate(shown: string, variables: Variables = {}): MessageTemplate {
  return { ...userMessage('x'), leaves: [leafTemplate(shown, variables)] };
}

export interface NodeOptions extends Variables {
  readonly guards?: readonly Guard[];
  readonly derived?: readonly Extract<NodeVariable, { role: 'dependent' }>[];
  readonly state?: NodeState;
  readonly required?: number;
}

/** A tree with the scope `root`; revisions count up in the order of insertion. */
export class TestTree {
  readonly tree = new ScopeTree();
  private count = 0;

  /** A request node; returns its id. */
  user(parent: string, shown: string, options: NodeOptions = {}): string {
    return this.add(parent, userTemplate(shown, options), options);
  }

  /** A node of any message whose leaves, in canonical order, are given as templates. */
  message(
    parent: string,
    message: unknown,
    leaves: readonly LeafTemplate[],
    options: NodeOptions = {},
  ): string {
    const [read] = threadOf(message).messages;
    if (read === undefined) throw new Error('no message');
    return this.add(parent, { role: read.role, skeleton: read.skeleton, leaves }, options);
  }

  /** An answer node that serves at once. */
  answer(parent: string, shown: string, options: NodeOptions = {}): string {
    const message = { role: 'assistant', content: 'x' };
    const [read] = threadOf(message).messages;
    if (read === undefined) throw new Error('no message');
    const template = {
      role: 'assistant',
      skeleton: read.skeleton,
      leaves: [leafTemplate(shown, options)],
    };
    return this.add(parent, template, options, JSON.stringify(message));
  }

  walk(messages: readonly unknown[], bindings: Readonly<Record<string, string>> = {}): Walk {
    return walk(this.tree, 'root', threadOf(...messages), new Map(Object.entries(bindings)));
  }

  decide(messages: readonly unknown[], bindings: Readonly<Record<string, string>> = {}): Decision {
    return decide(this.walk(messages, bindings));
  }

  /** What is answered to one user message, or `miss: <reason>`. */
  ask(content: string, bindings: Readonly<Record<string, string>> = {}): string {
    const decision = this.decide([{ role: 'user', content }], bindings);
    return decision.kind === 'miss'
      ? `miss: ${decision.reason}`
      : String((JSON.parse(decision.answer.message) as { content: unknown }).content);
  }

  private add(
    parent: string,
    template: MessageTemplate,
    options: NodeOptions,
    answer?: string,
  ): string {
    this.count++;
    const id = `${String(this.count)} ${showTemplate(template)}`;
    const node: TreeNode = {
      id,
      scope: 'root',
      parent,
      depth: (this.tree.get(parent)?.depth ?? -1) + 1,
      template,
      variables: options.derived ?? [],
      guards: options.guards ?? [],
      state: options.state ?? 'serving',
      answer:
        answer === undefined
          ? undefined
          : { message: answer, finishReason: 'stop', model: 'm', usage: undefined, extras: '{}' },
      evidence: {
        confirmations: 0,
        contradictions: 0,
        ...evenBars(options.required ?? 0),
        types: [],
        classes: [],
        reasons: [],
        seen: [],
      },
      revision: this.count,
    };
    this.tree.put(node);
    return id;
  }
}
