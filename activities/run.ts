/** What all steps of a run share: where they read and write, and what they tell its workflow. */
import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { readExchange, type Exchange } from '../core/induction/exchange.ts';
import type { Start } from '../core/induction/load.ts';
import { nearest } from '../core/induction/nearest.ts';
import type { Hash, Observation } from '../core/observation.ts';
import type { TreeNode } from '../core/tree/node.ts';
import type { InductionRecord, ObservationStore } from '../adapters/mongo/observation-store.ts';
import type { TreeStore } from '../adapters/mongo/tree-store.ts';
import type { RunDerivation } from '../core/expressions/run-code.ts';
import { workflowIdOf } from '../adapters/temporal/induction-starter.ts';
import type { Agents } from './ask-agent.ts';
import { StepFault } from './failure.ts';
import type { DueMergesDeps } from './start-merges.ts';
import { formatProposal, type Proposals, type Step } from './proposals.ts';

export interface StepDeps {
  readonly observations: ObservationStore;
  readonly trees: TreeStore;
  /** Runs what models wrote; without it their derivations have no values. */
  readonly runDerivation?: RunDerivation;
  /** Without it no merge is started. */
  readonly merging?: DueMergesDeps;
  /** Without it no model is ever asked. */
  readonly agents?: Agents;
  /** The share of served answers that may be wrong. */
  readonly errorBudget: number;
}

/** `note`: counts, codes and names of variables. `outcome`: the run is over, and why. */
export interface StepReport {
  readonly note: string;
  readonly outcome?: string;
}

export interface Run {
  readonly record: InductionRecord;
  readonly exchange: Exchange;
}

/** Earlier exchanges that a proposal is held against: those that read most like its own. */
const OTHERS_MAX = 200;
/** And those that words and types of values are learned from. */
const HISTORY_MAX = 800;

export const sha256: Hash = (text) => createHash('sha256').update(text).digest('hex');

/** Errors: StepFault `observation_gone`; StoreError. */
export async function openRun({ observations }: StepDeps, id: string): Promise<Run> {
  const record = await observations.readForInduction(id);
  const exchange = record === undefined ? undefined : readExchange(record.observation);
  if (record === undefined || exchange === undefined) throw new StepFault('observation_gone');
  return { record, exchange };
}

/** Errors: StepFault `observation_gone`; StoreError. */
export async function saveProposal<S extends Step>(
  { observations }: StepDeps,
  id: string,
  step: S,
  proposal: Proposals[S],
): Promise<void> {
  const saved = await observations.saveProposal(id, step, formatProposal(step, proposal));
  if (saved === 'gone') throw new StepFault('observation_gone');
}

/**
 * Exchanges of the same shape, newest first. Of several answers to one thread only the first counts: the
 * others are variants, which no template can agree with at once (DESIGN §11.3).
 */
export async function historyOf(
  { observations }: Pick<StepDeps, 'observations'>,
  { observation: own }: Exchange,
): Promise<readonly Exchange[]> {
  const found = await observations.byShape(own.scope, own.shape, HISTORY_MAX);
  const byThread = new Map(found.map((observation) => [observation.thread, observation]));
  byThread.delete(own.thread);
  return [...byThread.values()].flatMap((observation) => readOnce(observation) ?? []);
}

/** Those of the history that read most like the exchange, the most similar first. */
export async function otherExchanges(
  deps: Pick<StepDeps, 'observations'>,
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

/** The nodes above the start, from the root; validation misses those that were deleted meanwhile. */
export async function readPath({ trees }: StepDeps, start: Start): Promise<readonly TreeNode[]> {
  const nodes = await Promise.all(start.path.map((id) => trees.readNode(id)));
  return nodes.flatMap((node) => node ?? []);
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
