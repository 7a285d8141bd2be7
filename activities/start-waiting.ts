/**
 * What the sweep does for every observation that has waited longer than a proxy would let it: it starts a run, or
 * writes at once what a proxy died before writing, where there is nothing to learn.
 */
import type { ObservationStore, WaitingObservation } from '../adapters/mongo/observation-store.ts';
import type { TreeStore } from '../adapters/mongo/tree-store.ts';
import type { TurnStore } from '../adapters/mongo/turn-store.ts';
import type { InductionStarter } from '../adapters/temporal/induction-starter.ts';
import type { NodeRef } from '../core/tree/node.ts';

export interface SweepDeps {
  readonly observations: ObservationStore;
  readonly trees: Pick<TreeStore, 'waitingForRevision'>;
  readonly turns: Pick<TurnStore, 'waiting'>;
  readonly starter: InductionStarter;
  readonly startRevision: (ref: NodeRef) => Promise<boolean>;
  readonly now: () => number;
  /** Told after every page: the sweep is alive. */
  readonly heartbeat: (counts: SweepCounts) => void;
}

export interface SweepCounts {
  readonly started: number;
  readonly waiting: number;
  /** Of those that waited: they need no run. */
  readonly finished: number;
}

/** Younger ones are being started by the proxy that recorded them. */
const GRACE_MS = 15_000;
const PAGE = 100;

/** Stops early when Temporal takes no starts: the next sweep goes on. Errors: StoreError. */
export async function startWaiting(deps: SweepDeps): Promise<SweepCounts> {
  const before = deps.now() - GRACE_MS;
  const contradicted = await deps.trees.waitingForRevision(before, PAGE);
  for (const ref of [...contradicted, ...(await deps.turns.waiting(before, PAGE))]) {
    if (!(await deps.startRevision(ref))) break;
  }
  let counts: SweepCounts = { started: 0, waiting: 0, finished: 0 };
  let after: WaitingObservation | undefined;
  for (;;) {
    const page = await deps.observations.waiting({ limit: PAGE, before, after });
    const exactOnly = page.filter(({ induce }) => !induce).map(({ observation }) => observation);
    if (exactOnly.length > 0) await deps.observations.finishExactOnly(exactOnly);
    const toLearn = page.filter(({ induce }) => induce);
    const results = await Promise.all(toLearn.map((ref) => startOne(deps.starter, ref)));
    counts = {
      started: counts.started + results.filter((result) => result === 'started').length,
      waiting: counts.waiting + page.length,
      finished: counts.finished + exactOnly.length,
    };
    deps.heartbeat(counts);
    after = page.at(-1);
    if (page.length < PAGE || results.includes('failed')) return counts;
  }
}

function startOne(starter: InductionStarter, { observation, scope, project }: WaitingObservation) {
  return starter.start({ observation, scope, project }, { again: true });
}
