/** What the stages of a merge hand on, as JSON in MongoDB; read back it is untrusted like everything there. */
import { z } from 'zod';
import type { CheckedMerge, MergeCluster, PlannedMerge } from '../core/merge/plan.ts';
import type { TreeNode } from '../core/tree/node.ts';
import type { RetiredNode } from '../adapters/mongo/merge-document.ts';
import type { MergeStore } from '../adapters/mongo/merge-store.ts';
import { parseNode, toNodeDocument } from '../adapters/mongo/node-document.ts';
import { StepFault } from './failure.ts';

/** The plan, and in which state of the tree it was checked. */
export interface Checked {
  readonly merge: CheckedMerge;
  /** Parents → versions of their children when they were read. */
  readonly versions: readonly (readonly [string, number])[];
  readonly retires: readonly RetiredNode[];
}

const ids = z.array(z.string());
const count = z.int().nonnegative();
const node = z.unknown().transform((json, context): TreeNode => {
  const parsed = parseNode(json);
  if (parsed !== undefined) return parsed;
  context.addIssue('not a node');
  return z.NEVER;
});
const exemplars = z.array(z.object({ node: z.string(), observation: z.string() }));
const rejected = z.array(
  z.object({
    reason: z.enum([
      'too-few',
      'unexplained',
      'mispredicted',
      'no-flow',
      'ambiguous',
      'too-general',
      'too-many-variables',
      'contradicts-exemplar',
      'vetoed',
      'taken-back',
      'nothing-gained',
    ]),
    members: ids,
  }),
);

const CLUSTERS: z.ZodType<readonly MergeCluster[]> = z.array(
  z.object({ id: z.string(), members: ids }),
);
const PLANNED: z.ZodType<PlannedMerge> = z.object({
  cluster: z.string(),
  nodes: z.array(node),
  exemplars,
  rejected,
});
const CHECKED: z.ZodType<Checked> = z.object({
  merge: z.object({
    nodes: z.array(node),
    retires: ids,
    exemplars,
    rejected,
    templates: z.array(
      z.object({
        node: z.string(),
        text: ids,
        members: count,
        examples: ids,
        retires: ids,
      }),
    ),
    counts: z.object({ siblings: count, covered: count, left: count }),
  }),
  versions: z.array(z.tuple([z.string(), count])),
  retires: z.array(
    z.object({
      id: z.string(),
      state: z.enum(['candidate', 'probation', 'serving', 'quarantined', 'retired']),
    }),
  ),
});

type Texts = Pick<MergeStore, 'saveProposal' | 'readProposal'>;

export function saveClusters(store: Texts, id: string, clusters: readonly MergeCluster[]) {
  return store.saveProposal(id, 'clusters', JSON.stringify(clusters));
}

export function readClusters(store: Texts, id: string): Promise<readonly MergeCluster[]> {
  return readAs(store, id, 'clusters', CLUSTERS);
}

export function savePlanned(store: Texts, id: string, index: number, planned: PlannedMerge) {
  const documents = planned.nodes.map(toDocument);
  return store.saveProposal(id, stepOf(index), JSON.stringify({ ...planned, nodes: documents }));
}

export function readPlanned(store: Texts, id: string, index: number): Promise<PlannedMerge> {
  return readAs(store, id, stepOf(index), PLANNED);
}

export function saveChecked(store: Texts, id: string, { merge, ...state }: Checked) {
  const documents = merge.nodes.map(toDocument);
  const json = JSON.stringify({ merge: { ...merge, nodes: documents }, ...state });
  return store.saveProposal(id, 'checked', json);
}

export function readChecked(store: Texts, id: string): Promise<Checked> {
  return readAs(store, id, 'checked', CHECKED);
}

const stepOf = (index: number): string => `plan${index}`;

/** The commit gives a node what belongs to its birth. */
function toDocument(planned: TreeNode): object {
  return toNodeDocument(planned, { project: '', revision: 0, at: 0 });
}

/** Errors: StepFault `proposal_invalid` when the step has not been taken or its text is not ours. */
async function readAs<T>(store: Texts, id: string, step: string, schema: z.ZodType<T>): Promise<T> {
  const text = await store.readProposal(id, step);
  const parsed = schema.safeParse(text === undefined ? undefined : parseText(text));
  if (parsed.success) return parsed.data;
  throw new StepFault('proposal_invalid');
}

function parseText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
