/** `/admin/nodes/:id`: one template, and what people decide about it. */
import { z } from 'zod';
import { approve } from '../../core/induction/approve.ts';
import { variablesOfTemplate } from '../../core/template/template.ts';
import type { NodeState, TreeNode } from '../../core/tree/node.ts';
import { workflowIdOf } from '../../adapters/temporal/induction-starter.ts';
import type { NodeChanged } from './contract/node-change.ts';
import { TREE_WAIT_MS, type AdminDeps, type AdminUser } from './deps.ts';
import { AdminProblem, notAnAnswer, parseInput, retiredNode, unknownNode } from './problems.ts';
import { showNode } from './show-node.ts';
import { permissionsOf } from '../request/permissions.ts';
import { pathTo } from './scopes.ts';
import { isShown, showLeaves, showTreeNodes } from './show-tree.ts';
import { maySee } from './whose.ts';

/** Evidence that is listed one by one. */
const EXEMPLARS_SHOWN = 50;
/** Those of them whose messages are shown, where they may be, and how much of each. */
const EXEMPLARS_READ = 5;
const CONTENT_CHARACTERS = 8192;

const UNSERVED: ReadonlySet<NodeState> = new Set<NodeState>(['quarantined', 'retired']);

/** `note`: a person's own words, kept in the node's history. */
const NOTE = z.strictObject({ note: z.string().max(200).exactOptional() }).optional();

export async function readNode(deps: AdminDeps, user: AdminUser, id: string): Promise<object> {
  const node = await getNode(deps, id);
  const [{ project, history, audited }, exemplars, children] = await Promise.all([
    deps.trees.readLife(id),
    deps.trees.exemplarsOf(id, EXEMPLARS_SHOWN),
    deps.reader.childCounts([id]),
  ]);
  if (!maySee(user, project)) throw new AdminProblem(unknownNode());
  const allows = permissionsOf(deps.mirror.projectOf(project), deps.allows);
  await deps.mirror.whenHeld(node.scope, TREE_WAIT_MS);
  const above = pathTo(deps.mirror.tree(node.scope), node.parent);
  const content = allows.content ? await readContent(deps, exemplars) : new Map<string, object>();
  return {
    project,
    ...showNode(node, allows),
    leaves: showLeaves(node),
    variables: originsOf([...above, node]),
    lineage: showTreeNodes(deps, above),
    children: children.get(id) ?? 0,
    audited,
    history: history.map(({ at, ...entry }) => ({ at: new Date(at).toISOString(), ...entry })),
    exemplars: exemplars.map(({ observation, kind }) => ({
      observation,
      kind,
      workflowId: workflowIdOf({ project, observation }),
      ...(content.has(observation) ? { content: content.get(observation) } : {}),
    })),
  };
}

/** Where each variable of the last node gets its value: there or above. */
function originsOf(path: readonly TreeNode[]): object[] {
  const origins = new Map<string, object>();
  for (const node of path) {
    for (const { name, role } of node.variables) {
      origins.set(name, { name, role: role === 'dependent' ? 'derived' : 'read', node: node.id });
    }
    // Those that callers name are no node's own: they come from where they stand first.
    for (const name of variablesOfTemplate(node.template)) {
      if (!origins.has(name)) origins.set(name, { name, role: 'read', node: node.id });
    }
  }
  const used = path.at(-1);
  const names = used === undefined ? [] : variablesOfTemplate(used.template).filter(isShown);
  return names.map((name) => origins.get(name) ?? { name, role: 'unknown', node: null });
}

async function readContent(
  deps: AdminDeps,
  exemplars: readonly { readonly observation: string }[],
): Promise<ReadonlyMap<string, object>> {
  const ids = exemplars.slice(0, EXEMPLARS_READ).map(({ observation }) => observation);
  const observations = await deps.observations.readMany(ids);
  return new Map(
    [...observations].map(([id, { messages, answer }]) => [
      id,
      {
        messages: messages.slice(0, CONTENT_CHARACTERS),
        answer: answer.message.slice(0, CONTENT_CHARACTERS),
      },
    ]),
  );
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
