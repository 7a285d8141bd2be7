/** The only route that can hit. Reads the body, asks for a plan, carries it out. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { openCall } from './call.ts';
import type { ProxyDeps } from './deps.ts';
import { refuseCall } from './error-response.ts';
import { forward } from './miss/forward.ts';
import { passOn } from './miss/passthrough.ts';
import { planWithCode } from './hit/compute.ts';
import { TOO_LARGE } from './outcome.ts';
import { freeBody, readBody } from './request/read-body.ts';
import { sendHit } from './hit/serve-hit.ts';

export interface Target {
  readonly path: string;
  readonly query: string;
}

/** Errors: none; faults become answers of the provider or OpenAI-shaped errors. */
export async function handleChatCompletion(
  deps: ProxyDeps,
  req: IncomingMessage,
  res: ServerResponse,
  target: Target,
): Promise<void> {
  const call = openCall(req, res, deps);
  const read = await readBody(req, deps.settings.requestBytesMax);
  if (read.kind === 'aborted') return;
  if (read.kind === 'too-large') {
    passOn(deps, { req, res, call }, target, { reason: TOO_LARGE, body: read.body });
    return;
  }
  call.mark('body');
  const { headers, rawHeaders } = req;
  const { requestId } = call;
  const { recall } = deps.code;
  const { path, query } = target;
  const body = read.bytes;
  const planned = planWithCode(deps, { path, query, headers, rawHeaders, body, requestId, recall });
  const plan = planned instanceof Promise ? await planned : planned;
  // Code may have taken a while, and the client may be gone.
  if (res.destroyed) return;
  call.mark('plan');
  call.model = plan.model;
  switch (plan.kind) {
    case 'refuse':
      refuseCall(res, plan.problem, call);
      break;
    case 'serve':
      call.outcome = plan.outcome;
      call.asked = plan.asked;
      call.found = plan.found;
      sendHit(res, plan.hit, plan.outcome, requestId);
      // Exact answers are what the provider said.
      if (plan.found.reached !== undefined) {
        const { asked, found } = plan;
        deps.onHit({ asked, found, headers, path: path + query, body, requestId });
      }
      freeBody(body);
      break;
    case 'forward':
      await forward(deps, { req, res, call }, plan, { ...target, body });
      break;
  }
}
