/**
 * `GET /admin/decisions/:requestId`: why a call was answered as it was. A miss is explained against the tree
 * as it is now, from the thread that was stored with it; content only where the project allows it.
 */
import type { RequestEntry } from '../../adapters/mongo/request-store.ts';
import { readExchange, type Exchange } from '../../core/induction/exchange.ts';
import { exactAnswerId } from '../../core/observation.ts';
import { inputsOf } from '../../core/expressions/derivation.ts';
import { formatExpression } from '../../core/expressions/format-expression.ts';
import { decide } from '../../core/tree/decide.ts';
import { explainMiss } from '../../core/tree/explain.ts';
import { ScopeTree } from '../../core/tree/scope-tree.ts';
import type { TreeNode } from '../../core/tree/node.ts';
import type { Message } from '../../core/messages/message.ts';
import type { Difference } from '../../core/template/difference.ts';
import type { Bindings } from '../../core/template/template.ts';
import { walk } from '../../core/tree/walk.ts';
import { bindingsWithCode } from '../hit/compute.ts';
import { permissionsOf } from '../request/permissions.ts';
import { showDifference } from '../record/show-difference.ts';
import { compareLeaf } from './compare-leaf.ts';
import type { Compared } from './contract/requests.ts';
import { TREE_WAIT_MS, type AdminDeps, type AdminUser } from './deps.ts';
import { findRequest } from './find-request.ts';
import { showRequest } from './requests.ts';
import { outlineNode, showNode } from './show-node.ts';
import { showLeaves, showTreeNode } from './show-tree.ts';

export async function explainDecision(
  deps: AdminDeps,
  user: AdminUser,
  requestId: string,
): Promise<object> {
  const entry = await findRequest(deps, requestId, user);
  const allows = permissionsOf(deps.mirror.projectOf(entry.project ?? ''), deps.allows);
  const [feedback, explained] = await Promise.all([
    deps.feedback.read(entry.id),
    explain(deps, entry, allows),
  ]);
  return {
    request: showRequest(entry, allows),
    ...explained,
    feedback: feedback && { verdict: feedback.verdict, effect: feedback.effect },
  };
}

interface Allows {
  readonly content: boolean;
}

async function explain(deps: AdminDeps, entry: RequestEntry, allows: Allows): Promise<object> {
  switch (entry.outcome) {
    case 'hit':
      return entry.reason === 'exact'
        ? explainExact(deps, entry)
        : explainPath(deps, entry, allows);
    case 'miss':
      return { explanation: await explainStored(deps, entry, allows) };
    case 'bypass':
      return { explanation: { remedy: 'Ghee does not serve calls of this kind: see the reason.' } };
    case 'refused':
      return {};
  }
}

async function explainExact(deps: AdminDeps, entry: RequestEntry): Promise<object> {
  const answer = await deps.observations.readExactAnswer(entry.node ?? '');
  if (answer === undefined) return { answer: null };
  const { id, observation, at } = answer;
  return { answer: { id, observation, recordedAt: new Date(at).toISOString() } };
}

/** Nodes that were deleted since are left out. */
async function explainPath(deps: AdminDeps, entry: RequestEntry, allows: Allows): Promise<object> {
  const read = await Promise.all(entry.path.map((id) => deps.trees.readNode(id)));
  const nodes = read.filter((node) => node !== undefined);
  const values = allows.content ? entry.content?.values : undefined;
  return {
    path: nodes.map((node) =>
      allows.content ? { ...showNode(node, allows), leaves: showLeaves(node) } : outlineNode(node),
    ),
    ...(values === undefined ? {} : { computed: computedOn(nodes, new Map(values)) }),
  };
}

/** What each derivation on the path was given, and what it gave. */
function computedOn(nodes: readonly TreeNode[], values: Bindings): object[] {
  return nodes.flatMap((node) =>
    node.variables.flatMap((variable) => {
      if (variable.role !== 'dependent') return [];
      const { name, derivation } = variable;
      const inputs = inputsOf(derivation).flatMap((input) => {
        const value = values.get(input);
        return value === undefined ? [] : [[input, value] as const];
      });
      const program =
        derivation.kind === 'programs'
          ? derivation.programs.map(formatExpression).join('\nor ')
          : derivation.source;
      return [{ name, node: node.id, program, inputs, output: values.get(name) ?? '' }];
    }),
  );
}

async function explainStored(
  deps: AdminDeps,
  entry: RequestEntry,
  allows: Allows,
): Promise<object> {
  const { scope, thread, reason } = entry;
  const remedy = REMEDIES.get(reason ?? '');
  if (remedy !== undefined) return { reason, remedy };
  const exchange =
    scope === undefined || thread === undefined ? undefined : await stored(deps, scope, thread);
  if (exchange === undefined) {
    return { reason, remedy: 'Nothing of the exchange was stored, so it cannot be explained.' };
  }
  const { observation } = exchange;
  await deps.mirror.whenHeld(observation.scope, TREE_WAIT_MS);
  const tree = deps.mirror.tree(observation.scope) ?? new ScopeTree();
  const question = { tree, scope: observation.scope, thread: exchange.thread };
  const explicit = new Map(observation.bindings);
  const bindings = await bindingsWithCode(deps.code, { ...question, explicit });
  const walked = walk(tree, observation.scope, exchange.thread, bindings);
  const decision = decide(walked);
  if (decision.kind === 'hit') {
    const { node } = decision.answer;
    return { reason, remedy: 'It was learned since: the tree has an answer now.', node: node.id };
  }
  const found = explainMiss(tree, walked, exchange.thread, decision.reason);
  const node = found.nearest && tree.get(found.nearest.node);
  const nearest = found.nearest && {
    node: found.nearest.node,
    ...(node === undefined ? {} : { parts: showTreeNode(node, 0).parts }),
    difference: found.nearest.difference && showDifference(found.nearest.difference, allows),
    ...(allows.content
      ? { compared: compare(node, exchange.thread.messages[found.depth], found.nearest.difference) }
      : {}),
  };
  return { ...found, reason, reasonNow: found.reason, nearest };
}

/** The leaf that differs, or the first one: of a message of another shape they are not the same. */
function compare(
  node: TreeNode | undefined,
  message: Message | undefined,
  difference: Difference | undefined,
): Compared | undefined {
  if (node === undefined || message === undefined || difference?.kind === 'shape') return undefined;
  const index = difference !== undefined && 'leaf' in difference ? difference.leaf : 0;
  const pattern = node.template.leaves[index];
  const text = message.leaves[index]?.text;
  if (pattern === undefined || text === undefined) return undefined;
  return compareLeaf(
    pattern,
    text,
    difference !== undefined && 'variable' in difference ? difference.variable : undefined,
  );
}

/** The thread as the first complete exchange about it was stored. */
async function stored(
  { observations, hash }: AdminDeps,
  scope: string,
  thread: string,
): Promise<Exchange | undefined> {
  const answer = await observations.readExactAnswer(exactAnswerId(hash, scope, thread));
  const observation = answer && (await observations.read(answer.observation));
  return observation && readExchange(observation);
}

/** Misses that are not about the tree. */
const REMEDIES: ReadonlyMap<string, string> = new Map([
  ['no_cache', 'The call asked for a new answer: `Cache-Control: no-cache`.'],
  ['expired', 'The stored answer was older than `Cache-Control: max-age` or the TTL allows.'],
  [
    'collapsed',
    'An identical call was on its way to the provider; its answer served this one too.',
  ],
  ['would-hit', 'The mode is `observe`: the answer that was there was only compared.'],
  ['scope_loading', 'This tree was not in memory, and was read for the calls after this one.'],
  ['mirror_loading', 'The proxy had just started and did not know the tree yet.'],
  ['mirror_stale', 'The proxy had not heard from MongoDB for too long to trust its memory.'],
  ['vetoed', 'Somebody gave feedback that the answer of the template to this thread is wrong.'],
  ['internal_error', 'A fault of Ghee; the log of the proxy has its place.'],
]);
