/** `/admin/merge`, `/admin/merges`: start a merge or a dry run, watch it, cancel it, take it back. */
import { z } from 'zod';
import { readExchange } from '../../core/induction/exchange.ts';
import type { MergeRequest } from '../../core/merge/request.ts';
import type { MergeDocument } from '../../adapters/mongo/merge-document.ts';
import { permissionsOf } from '../request/permissions.ts';
import { MERGE_ORDER, type Merge } from './contract/merge.ts';
import type { AdminDeps, AdminUser } from './deps.ts';
import {
  AdminProblem,
  mergeEnded,
  notUndoable,
  parseInput,
  temporalUnavailable,
  unknownMerge,
  unknownNode,
  unknownScope,
} from './problems.ts';
import { maySee } from './whose.ts';

const PAGE = z.object({
  parent: z.string().max(128).exactOptional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
});
/** Of an example, for people to recognise it. */
const EXAMPLE_CHARACTERS = 300;

export async function startMerge(deps: AdminDeps, body: unknown): Promise<object> {
  const { node, scope, dryRun = false } = parseInput(MERGE_ORDER, body);
  const place =
    node === undefined ? await scopePlace(deps, scope ?? '') : await nodePlace(deps, node);
  const request = { ...place, isDryRun: dryRun, by: 'hand' as const };
  const started = await deps.mergeStarter.start(request);
  if (started === undefined) throw new AdminProblem(temporalUnavailable());
  // As the run's first step does, so that whoever asks for it at once finds it.
  await deps.merges.begin(started.id, request, started.workflowId);
  return started;
}

export async function listMerges(
  deps: AdminDeps,
  user: AdminUser,
  query: unknown,
): Promise<object> {
  const page = parseInput(PAGE, query);
  // A page may show fewer than it has: a viewer sees the merges of some projects only.
  const merges = (await deps.merges.list(page)).filter(({ project }) => maySee(user, project));
  const settled = await Promise.all(merges.map((merge) => settle(deps, merge)));
  return { merges: await Promise.all(settled.map((merge) => showMerge(deps, merge))) };
}

export async function readMerge(deps: AdminDeps, user: AdminUser, id: string): Promise<object> {
  const merge = await getMerge(deps, id);
  if (!maySee(user, merge.project)) throw new AdminProblem(unknownMerge());
  return showMerge(deps, merge);
}

/** The tree stays as it was, unless the commit was first. */
export async function cancelMerge(deps: AdminDeps, id: string): Promise<object> {
  const merge = await getMerge(deps, id);
  if (merge.state !== 'running') throw new AdminProblem(mergeEnded());
  const cancelled = await deps.mergeStarter.cancel({ id, workflowId: merge.workflowId });
  if (cancelled === 'gone') throw new AdminProblem(mergeEnded());
  return { id, state: 'cancelling' };
}

export async function undoMerge(deps: AdminDeps, id: string): Promise<object> {
  const outcome = await deps.merges.unmerge(id);
  if (outcome.kind === 'refused') {
    throw new AdminProblem(
      outcome.reason === 'unknown' ? unknownMerge() : notUndoable(outcome.reason),
    );
  }
  const { restored, removed, reopen } = outcome;
  if (reopen.length > 0) await deps.observations.reopen(reopen);
  return { id, restored, removed, reopened: reopen.length };
}

type MergePlace = Pick<MergeRequest, 'project' | 'scope' | 'parent'>;

async function scopePlace(deps: AdminDeps, id: string): Promise<MergePlace> {
  const scope = await deps.observations.scopes.read(id);
  if (scope === undefined) throw new AdminProblem(unknownScope());
  return { project: scope.project, scope: id, parent: id };
}

async function nodePlace(deps: AdminDeps, id: string): Promise<MergePlace> {
  const node = await deps.trees.readNode(id);
  if (node === undefined) throw new AdminProblem(unknownNode());
  const { project } = await deps.trees.readLife(id);
  return { project, scope: node.scope, parent: id };
}

async function getMerge(deps: AdminDeps, id: string): Promise<MergeDocument> {
  const merge = await deps.merges.read(id);
  if (merge === undefined) throw new AdminProblem(unknownMerge());
  return settle(deps, merge);
}

/** The record of a run that Temporal has ended must not say that it is under way. */
async function settle(
  { merges, mergeStarter }: AdminDeps,
  merge: MergeDocument,
): Promise<MergeDocument> {
  const { _id: id, workflowId, state } = merge;
  const reason = state === 'running' ? await mergeStarter.endOf({ id, workflowId }) : undefined;
  if (reason === undefined) return merge;
  await merges.finish(id, 'failed', { reason });
  return (await merges.read(id)) ?? merge;
}

async function showMerge(deps: AdminDeps, merge: MergeDocument): Promise<Merge> {
  const {
    _id: id,
    workflowId,
    project,
    scope,
    parent,
    isDryRun,
    by,
    state,
    at,
    endedAt,
    reason,
  } = merge;
  const allows = permissionsOf(deps.mirror.projectOf(project), deps.allows);
  const progress =
    state === 'running' ? await deps.mergeStarter.progress({ id, workflowId }) : undefined;
  const examples = allows.content ? await readExamples(deps, merge) : new Map<string, string>();
  return {
    id,
    workflowId,
    ...{ project, scope, parent, dryRun: isDryRun, by, state },
    startedAt: new Date(at).toISOString(),
    endedAt: endedAt === undefined ? null : new Date(endedAt).toISOString(),
    reason: reason ?? null,
    progress: progress ?? null,
    counts: merge.counts ?? null,
    templates: (merge.templates ?? []).map(({ node, text, members, retires, examples: ids }) => ({
      ...{ node, text: [...text], members, retires: [...retires] },
      examples: ids.flatMap((observation) => examples.get(observation) ?? []),
    })),
    rejected: (merge.rejected ?? []).map(([because, siblings]) => ({ reason: because, siblings })),
    added: merge.added?.length ?? 0,
    retired: merge.retired?.length ?? 0,
  };
}

/** Observations → their last requests, in part. */
async function readExamples(
  { observations }: AdminDeps,
  { templates = [] }: MergeDocument,
): Promise<ReadonlyMap<string, string>> {
  const found = await observations.readMany(templates.flatMap(({ examples }) => examples));
  const shown = new Map<string, string>();
  for (const [id, observation] of found) {
    const message = readExchange(observation)?.messages.at(-2);
    const text = message?.leaves.map((leaf) => leaf.text).join(' ');
    if (text !== undefined) shown.set(id, text.slice(0, EXAMPLE_CHARACTERS));
  }
  return shown;
}
