/** One call: its id, what becomes known of it, and who is told when it is over. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { describeError, type Logger } from '../adapters/logger.ts';
import type { LookUp } from './hit/look-up.ts';
import type { Outcome } from './outcome.ts';
import type { Asked } from './request/plan.ts';

export interface Call {
  /** Ours until the provider gives one: then its id is the one that the client sees. */
  requestId: string;
  outcome: Outcome | undefined;
  model: string | undefined;
  project: string | undefined;
  /** A chat call that Ghee could read. */
  asked: Asked | undefined;
  /** What answered it, on a hit. */
  found: Extract<LookUp, { kind: 'found' }> | undefined;
  /** On a miss, what the provider said of its answer, once that is complete. `usage`: JSON text. */
  answered: { readonly model: string; readonly usage: string | undefined } | undefined;
  /** Notes that a part of the work is over. */
  readonly mark: (part: CallPart) => void;
}

/** `upstream`: the provider's answer begins. */
export type CallPart = 'body' | 'plan' | 'upstream';

/** A call that is over. */
export interface ClosedCall {
  readonly call: Omit<Call, 'mark'>;
  /** Milliseconds since the epoch at which it began. */
  readonly at: number;
  readonly endpoint: string;
  readonly status: number | undefined;
  readonly isAborted: boolean;
  /** Milliseconds since it began at which each part was over; `total` always. */
  readonly ms: Readonly<Partial<Record<CallPart, number>>> & { readonly total: number };
}

export interface CallDeps {
  readonly log: Logger;
  readonly now: () => number;
  /** Whether there is room in the log for one more line on a call. */
  readonly admitLine: () => boolean;
  /** Told of every call when it is over. */
  readonly onCall: (closed: ClosedCall, res: ServerResponse) => void;
}

/** Names of models and paths come from outside, and a log line is no place for a novel. */
export const NAME_CHARACTERS_MAX = 100;

export function openCall(req: IncomingMessage, res: ServerResponse, deps: CallDeps): Call {
  const at = deps.now();
  const startedAt = performance.now();
  const elapsed = (): number => Math.round((performance.now() - startedAt) * 100) / 100;
  const marks: Partial<Record<CallPart, number>> = {};
  const [path = ''] = (req.url ?? '').split('?', 1);
  const call: Call = {
    // Random bytes that are drawn many at a time.
    requestId: `req_${randomUUID().replaceAll('-', '')}`,
    outcome: undefined,
    model: undefined,
    project: undefined,
    asked: undefined,
    found: undefined,
    answered: undefined,
    mark: (part) => (marks[part] = elapsed()),
  };
  // It comes once.
  res.on('close', () => {
    const closed = {
      call,
      at,
      endpoint: `${req.method ?? ''} ${path.slice(0, NAME_CHARACTERS_MAX)}`,
      status: res.headersSent ? res.statusCode : undefined,
      // The answer did not reach the client as a whole.
      isAborted: !res.writableFinished,
      ms: { ...marks, total: elapsed() },
    };
    if (deps.admitLine()) logCall(deps.log, req.method, path, closed);
    try {
      deps.onCall(closed, res);
    } catch (error) {
      deps.log.error({ event: 'internal_error', where: 'onCall', ...describeError(error) });
    }
  });
  return call;
}

function logCall(log: Logger, method: string | undefined, path: string, closed: ClosedCall): void {
  const { requestId, outcome, model } = closed.call;
  log.info({
    event: 'call',
    requestId,
    method,
    path: path.slice(0, NAME_CHARACTERS_MAX),
    outcome: outcome?.cache ?? 'refused',
    reason: outcome?.reason,
    node: outcome?.cache === 'hit' ? outcome.node : undefined,
    model: model?.slice(0, NAME_CHARACTERS_MAX),
    status: closed.status,
    isAborted: closed.isAborted ? true : undefined,
    ms: Math.round(closed.ms.total * 10) / 10,
  });
}
