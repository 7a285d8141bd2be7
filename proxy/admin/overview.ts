/** `GET /admin/overview`: what the first page shows. Sums come from the ledger, the rest from the newest calls. */
import { z } from 'zod';
import { dayOf, hourOf, type LedgerPoint } from '../../adapters/mongo/ledger.ts';
import type { RequestEntry } from '../../adapters/mongo/request-store.ts';
import type { Overview } from './contract/stats.ts';
import type { AdminDeps, AdminUser } from './deps.ts';
import { parseInput } from './problems.ts';
import { showTreeNode, showTreeNodes } from './show-tree.ts';

const QUERY = z.strictObject({
  /** A week or less is shown by the hour. */
  hours: z.coerce.number().int().min(1).max(8760).default(24),
});
const HOURS_BY_HOUR = 168;
const HOUR_MS = 3_600_000;
/** Newest calls that are looked at one by one: an index gives them, however long the log is. */
const SAMPLE = 2000;
const TOP = 10;
const WATCHED = 10;

interface OverviewDeps extends Pick<AdminDeps, 'flush' | 'now' | 'ledger' | 'requests' | 'trees'> {
  readonly reader: Pick<AdminDeps['reader'], 'newest' | 'byId'>;
  readonly mirror: Pick<AdminDeps['mirror'], 'tree'>;
  readonly site: Pick<AdminDeps['site'], 'errorBudget'>;
}

/** Of the projects that the user may see. Errors: AdminProblem 400; StoreError. */
export async function readOverview(
  deps: OverviewDeps,
  user: AdminUser,
  query: unknown,
): Promise<Overview> {
  const { hours } = parseInput(QUERY, query);
  await deps.flush();
  const from = deps.now() - (hours - 1) * HOUR_MS;
  const unit = hours <= HOURS_BY_HOUR ? 'hour' : 'day';
  const since = unit === 'hour' ? hourOf(from) : dayOf(from);
  const { projects } = user;
  const [points, sample, audits, probation, quarantined] = await Promise.all([
    deps.ledger.series(unit, since, projects),
    deps.requests.list({}, { limit: SAMPLE }, { since: from, projects }),
    deps.trees.auditCounts(user.projects),
    deps.reader.newest('probation', projects, WATCHED),
    deps.reader.newest('quarantined', projects, WATCHED),
  ]);
  return {
    unit,
    since,
    series: points.map(showPoint),
    sample: {
      calls: sample.length,
      hits: latencyOf(sample.filter(({ outcome }) => outcome === 'hit')),
      misses: latencyOf(sample.filter(({ outcome }) => outcome === 'miss')),
      top: await topOf(deps, sample),
    },
    watch: {
      probation: showTreeNodes(deps, probation),
      quarantined: showTreeNodes(deps, quarantined),
    },
    budget: {
      allowed: deps.site.errorBudget,
      served: sum(points, 'hitsExact') + sum(points, 'hitsTemplate'),
      wrong: sum(points, 'feedback') + (audits.counter ?? 0),
    },
  };
}

function showPoint({ at, counts }: LedgerPoint): Overview['series'][number] {
  return {
    at,
    hits: (counts.hitsExact ?? 0) + (counts.hitsTemplate ?? 0),
    misses: counts.misses ?? 0,
    bypasses: counts.bypasses ?? 0,
    refused: counts.refused ?? 0,
    savedUsd: netMicroUsd(counts) / 1e6,
    savedTokens: (counts.savedInputTokens ?? 0) + (counts.savedOutputTokens ?? 0),
  };
}

function netMicroUsd(counts: LedgerPoint['counts']): number {
  const { savedMicroUsd = 0, auditMicroUsd = 0, inductionMicroUsd = 0 } = counts;
  return Math.round(savedMicroUsd - auditMicroUsd - inductionMicroUsd);
}

function sum(points: readonly LedgerPoint[], name: keyof LedgerPoint['counts']): number {
  return points.reduce((total, { counts }) => total + (counts[name] ?? 0), 0);
}

function latencyOf(entries: readonly RequestEntry[]): Overview['sample']['hits'] {
  const times = entries.flatMap(({ ms }) => ms['total'] ?? []).sort((a, b) => a - b);
  if (times.length === 0) return null;
  const at = (share: number) =>
    Math.round((times[Math.min(times.length - 1, Math.floor(share * times.length))] ?? 0) * 100) /
    100;
  return { calls: times.length, p50: at(0.5), p95: at(0.95) };
}

async function topOf(
  deps: OverviewDeps,
  sample: readonly RequestEntry[],
): Promise<Overview['sample']['top']> {
  const byNode = new Map<string, { hits: number; microUsd: number }>();
  for (const { outcome, reason, node, microUsd = 0 } of sample) {
    if (outcome !== 'hit' || reason !== 'template' || node === undefined) continue;
    const so = byNode.get(node) ?? { hits: 0, microUsd: 0 };
    byNode.set(node, { hits: so.hits + 1, microUsd: so.microUsd + microUsd });
  }
  const top = [...byNode].sort(([, a], [, b]) => b.hits - a.hits).slice(0, TOP);
  const nodes = await deps.reader.byId(top.map(([id]) => id));
  // An answer is told by the question above it.
  const parents = await deps.reader.byId([...nodes.values()].map(({ parent }) => parent));
  return top.flatMap(([id, { hits, microUsd }]) => {
    const node = nodes.get(id);
    if (node === undefined) return [];
    const shown = showTreeNode(node, 0);
    const above = parents.get(node.parent);
    const parts = above === undefined ? shown.parts : showTreeNode(above, 0).parts;
    return [{ node: { ...shown, parts }, hits, savedUsd: Math.round(microUsd) / 1e6 }];
  });
}
