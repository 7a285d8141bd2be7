/** `ghee node approve|pin|unpin|quarantine ID`: what a person decides about one template. */
import type { Command } from 'commander';
import { NODE_CHANGED, type NodeChanged } from '../../proxy/admin/contract/node-change.ts';
import { AdminClient, withAdminOptions, type AdminOptions } from './admin-client.ts';

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
  const node = program.command('node').description('decide about one template, by its Butter-Node');
  for (const [action, description] of ACTIONS) {
    withAdminOptions(node.command(action).argument('<id>'))
      .description(description)
      .option('--note <text>', 'why, for its history')
      .action((id: string, options: NodeOptions) => change(action, id, options));
  }
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
