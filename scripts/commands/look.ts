/** `ghee status|stats|requests|decision|tree|feedback`: what the dashboard shows, on a terminal. */
import Table from 'cli-table3';
import { Argument, Option, type Command } from 'commander';
import { HEALTH, type Health } from '../../proxy/admin/contract/health.ts';
import {
  DECISION,
  FEEDBACK_GIVEN,
  OUTCOMES,
  REQUESTS,
  type Decision,
  type RequestRow,
} from '../../proxy/admin/contract/requests.ts';
import { SCOPES, TREE } from '../../proxy/admin/contract/scopes.ts';
import { STATS, type Stats } from '../../proxy/admin/contract/stats.ts';
import type { Part, TreeNodeShown } from '../../proxy/admin/contract/template.ts';
import { AdminClient, withAdminOptions, type AdminOptions } from './admin-client.ts';
import { toCount, toTime } from './arguments.ts';
import { printable } from './printable.ts';

/** Children are asked for this many at a time, and no deeper than people read. */
const CHILDREN = 50;
const DEPTH_MAX = 20;
/** Of a template, on its line. */
const TEXT_CHARACTERS = 100;

export function addLookCommands(program: Command): void {
  const add = (name: string, description: string) =>
    withAdminOptions(program.command(name).description(description));
  add('status', 'whether each part works; exit code 1 where one does not').action(runStatus);
  add('stats', 'calls, tokens and dollars saved')
    .option('--days <n>', 'the last so many days', toCount(3660), '30')
    .action(runStats);
  add('requests', 'the log of calls, newest first')
    .addOption(new Option('--outcome <outcome>', 'only these').choices(OUTCOMES))
    .option('--reason <reason>', 'only with this reason')
    .option('--model <model>', 'only of this model')
    .option('--node <id>', 'only answered by this node')
    .option('--text <text>', 'only answered by a template with this text')
    .option(
      '--since <time>',
      'only since then: 2026-11-25T12:00:00Z, or an age such as 12h',
      toTime,
    )
    .option('--until <time>', 'only before', toTime)
    .option('--limit <n>', 'so many rows, at most 200', toCount(200), '20')
    .option('--cursor <cursor>', 'the next page')
    .action(runRequests);
  add('decision', 'why a call was answered as it was')
    .addArgument(new Argument('<id>', 'its x-request-id'))
    .action(runDecision);
  add('scopes', 'the trees: one for each project, model and set of parameters')
    .option('--cursor <id>', 'the next page')
    .action(runScopes);
  add('tree', 'what was learned, as a tree')
    .option('--scope <id>', 'of this scope; without it the largest one')
    .option('--search <text>', 'only nodes with this text, and what is above them')
    .option('--depth <n>', 'so many messages deep', toCount(DEPTH_MAX), '4')
    .action(runTree);
  add('feedback', 'say that the answer to a call was wrong')
    .helpGroup('Decide and change:')
    .addArgument(new Argument('<id>', 'its x-request-id'))
    .option('--correct <text>', 'the right answer: served to that conversation from then on')
    .action(runFeedback);
}

/** The API's own JSON, or what people read. */
function print<T>(options: AdminOptions, answer: T, describe: (answer: T) => string): void {
  console.log(options.json === true ? JSON.stringify(answer) : describe(answer));
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const shown = new Table({ head: [...head], style: { head: [], border: [] }, wordWrap: false });
  for (const row of rows) shown.push(row.map(printable));
  return shown.toString();
}

async function runStatus(options: AdminOptions): Promise<void> {
  const health = await new AdminClient(options).get('/admin/health', HEALTH);
  print(options, health, ({ parts }: Health) =>
    table(
      ['part', 'state', ''],
      parts.map(({ name, state, note }) => [name, state, note]),
    ),
  );
  if (health.state !== 'ok') process.exitCode = 1;
}

async function runStats(options: AdminOptions & { readonly days: string }): Promise<void> {
  const path = `/admin/stats?days=${encodeURIComponent(options.days)}`;
  print(options, await new AdminClient(options).get(path, STATS), describeStats);
}

function describeStats({ since, total, models, nodes }: Stats): string {
  const rows = [...models, { model: 'all', ...total }].map(({ model, calls, saved, netUsd }) => [
    model,
    ...[calls.hitsTemplate, calls.hitsExact, calls.misses, calls.bypasses].map(String),
    String(saved.inputTokens + saved.outputTokens),
    usd(netUsd),
  ]);
  const states = Object.entries(nodes).map(([state, count]) => `${String(count)} ${state}`);
  const head = [
    'model',
    'template hits',
    'exact hits',
    'misses',
    'bypasses',
    'tokens saved',
    'USD saved, net',
  ];
  const { saved, audits, induction } = total;
  const net = `Saved ${usd(saved.usd)} USD, less ${usd(audits.usd)} for audits and ${usd(induction.usd)} for learning.`;
  return [
    `Since ${since}`,
    table(head, rows),
    net,
    `Nodes: ${states.join(', ') || 'none yet'}`,
  ].join('\n');
}

function usd(amount: number): string {
  return amount.toFixed(4);
}

type RequestsOptions = AdminOptions & Readonly<Record<string, string | undefined>>;
const FILTERS = ['outcome', 'reason', 'model', 'node', 'text', 'since', 'until', 'limit', 'cursor'];

async function runRequests(options: RequestsOptions): Promise<void> {
  const query = new URLSearchParams();
  for (const name of FILTERS) {
    const value = options[name];
    if (value !== undefined) query.set(name, value);
  }
  const path = `/admin/requests?${query.toString()}`;
  const answer = await new AdminClient(options).get(path, REQUESTS);
  print(options, answer, ({ requests, next }) => {
    const rows = table(['time', 'outcome', 'reason', 'model', 'ms', 'id'], requests.map(rowOf));
    return next === null ? rows : `${rows}\nOlder ones: --cursor ${next}`;
  });
}

function rowOf({ at, outcome, reason, model, ms, requestId }: RequestRow): string[] {
  const took = ms['total'] === undefined ? '' : ms['total'].toFixed(1);
  return [at.slice(0, 19).replace('T', ' '), outcome, reason ?? '', model ?? '', took, requestId];
}

async function runDecision(id: string, options: AdminOptions): Promise<void> {
  const path = `/admin/decisions/${encodeURIComponent(id)}`;
  print(options, await new AdminClient(options).get(path, DECISION), describeDecision);
}

function describeDecision({ request, path, explanation, computed, feedback }: Decision): string {
  const took = request.ms['total'] === undefined ? '' : `, ${request.ms['total'].toFixed(1)} ms`;
  const lines = [
    `${request.outcome} ${request.reason ?? ''}`.trim(),
    `at ${request.at}, ${request.model ?? 'no model'}${took}`,
  ];
  for (const { role, id, state, leaves } of path ?? []) {
    const text = leaves === undefined ? '' : `: ${leaves.map(showParts).join(', ')}`;
    lines.push(`  ${role} (${state})${text}`, `    node ${id}`);
  }
  for (const { name, program, inputs, output } of computed ?? []) {
    const given = inputs.map(([input, value]) => `${input}=${value}`).join(', ');
    lines.push(`  ${name} = ${program} [${given}] → ${output}`);
  }
  if (explanation !== undefined) {
    lines.push(explanation.remedy);
    const { nearest } = explanation;
    if (nearest?.parts !== undefined) {
      lines.push(`nearest: ${showParts(nearest.parts)}`, `  node ${nearest.node}`);
    }
    if (nearest?.difference !== undefined) {
      lines.push(`difference: ${JSON.stringify(nearest.difference)}`);
    }
  }
  if (feedback != null) lines.push(`called ${feedback.verdict}: ${feedback.effect}`);
  return lines.map(printable).join('\n');
}

async function runTree(
  options: AdminOptions & {
    readonly scope?: string;
    readonly search?: string;
    readonly depth: string;
  },
): Promise<void> {
  const admin = new AdminClient(options);
  const scope = options.scope ?? (await largestScope(admin));
  if (scope === undefined) {
    print(options, { scope: null, nodes: [] }, () => 'Nothing was learned yet.');
    return;
  }
  const nodes =
    options.search === undefined
      ? await readLevels(admin, scope, Number(options.depth))
      : (
          await admin.get(
            `/admin/tree?${new URLSearchParams({ scope, q: options.search }).toString()}`,
            TREE,
          )
        ).nodes;
  print(options, { scope, nodes }, () => drawTree(scope, nodes));
}

async function runScopes(options: AdminOptions & { readonly cursor?: string }): Promise<void> {
  const { cursor } = options;
  const query = cursor === undefined ? '' : `?cursor=${encodeURIComponent(cursor)}`;
  const answer = await new AdminClient(options).get(`/admin/scopes${query}`, SCOPES);
  print(options, answer, ({ scopes, next }) => {
    const rows = scopes.map(({ id, project, model, nodes }) => [project, model, `${nodes}`, id]);
    const shown = table(['project', 'model', 'nodes', 'id'], rows);
    return next === null ? shown : `${shown}\nMore: --cursor ${next}`;
  });
}

async function largestScope(admin: AdminClient): Promise<string | undefined> {
  const { scopes } = await admin.get('/admin/scopes?limit=200', SCOPES);
  return scopes.toSorted((a, b) => b.nodes - a.nodes)[0]?.id;
}

/** The first children of everything, down to a depth. */
async function readLevels(
  admin: AdminClient,
  scope: string,
  depth: number,
): Promise<readonly TreeNodeShown[]> {
  const all: TreeNodeShown[] = [];
  let parents = [scope];
  for (let level = 0; level < depth && parents.length > 0; level++) {
    const below: string[] = [];
    for (const parent of parents) {
      const query = new URLSearchParams({ scope, parent, limit: String(CHILDREN) });
      const { nodes } = await admin.get(`/admin/tree?${query.toString()}`, TREE);
      all.push(...nodes);
      below.push(...nodes.filter(({ children }) => children > 0).map(({ id }) => id));
    }
    parents = below;
  }
  return all;
}

function drawTree(scope: string, nodes: readonly TreeNodeShown[]): string {
  const byParent = Map.groupBy(nodes, ({ parent }) => parent);
  const lines = [`scope ${scope}`];
  const draw = (parent: string, indent: string): void => {
    for (const node of byParent.get(parent) ?? []) {
      const below = byParent.has(node.id) || node.children === 0 ? '' : ` (+${node.children})`;
      const text = printable(showParts(node.parts));
      const cut = text.length > TEXT_CHARACTERS ? `${text.slice(0, TEXT_CHARACTERS)}…` : text;
      lines.push(`${indent}${node.role} [${node.state}] ${cut}${below}  ${node.id}`);
      draw(node.id, `${indent}  `);
    }
  };
  draw(scope, '  ');
  return lines.join('\n');
}

function showParts(parts: readonly Part[]): string {
  return parts.map((part) => ('text' in part ? part.text : `{${part.variable}}`)).join('');
}

async function runFeedback(
  requestId: string,
  options: AdminOptions & { readonly correct?: string },
): Promise<void> {
  const { correct } = options;
  const body = { requestId, verdict: 'wrong', ...(correct === undefined ? {} : { correct }) };
  const answer = await new AdminClient(options).send(
    'POST',
    '/admin/feedback',
    body,
    FEEDBACK_GIVEN,
  );
  print(options, answer, ({ effect, isCorrected }) => {
    const done = {
      quarantined: 'The template that gave it is quarantined.',
      removed: 'The exact answer is removed: the next call is forwarded.',
      none: 'Nothing of that call was kept, so there is nothing to take back.',
    }[effect];
    return isCorrected ? `${done} The right answer is served from now on.` : done;
  });
}
