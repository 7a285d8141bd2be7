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
import { isDashboard, serveDashboard } from './dashboard.ts';
import type { AdminDeps, AdminUser } from './deps.ts';
import { Watchers } from './events.ts';
import { giveFeedback } from './feedback.ts';
import { refusal, userOf } from './guard.ts';
import { readHealth, readPublicStatus } from './health.ts';
import { cancelMerge, listMerges, readMerge, startMerge, undoMerge } from './merges.ts';
import { approveNode, pinNode, quarantineNode, readNode } from './nodes.ts';
import { readOverview } from './overview.ts';
import { AdminProblem, missingToken, storeUnavailable, unknownPath } from './problems.ts';
import {
  changeProject,
  createKey,
  createProject,
  listProjects,
  readProject,
  revokeKey,
} from './projects.ts';
import { prune } from './prune.ts';
import { purge, purgeOne } from './purge.ts';
import { listRequests } from './requests.ts';
import { readRun } from './runs.ts';
import { listScopes, readTree } from './scopes.ts';
import { logIn, logOut, readSession, readSettings } from './session.ts';
import { readStats, readStatus } from './stats.ts';
import { tryIt } from './trial.ts';
import { ownersMay } from './whose.ts';

/** A corrected answer is the longest thing that is sent here. */
const BODY_BYTES_MAX = 1_048_576;
const HEALTH = '/healthz';
/** What anybody may ask who reaches this server: it tells no names and no counts. */
const OPEN: ReadonlySet<string> = new Set([
  HEALTH,
  '/status/public',
  '/admin/login',
  '/admin/logout',
]);

export function createAdminApp(deps: AdminDeps): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use((req, res, next) => {
    res.setHeader('cache-control', 'no-store');
    res.setHeader('x-content-type-options', 'nosniff');
    const problem = refusal(deps.access, req, OPEN.has(req.path) || isDashboard(req));
    if (problem === undefined) next();
    else refuse(res, problem);
  });
  app.use('/admin/import', express.json({ limit: IMPORT_BYTES_MAX }));
  app.use(express.json({ limit: BODY_BYTES_MAX }));
  app.get(HEALTH, (_req, res) => void res.json({ status: 'ok' }));
  app.get('/status', (req, res) => {
    ownersMay(whoAsks(deps, req));
    res.json(readStatus(deps));
  });
  app.get('/metrics', async (req, res) => {
    ownersMay(whoAsks(deps, req));
    res.type(deps.metrics.registry.contentType).send(await deps.readMetrics());
  });
  app.get('/status/public', async (_req, res) => void res.json(await readPublicStatus(deps)));
  app.post('/admin/login', (req, res) => void res.json(logIn(deps, req, res)));
  app.post('/admin/logout', (_req, res) => void res.json(logOut(res)));
  const watchers = new Watchers();
  app.get('/admin/events', (_req, res) => watchers.watch(deps, res));
  addReads(app, deps);
  addWrites(app, deps);
  addLifecycleRoutes(app, deps);
  addProjectRoutes(app, deps);
  serveDashboard(app, deps.site.webRoot);
  app.use((_req, res) => refuse(res, unknownPath()));
  // Express tells error handlers by their four parameters.
  app.use((error: unknown, _req: Request, res: Response, next: NextFunction) => {
    if (res.headersSent) next(error);
    else refuse(res, problemOf(deps, error));
  });
  return app;
}

function addReads(app: Express, deps: AdminDeps): void {
  const get = (
    path: string,
    read: (user: AdminUser, req: Request) => object | Promise<object>,
  ): void => {
    app.get(path, async (req, res) => void res.json(await read(whoAsks(deps, req), req)));
  };
  get('/admin/session', (user) => readSession(deps, user));
  get('/admin/settings', (user) => readSettings(deps, user));
  get('/admin/health', () => readHealth(deps));
  get('/admin/stats', (user, req) => readStats(deps, user, req.query));
  get('/admin/overview', (user, req) => readOverview(deps, user, req.query));
  get('/admin/scopes', (user, req) => listScopes(deps, user, req.query));
  get('/admin/tree', (user, req) => readTree(deps, user, req.query));
  get('/admin/requests', (user, req) => listRequests(deps, user, req.query));
  get('/admin/requests/:id/run', (user, req) => readRun(deps, user, idOf(req, 'id')));
  get('/admin/decisions/:id', (user, req) => explainDecision(deps, user, idOf(req, 'id')));
  get('/admin/merges', (user, req) => listMerges(deps, user, req.query));
  get('/admin/merges/:id', (user, req) => readMerge(deps, user, idOf(req, 'id')));
  get('/admin/nodes/:id', (user, req) => readNode(deps, user, idOf(req, 'id')));
}

/** Only owners come so far: the guard sees to it. */
function addWrites(app: Express, deps: AdminDeps): void {
  const post = (path: string, write: (user: AdminUser, req: Request) => Promise<object>): void => {
    app.post(path, async (req, res) => void res.json(await write(whoAsks(deps, req), req)));
  };
  post('/admin/nodes/:id/approve', (_user, req) => approveNode(deps, idOf(req, 'id'), req.body));
  post('/admin/nodes/:id/quarantine', (_user, req) =>
    quarantineNode(deps, idOf(req, 'id'), req.body),
  );
  post('/admin/merge', (_user, req) => startMerge(deps, req.body));
  post('/admin/merges/:id/cancel', (_user, req) => cancelMerge(deps, idOf(req, 'id')));
  post('/admin/merges/:id/unmerge', (_user, req) => undoMerge(deps, idOf(req, 'id')));
  post('/admin/feedback', (user, req) => giveFeedback(deps, user, req.body));
  post('/admin/try', (_user, req) => tryIt(deps, req.body));
}

/** Deletion, archives and pins: of owners, as all that writes; an archive tells all of a project's templates. */
function addLifecycleRoutes(app: Express, deps: AdminDeps): void {
  const post = (path: string, write: (req: Request) => Promise<object>): void => {
    app.post(path, async (req, res) => void res.json(await write(req)));
  };
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
  post('/admin/purge', (req) => purge(deps, req.body));
  post('/admin/prune', (req) => prune(deps, req.body));
  post('/admin/import', (req) => importTrees(deps, req.body));
  app.get('/admin/export', async (req, res) => {
    ownersMay(whoAsks(deps, req));
    res.type('application/yaml').send(await exportTrees(deps, req.query));
  });
}

function whoAsks(deps: AdminDeps, req: Request): AdminUser {
  const user = userOf(deps.access, req.headers);
  if (user === undefined) throw new AdminProblem(missingToken());
  return user;
}

function addProjectRoutes(app: Express, deps: AdminDeps): void {
  const projects = '/admin/projects';
  app.get(projects, async (req, res) => {
    res.json(await listProjects(deps, whoAsks(deps, req)));
  });
  app.post(projects, async (req, res) => void res.json(await createProject(deps, req.body)));
  app
    .route(`${projects}/:id`)
    .get(async (req, res) => {
      res.json(await readProject(deps, whoAsks(deps, req), req.params.id));
    })
    .patch(async (req, res) => void res.json(await changeProject(deps, req.params.id, req.body)));
  app.post(
    `${projects}/:id/keys`,
    async (req, res) => void res.json(await createKey(deps, req.params.id, req.body)),
  );
  app.delete(
    `${projects}/:id/keys/:key`,
    async (req, res) => void res.json(await revokeKey(deps, req.params.id, req.params.key)),
  );
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
