/** One call: its id, and the line that is logged when it is over. */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '../adapters/logger.ts';
import type { Outcome } from './outcome.ts';

export interface Call {
  /** Ours until the provider gives one: then its id is the one that the client sees. */
  requestId: string;
  outcome: Outcome | undefined;
  model: string | undefined;
}

/** Model names come from outside, and a log line is no place for a novel. */
const NAME_CHARACTERS_MAX = 100;

export function openCall(req: IncomingMessage, res: ServerResponse, log: Logger): Call {
  const startedAt = performance.now();
  const [path = ''] = (req.url ?? '').split('?', 1);
  const call: Call = {
    requestId: `req_${randomBytes(16).toString('hex')}`,
    outcome: undefined,
    model: undefined,
  };
  res.once('close', () => {
    const { requestId, outcome, model } = call;
    log.info({
      event: 'call',
      requestId,
      method: req.method,
      path: path.slice(0, NAME_CHARACTERS_MAX),
      outcome: outcome?.cache ?? 'refused',
      reason: outcome?.reason,
      node: outcome?.cache === 'hit' ? outcome.node : undefined,
      model: model?.slice(0, NAME_CHARACTERS_MAX),
      status: res.headersSent ? res.statusCode : undefined,
      // The answer did not reach the client as a whole.
      isAborted: res.writableFinished ? undefined : true,
      ms: Math.round((performance.now() - startedAt) * 10) / 10,
    });
  });
  return call;
}
