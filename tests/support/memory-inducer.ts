/** The whole of induction on a tree in memory: the steps in the order of the workflow, no server. */
import { createHash } from 'node:crypto';
import { arrange } from '../../core/induction/arrange.ts';
import { bind } from '../../core/induction/bind.ts';
import { deriveVariables } from '../../core/induction/derive.ts';
import { judge } from '../../core/induction/evidence.ts';
import { readExchange, type Exchange } from '../../core/induction/exchange.ts';
import { identify } from '../../core/induction/identify.ts';
import { loadObservation, type Start } from '../../core/induction/load.ts';
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
import { decide, type Decision } from '../../core/tree/decide.ts';
import { ScopeTree } from '../../core/tree/scope-tree.ts';
import { walk } from '../../core/tree/walk.ts';

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

export interface Body {
  readonly messages: readonly unknown[];
  readonly [parameter: string]: unknown;
}

/** A tree of one caller; `learn` is what the workflow does, `ask` what the proxy does on no exact match. */
export class MemoryInducer {
  readonly trees = new Map<string, ScopeTree>();
  private readonly observations: Observation[] = [];

  learn(body: Body, message: unknown, bindings: Record<string, string> = {}): string {
    const request = requestOf(body);
    const scope = scopeOf(sha256, { project: 'p', partition: 'x', endpoint: '/' }, request);
    const tree = this.treeOf(scope.id);
    const parts = {
      scope: scope.id,
      thread: threadHash(sha256, request.thread),
      bindings: Object.entries(bindings),
      answer: {
        message: JSON.stringify(message),
        finishReason: 'stop',
        model: 'm',
        usage: undefined,
        extras: '{}',
      },
    };
    const observation: Observation = {
      ...parts,
      id: observationId(sha256, parts),
      project: 'p',
      shape: shapeHash(sha256, request.thread),
      messages: JSON.stringify(body.messages),
      induce: true,
      at: this.observations.length,
    };
    const others = this.observations.filter(
      (other) => other.scope === scope.id && other.shape === observation.shape,
    );
    this.observations.push(observation);
    const loaded = loadObservation(tree, observation);
    for (const { node, verdict, values } of loaded.predictions) {
      const old = tree.get(node);
      if (old === undefined) continue;
      tree.put({ ...old, ...pick(judge(old.evidence, old.state, verdict, values)) });
    }
    if (loaded.kind === 'finish') return loaded.outcome;
    const exchange = readExchange(observation);
    if (exchange === undefined) return 'unreadable';
    return this.induce(tree, loaded.start, exchange, {
      parameters: request.parameters,
      others: others.reverse().flatMap((other) => readExchange(other) ?? []),
    });
  }

  ask(body: Body, bindings: Record<string, string> = {}): Decision {
    const request = requestOf(body);
    const scope = scopeOf(sha256, { project: 'p', partition: 'x', endpoint: '/' }, request);
    return decide(
      walk(this.treeOf(scope.id), scope.id, request.thread, new Map(Object.entries(bindings))),
    );
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
    context: { parameters: string; others: readonly Exchange[] },
  ): string {
    const { messages, observation } = exchange;
    const from = start.depth;
    const bound = bind(messages, from, [...exchange.known, ...start.inherited]);
    const vouched = observation.bindings.length > 0;
    const identified = identify({ messages, from, bound, vouched, parameters: context.parameters });
    const taken = new Set([...exchange.known.keys(), ...start.inherited.map(([name]) => name)]);
    const groups = nameVariables(identified.sources, identified.sinks, taken);
    const arranged = arrange({ messages, from, bound, groups, sinks: identified.sinks });
    const above = start.path.flatMap((id) => tree.get(id)?.template ?? []);
    const inherited = new Map([...start.inherited, ...observation.bindings]);
    const derived = deriveVariables({
      exchange,
      from,
      above,
      groups,
      arranged,
      inherited,
      others: context.others,
    });
    const sources = identified.sources;
    const validated = validate({
      hash: sha256,
      exchange,
      start,
      derived,
      sources,
      tree,
      ...context,
    });
    if (validated.kind === 'rejected') return `rejected:${validated.code}`;
    for (const [index, node] of validated.nodes.entries()) {
      if (tree.get(node.id) === undefined) tree.put({ ...node, revision: tree.size + index });
    }
    return 'committed';
  }
}

function pick({ evidence, state }: ReturnType<typeof judge>) {
  return { evidence, state };
}

function requestOf(body: Body): ChatRequest {
  const parsed = parseJson(JSON.stringify({ model: 'm', ...body }));
  if (parsed.kind === 'fault') throw new Error(`not JSON: ${parsed.fault}`);
  const read = readChatRequest(parsed.value);
  if (read.kind === 'bypass') throw new Error(`bypassed: ${read.reason}`);
  return read.request;
}
