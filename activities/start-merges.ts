/** When siblings are worth a merge: after a commit, and for all parents by the Schedule. */
import type { MergeStore } from '../adapters/mongo/merge-store.ts';
import type { MergeStarter } from '../adapters/temporal/merge-starter.ts';

export interface DueMergesDeps {
  readonly merges: MergeStore;
  readonly mergeStarter: MergeStarter;
  /** Children under one parent from which a merge may be worth it. */
  readonly mergeThreshold: number;
}

export interface Place {
  readonly project: string;
  readonly scope: string;
  readonly parent: string;
}

/** Parents looked at by one run of the Schedule, the widest first. */
const PARENTS_MAX = 100;

/** Errors: StoreError. */
export async function startDueMerges(
  deps: DueMergesDeps,
): Promise<{ readonly started: number; readonly wide: number }> {
  const wide = await deps.merges.wideParents(deps.mergeThreshold, PARENTS_MAX);
  let started = 0;
  for (const { children, ...place } of wide) {
    if (await startIfDue(deps, place, children, 'schedule')) started += 1;
  }
  return { started, wide: wide.length };
}

/** A merge that left siblings as they are is not tried again before as many new ones came as a merge begins with. */
export async function startIfDue(
  { merges, mergeStarter, mergeThreshold }: DueMergesDeps,
  place: Place,
  children: number,
  by: 'threshold' | 'schedule',
): Promise<boolean> {
  if (children < mergeThreshold) return false;
  const { childrenAfter, isRunning } = await merges.lastOf(place.parent);
  if (isRunning || children < childrenAfter + mergeThreshold) return false;
  const start = await mergeStarter.start({ ...place, isDryRun: false, by });
  return start !== undefined;
}
