/** From calls that are over to what is kept of them: rows of the log, the ledger, the metrics. */
import type { Hash } from '../../core/observation.ts';
import { describeError, type Logger } from '../../adapters/logger.ts';
import type { Metrics } from '../../adapters/metrics.ts';
import type { Ledger, LedgerCount, LedgerCounts } from '../../adapters/mongo/ledger.ts';
import type { RequestEntry } from '../../adapters/mongo/request-store.ts';
import type { UseTracker } from '../../adapters/mongo/use-tracker.ts';
import type { PricedUsage, PriceUsage } from '../../adapters/prices.ts';
import type { ClosedCall } from '../call.ts';
import { modelOf, projectOf, rowOf } from './request-row.ts';

export interface CallRecorderOptions {
  readonly ledger: Pick<Ledger, 'add'>;
  readonly uses: Pick<UseTracker, 'note'>;
  readonly metrics: Pick<
    Metrics,
    'calls' | 'callSeconds' | 'tokensSaved' | 'usdSaved' | 'rowsLeftOut'
  >;
  readonly rows: { readonly add: (entry: RequestEntry) => void };
  /** Whether there is room in the log for the row of one more call. */
  readonly admit: (closed: ClosedCall) => boolean;
  readonly price: PriceUsage;
  readonly hash: Hash;
  readonly log: Logger;
}

type Answered = NonNullable<ClosedCall['call']['answered']>;

/** Calls that differ in nothing that is counted. */
interface Tally {
  readonly outcome: ClosedCall['call']['outcome'];
  readonly project: string;
  readonly model: string;
  /** By identity: hits of one answer share it. */
  readonly answer: Answered | undefined;
  /** Of each call. */
  readonly priced: PricedUsage | undefined;
  calls: number;
  rowsLeftOut: number;
}

const WAIT_MS = 25;
const WAITING_MAX = 64;

/**
 * Calls wait for a moment and are recorded together: after each single one, this code and its data would have left
 * the caches of the machine before the next (`npm run bench -- proxy`).
 */
export class CallRecorder {
  private readonly options: CallRecorderOptions;
  private waiting: ClosedCall[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(options: CallRecorderOptions) {
    this.options = options;
  }

  /** Cheap, and in memory only. Errors: none. */
  add(closed: ClosedCall): void {
    this.waiting.push(closed);
    if (this.waiting.length >= WAITING_MAX) this.settle();
    else this.timer ??= setTimeout(() => this.settle(), WAIT_MS).unref();
  }

  /** Records what waits. Errors: none. */
  settle(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const { waiting, options } = this;
    if (waiting.length === 0) return;
    this.waiting = [];
    try {
      const tallies: Tally[] = [];
      for (const closed of waiting) this.record(closed, tallies);
      for (const tally of tallies) count(options, tally);
    } catch (error) {
      options.log.error({ event: 'internal_error', where: 'record', ...describeError(error) });
    }
  }

  private record(closed: ClosedCall, tallies: Tally[]): void {
    const { metrics, uses, rows, admit, hash } = this.options;
    const { outcome } = closed.call;
    const tally = this.tallyOf(tallies, closed);
    tally.calls++;
    metrics.callSeconds.observe({ outcome: outcome?.cache ?? 'refused' }, closed.ms.total / 1000);
    if (outcome?.cache === 'hit') uses.note(tally.project, outcome.node);
    if (admit(closed)) rows.add(rowOf(hash, closed, tally.priced));
    else tally.rowsLeftOut++;
  }

  private tallyOf(tallies: Tally[], closed: ClosedCall): Tally {
    const { outcome, found, answered } = closed.call;
    const answer = found === undefined ? answered : found.answer;
    const project = projectOf(closed);
    const model = modelOf(closed) ?? '';
    const known = tallies.find(
      (tally) =>
        tally.answer === answer &&
        tally.outcome?.cache === outcome?.cache &&
        tally.outcome?.reason === outcome?.reason &&
        tally.model === model &&
        tally.project === project,
    );
    if (known !== undefined) return known;
    const priced = answer && this.options.price(answer.model, answer.usage);
    const tally = { outcome, project, model, answer, priced, calls: 0, rowsLeftOut: 0 };
    tallies.push(tally);
    return tally;
  }
}

function count({ metrics, ledger }: CallRecorderOptions, tally: Tally): void {
  const { outcome, project, model, priced, calls, rowsLeftOut } = tally;
  const { cache = 'refused', reason = 'refused' } = outcome ?? {};
  metrics.calls.inc({ outcome: cache, reason }, calls);
  if (cache === 'hit' && priced !== undefined) {
    metrics.tokensSaved.inc({ direction: 'input' }, calls * priced.tokens.input);
    metrics.tokensSaved.inc({ direction: 'output' }, calls * priced.tokens.output);
    metrics.usdSaved.inc((calls * (priced.microUsd ?? 0)) / 1e6);
  }
  if (rowsLeftOut > 0) metrics.rowsLeftOut.inc({ why: 'sampled' }, rowsLeftOut);
  ledger.add(project, model, { ...countsOf(tally), rowsLeftOut });
}

function countsOf({ outcome, priced, calls }: Tally): LedgerCounts {
  const { tokens = { input: 0, output: 0 }, microUsd } = priced ?? {};
  const outcomeCount: LedgerCounts = { [countFor(outcome)]: calls };
  if (outcome?.cache !== 'hit') {
    return {
      ...outcomeCount,
      spentInputTokens: calls * tokens.input,
      spentOutputTokens: calls * tokens.output,
      spentMicroUsd: calls * (microUsd ?? 0),
    };
  }
  return {
    ...outcomeCount,
    savedInputTokens: calls * tokens.input,
    savedOutputTokens: calls * tokens.output,
    savedMicroUsd: calls * (microUsd ?? 0),
    hitsUnpriced: microUsd === undefined ? calls : 0,
  };
}

function countFor(outcome: Tally['outcome']): LedgerCount {
  switch (outcome?.cache) {
    case undefined:
      return 'refused';
    case 'hit':
      return outcome.reason === 'exact' ? 'hitsExact' : 'hitsTemplate';
    case 'miss':
      return 'misses';
    case 'bypass':
      return 'bypasses';
  }
}
