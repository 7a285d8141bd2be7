/** All that is written down about calls, wired up: the request log, the ledger, the metrics. */
import { randomBytes } from 'node:crypto';
import type { Config } from '../../adapters/config.ts';
import { describeError, type Logger } from '../../adapters/logger.ts';
import { createMetrics, type Metrics } from '../../adapters/metrics.ts';
import type { Database } from '../../adapters/mongo/connect.ts';
import { Ledger, type LedgerCount } from '../../adapters/mongo/ledger.ts';
import { RequestStore, type RequestEntry } from '../../adapters/mongo/request-store.ts';
import { UseTracker } from '../../adapters/mongo/use-tracker.ts';
import { WriteQueue } from '../../adapters/mongo/write-queue.ts';
import { createPricer, type PriceUsage } from '../../adapters/prices.ts';
import type { AuditorOptions } from '../hit/audit.ts';
import type { ClosedCall } from '../call.ts';
import type { Observed } from '../hit/observe.ts';
import { sha256 } from '../request/plan.ts';
import { CallRecorder } from './record-calls.ts';
import { Sampler } from './sampler.ts';

export interface Bookkeeping {
  readonly requests: RequestStore;
  readonly rows: WriteQueue<RequestEntry>;
  readonly ledger: Ledger;
  readonly metrics: Metrics;
  readonly onCall: (closed: ClosedCall) => void;
  /** Calls that were over since this process began. */
  readonly callCount: () => number;
  readonly onAudit: AuditorOptions['onAudit'];
  readonly onObserved: (observed: Observed) => void;
  readonly onUnusable: (reason: string) => void;
  /** Writes what waits, here and now. Errors: none. */
  readonly flush: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/**
 * Rows of hits in a second. Up to so many all have one; of more, a sample: a row costs the embedded database as much as
 * ten hits cost the proxy, and they share a machine.
 */
const HIT_ROWS = { all: 1000, sample: 100 };
/** What is no hit was paid for or refused: it is rarer, and what people look for. */
const OTHER_ROWS = { all: 1000, sample: 1000 };
const LEDGER_EVERY_MS = 1000;
/** Prune only asks which were used least recently. */
const USES_EVERY_MS = 60_000;
/** A process that ends does not wait longer for a database that is away. */
const CLOSE_MS = 1000;

export function openBookkeeping(options: {
  readonly database: Database;
  readonly config: Pick<Config, 'requestLogDays' | 'upstreamBaseUrl'>;
  readonly log: Logger;
}): Bookkeeping {
  const { database, config, log } = options;
  const requests = new RequestStore(database, { now: Date.now, days: config.requestLogDays });
  const rows = new WriteQueue<RequestEntry>({
    write: (batch) => requests.insert(batch),
    bytesOf: weightOf,
    onFailed: (error) => log.warn({ event: 'request_log.waiting', ...describeError(error) }),
  });
  const ledger = new Ledger(database, { now: Date.now, process: randomBytes(8).toString('hex') });
  let droppedBefore = 0;
  const metrics = createMetrics(({ rowsWaiting }) => {
    recorder.settle();
    const { waiting, dropped } = rows.counts();
    rowsWaiting.set(waiting);
    metrics.rowsLeftOut.inc({ why: 'dropped' }, dropped - droppedBefore);
    droppedBefore = dropped;
  });
  const price = createPricer(config.upstreamBaseUrl);
  const uses = new UseTracker(database, { now: Date.now });
  const admit = sampled();
  const recorder = new CallRecorder({
    ...{ ledger, uses, metrics, rows, admit, price, hash: sha256, log },
  });
  const timer = setInterval(() => void ledger.flush(), LEDGER_EVERY_MS).unref();
  const usesTimer = setInterval(() => void uses.flush(), USES_EVERY_MS).unref();
  const flush = async (): Promise<void> => {
    recorder.settle();
    await Promise.all([rows.flush(), ledger.flush()]);
  };
  let calls = 0;
  return {
    requests,
    rows,
    ledger,
    metrics,
    onCall: (closed) => {
      calls++;
      recorder.add(closed);
    },
    callCount: () => calls,
    onAudit: auditBook({ ledger, metrics, price }),
    onObserved: observedBook({ ledger, metrics, price }),
    onUnusable: (reason) => metrics.unusable.inc({ reason }),
    flush,
    close: async () => {
      clearInterval(timer);
      clearInterval(usesTimer);
      recorder.settle();
      const late = new Promise((resolve) => setTimeout(resolve, CLOSE_MS).unref());
      await Promise.race([Promise.all([rows.close(), ledger.flush(), uses.flush()]), late]);
    },
  };
}

/** Which calls have a row. */
function sampled(): (closed: ClosedCall) => boolean {
  const clock = () => performance.now();
  const hits = new Sampler({ ...HIT_ROWS, clock });
  const others = new Sampler({ ...OTHER_ROWS, clock });
  return ({ call }) => (call.outcome?.cache === 'hit' ? hits : others).admit();
}

/** Two bytes for a character, and about a kilobyte for everything but content. */
function weightOf({ content }: RequestEntry): number {
  return 1024 + 2 * ((content?.messages.length ?? 0) + (content?.answer?.length ?? 0));
}

type Books = Readonly<{ ledger: Ledger; metrics: Metrics; price: PriceUsage }>;

const WOULD_COUNTS = {
  agree: 'wouldAgree',
  contradict: 'wouldContradict',
  unsettled: 'wouldBeUnsettled',
} as const satisfies Record<Observed['verdict'], LedgerCount>;

/** What would have been saved, and what would have been wrong. */
function observedBook({ ledger, metrics, price }: Books): Bookkeeping['onObserved'] {
  return ({ asked, completion, verdict }) => {
    metrics.observed.inc({ verdict });
    const usage = completion.usage === undefined ? undefined : JSON.stringify(completion.usage);
    const { tokens, microUsd = 0 } = price(completion.model, usage) ?? {};
    ledger.add(asked.question.scope.project, asked.question.request.model, {
      [WOULD_COUNTS[verdict]]: 1,
      wouldSaveInputTokens: tokens?.input ?? 0,
      wouldSaveOutputTokens: tokens?.output ?? 0,
      wouldSaveMicroUsd: microUsd,
    });
  };
}

/** What audits cost, taken off what hits save. */
function auditBook(books: Books): AuditorOptions['onAudit'] {
  const { ledger, metrics, price } = books;
  return (result, { asked, found }, answer) => {
    metrics.audits.inc({ result });
    if (answer === undefined) return;
    const { model, usage } = answer.completion;
    // A stream says what it used only if its client wanted to know: then as much as was recorded.
    const said = usage === undefined ? found.answer.usage : JSON.stringify(usage);
    const { tokens = { input: 0, output: 0 }, microUsd = 0 } = price(model, said) ?? {};
    metrics.auditTokens.inc({ direction: 'input' }, tokens.input);
    metrics.auditTokens.inc({ direction: 'output' }, tokens.output);
    metrics.auditUsd.inc(microUsd / 1e6);
    ledger.add(asked.question.scope.project, asked.question.request.model, {
      audits: 1,
      auditInputTokens: tokens.input,
      auditOutputTokens: tokens.output,
      auditMicroUsd: microUsd,
    });
  };
}
