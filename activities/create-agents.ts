/** The agents of the worker, as its settings have them. */
import { Context } from '@temporalio/activity';
import { randomBytes } from 'node:crypto';
import { AGENTS, type InducerConfig } from '../adapters/config.ts';
import type { Logger } from '../adapters/logger.ts';
import { BudgetStore } from '../adapters/mongo/budget-store.ts';
import type { Database } from '../adapters/mongo/connect.ts';
import { Ledger } from '../adapters/mongo/ledger.ts';
import type { Agents } from './ask-agent.ts';

/** Undefined where no model is ever to be asked. */
export async function createAgents(
  config: InducerConfig,
  database: Database,
  log: Logger,
): Promise<Agents | undefined> {
  const { mode, models, baseUrl, apiKey, timeoutMs, prices, dailyUsd } = config;
  const names = new Set(AGENTS.flatMap((agent) => models[agent] ?? []));
  if (mode === 'symbolic' || names.size === 0) return undefined;
  // Loaded only here: the SDK and its price table are as large as the rest of the worker.
  const [{ createAsk }, { createCostOf }, { AGENT_TASKS }] = await Promise.all([
    import('../adapters/model/ask.ts'),
    import('../adapters/prices.ts'),
    import('../adapters/model/agents.ts'),
  ]);
  for (const model of names) {
    const cost = createCostOf(model, baseUrl, prices)({ input: 1, cached: 0, output: 1 });
    if (cost !== undefined) continue;
    const help =
      'no price is known, so it is never asked; set INDUCER_PRICES, 0/0 for own hardware';
    log.error({ event: 'inducer.unpriced', model, help });
  }
  const budget = new BudgetStore(database, { limit: Math.round(dailyUsd * 1e6), now: Date.now });
  log.info({ event: 'inducer.ready', mode, models: [...names] });
  return {
    mode,
    models,
    tasks: AGENT_TASKS,
    ask: createAsk({ baseUrl, apiKey: apiKey?.reveal(), timeoutMs, prices, budget }),
    spent: spendingBook(database),
    cancellation: () => Context.current().cancellationSignal,
  };
}

/** The ledger that the proxies count savings in. */
function spendingBook(database: Database): Agents['spent'] {
  const process = randomBytes(8).toString('hex');
  const ledger = new Ledger(database, { now: Date.now, process });
  return async (project, model, { calls, tokens, microUsd }) => {
    ledger.add(project, model, {
      inductions: calls,
      inductionInputTokens: tokens.input,
      inductionOutputTokens: tokens.output,
      inductionMicroUsd: microUsd,
    });
    // A call of a model takes seconds, so this is seldom.
    await ledger.flush();
  };
}
