/** What a merge is asked to do, and by what: `threshold` and `schedule` are Ghee's own doing. */
export interface MergeRequest {
  readonly project: string;
  readonly scope: string;
  /** The scope's id, or the id of the node whose children are merged. */
  readonly parent: string;
  readonly isDryRun: boolean;
  readonly by: (typeof STARTED_BY)[number];
}

const STARTED_BY = ['hand', 'threshold', 'schedule'] as const;
/** Ids are hashes and names of projects: short. */
const ID_CHARACTERS_MAX = 128;

/** Reads what somebody typed: without a parent it is the scope's first messages, and by hand. Errors: undefined. */
export function readMergeRequest(input: unknown): MergeRequest | undefined {
  if (typeof input !== 'object' || input === null) return undefined;
  const { project, scope, parent = scope, isDryRun = false, by = 'hand' } = input as Fields;
  const starter = STARTED_BY.find((known) => known === by);
  if (!isId(project) || !isId(scope) || !isId(parent)) return undefined;
  if (typeof isDryRun !== 'boolean' || starter === undefined) return undefined;
  return { project, scope, parent, isDryRun, by: starter };
}

type Fields = Readonly<Partial<Record<keyof MergeRequest, unknown>>>;

function isId(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= ID_CHARACTERS_MAX;
}
