/** One question of a step to its agent, with what it used written down, and asked once in a run. */
import type { Agent } from '../adapters/config.ts';
import type { AgentProposals, AgentTasks } from '../adapters/model/agents.ts';
import type { AbstainReason, Ask, Usage } from '../adapters/model/ask.ts';
import type { Checked } from '../core/induction/checked.ts';
import { sha256, type Run, type StepDeps, type StepReport } from './run.ts';

export interface Agents {
  readonly mode: 'llm' | 'auto';
  readonly models: Readonly<Record<Agent, string | undefined>>;
  readonly tasks: AgentTasks;
  readonly ask: Ask;
  /** Counts what was used towards what learning costs. Errors: none. */
  readonly spent: (project: string, model: string, usage: Usage) => Promise<void>;
  /** Aborts the call under way, when the worker stops. */
  readonly cancellation: () => AbortSignal;
}

/**
 * `too_long`: messages of this size are not sent. `nothing_found`: it answered that there is nothing, or there is
 * nothing to ask. `model_unavailable`: no attempt was answered.
 */
export type AgentAbstention =
  AbstainReason | 'no_model' | 'too_long' | 'nothing_found' | 'model_unavailable';

export interface AgentReport extends StepReport {
  /** The step has not been taken, and why. */
  readonly abstained?: AgentAbstention;
}

export type AgentReply<T> = { readonly note: string } & (
  | { readonly kind: 'answer'; readonly value: T }
  | { readonly kind: 'abstained'; readonly reason: AgentAbstention }
);

export interface AgentQuestion<A extends Agent, T> {
  readonly agent: A;
  /** JSON. */
  readonly data: unknown;
  readonly check: (proposal: AgentProposals[A]) => Checked<T> | Promise<Checked<T>>;
}

/** What costs more than a cent even with a small model is left to the symbolic steps. */
const DATA_CHARACTERS_MAX = 60_000;

/** Errors: ModelError, StoreError. */
export async function askAgent<A extends Agent, T>(
  deps: StepDeps,
  run: Run,
  { agent, data, check }: AgentQuestion<A, T>,
): Promise<AgentReply<T>> {
  const { agents } = deps;
  const model = agents?.models[agent];
  if (agents === undefined || model === undefined) return abstained(agent, 'no_model');
  const text = JSON.stringify(data);
  if (text.length > DATA_CHARACTERS_MAX) return abstained(agent, 'too_long');
  const task = agents.tasks[agent];
  const { observation } = run;
  const key = sha256(JSON.stringify([model, task.instructions, text]));
  const remembered = task.schema.safeParse(recall(run.stored.get(`asked-${agent}`), key));
  if (remembered.success) {
    const { value } = await check(remembered.data);
    if (value !== undefined) return { kind: 'answer', value, note: `${agent}: asked before` };
  }
  let last: AgentProposals[A] | undefined;
  const reply = await agents.ask({
    model,
    instructions: task.instructions,
    schema: task.schema,
    data,
    check: (proposal: AgentProposals[A]) => {
      last = proposal;
      return check(proposal);
    },
    signal: agents.cancellation(),
  });
  const reason = reply.kind === 'abstained' ? reply.reason : undefined;
  await deps.observations.addModelUsage(observation.id, toCounts(reply.usage), reason);
  if (reply.usage.calls > 0) await agents.spent(observation.project, model, reply.usage);
  if (reply.kind === 'abstained') return abstained(agent, reply.reason, reply.usage);
  // A repeated attempt, after a conflict or a crash, asks the same again: that is paid for.
  const asked = JSON.stringify({ key, proposal: last });
  await deps.observations.saveProposal(observation.id, `asked-${agent}`, asked);
  return { kind: 'answer', value: reply.value, note: describe(agent, reply.usage) };
}

/** The report of a step that was not taken. */
export function toReport(reply: Extract<AgentReply<unknown>, { kind: 'abstained' }>): AgentReport {
  return { note: reply.note, abstained: reply.reason };
}

function abstained(agent: Agent, reason: AgentAbstention, usage?: Usage) {
  const used = usage === undefined || usage.calls === 0 ? '' : ` (${describe(agent, usage)})`;
  return { kind: 'abstained', reason, note: `${agent} abstains: ${reason}${used}` } as const;
}

function recall(text: string | undefined, key: string): unknown {
  try {
    const parsed: unknown = JSON.parse(text ?? 'null');
    const isSame =
      typeof parsed === 'object' && parsed !== null && 'key' in parsed && parsed.key === key;
    return isSame && 'proposal' in parsed ? parsed.proposal : undefined;
  } catch {
    return undefined;
  }
}

function toCounts({ calls, tokens, microUsd }: Usage) {
  const { input, cached, output } = tokens;
  return {
    calls,
    inputTokens: input,
    cachedTokens: cached,
    outputTokens: output,
    microUsd,
  };
}

function describe(agent: Agent, { calls, tokens, microUsd }: Usage): string {
  const used = `${tokens.input} + ${tokens.output} tokens, $${(microUsd / 1e6).toFixed(6)}`;
  return `${agent}: ${calls === 1 ? '1 call' : `${calls} calls`}, ${used}`;
}
