/** `/admin/nodes/:id`: one template, and what people decide about it. */
import { z } from 'zod';
import { approve } from '../../core/induction/approve.ts';
import type { NodeState, TreeNode } from '../../core/tree/node.ts';
import type { NodeChanged } from './contract/node-change.ts';
import type { AdminDeps } from './deps.ts';
import { AdminProblem, notAnAnswer, parseInput, retiredNode, unknownNode } from './problems.ts';
import { showNode } from './show-node.ts';
import { permissionsOf } from '../permissions.ts';

/** Evidence that is listed one by one. */
const EXEMPLARS_SHOWN = 50;

const UNSERVED: ReadonlySet<NodeState> = new Set<NodeState>(['quarantined', 'retired']);

/** `note`: a person's own words, kept in the node's history. */
const NOTE = z.strictObject({ note: z.string().max(200).exactOptional() }).optional();

export async function readNode(deps: AdminDeps, id: string): Promise<object> {
  const node = await getNode(deps, id);
  const [{ project, history, audited }, exemplars] = await Promise.all([
    deps.trees.readLife(id),
    deps.trees.exemplarsOf(id, EXEMPLARS_SHOWN),
  ]);
  const allows = permissionsOf(deps.mirror.projectOf(project), deps.allows);
  return {
    project,
    ...showNode(node, allows),
    audited,
    history: history.map(({ at, ...entry }) => ({ at: new Date(at).toISOString(), ...entry })),
    exemplars: exemplars.map(({ observation, kind }) => ({ observation, kind })),
  };
}

/** Approval settles which spans vary; what else the answer needs, it still needs (DESIGN §11.5). */
export async function approveNode(
  deps: AdminDeps,
  id: string,
  body: unknown,
): Promise<NodeChanged> {
  const note = noteOf(body, 'approved by hand');
  const node = await getNode(deps, id);
  if (node.state === 'retired') throw new AdminProblem(retiredNode());
  if (node.answer === undefined && node.state !== 'quarantined') {
    throw new AdminProblem(notAnAnswer());
  }
  const changed = await deps.trees.changeNode(id, (node) => {
    if (node.state === 'retired') return undefined;
    const { evidence, state } = approve(node);
    const isSame = state === node.state && evidence.required === node.evidence.required;
    return isSame ? undefined : { evidence, state, note, by: 'person', revise: false };
  });
  return describe(changed);
}

/** Idempotent, like everything here. */
export async function quarantineNode(
  deps: AdminDeps,
  id: string,
  body: unknown,
): Promise<NodeChanged> {
  const note = noteOf(body, 'quarantined by hand');
  if ((await getNode(deps, id)).state === 'retired') throw new AdminProblem(retiredNode());
  const changed = await deps.trees.changeNode(id, ({ state, evidence }) =>
    UNSERVED.has(state) ? undefined : { evidence, state: 'quarantined', note, by: 'person' },
  );
  return describe(changed);
}

/** A pinned node is kept as it is by all that Ghee does by itself; evidence against it still stops it. */
export async function pinNode(
  deps: AdminDeps,
  { id, pinned }: { readonly id: string; readonly pinned: boolean },
  body: unknown,
): Promise<NodeChanged> {
  const note = noteOf(body, pinned ? 'pinned' : 'unpinned');
  if ((await getNode(deps, id)).state === 'retired') throw new AdminProblem(retiredNode());
  const changed = await deps.trees.changeNode(id, ({ state, evidence, pinned: before = false }) =>
    before === pinned ? undefined : { evidence, state, note, pinned, by: 'person' },
  );
  return describe(changed);
}

async function getNode(deps: AdminDeps, id: string): Promise<TreeNode> {
  const node = await deps.trees.readNode(id);
  if (node === undefined) throw new AdminProblem(unknownNode());
  return node;
}

function noteOf(body: unknown, what: string): string {
  const note = parseInput(NOTE, body)?.note?.trim();
  return note === undefined || note === '' ? what : `${what}: ${note}`;
}

function describe(
  changed: { readonly kind: 'gone' } | { readonly kind: string; readonly node: TreeNode },
): NodeChanged {
  if (!('node' in changed)) throw new AdminProblem(unknownNode());
  const { id, state, evidence, pinned = false } = changed.node;
  const { confirmations, required, reasons } = evidence;
  return {
    id,
    state,
    isPinned: pinned,
    isChanged: changed.kind === 'changed',
    evidence: { confirmations, required, reasons },
  };
}
