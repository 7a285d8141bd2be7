/** `ghee merge`, `ghee unmerge`: few templates for many siblings, watched until the run is over. */
import type { Command } from 'commander';
import { Listr } from 'listr2';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CANCELLED,
  MERGE,
  MERGE_STARTED,
  MERGES,
  UNMERGED,
  type Merge,
} from '../../proxy/admin/contract/merge.ts';
import { explain, Problem } from '../problem.ts';
import { AdminClient, withAdminOptions, type AdminOptions } from './admin-client.ts';

interface MergeOptions extends AdminOptions {
  readonly node?: string;
  readonly scope?: string;
  readonly dryRun?: boolean;
}

const POLL_MS = 250;
/** A run goes on while the API is away for a moment: so long it is asked again. */
const AWAY_MS = 30_000;
/** One Ctrl-C reaches us twice: from the terminal and from the launcher. */
const AGAIN_MS = 1000;
const INTERRUPTED = 130;
const BAR_WIDTH = 30;

export function addMergeCommands(program: Command): void {
  withAdminOptions(
    program
      .command('merge')
      .description('merge the children of a node, or of a whole scope, into few templates')
      .option('--node <id>', 'the node whose children are merged (Butter-Node, or the dashboard)')
      .option('--scope <id>', 'the scope whose first messages are merged')
      .option('--dry-run', 'say what would be merged, and change nothing'),
  ).action(runMerge);
  withAdminOptions(
    program.command('unmerge <merge>').description('take a merge back, by its id'),
  ).action(runUnmerge);
  withAdminOptions(
    program.command('merges').description('the newest merges and dry runs, and how they ended'),
  ).action(runMerges);
  withAdminOptions(
    program
      .command('cancel-merge <merge>')
      .description('end a merge that is under way; the tree stays as it was'),
  ).action(runCancel);
}

async function runMerges(options: AdminOptions): Promise<void> {
  const answer = await new AdminClient(options).get('/admin/merges', MERGES);
  const line = ({ id, state, dryRun, startedAt, templates }: Merge): string =>
    `${startedAt.slice(0, 19)}  ${dryRun ? 'dry run' : 'merge  '}  ${state.padEnd(9)}  ${templates.length} templates  ${id}`;
  const lines = answer.merges.length === 0 ? ['No merge yet.'] : answer.merges.map(line);
  console.log(options.json === true ? JSON.stringify(answer) : lines.join('\n'));
}

async function runCancel(id: string, options: AdminOptions): Promise<void> {
  const answer = await cancel(new AdminClient(options), id);
  console.log(options.json === true ? JSON.stringify(answer) : 'It is being cancelled.');
}

async function runMerge(options: MergeOptions): Promise<void> {
  const { node, scope, dryRun, json } = options;
  if ((node === undefined) === (scope === undefined)) {
    throw new Problem('Name what to merge: --node ID for the children of a node, or --scope ID.');
  }
  const admin = new AdminClient(options);
  const order = {
    ...(node === undefined ? { scope } : { node }),
    ...(dryRun === undefined ? {} : { dryRun }),
  };
  const { id } = await admin.send('POST', '/admin/merge', order, MERGE_STARTED);
  const interrupt = cancelOnInterrupt(admin, id);
  const merge = json === true ? await untilOver(admin, id) : await watch(admin, id);
  interrupt.stop();
  console.log(json === true ? JSON.stringify(merge) : describe(merge));
  if (merge.state === 'failed') process.exitCode = 1;
  if (merge.state === 'cancelled' && interrupt.isAsked()) process.exitCode = INTERRUPTED;
}

/** Ctrl-C ends the run, which is then seen to its end; a second one does not wait for that. */
function cancelOnInterrupt(admin: AdminClient, id: string) {
  let askedAt: number | undefined;
  const onSignal = (): void => {
    if (askedAt !== undefined) {
      if (performance.now() - askedAt > AGAIN_MS) process.exit(INTERRUPTED);
      return;
    }
    askedAt = performance.now();
    cancel(admin, id).catch((error: unknown) => {
      console.error(`\n${explain(error)}`);
      process.exit(INTERRUPTED);
    });
  };
  process.on('SIGINT', onSignal);
  return {
    stop: (): void => void process.off('SIGINT', onSignal),
    isAsked: (): boolean => askedAt !== undefined,
  };
}

function cancel(admin: AdminClient, id: string) {
  return admin.send('POST', `/admin/merges/${encodeURIComponent(id)}/cancel`, {}, CANCELLED);
}

async function runUnmerge(id: string, options: AdminOptions): Promise<void> {
  const admin = new AdminClient(options);
  const path = `/admin/merges/${encodeURIComponent(id)}/unmerge`;
  const undone = await admin.send('POST', path, {}, UNMERGED);
  if (options.json === true) {
    console.log(JSON.stringify(undone));
    return;
  }
  const { restored, removed, reopened } = undone;
  console.log(
    `Taken back: ${restored} nodes are as they were, ${removed} are retired, ${reopened} observations are learned from again.`,
  );
}

async function untilOver(
  admin: AdminClient,
  id: string,
  onProgress: (merge: Merge) => void = () => undefined,
): Promise<Merge> {
  const path = `/admin/merges/${encodeURIComponent(id)}`;
  for (let heardAt = performance.now(); ;) {
    try {
      const merge = await admin.get(path, MERGE);
      heardAt = performance.now();
      onProgress(merge);
      if (merge.state !== 'running') return merge;
    } catch (error) {
      if (performance.now() - heardAt > AWAY_MS) throw error;
    }
    await sleep(POLL_MS);
  }
}

async function watch(admin: AdminClient, id: string): Promise<Merge> {
  const found: { merge?: Merge } = {};
  await new Listr<{ merge?: Merge }>(
    [
      {
        title: 'Merge',
        task: async (context, task) => {
          context.merge = await untilOver(admin, id, ({ progress }) => {
            if (progress !== null) task.output = bar(progress);
          });
          task.title = `Merge: ${context.merge.state}`;
        },
      },
    ],
    {
      fallbackRenderer: 'simple',
      fallbackRendererOptions: {},
      // What fails is told once, at the end; Ctrl-C is ours.
      rendererOptions: { showErrorMessage: false },
      registerSignalListeners: false,
    },
  ).run(found);
  if (found.merge === undefined) throw new Problem('The merge was not watched to its end.');
  return found.merge;
}

function bar({ done, total, step }: NonNullable<Merge['progress']>): string {
  const filled = Math.round((BAR_WIDTH * done) / Math.max(1, total));
  return `${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)} ${done}/${total} ${step}`;
}

function describe(merge: Merge): string {
  const { counts, templates, rejected, state } = merge;
  const lines = templates.flatMap((template, index) => [
    `${index + 1}. for ${template.members} siblings, retires ${template.retires.length} nodes`,
    ...template.text.map((text) => indent(text, '     ')),
    ...template.examples.map((example) => indent(`e.g. ${example}`, '       ')),
  ]);
  if (counts !== null) {
    const { siblings, covered } = counts;
    lines.push(
      '',
      `${covered} of ${siblings} siblings are answered by ${templates.length} templates.`,
    );
  }
  if (rejected.length > 0) {
    const reasons = rejected.map(({ reason, siblings }) => `${siblings} ${reason}`);
    lines.push(`As they are stay: ${reasons.join(', ')}.`);
  }
  lines.push(nextStep(merge, state));
  return lines.join('\n');
}

function nextStep({ id, reason, parent, scope }: Merge, state: Merge['state']): string {
  const place = parent === scope ? `--scope ${scope}` : `--node ${parent}`;
  switch (state) {
    case 'proposed':
      return `Nothing was changed. Do it with: npx ghee merge ${place}`;
    case 'committed':
      return `Done. Take it back with: npx ghee unmerge ${id}`;
    case 'failed':
      return `The merge failed (${reason ?? 'unknown'}); the tree is as it was.`;
    case 'unchanged':
      return 'There is nothing to merge here.';
    case 'running':
    case 'cancelled':
    case 'undone':
      return `The merge is ${state}; the tree is as it was.`;
  }
}

function indent(text: string, by: string): string {
  return by + text.replaceAll('\n', `\n${by}`);
}
