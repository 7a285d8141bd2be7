/** What a merge is asked to do, and by what: `threshold` and `schedule` are Ghee's own doing. */
export interface MergeRequest {
  readonly project: string;
  readonly scope: string;
  /** The scope's id, or the id of the node whose children are merged. */
  readonly parent: string;
  readonly isDryRun: boolean;
  readonly by: 'hand' | 'threshold' | 'schedule';
}
