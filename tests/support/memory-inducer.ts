/** The whole of induction on a tree in memory: the steps in the order of the workflow, no server. */
import { createHash } from 'node:crypto';
import { proposeSpans } from '../../adapters/recognisers/recognise.ts';
import { arrange } from '../../core/induction/arrange.ts';
import { bind } from '../../core/induction/bind.ts';
import { completePlaced } from '../../core/induction/complete.ts';
import { deriveVariables } from '../../core/induction/derive.ts';
import { judge } from '../../core/induction/evidence.ts';
import { nearest } from '../../core/induction/nearest.ts';
import { readExchange, type Exchange } from '../../core/induction/exchange.ts';
import { identify } from '../../core/induction/identify.ts';
import { loadObservation, type Start } from '../../core/induction/load.ts';
import { doubtChosen } from '../../core/induction/chosen.ts';
import { promote, type Promotion } from '../../core/induction/promote.ts';
import { nameVariables } from '../../core/induction/name.ts';
import { validate } from '../../core/induction/validate.ts';
import { parseJson } from '../../core/json/json.ts';
import { readChatRequest, type ChatRequest } from '../../core/messages/request.ts';
import {
  observationId,
  scopeOf,
  shapeHash,
  threadHash,
  type Observation,
} from '../../core/observation.ts';
import type { Bindings } from '../../core/template/template.ts';
import { decide, fitOfBindings, type Decision } from '../../core/tree/decide.ts';
import type { TreeNode } from '../../core/tree/node.ts';
import { ScopeTree } from '../../core/tree/scope-tree.ts';
import { walk } from '../../core/tree/walk.ts';
import {
  fittingClasses,
  type RiskClass,
  type Trust,
  type TrustCounts,
} from '../../core/trust/risk.ts';
import { countFirst } from '../../core/trust/trust-counts.ts';

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

export interface Body {
  readonly messages: readonly unknown[];
  readonly [parameter: string]: unknown;
}

/** What one lesson came to: the outcome of its run, and the nodes that it added. */
export interface Lesson {
  readonly outcome: string;
  readonly nodes: readonly TreeNode[];
  /** Fresh predictions of answer nodes, held against what was learned. */
  readonly verdicts: readonly {
    readonly node: string;
    /** In which it would have been served. */
    readonly classes: readonly RiskClass[];
    readonly isRight: boolean;
  }[];
}

/** As many as activities/run.ts takes. */
const OTHERS_MAX = 200;
const HISTORY_MAX = 800;

/** A tree of one caller; `learn` is what the workflow does, `ask` what the proxy does on no exact match. */
export class MemoryInducer {
  readonly trees = new Map<string, ScopeTree>();
  /** By scope and shape, oldest first; of several answers to one thread only the first. */
  private readonly exchanges = new Map<string, Exchange[]>();
  private readonly threads = new Set<string>();
  private readonly errorBudget: number;
  /** How the first predictions of templates came out. */
  counts: TrustCounts = new Map();
  private count = 0;

  constructor(errorBudget = 0.005) {
    this.errorBudget = errorBudget;
  }

  learn(body: Body, message: unknown, bindings: Record<string, string> = {}): string {
    return this.teach(requestOf(body), body.messages, message, Object.entries(bindings)).outcome;
  }

  ask(body: Body, bindings: Record<string, string> = {}): Decision {
    return this.decide(requestOf(body), new Map(Object.entries(bindings)));
  }

  decide(request: ChatRequest, bindings: Bindings): Decision {
    const scope = scopeIdOf(request);
    return decide(walk(this.treeOf(scope), scope, request.thread, bindings));
  }

  /** `messages`: those of the request, as they came. */
  teach(
    request: ChatRequest,
    messages: unknown,
    message: unknown,
    bindings: readonly (readonly [string, string])[],
  ): Lesson {
    const observation = this.observe(request, messages, message, bindings);
    const tree = this.treeOf(observation.scope);
    const loaded = loadObservation(tree, observation);
    const before = this.counts;
    const verdicts: Lesson['verdicts'][number][] = [];
    for (const prediction of loaded.predictions) {
      const { node, verdict, values } = prediction;
      const old = tree.get(node);
      if (old === undefined) continue;
      const { evidence, state, first } = judge(old.evidence, old.state, prediction);
      tree.put({ ...old, evidence, state });
      if (first !== undefined) this.counts = countFirst(this.counts, first.classes, first.outcome);
      const bindings = new Map(values);
      const fit = fitOfBindings(old.evidence, bindings);
      const classes = fittingClasses(old.evidence.classes, fit);
      if (verdict === 'contradict') verdicts.push({ node, classes, isRight: false });
      if (evidence.confirmations > old.evidence.confirmations)
        verdicts.push({ node, classes, isRight: true });
    }
    if (this.counts !== before) this.change(tree, promote);
    const history = this.historyOf(observation);
    const exchange = readExchange(observation);
    if (exchange !== undefined)
      this.change(tree, (node, trust) => doubtChosen(node, exchange, trust));
    if (exchange !== undefined) this.remember(exchange);
    if (loaded.kind === 'finish') return { outcome: loaded.outcome, nodes: [], verdicts };
    if (exchange === undefined) return { outcome: 'unreadable', nodes: [], verdicts };
    const context = {
      parameters: request.parameters,
      others: nearest(exchange, history, OTHERS_MAX),
      history,
    };
    return { ...this.induce(tree, loaded.start, exchange, context), verdicts };
  }

  private change(
    tree: ScopeTree,
    change: (node: TreeNode, trust: Trust) => Promotion | undefined,
  ): void {
    const trust = { counts: this.counts, budget: this.errorBudget };
    for (const node of [...tree.all()]) {
      const changed = change(node, trust);
      if (changed === undefined) continue;
      const { evidence, state } = changed;
      tree.put({ ...node, evidence, state });
    }
  }

  private observe(
    request: ChatRequest,
    messages: unknown,
    message: unknown,
    bindings: readonly (readonly [string, string])[],
  ): Observation {
    const parts = {
      scope: scopeIdOf(request),
      thread: threadHash(sha256, request.thread),
      bindings,
      answer: {
        message: JSON.stringify(message),
        finishReason: 'stop',
        model: 'm',
        usage: undefined,
        extras: '{}',
      },
    };
    return {
      ...parts,
      id: observationId(sha256, parts),
      project: 'p',
      shape: shapeHash(sha256, request.thread),
      messages: JSON.stringify(messages),
      induce: true,
      at: this.count++,
    };
  }

  private historyOf({ scope, shape, thread }: Observation): Exchange[] {
    const others = this.exchanges.get(scope + shape) ?? [];
    return others
      .slice(-HISTORY_MAX)
      .filter((other) => other.observation.thread !== thread)
      .reverse();
  }

  private remember(exchange: Exchange): void {
    const { scope, shape, thread } = exchange.observation;
    if (this.threads.has(scope + thread)) return;
    this.threads.add(scope + thread);
    const others = this.exchanges.get(scope + shape);
    if (others === undefined) this.exchanges.set(scope + shape, [exchange]);
    else others.push(exchange);
  }

  private treeOf(scope: string): ScopeTree {
    const tree = this.trees.get(scope) ?? new ScopeTree();
    this.trees.set(scope, tree);
    return tree;
  }

  private induce(
    tree: ScopeTree,
    start: Start,
    exchange: Exchange,
    context: {
      parameters: string;
      others: readonly Exchange[];
      history: readonly Exchange[];
    },
  ): Omit<Lesson, 'verdicts'> {
    const { messages, observation } = exchange;
    const from = start.depth;
    const bound = bind(messages, from, [...exchange.known, ...start.inherited]);
    const vouched = observation.bindings.length > 0;
    const proposals = proposeSpans(messages, from);
    const identified = identify({ messages, from, bound, vouched, proposals, ...context });
    const taken = new Set([...exchange.known.keys(), ...start.inherited.map(([name]) => name)]);
    const groups = nameVariables(identified.sources, identified.sinks, taken);
    const arranged = arrange({
      ...{ messages, from, bound, groups, sinks: identified.sinks },
      others: context.history,
    });
    const above = start.path.flatMap((id) => tree.get(id)?.template ?? []);
    const inherited = new Map([...start.inherited, ...observation.bindings]);
    const found = deriveVariables({
      exchange,
      from,
      above,
      groups,
      arranged,
      inherited,
      others: context.others,
    });
    const { sources } = identified;
    const { derived, unguarded } = completePlaced({
      exchange,
      from,
      above,
      inherited: start.inherited,
      derived: found,
      sources,
      others: context.others,
      history: context.history,
    });
    const validated = validate({
      hash: sha256,
      exchange,
      start,
      derived,
      sources,
      unguarded,
      tree,
      trust: { counts: this.counts, budget: this.errorBudget },
      ...context,
    });
    if (validated.kind === 'rejected') return { outcome: `rejected:${validated.code}`, nodes: [] };
    const added = validated.nodes
      .filter((node) => tree.get(node.id) === undefined)
      .map((node, index) => ({ ...node, revision: tree.size + index }));
    for (const node of added) tree.put(node);
    return { outcome: 'committed', nodes: added };
  }
}

function scopeIdOf(request: ChatRequest): string {
  return scopeOf(sha256, { project: 'p', partition: 'x', endpoint: '/' }, request).id;
}

export function requestOf(body: Body): ChatRequest {
  const parsed = parseJson(JSON.stringify({ model: 'm', ...body }));
  if (parsed.kind === 'fault') throw new Error(`not JSON: ${parsed.fault}`);
  const read = readChatRequest(parsed.value);
  if (read.kind === 'bypass') throw new Error(`bypassed: ${read.reason}`);
  return read.request;
}
