/** `ghee purge`: deletes by node, scope, namespace, project or age; with `--dry-run` it only counts. */
import type { Command } from 'commander';
import { PURGED, type Purged } from '../../proxy/admin/contract/purge.ts';
import { Problem } from '../problem.ts';
import { AdminClient, withAdminOptions, type AdminOptions } from './admin-client.ts';
import { toDays } from './arguments.ts';

interface PurgeOptions extends AdminOptions {
  readonly node?: string;
  readonly scope?: string;
  readonly namespace?: string;
  readonly project?: string;
  readonly olderThan?: number;
  readonly dryRun?: boolean;
}

export function addPurge(program: Command): void {
  withAdminOptions(program.command('purge'))
    .description('delete what was learned, for good; all that is named must hold')
    .option('--node <id>', 'a node, with all below it')
    .option('--scope <id>', 'a scope')
    .option('--namespace <name>', 'what came with this Butter-Namespace')
    .option('--project <id>', 'a project; `local` without projects')
    .option('--older-than <age>', 'such as 30d, 12h or 5m', toDays)
    .option('--dry-run', 'only count')
    .action(purge);
}

async function purge(options: PurgeOptions): Promise<void> {
  const { node, scope, namespace, project, olderThan: olderThanDays, dryRun, json } = options;
  const filter = { node, scope, namespace, project, olderThanDays };
  if (Object.values(filter).every((value) => value === undefined)) {
    throw new Problem('Name what is to go: --node, --scope, --namespace, --project, --older-than.');
  }
  const body = { filter, dryRun: dryRun === true };
  const purged = await new AdminClient(options).send('POST', '/admin/purge', body, PURGED);
  console.log(json === true ? JSON.stringify(purged) : describe(purged));
}

function describe({ isDryRun, ...counts }: Purged): string {
  const parts = Object.entries(counts).map(([what, count]) => `${count} ${what}`);
  return `${isDryRun ? 'Would delete' : 'Deleted'} ${parts.join(', ')}.`;
}
