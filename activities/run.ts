/** What all steps of a run share: where they read and write, and what they tell its workflow. */
import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { readExchange, type Exchange } from '../core/induction/exchange.ts';
import { nearest } from '../core/induction/nearest.ts';
import type { Hash, Observation } from '../core/observation.ts';
import type { TreeNode } from '../core/tree/node.ts';
import type { Recording } from '../adapters/mongo/documents.ts';
import { HISTORY_MAX } from '../adapters/mongo/history-cache.ts';
import type { InductionRecord, ObservationStore } from '../adapters/mongo/observation-store.ts';
import type { TreeStore } from '../adapters/mongo/tree-store.ts';
import type { KeptScopes } from '../adapters/mongo/worker-memory.ts';
import type { RunDerivation } from '../core/expressions/run-code.ts';
import { workflowIdOf } from '../adapters/temporal/induction-starter.ts';
import type { Agents } from './ask-agent.ts';
import { StepFault } from './failure.ts';
import type { DueMergesDeps } from './start-merges.ts';
import { formatProposal, parseProposal, type Proposals, type Step } from './proposals.ts';

export interface StepDeps {
  readonly observations: ObservationStore;
  readonly trees: TreeStore;
  /** Without it every step reads what it needs of its scope. */
  readonly scopes?: KeptScopes;
  /** Runs what models wrote; without it their derivations have no values. */
  readonly runDerivation?: RunDerivation;
  /** Without it no merge is started. */
  readonly merging?: DueMergesDeps;
  /** Without it no model is ever asked. */
  readonly agents?: Agents;
  /** Without it what steps find is stored with the observation: steps of models are taken by any worker. */
  readonly memory?: RunMemory;
  /** The share of served answers that may be wrong. */
  readonly errorBudget: number;
}

/** `note`: counts, codes and names of variables. `outcome`: the run is over, and why. */
export interface StepReport {
  readonly note: string;
  readonly outcome?: string;
}

/** What the steps of one run share. */
export class Run {
  readonly observation: Observation;
  /** What the scope's calls have in common: its tools among it. */
  readonly parameters: string;
  readonly exchange: Exchange;
  /** JSON texts that are stored with the observation. */
  readonly stored: InductionRecord['proposals'];
  private readonly deps: StepDeps;
  private readonly found: { -readonly [S in Step]?: Proposals[S] } = {};
  private historyRead: readonly Exchange[] | undefined;
  private pathRead: readonly TreeNode[] | undefined;

  /** `path`: the nodes above the start, where they were just read. */
  constructor(
    deps: StepDeps,
    record: InductionRecord,
    exchange: Exchange,
    path?: readonly TreeNode[],
  ) {
    const { observation, scope } = record.recording;
    this.deps = deps;
    this.observation = observation;
    this.parameters = scope.parameters;
    this.exchange = exchange;
    this.stored = record.proposals;
    this.pathRead = path;
  }

  /** What a step found. Errors: StepFault `proposal_invalid` when it has not been taken or its text is not ours. */
  proposal<S extends Step>(step: S): Proposals[S] {
    return this.found[step] ?? parseProposal(step, this.stored.get(step));
  }

  /** Errors: StepFault `observation_gone`; StoreError. */
  async save<S extends Step>(step: S, proposal: Proposals[S]): Promise<void> {
    this.found[step] = proposal;
    const { memory, observations } = this.deps;
    if (memory !== undefined) return;
    const text = formatProposal(step, proposal);
    const saved = await observations.saveProposal(this.observation.id, step, text);
    if (saved === 'gone') throw new StepFault('observation_gone');
  }

  /** Exchanges of the same shape (`historyOf`), as they were when a step first asked. Errors: StoreError. */
  async history(): Promise<readonly Exchange[]> {
    this.historyRead ??= await historyOf(this.deps, this.exchange);
    return this.historyRead;
  }

  /** Those of the history that read most like the exchange, the most similar first. Errors: StoreError. */
  async others(): Promise<readonly Exchange[]> {
    return othersOf(this.exchange, await this.history());
  }

  /** The nodes above the start, from the root; those that were deleted meanwhile are missing. Errors: StoreError. */
  async path(): Promise<readonly TreeNode[]> {
    this.pathRead ??= await this.readPath();
    return this.pathRead;
  }

  private async readPath(): Promise<readonly TreeNode[]> {
    const ids = this.proposal('load').start.path;
    const nodes = await Promise.all(ids.map((id) => this.deps.trees.readNode(id)));
    return nodes.flatMap((node) => node ?? []);
  }
}

/**
 * Runs under way, by the ids of their observations: the symbolic steps of a run are taken one after the other by one
 * worker, so what they find and read need not go through MongoDB. A run that goes on in another worker begins again.
 */
export class RunMemory {
  private readonly runs = new LRUCache<string, Run>({ max: RUNS_MAX });

  begin(run: Run): void {
    this.runs.set(run.observation.id, run);
  }

  get(observation: string): Run | undefined {
    return this.runs.get(observation);
  }

  end(observation: string): void {
    this.runs.delete(observation);
  }
}

/** Far more than a worker takes steps of at the same time. */
const RUNS_MAX = 1000;

/** Earlier exchanges that a proposal is held against: those that read most like its own. */
const OTHERS_MAX = 200;

export const sha256: Hash = (text) => createHash('sha256').update(text).digest('hex');

/** The first step begins a run, below `path`. Errors: StepFault `observation_gone`. */
export function beginRun(deps: StepDeps, recording: Recording, path: readonly TreeNode[]): Run {
  const exchange = readExchange(recording.observation);
  if (exchange === undefined) throw new StepFault('observation_gone');
  const run = new Run(deps, { recording, proposals: new Map() }, exchange, path);
  deps.memory?.begin(run);
  return run;
}

/** Errors: StepFault `observation_gone`, `steps_forgotten`; StoreError. */
export async function openRun(deps: StepDeps, id: string): Promise<Run> {
  const { memory, observations } = deps;
  if (memory !== undefined) {
    const remembered = memory.get(id);
    if (remembered === undefined) throw new StepFault('steps_forgotten');
    return remembered;
  }
  const record = await observations.readForInduction(id);
  const exchange = record && readExchange(record.recording.observation);
  if (record === undefined || exchange === undefined) throw new StepFault('observation_gone');
  return new Run(deps, record, exchange);
}

/**
 * Exchanges of the same shape, newest first. Of several answers to one thread only the first counts: the
 * others are variants, which no template can agree with at once (DESIGN §11.3).
 */
export async function historyOf(
  { scopes, observations }: Pick<StepDeps, 'scopes' | 'observations'>,
  { observation: own }: Exchange,
): Promise<readonly Exchange[]> {
  const { scope, shape } = own;
  const found = await (scopes?.histories.byShape(scope, shape) ??
    observations.byShape(scope, shape, HISTORY_MAX));
  const byThread = new Map(found.map((observation) => [observation.thread, observation]));
  byThread.delete(own.thread);
  return [...byThread.values()].flatMap((observation) => readOnce(observation) ?? []);
}

/** Those of the history that read most like the exchange, the most similar first. */
export async function otherExchanges(
  deps: Pick<StepDeps, 'scopes' | 'observations'>,
  own: Exchange,
): Promise<readonly Exchange[]> {
  return othersOf(own, await historyOf(deps, own));
}

/** The same of a history that is at hand. */
export function othersOf(own: Exchange, history: readonly Exchange[]): readonly Exchange[] {
  return nearest(own, history, OTHERS_MAX);
}

/** Characters of exchanges that are kept parsed: each is read by three steps of every later run of its shape. */
const PARSED_CHARACTERS_MAX = 16_000_000;
const parsed = new LRUCache<string, Exchange>({ maxSize: PARSED_CHARACTERS_MAX });

/** What an observation says never changes; one that was deleted and made again has another time. */
function readOnce(observation: Observation): Exchange | undefined {
  const { id, at, messages, answer } = observation;
  const key = `${id} ${at}`;
  const known = parsed.get(key);
  if (known !== undefined) return known;
  const exchange = readExchange(observation);
  const size = messages.length + answer.message.length + 1;
  if (exchange !== undefined) parsed.set(key, exchange, { size });
  return exchange;
}

/** The run that learns from an observation, for the history of nodes: its workflow's id. */
export function runOf({ project, id }: Observation): string {
  return workflowIdOf({ project, observation: id });
}

/** `3 spans`, `1 span`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** Names for people: in code marks, since the Temporal UI renders Markdown. */
export function listed(names: readonly string[]): string {
  const unique = [...new Set(names)].map((name) => `\`${name}\``);
  return unique.length === 0 ? 'none' : unique.join(', ');
}
