/** The admin server's routes. It lives in the proxy's process: what it shows is that proxy's memory. */
import { randomBytes } from 'node:crypto';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { describeError } from '../../adapters/logger.ts';
import { StoreError } from '../../adapters/mongo/store-error.ts';
import {
  internalError,
  malformedJson,
  sendProblem,
  tooLarge,
  type Problem,
} from '../error-response.ts';
import { exportTrees, IMPORT_BYTES_MAX, importTrees } from './archive.ts';
import { explainDecision } from './decisions.ts';
import type { AdminDeps } from './deps.ts';
import { giveFeedback } from './feedback.ts';
import { refusal } from './guard.ts';
import { approveNode, pinNode, quarantineNode, readNode } from './nodes.ts';
import { cancelMerge, listMerges, readMerge, startMerge, undoMerge } from './merges.ts';
import { AdminProblem, storeUnavailable, unknownPath } from './problems.ts';
import { purge, purgeOne } from './purge.ts';
import { listRequests } from './requests.ts';
import { readStats, readStatus } from './stats.ts';

/** A corrected answer is the longest thing that is sent here. */
const BODY_BYTES_MAX = 1_048_576;
const HEALTH = '/healthz';

export function createAdminApp(deps: AdminDeps): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use((req, res, next) => {
    res.setHeader('cache-control', 'no-store');
    res.setHeader('x-content-type-options', 'nosniff');
    const problem = refusal(deps.access, req, req.path === HEALTH);
    if (problem === undefined) next();
    else refuse(res, problem);
  });
  app.use('/admin/import', express.json({ limit: IMPORT_BYTES_MAX }));
  app.use(express.json({ limit: BODY_BYTES_MAX }));
  app.get(HEALTH, (_req, res) => void res.json({ status: 'ok' }));
  app.get('/status', (_req, res) => void res.json(readStatus(deps)));
  app.get('/metrics', async (_req, res) => {
    const { registry } = deps.metrics;
    res.type(registry.contentType).send(await registry.metrics());
  });
  const get = (path: string, read: (req: Request) => Promise<object>): void => {
    app.get(path, async (req, res) => void res.json(await read(req)));
  };
  const post = (path: string, write: (req: Request) => Promise<object>): void => {
    app.post(path, async (req, res) => void res.json(await write(req)));
  };
  get('/admin/stats', (req) => readStats(deps, req.query));
  get('/admin/requests', (req) => listRequests(deps, req.query));
  get('/admin/decisions/:requestId', (req) => explainDecision(deps, idOf(req, 'requestId')));
  get('/admin/nodes/:id', (req) => readNode(deps, idOf(req, 'id')));
  post('/admin/nodes/:id/approve', (req) => approveNode(deps, idOf(req, 'id'), req.body));
  post('/admin/nodes/:id/quarantine', (req) => quarantineNode(deps, idOf(req, 'id'), req.body));
  post('/admin/nodes/:id/pin', (req) =>
    pinNode(deps, { id: idOf(req, 'id'), pinned: true }, req.body),
  );
  post('/admin/nodes/:id/unpin', (req) =>
    pinNode(deps, { id: idOf(req, 'id'), pinned: false }, req.body),
  );
  app.delete('/admin/nodes/:id', async (req, res) => {
    res.json(await purgeOne(deps, 'node', idOf(req, 'id')));
  });
  app.delete('/admin/scopes/:id', async (req, res) => {
    res.json(await purgeOne(deps, 'scope', idOf(req, 'id')));
  });
  app.get('/admin/export', async (req, res) => {
    res.type('application/yaml').send(await exportTrees(deps, req.query));
  });
  post('/admin/import', (req) => importTrees(deps, req.body));
  post('/admin/purge', (req) => purge(deps, req.body));
  post('/admin/merge', (req) => startMerge(deps, req.body));
  get('/admin/merges', (req) => listMerges(deps, req.query));
  get('/admin/merges/:id', (req) => readMerge(deps, idOf(req, 'id')));
  post('/admin/merges/:id/cancel', (req) => cancelMerge(deps, idOf(req, 'id')));
  post('/admin/merges/:id/unmerge', (req) => undoMerge(deps, idOf(req, 'id')));
  post('/admin/feedback', (req) => giveFeedback(deps, req.body));
  app.use((_req, res) => refuse(res, unknownPath()));
  // Express tells error handlers by their four parameters.
  app.use((error: unknown, _req: Request, res: Response, next: NextFunction) => {
    if (res.headersSent) next(error);
    else refuse(res, problemOf(deps, error));
  });
  return app;
}

function idOf(req: Request, name: string): string {
  const value = req.params[name];
  return typeof value === 'string' ? value : '';
}

function problemOf(deps: AdminDeps, error: unknown): Problem {
  if (error instanceof AdminProblem) return error.problem;
  if (error instanceof StoreError) {
    deps.log.warn({ event: 'admin.failed', ...describeError(error) });
    return storeUnavailable();
  }
  const type = error instanceof Error && 'type' in error ? error.type : undefined;
  if (error instanceof Error && type === 'entity.too.large')
    return tooLarge('limit' in error ? Number(error.limit) : BODY_BYTES_MAX);
  // Whatever else the body parser objects to: encodings, charsets, lengths, syntax.
  if (typeof type === 'string') return malformedJson();
  deps.log.error({ event: 'internal_error', where: 'admin', ...describeError(error) });
  return internalError();
}

function refuse(res: Response, problem: Problem): void {
  sendProblem(res, problem, `adm_${randomBytes(12).toString('hex')}`);
}
