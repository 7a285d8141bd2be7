/** The only route that can hit. Reads the body, asks for a plan, carries it out. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Completion } from '../core/completion/completion.ts';
import { openCall, type Call } from './call.ts';
import type { ProxyDeps } from './deps.ts';
import { sendProblem, tooLarge } from './error-response.ts';
import { learn } from './learn.ts';
import { planWithCode } from './compute.ts';
import { sha256, type Plan } from './plan.ts';
import { PROXY_LIMITS } from './deps.ts';
import { watchAnswer } from './read-answer.ts';
import { readBody } from './read-body.ts';
import { sendHit } from './serve-hit.ts';

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
    sendProblem(res, tooLarge(deps.settings.requestBytesMax), call.requestId);
    return;
  }
  call.mark('body');
  const { headers, rawHeaders } = req;
  const { requestId } = call;
  const asked = { ...target, headers, rawHeaders, body: read.bytes, requestId };
  const plan = await planWithCode(deps, asked);
  // Code may have taken a while, and the client may be gone.
  if (res.destroyed) return;
  call.mark('plan');
  call.model = plan.model;
  switch (plan.kind) {
    case 'refuse':
      sendProblem(res, plan.problem, call.requestId);
      break;
    case 'serve':
      call.outcome = plan.outcome;
      call.asked = plan.asked;
      call.found = plan.found;
      res.once('finish', () => {
        const { asked, found } = plan;
        const path = target.path + target.query;
        deps.audit({ asked, found, headers, path, body: read.bytes, requestId });
      });
      sendHit(res, plan.hit, plan.outcome, call.requestId);
      break;
    case 'forward':
      forward(deps, { req, res, call }, plan, { ...target, body: read.bytes });
      break;
  }
}

function describeAnswer({ model, usage }: Completion): Call['answered'] {
  return { model, usage: usage === undefined ? undefined : JSON.stringify(usage) };
}

interface Exchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly call: Call;
}

function forward(
  deps: ProxyDeps,
  { req, res, call }: Exchange,
  plan: Extract<Plan, { kind: 'forward' }>,
  { path, query, body }: Target & { readonly body: Buffer },
): void {
  const { lesson, upstream } = plan;
  call.outcome = plan.outcome;
  call.asked = plan.asked;
  upstream.forward(req, res, {
    path: path + query,
    body,
    call,
    ...(lesson === undefined
      ? {}
      : {
          onResponse: (response) =>
            watchAnswer(response, PROXY_LIMITS.answerBytesMax, (result) => {
              const { requestId } = call;
              if (result.kind === 'answer') call.answered = describeAnswer(result.completion);
              void learn(deps, sha256, lesson, { result, requestId });
            }),
        }),
  });
}
