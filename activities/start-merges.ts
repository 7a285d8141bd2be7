/** When siblings are worth a merge: after a commit, when an answer stays exact, and for all parents by the Schedule. */
import { countAlike } from '../core/merge/count-alike.ts';
import { readExchange, type Exchange } from '../core/induction/exchange.ts';
import type { LastMerge, MergeStore } from '../adapters/mongo/merge-store.ts';
import type { ObservationStore } from '../adapters/mongo/observation-store.ts';
import { StoreError } from '../adapters/mongo/store-error.ts';
import type { MergeStarter } from '../adapters/temporal/merge-starter.ts';

export interface DueMergesDeps {
  readonly observations: ObservationStore;
  readonly merges: MergeStore;
  readonly mergeStarter: Pick<MergeStarter, 'start' | 'endOf'>;
  /** Siblings below one parent from which a merge may be worth it. */
  readonly mergeThreshold: number;
}

export interface Place {
  readonly project: string;
  readonly scope: string;
  readonly parent: string;
}

type Trigger = 'threshold' | 'schedule';

/** Parents looked at by one run of the Schedule, those with the most siblings first. */
const PARENTS_MAX = 100;
/** Exact siblings that a new one is held against. */
const ALIKE_MAX = 200;

/** Ends the records of runs that Temporal has ended: they timed out, crashed, or were terminated. Errors: StoreError. */
export async function settleMerges({
  merges,
  mergeStarter,
}: Pick<DueMergesDeps, 'merges' | 'mergeStarter'>): Promise<void> {
  for (const { _id: id, workflowId } of await merges.running()) {
    const reason = await mergeStarter.endOf({ id, workflowId });
    if (reason !== undefined) await merges.finish(id, 'failed', { reason });
  }
}

/** Errors: StoreError. */
export async function startDueMerges(
  deps: DueMergesDeps,
): Promise<{ readonly started: number; readonly wide: number }> {
  const { merges, observations, mergeThreshold } = deps;
  await settleMerges(deps);
  const wide = await merges.wideParents(mergeThreshold, PARENTS_MAX);
  const open = await observations.scopesWithUnexplained(mergeThreshold, PARENTS_MAX);
  const begun = new Set<string>();
  for (const { children, ...place } of wide) {
    if (await startIfWide(deps, place, children, 'schedule')) begun.add(place.parent);
  }
  for (const { project, scope } of open) {
    if (begun.has(scope)) continue;
    const last = await merges.lastOf(scope);
    const fresh = await observations.countUnexplained(scope, last.at);
    const place = { project, scope, parent: scope };
    if (fresh < neededAfter(last, mergeThreshold)) continue;
    if (await start(deps, place, last, 'schedule')) begun.add(scope);
  }
  return { started: begun.size, wide: new Set([...wide, ...open].map(({ scope }) => scope)).size };
}

/**
 * After a commit below `place.parent`, which has `known` children if they were counted. What was committed stays so,
 * whether a merge can be started or not.
 */
export async function considerChildren(
  deps: DueMergesDeps,
  place: Place,
  known?: number,
): Promise<void> {
  await unlessStoreFails(async () => {
    const children = known ?? (await deps.merges.countChildren(place.parent));
    await startIfWide(deps, place, children, 'threshold');
  });
}

/** After a run that left its observation as an exact answer: many that read like it may be explained together. */
export async function considerSibling(
  deps: DueMergesDeps,
  place: Place,
  own: Exchange,
  observations: Pick<ObservationStore, 'unexplained'> = deps.observations,
): Promise<void> {
  const { merges, mergeThreshold } = deps;
  await unlessStoreFails(async () => {
    const last = await merges.lastOf(place.parent);
    const { scope, shape, id } = own.observation;
    const fresh = await observations.unexplained({ scope, shape, after: last.at }, ALIKE_MAX);
    const needed = neededAfter(last, mergeThreshold);
    // Its own observation is one of them.
    if (fresh.length < needed) return;
    const others = fresh.filter((other) => other.id !== id);
    const alike = countAlike(
      own,
      others.flatMap((other) => readExchange(other) ?? []),
    );
    if (alike + 1 >= needed) await start(deps, place, last, 'threshold');
  });
}

/** A merge that left siblings as they are is tried again when there are as many new ones as may change that. */
function neededAfter({ left }: LastMerge, mergeThreshold: number): number {
  return Math.min(ALIKE_MAX, Math.max(mergeThreshold, Math.ceil(left / 4)));
}

async function startIfWide(
  deps: DueMergesDeps,
  place: Place,
  children: number,
  by: Trigger,
): Promise<boolean> {
  if (children < deps.mergeThreshold) return false;
  const last = await deps.merges.lastOf(place.parent);
  if (children < last.childrenAfter + deps.mergeThreshold) return false;
  return start(deps, place, last, by);
}

async function start(
  { mergeStarter }: DueMergesDeps,
  place: Place,
  { isRunning }: LastMerge,
  by: Trigger,
): Promise<boolean> {
  if (isRunning) return false;
  return (await mergeStarter.start({ ...place, isDryRun: false, by })) !== undefined;
}

/** The Schedule looks again. */
async function unlessStoreFails(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
  }
}
