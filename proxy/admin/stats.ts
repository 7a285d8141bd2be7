/** `GET /admin/stats`: what Ghee did and saved. `GET /status`: how this proxy is, without asking anybody. */
import { z } from 'zod';
import { dayOf, hourOf, LEDGER_COUNTS, type LedgerCounts } from '../../adapters/mongo/ledger.ts';
import type { QueueCounts } from '../../adapters/mongo/write-queue.ts';
import type { ProcessState } from '../processes.ts';
import type { AdminDeps, AdminUser } from './deps.ts';
import { parseInput } from './problems.ts';

const QUERY = z.strictObject({
  days: z.coerce.number().int().min(1).max(3660).default(30),
  /** Instead of days: this hour, and as many before it as make so many. */
  hours: z.coerce.number().int().min(1).max(8760).exactOptional(),
});
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export async function readStats(deps: AdminDeps, user: AdminUser, query: unknown): Promise<object> {
  const { days, hours } = parseInput(QUERY, query);
  await deps.flush();
  const since =
    hours === undefined
      ? dayOf(deps.now() - (days - 1) * DAY_MS)
      : hourOf(deps.now() - (hours - 1) * HOUR_MS);
  const [models, nodes, audits] = await Promise.all([
    deps.ledger.sums(since, user.projects),
    deps.trees.stateCounts(user.projects),
    deps.trees.auditCounts(user.projects),
  ]);
  return {
    since,
    total: showCounts(sumOf(models.map(({ counts }) => counts))),
    models: models.map(({ model, counts }) => ({ model, ...showCounts(counts) })),
    nodes,
    audits: {
      agreed: audits.example ?? 0,
      disagreed: audits.counter ?? 0,
      unsettled: audits.unsettled ?? 0,
    },
    log: sumOfLogs(deps.processes()),
  };
}

/** The mirror is this process's own; where others serve the clients, each of them tells of its own. */
export function readStatus({ mirror, processes, processCount }: AdminDeps): object {
  const states = processes();
  return {
    mirror: { ...mirror.status(), ...mirror.counts() },
    log: sumOfLogs(states),
    ...(processCount === 1 ? { spool: states[0]?.spool } : { processes: states }),
  };
}

function sumOfLogs(states: readonly ProcessState[]): QueueCounts {
  const sum = (name: keyof QueueCounts) => states.reduce((total, { log }) => total + log[name], 0);
  return { written: sum('written'), dropped: sum('dropped'), waiting: sum('waiting') };
}

function sumOf(all: readonly LedgerCounts[]): LedgerCounts {
  return Object.fromEntries(
    LEDGER_COUNTS.map((name) => [
      name,
      all.reduce((total, counts) => total + (counts[name] ?? 0), 0),
    ]),
  );
}

/** Dollars, not millionths; what was saved, less what audits and learning cost. */
function showCounts(counts: LedgerCounts): object {
  const of = (name: keyof LedgerCounts): number => counts[name] ?? 0;
  const usd = (microUsd: number): number => Math.round(microUsd) / 1e6;
  return {
    calls: {
      hitsExact: of('hitsExact'),
      hitsTemplate: of('hitsTemplate'),
      misses: of('misses'),
      bypasses: of('bypasses'),
      refused: of('refused'),
    },
    saved: {
      inputTokens: of('savedInputTokens'),
      outputTokens: of('savedOutputTokens'),
      usd: usd(of('savedMicroUsd')),
      hitsUnpriced: of('hitsUnpriced'),
    },
    spent: {
      inputTokens: of('spentInputTokens'),
      outputTokens: of('spentOutputTokens'),
      usd: usd(of('spentMicroUsd')),
    },
    audits: {
      calls: of('audits'),
      inputTokens: of('auditInputTokens'),
      outputTokens: of('auditOutputTokens'),
      usd: usd(of('auditMicroUsd')),
    },
    /** Of models that helped to learn. */
    induction: {
      calls: of('inductions'),
      inputTokens: of('inductionInputTokens'),
      outputTokens: of('inductionOutputTokens'),
      usd: usd(of('inductionMicroUsd')),
    },
    /** Of calls in the mode `observe`. */
    observed: {
      agreed: of('wouldAgree'),
      contradicted: of('wouldContradict'),
      unsettled: of('wouldBeUnsettled'),
      inputTokens: of('wouldSaveInputTokens'),
      outputTokens: of('wouldSaveOutputTokens'),
      usd: usd(of('wouldSaveMicroUsd')),
    },
    netUsd: usd(of('savedMicroUsd') - of('auditMicroUsd') - of('inductionMicroUsd')),
    feedback: of('feedback'),
    rowsLeftOut: of('rowsLeftOut'),
  };
}
