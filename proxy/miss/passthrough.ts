/** Every other endpoint, byte for byte: no body parser, any method, the same query. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { authenticate, type Authentication } from '../request/authenticate.ts';
import { openCall } from '../call.ts';
import type { Target } from '../chat-completions.ts';
import type { ProxyDeps } from '../deps.ts';
import type { Exchange } from './forward.ts';
import { notCached, refuseCall, type Problem } from '../error-response.ts';
import { bypass } from '../outcome.ts';
import { rulesOf } from '../request/rules.ts';
import { readWishes } from '../request/wishes.ts';
import { describeError } from '../../adapters/logger.ts';

export function handlePassthrough(
  deps: ProxyDeps,
  req: IncomingMessage,
  res: ServerResponse,
  target: Target,
): void {
  const call = openCall(req, res, deps);
  passOn(deps, { req, res, call }, target, { reason: 'endpoint' });
}

/** A call that Ghee does not look into; `body`: where it is not to be read from the request itself. */
export function passOn(
  deps: ProxyDeps,
  { req, res, call }: Exchange,
  target: Target,
  { reason, body }: { readonly reason: string; readonly body?: Readable },
): void {
  const refuse = (problem: Problem): void => {
    // Clients send all of it before they read the answer.
    body?.resume();
    refuseCall(res, problem, call);
  };
  const caller = authenticateSafely(deps, req);
  if (caller.kind === 'refused') {
    refuse(caller.problem);
    return;
  }
  const wishes = readWishes(req.headers);
  if (wishes.kind === 'refused') {
    refuse(wishes.problem);
    return;
  }
  const project = caller.kind === 'project' ? caller.project : undefined;
  if (project !== undefined) call.project = project.id;
  const { mode, mayForward } = rulesOf(wishes.wishes, project, deps.settings.rules);
  if (!mayForward) {
    refuse(notCached(mode, bypass(reason)));
    return;
  }
  call.outcome = bypass(reason);
  deps.upstream.forward(req, res, { path: target.path + target.query, body, call });
}

/** The raw pipe asks memory only to refuse wrong keys: a fault there must not stop it. */
function authenticateSafely(deps: ProxyDeps, req: IncomingMessage): Authentication {
  try {
    return authenticate(deps, req.headers);
  } catch (error) {
    deps.log.error({ event: 'internal_error', where: 'authenticate', ...describeError(error) });
    return { kind: 'unknown' };
  }
}
