/** `ghee overview|settings`: the dashboard's first page and its settings, on a terminal. */
import Table from 'cli-table3';
import type { Command } from 'commander';
import { SHOWN_SETTINGS } from '../../proxy/admin/contract/health.ts';
import { OVERVIEW, type Overview } from '../../proxy/admin/contract/stats.ts';
import type { TreeNodeShown } from '../../proxy/admin/contract/template.ts';
import { AdminClient, withAdminOptions, type AdminOptions } from './admin-client.ts';
import { toCount } from './arguments.ts';
import { printable } from './printable.ts';

const TEXT_CHARACTERS = 70;

export function addOverviewCommands(program: Command): void {
  withAdminOptions(
    program
      .command('overview')
      .description('what answers most, what needs a look, latency and the error budget'),
  )
    .option('--hours <n>', 'the last so many hours', toCount(8760), '24')
    .action(runOverview);
  withAdminOptions(
    program.command('settings').description('the settings in force; secrets only as set or not'),
  )
    .option('--changed', 'only those that are not the default')
    .action(runSettings);
}

async function runOverview(options: AdminOptions & { readonly hours: string }): Promise<void> {
  const path = `/admin/overview?hours=${encodeURIComponent(options.hours)}`;
  const overview = await new AdminClient(options).get(path, OVERVIEW);
  console.log(options.json === true ? JSON.stringify(overview) : describe(overview));
}

function describe({ sample, watch, budget }: Overview): string {
  const { hits, misses, top, calls } = sample;
  const latency = ([name, of]: readonly [string, Overview['sample']['hits']]): string[] => [
    name,
    ...(of === null ? ['–', '–', '–'] : [String(of.calls), `${of.p50} ms`, `${of.p95} ms`]),
  ];
  const used = budget.served === 0 ? 0 : (100 * budget.wrong) / (budget.allowed * budget.served);
  return [
    `Of the newest ${calls} calls:`,
    table(
      ['', 'calls', 'half within', '95 % within'],
      [latency(['hits', hits]), latency(['misses', misses])],
    ),
    'What answers most:',
    table(
      ['hits', 'asked', 'node'],
      top.map(({ node, hits: count }) => [String(count), textOf(node), node.id]),
    ),
    'In need of a look:',
    table(
      ['state', 'template', 'node'],
      [...watch.probation, ...watch.quarantined].map((node) => [
        stateOf(node),
        textOf(node),
        node.id,
      ]),
    ),
    `Error budget: ${budget.wrong} of ${budget.served} served answers were called wrong, ${used.toFixed(1)} % of what may be.`,
  ].join('\n');
}

function stateOf({ state, confirmations, required }: TreeNodeShown): string {
  return state === 'probation' ? `${state}, ${confirmations} of ${required}` : state;
}

function textOf({ parts }: TreeNodeShown): string {
  const text = parts
    .map((part) => ('text' in part ? part.text : `{${part.variable}}`))
    .join('')
    .trim();
  return text.length > TEXT_CHARACTERS ? `${text.slice(0, TEXT_CHARACTERS).toWellFormed()}…` : text;
}

async function runSettings(options: AdminOptions & { readonly changed?: true }): Promise<void> {
  const { settings } = await new AdminClient(options).get('/admin/settings', SHOWN_SETTINGS);
  const shown = settings.filter(({ isDefault }) => options.changed !== true || !isDefault);
  if (options.json === true) console.log(JSON.stringify({ settings: shown }));
  else for (const { name, value } of shown) console.log(printable(`${name}=${value}`));
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '  nothing';
  const shown = new Table({ head: [...head], style: { head: [], border: [] }, wordWrap: false });
  for (const row of rows) shown.push(row.map(printable));
  return shown.toString();
}
