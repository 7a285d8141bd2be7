/**
 * Templates by their anchors: grams that each of their matches contains, rarest first. A place that many
 * templates share is split by their next anchor, so a set is only ever scanned where texts do not tell
 * its templates apart.
 */
import type { MessageGrams } from './grams.ts';

/** Anchors of one template at most: further ones hardly ever reject what the first ones let through. */
export const ANCHORS_MAX = 6;
/** Testing so many entries one by one costs about as much as one more level. */
const BUCKET_MAX = 32;
/** Bits of the filter for each key: one test in sixteen goes on to the map for nothing. */
const FILTER_BITS_PER_KEY = 16;

export interface Anchored {
  readonly anchors: readonly number[];
}

/** Sees an entry whose anchors are all in the message; false ends the visit. */
export type Visit<E> = (entry: E) => boolean;

type Bucket<E extends Anchored> = E[] | Branch<E>;

/** Entries that share the anchors above, by their next one. */
class Branch<E extends Anchored> {
  readonly buckets = new Map<number, Bucket<E>>();
  /** Entries without a further anchor. */
  readonly ends: E[] = [];
}

export class AnchorTree<E extends Anchored> {
  private readonly root = new Branch<E>();
  /** Rejects nearly all grams of a message before the map is asked; bits of removed keys may stay. */
  private filter = new Int32Array(1);
  private filterKeys = 0;

  insert(entry: E): void {
    const key = entry.anchors[0];
    if (key !== undefined && !this.root.buckets.has(key)) this.addToFilter(key);
    insertInto(this.root, entry, 0);
  }

  remove(entry: E): void {
    removeFrom(this.root, entry, 0);
  }

  /** Shows the entries whose anchors are all in `grams`; false when a visit or `budget` ended it. */
  visit(grams: MessageGrams, budget: Budget, visit: Visit<E>): boolean {
    if (!visitAll(this.root.ends, visit)) return false;
    const shift = Math.clz32(this.filter.length - 1) - 5;
    const { filter } = this;
    for (let index = 0; index < grams.count; index++) {
      const id = grams.at(index);
      const bit = id >>> shift;
      if (((filter[bit >>> 5] ?? 0) & (1 << (bit & 31))) === 0) continue;
      const bucket = this.root.buckets.get(id);
      if (bucket !== undefined && !visitBucket(bucket, 1, { grams, budget, visit })) return false;
    }
    return true;
  }

  private addToFilter(key: number): void {
    this.filterKeys++;
    if (this.filterKeys * FILTER_BITS_PER_KEY > this.filter.length * 32) {
      this.filterKeys = this.root.buckets.size + 1;
      // A word for each key leaves room for as many keys again.
      this.filter = new Int32Array(1 << (32 - Math.clz32(this.filterKeys)));
      for (const known of this.root.buckets.keys()) this.setBit(known);
    }
    this.setBit(key);
  }

  private setBit(key: number): void {
    const bit = key >>> (Math.clz32(this.filter.length - 1) - 5);
    this.filter[bit >>> 5] = (this.filter[bit >>> 5] ?? 0) | (1 << (bit & 31));
  }
}

/** Steps that a look-up may still take. */
export interface Budget {
  steps: number;
}

interface Search<E extends Anchored> {
  readonly grams: MessageGrams;
  readonly budget: Budget;
  readonly visit: Visit<E>;
}

function insertInto<E extends Anchored>(branch: Branch<E>, entry: E, depth: number): void {
  const key = entry.anchors[depth];
  if (key === undefined) {
    branch.ends.push(entry);
    return;
  }
  const bucket = branch.buckets.get(key);
  if (bucket === undefined) {
    branch.buckets.set(key, [entry]);
  } else if (bucket instanceof Branch) {
    insertInto(bucket, entry, depth + 1);
  } else if (bucket.length < BUCKET_MAX || depth + 1 >= ANCHORS_MAX) {
    bucket.push(entry);
  } else {
    const split = new Branch<E>();
    branch.buckets.set(key, split);
    for (const other of bucket) insertInto(split, other, depth + 1);
    insertInto(split, entry, depth + 1);
  }
}

/** Whether the branch is empty afterwards. */
function removeFrom<E extends Anchored>(branch: Branch<E>, entry: E, depth: number): boolean {
  const key = entry.anchors[depth];
  const bucket = key === undefined ? branch.ends : branch.buckets.get(key);
  if (bucket instanceof Branch) {
    if (key !== undefined && removeFrom(bucket, entry, depth + 1)) branch.buckets.delete(key);
  } else if (bucket !== undefined) {
    const at = bucket.indexOf(entry);
    const moved = at < 0 ? undefined : bucket.pop();
    if (moved !== undefined && at < bucket.length) bucket[at] = moved;
    if (key !== undefined && bucket.length === 0) branch.buckets.delete(key);
  }
  return branch.ends.length === 0 && branch.buckets.size === 0;
}

function visitBucket<E extends Anchored>(
  bucket: Bucket<E>,
  depth: number,
  search: Search<E>,
): boolean {
  const { grams, budget, visit } = search;
  if (bucket instanceof Branch) return visitBranch(bucket, depth, search);
  budget.steps -= bucket.length;
  if (budget.steps < 0) return false;
  for (const entry of bucket) {
    if (hasAll(grams, entry.anchors, depth) && !visit(entry)) return false;
  }
  return true;
}

/** The anchors that the templates know, or the grams that the message has, whichever are fewer. */
function visitBranch<E extends Anchored>(
  branch: Branch<E>,
  depth: number,
  search: Search<E>,
): boolean {
  const { grams, budget } = search;
  if (!visitAll(branch.ends, search.visit)) return false;
  budget.steps -= Math.min(branch.buckets.size, grams.count);
  if (budget.steps < 0) return false;
  if (branch.buckets.size <= grams.count) {
    for (const [key, bucket] of branch.buckets) {
      if (grams.has(key) && !visitBucket(bucket, depth + 1, search)) return false;
    }
    return true;
  }
  for (let index = 0; index < grams.count; index++) {
    const bucket = branch.buckets.get(grams.at(index));
    if (bucket !== undefined && !visitBucket(bucket, depth + 1, search)) return false;
  }
  return true;
}

function visitAll<E>(entries: readonly E[], visit: Visit<E>): boolean {
  for (const entry of entries) if (!visit(entry)) return false;
  return true;
}

function hasAll(grams: MessageGrams, anchors: readonly number[], from: number): boolean {
  for (let index = from; index < anchors.length; index++) {
    const id = anchors[index];
    if (id !== undefined && !grams.has(id)) return false;
  }
  return true;
}
