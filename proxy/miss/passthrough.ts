/** Every other endpoint, byte for byte: no body parser, any method, the same query. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { authenticate, type Authentication } from '../request/authenticate.ts';
import { openCall } from '../call.ts';
import type { Target } from '../chat-completions.ts';
import type { ProxyDeps } from '../deps.ts';
import { notCached, sendProblem } from '../error-response.ts';
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
  const caller = authenticateSafely(deps, req);
  if (caller.kind === 'refused') {
    sendProblem(res, caller.problem, call.requestId);
    return;
  }
  const wishes = readWishes(req.headers);
  if (wishes.kind === 'refused') {
    sendProblem(res, wishes.problem, call.requestId);
    return;
  }
  const project = caller.kind === 'project' ? caller.project : undefined;
  if (project !== undefined) call.project = project.id;
  const { mode, mayForward } = rulesOf(wishes.wishes, project, deps.settings.rules);
  if (!mayForward) {
    sendProblem(res, notCached(mode, 'endpoint'), call.requestId);
    return;
  }
  call.outcome = bypass('endpoint');
  deps.upstream.forward(req, res, { path: target.path + target.query, body: undefined, call });
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
