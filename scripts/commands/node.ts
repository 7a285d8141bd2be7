/** `ghee node show ID`, and what a person decides about one template: `approve`, `pin`, `unpin`, `quarantine`. */
import type { Command } from 'commander';
import { NODE, type NodeShown } from '../../proxy/admin/contract/node.ts';
import { NODE_CHANGED, type NodeChanged } from '../../proxy/admin/contract/node-change.ts';
import { AdminClient, withAdminOptions, type AdminOptions } from './admin-client.ts';
import { printable } from './printable.ts';

interface NodeOptions extends AdminOptions {
  readonly note?: string;
}

const ACTIONS = [
  ['approve', 'serve it; an answer with data of no origin stays in probation'],
  ['pin', 'keep it: never pruned, merged away or revised by itself'],
  ['unpin', 'let Ghee prune, merge and revise it again'],
  ['quarantine', 'never serve it, and walk through it no more'],
] as const;

export function addNode(program: Command): void {
  const node = program
    .command('node')
    .description('look at one template, or decide about it, by its Butter-Node');
  withAdminOptions(node.command('show').argument('<id>'))
    .description('what it is, what speaks for it, and all that happened to it')
    .action(show);
  for (const [action, description] of ACTIONS) {
    withAdminOptions(node.command(action).argument('<id>'))
      .description(description)
      .option('--note <text>', 'why, for its history')
      .action((id: string, options: NodeOptions) => change(action, id, options));
  }
}

async function show(id: string, options: AdminOptions): Promise<void> {
  const node = await new AdminClient(options).get(`/admin/nodes/${encodeURIComponent(id)}`, NODE);
  console.log(options.json === true ? JSON.stringify(node) : describeNode(node));
}

function describeNode({ id, role, state, isPinned, leaves, guards, ...node }: NodeShown): string {
  const { evidence, history, exemplars } = node;
  const text = leaves
    .flat()
    .map((part) => ('text' in part ? part.text : `{${part.variable}}`))
    .join('');
  const conditions = guards.map(({ name }) => name);
  const of = (kind: string): number =>
    exemplars.filter((exemplar) => exemplar.kind === kind).length;
  const lines = [
    `${role} ${id}`,
    `${state}${isPinned ? ', pinned' : ''}: ${text}`,
    ...(conditions.length === 0 ? [] : [`only for some values of ${conditions.join(', ')}`]),
    `${evidence.confirmations} of ${evidence.required} confirmations, ${evidence.contradictions} contradictions; ${of('example')} exchanges for it, ${of('counter')} against it`,
    ...history.map(
      ({ at, state: then, note, by, run }) =>
        `  ${at.slice(0, 19).replace('T', ' ')}  ${then.padEnd(11)} ${note}${by === undefined ? '' : ` (${[by, run].filter(Boolean).join(', ')})`}`,
    ),
  ];
  return lines.map(printable).join('\n');
}

async function change(action: string, id: string, options: NodeOptions): Promise<void> {
  const { note, json } = options;
  const path = `/admin/nodes/${encodeURIComponent(id)}/${action}`;
  const body = note === undefined ? {} : { note };
  const changed = await new AdminClient(options).send('POST', path, body, NODE_CHANGED);
  console.log(json === true ? JSON.stringify(changed) : describe(changed));
}

function describe({ id, state, isPinned, isChanged, evidence }: NodeChanged): string {
  const { confirmations, required } = evidence;
  const pinned = isPinned ? ', pinned' : '';
  const news = isChanged ? '' : ' (as before)';
  return `${id.slice(0, 12)} is ${state}${pinned}${news}: ${confirmations} of ${required} confirmations.`;
}
