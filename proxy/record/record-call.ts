/** From a call that is over to what is kept of it: a row of the log, the ledger, the metrics. */
import { randomBytes } from 'node:crypto';
import { answerKey, type Hash } from '../../core/observation.ts';
import type { Metrics } from '../../adapters/metrics.ts';
import type { Ledger, LedgerCount, LedgerCounts } from '../../adapters/mongo/ledger.ts';
import type { RequestEntry } from '../../adapters/mongo/request-store.ts';
import type { UseTracker } from '../../adapters/mongo/use-tracker.ts';
import type { PricedUsage, PriceUsage } from '../../adapters/prices.ts';
import { NAME_CHARACTERS_MAX, type ClosedCall } from '../call.ts';
import { LOCAL_PROJECT } from '../request/caller.ts';
import { answerTexts } from '../hit/look-up.ts';

export interface CallRecorderDeps {
  readonly ledger: Pick<Ledger, 'add'>;
  readonly uses: Pick<UseTracker, 'note'>;
  readonly metrics: Pick<
    Metrics,
    'calls' | 'callSeconds' | 'tokensSaved' | 'usdSaved' | 'rowsLeftOut'
  >;
  readonly log: { readonly add: (entry: RequestEntry) => void };
  /** Whether there is room in the log for one more row. */
  readonly admit: () => boolean;
  readonly price: PriceUsage;
  readonly hash: Hash;
}

/** Content in the log is for reading, not for archives. */
const CONTENT_CHARACTERS_MAX = 65_536;

/** What `onCall` of the proxy is: cheap, and in memory only. */
export function createCallRecorder(deps: CallRecorderDeps): (closed: ClosedCall) => void {
  return (closed) => {
    const { call, ms } = closed;
    const { outcome, found, answered } = call;
    const answer = found === undefined ? answered : found.answer;
    const priced = answer === undefined ? undefined : deps.price(answer.model, answer.usage);
    const cache = outcome?.cache ?? 'refused';
    deps.metrics.calls.inc({ outcome: cache, reason: outcome?.reason ?? 'refused' });
    deps.metrics.callSeconds.observe({ outcome: cache }, ms.total / 1000);
    if (found !== undefined && priced !== undefined) countSaved(deps, priced);
    if (outcome?.cache === 'hit') deps.uses.note(projectOf(closed), outcome.node);
    const isLogged = deps.admit();
    if (isLogged) deps.log.add(entryOf(deps.hash, closed, priced));
    else deps.metrics.rowsLeftOut.inc({ why: 'sampled' });
    const counts = countsOf(closed, priced);
    deps.ledger.add(projectOf(closed), modelOf(closed) ?? '', {
      ...counts,
      ...(isLogged ? {} : { rowsLeftOut: 1 }),
    });
  };
}

function countSaved({ metrics }: CallRecorderDeps, { tokens, microUsd }: PricedUsage): void {
  metrics.tokensSaved.inc({ direction: 'input' }, tokens.input);
  metrics.tokensSaved.inc({ direction: 'output' }, tokens.output);
  metrics.usdSaved.inc((microUsd ?? 0) / 1e6);
}

function countsOf({ call }: ClosedCall, priced: PricedUsage | undefined): LedgerCounts {
  const { outcome } = call;
  const { tokens = { input: 0, output: 0 }, microUsd } = priced ?? {};
  const outcomeCount: LedgerCounts = { [countFor(outcome)]: 1 };
  if (outcome?.cache !== 'hit') {
    return {
      ...outcomeCount,
      spentInputTokens: tokens.input,
      spentOutputTokens: tokens.output,
      spentMicroUsd: microUsd ?? 0,
    };
  }
  return {
    ...outcomeCount,
    savedInputTokens: tokens.input,
    savedOutputTokens: tokens.output,
    savedMicroUsd: microUsd ?? 0,
    hitsUnpriced: microUsd === undefined ? 1 : 0,
  };
}

function countFor(outcome: ClosedCall['call']['outcome']): LedgerCount {
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

function describeOutcome(outcome: ClosedCall['call']['outcome']) {
  if (outcome === undefined) return { outcome: 'refused' as const };
  const { cache, reason } = outcome;
  return { outcome: cache, reason, node: cache === 'hit' ? outcome.node : undefined };
}

const ROWS_OF_PROCESS = randomBytes(8).toString('hex');
let rowCount = 0;

/** Unique among all processes: drawing each takes as long as all the rest of a row. */
function nextRowId(): string {
  rowCount++;
  return `${ROWS_OF_PROCESS}${rowCount.toString(16).padStart(8, '0')}`;
}

const NOTHING: ReadonlyMap<string, string> = new Map();

function entryOf(hash: Hash, closed: ClosedCall, priced: PricedUsage | undefined): RequestEntry {
  const { call, at, endpoint, status, isAborted, ms } = closed;
  const { outcome, asked, found } = call;
  const reached = found?.reached;
  const names = [...(reached?.bindings ?? asked?.question.bindings ?? NOTHING).keys()];
  return {
    id: nextRowId(),
    requestId: call.requestId.slice(0, 2 * NAME_CHARACTERS_MAX),
    at,
    project: projectOf(closed),
    endpoint,
    ...describeOutcome(outcome),
    status,
    isAborted,
    model: modelOf(closed),
    tokens: priced?.tokens,
    microUsd: priced?.microUsd,
    ms,
    path: reached?.path.map((node) => node.id) ?? [],
    // Ids of tool calls are no variables that people know.
    variables: names.filter((name) => !name.startsWith('$')),
    ...hashesOf(hash, closed),
    content: asked?.rules.allows.content === true ? contentOf(closed) : undefined,
  };
}

function hashesOf(hash: Hash, { call }: ClosedCall) {
  if (call.asked === undefined) return {};
  const { scope, thread } = call.asked.question;
  const reached = call.found?.reached;
  const place = { scope: scope.id, thread };
  return reached === undefined
    ? place
    : { ...place, answerKey: answerKey(hash, place, answerTexts(reached)) };
}

function contentOf({ call }: ClosedCall): NonNullable<RequestEntry['content']> {
  const bindings = call.found?.reached?.bindings ?? call.asked?.question.bindings ?? [];
  return {
    messages: call.asked?.messages.slice(0, CONTENT_CHARACTERS_MAX) ?? '',
    answer: call.found?.message.slice(0, CONTENT_CHARACTERS_MAX),
    values: [...bindings].filter(([name]) => !name.startsWith('$')),
  };
}

function projectOf({ call }: ClosedCall): string {
  return call.asked?.question.scope.project ?? call.project ?? LOCAL_PROJECT;
}

function modelOf({ call }: ClosedCall): string | undefined {
  return call.model?.slice(0, NAME_CHARACTERS_MAX);
}
