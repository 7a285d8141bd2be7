/** The proxy's routes, in order, and nothing else. */
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { describeError } from '../adapters/logger.ts';
import { openCall } from './call.ts';
import { handleChatCompletion, type Target } from './chat-completions.ts';
import type { ProxyDeps } from './deps.ts';
import { internalError, methodNotAllowed, refuseCall, type Problem } from './error-response.ts';
import { handlePassthrough } from './miss/passthrough.ts';
import { chatMethods, CHAT_COMPLETIONS, readPath } from './request/paths.ts';

/** `deps.mirror` and the rest may come and go: the app forwards whatever happens to them. */
function createApp(deps: ProxyDeps): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.get('/healthz', (_req, res) => void res.json({ status: 'ok' }));
  app.get(
    '/readyz',
    (_req, res) => void res.json({ status: 'ready', mirror: deps.mirror.status() }),
  );
  app.use((req: Request, res: Response) => route(deps, req, res));
  // Express tells error handlers by their four parameters.
  app.use((error: unknown, req: Request, res: Response, next: NextFunction) => {
    deps.log.error({ event: 'internal_error', where: 'app', ...describeError(error) });
    if (res.headersSent) next(error);
    else refuse(deps, req, res, internalError());
  });
  return app;
}

const HOT_URLS = new Set([`/v1${CHAT_COMPLETIONS}`, CHAT_COMPLETIONS]);

/**
 * The app, and before it the one route that is worth it: what Express does for each request costs as much as
 * everything that a repeated one needs (`npm run bench -- proxy`). Both ways end in the same function.
 */
export function createListener(deps: ProxyDeps): RequestListener {
  const app = createApp(deps);
  return (req, res) => {
    const isHot = req.method === 'POST' && HOT_URLS.has(req.url ?? '');
    if (!isHot) {
      app(req, res);
      return;
    }
    handleChatCompletion(deps, req, res, { path: CHAT_COMPLETIONS, query: '' }).catch(
      (error: unknown) => {
        deps.log.error({ event: 'internal_error', where: 'chat', ...describeError(error) });
        if (res.headersSent) res.destroy();
        else refuse(deps, req, res, internalError());
      },
    );
  };
}

/** Not by Express's patterns: paths of the API pass as they are, encoded or not. */
async function route(deps: ProxyDeps, req: Request, res: Response): Promise<void> {
  const target = readPath(req.url);
  const problem = target.kind === 'refused' ? target.problem : methodProblem(req, target);
  if (problem !== undefined) {
    refuse(deps, req, res, problem);
  } else if (target.kind === 'path') {
    const isChat = target.path === CHAT_COMPLETIONS && req.method === 'POST';
    if (isChat) await handleChatCompletion(deps, req, res, target);
    else handlePassthrough(deps, req, res, target);
  }
}

function methodProblem(req: Request, { path }: Target): Problem | undefined {
  const methods = chatMethods(path);
  const isKnown = methods === undefined || methods.includes(req.method);
  return isKnown ? undefined : methodNotAllowed(req.method, methods.join(', '));
}

function refuse(
  deps: ProxyDeps,
  req: IncomingMessage,
  res: ServerResponse,
  problem: Problem,
): void {
  const call = openCall(req, res, deps);
  req.resume();
  refuseCall(res, problem, call);
}
