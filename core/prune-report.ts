/** What pruning removed of one project, or would remove. */
export interface PruneReport extends PruneCounts {
  readonly project: string;
}

export interface PruneCounts {
  readonly nodes: number;
  /** Exact answers. */
  readonly answers: number;
  readonly observations: number;
  readonly tombstones: number;
}
