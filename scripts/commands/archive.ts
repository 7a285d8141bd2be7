/** `ghee export` and `ghee import`: trees as a YAML file that people can read and compare. */
import type { Command } from 'commander';
import { readFileSync, writeFileSync } from 'node:fs';
import { IMPORTED, type ImportReport } from '../../proxy/admin/contract/archive.ts';
import { Problem } from '../problem.ts';
import { AdminClient, withAdminOptions, type AdminOptions } from './admin-client.ts';

interface ExportOptions extends AdminOptions {
  readonly scope?: string;
  readonly project?: string;
  readonly withAnswers?: boolean;
  readonly withExemplars?: boolean;
  readonly output?: string;
}

interface ImportOptions extends AdminOptions {
  readonly dryRun?: boolean;
}

const CONFLICTS_SHOWN = 20;

export function addArchive(program: Command): void {
  withAdminOptions(program.command('export'))
    .description('write trees as YAML: the same trees, the same bytes')
    .option('--scope <id>', 'only this tree')
    .option('--project <id>', 'only trees of this project')
    .option(
      '--with-answers',
      'also exact answers and the values of templates, but no requests: what a lock file needs',
    )
    .option(
      '--with-exemplars',
      'also exact answers and what they were learned from: messages, answers, values',
    )
    .option('-o, --output <file>', 'write to a file instead of stdout')
    .action(exportTrees);
  withAdminOptions(program.command('import').argument('<file>'))
    .description('add the trees of a file; what is there already stays as it is')
    .option('--dry-run', 'only say what would be added')
    .action(importTrees);
}

async function exportTrees(options: ExportOptions): Promise<void> {
  const { scope, project, withAnswers, withExemplars, output } = options;
  const query = new URLSearchParams({
    ...(scope === undefined ? {} : { scope }),
    ...(project === undefined ? {} : { project }),
    include: withExemplars === true ? 'exemplars' : withAnswers === true ? 'answers' : 'templates',
  });
  const text = await new AdminClient(options).text(`/admin/export?${query.toString()}`);
  if (output === undefined) process.stdout.write(text);
  else writeFileSync(output, text);
}

async function importTrees(path: string, options: ImportOptions): Promise<void> {
  const body = { file: readTrees(path), dryRun: options.dryRun === true };
  const report = await new AdminClient(options).send('POST', '/admin/import', body, IMPORTED);
  console.log(options.json === true ? JSON.stringify(report) : describe(report));
}

function readTrees(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    throw new Problem(`${path} cannot be read (${code}).`, { cause: error });
  }
}

function describe({
  isDryRun,
  nodes,
  known,
  scopes,
  observations,
  conflicts,
}: ImportReport): string {
  const verb = isDryRun ? 'Would import' : 'Imported';
  const contents = observations === 0 ? '' : ` and ${observations} observations`;
  const lines = [
    `${verb} ${nodes} nodes${contents} in ${scopes} scopes; ${known} nodes were there already.`,
    ...conflicts.slice(0, CONFLICTS_SHOWN).map(({ node, what }) => `  ${node}: ${WHY[what]}`),
  ];
  const more = conflicts.length - CONFLICTS_SHOWN;
  return [...lines, ...(more > 0 ? [`  and ${more} more`] : [])].join('\n');
}

const WHY: Readonly<Record<ImportReport['conflicts'][number]['what'], string>> = {
  content: 'another node has this id; it stays',
  state: 'its state here is another one; it stays',
  evidence: 'there is other evidence here; it stays',
  contradicts: 'an observation here says otherwise; it comes in quarantined',
};
