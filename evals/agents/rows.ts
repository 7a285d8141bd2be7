/** The agents' trajectories as rows of replay: some, the same ones again, and others. */
import { replayRow, type ReplayRow } from '../rows.ts';
import type { Behaviour } from '../workloads/behaviour.ts';
import { createNamedRandom } from '../workloads/random.ts';
import { TRAJECTORIES } from './trajectories.ts';

export interface Plan {
  readonly seed: number;
  /** Trajectories of each behaviour that are stored. */
  readonly stored: number;
  /** Trajectories of each behaviour that are asked afterwards. */
  readonly others: number;
}

/** Turns of each trajectory in their order: those that are stored, and those that are asked afterwards. */
export function turnsOf(
  behaviour: Behaviour,
  { seed, stored, others }: Plan,
): { readonly stored: readonly ReplayRow[]; readonly others: readonly ReplayRow[] } {
  const random = createNamedRandom(seed, `agents ${behaviour.name}`);
  const turns = (count: number): ReplayRow[] =>
    Array.from({ length: count }, () => behaviour.talk(random).calls).flatMap((calls) =>
      calls.map((call) => replayRow.parse({ behaviour: behaviour.name, ...call })),
    );
  return { stored: turns(stored), others: turns(others) };
}

/** A client that repeats a conversation has other ids of tool calls in it: they are made anew with each answer. */
export function withOtherIds(row: ReplayRow): ReplayRow {
  const messages = JSON.stringify(row.request.messages).replace(
    /"call_(\w+)"/g,
    (_, id: string) => `"call_${Array.from(id).toReversed().join('')}"`,
  );
  return replayRow.parse({
    ...row,
    request: { ...row.request, messages: JSON.parse(messages) as unknown },
  });
}

/**
 * For a real Ghee, in one tree for each set of tools: whatever is served of `again` must be as stored, and all of it
 * should be; of `others` whatever differs from what the agent did, an argument without an origin for one, is a false hit.
 */
export function trajectoryRows(plan: Plan): readonly ReplayRow[] {
  const all = TRAJECTORIES.map((behaviour) => turnsOf(behaviour, plan));
  const stored = all.flatMap((turns) => turns.stored);
  return [
    ...stored.map((row) => ({ ...row, behaviour: `${row.behaviour} stored` })),
    ...stored.map((row) => ({ ...withOtherIds(row), behaviour: `${row.behaviour} again` })),
    ...all
      .flatMap((turns) => turns.others)
      .map((row) => ({ ...row, behaviour: `${row.behaviour} others` })),
  ];
}
