/** `ghee prune`: removes now what the hourly run would; with `--dry-run` it only counts. */
import type { Command } from 'commander';
import { PRUNED, type Pruned } from '../../proxy/admin/contract/prune.ts';
import { AdminClient, withAdminOptions, type AdminOptions } from './admin-client.ts';

export function addPrune(program: Command): void {
  withAdminOptions(program.command('prune'))
    .description('remove what is too old, too many or left over, by the limits of each project')
    .option('--dry-run', 'only count')
    .action(prune);
}

async function prune(options: AdminOptions & { readonly dryRun?: boolean }): Promise<void> {
  const body = { dryRun: options.dryRun === true };
  const pruned = await new AdminClient(options).send('POST', '/admin/prune', body, PRUNED);
  console.log(options.json === true ? JSON.stringify(pruned) : describe(pruned));
}

function describe({ isDryRun, projects }: Pruned): string {
  const verb = isDryRun ? 'would remove' : 'removed';
  const lines = projects.map(({ project, ...counts }) => {
    const parts = Object.entries(counts).map(([what, count]) => `${count} ${what}`);
    return `${project}: ${verb} ${parts.join(', ')}.`;
  });
  return lines.join('\n') || 'There is nothing to prune yet.';
}
