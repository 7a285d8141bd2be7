/** The dashboard's files. Whatever they show, nothing but our own scripts runs (DESIGN: content is never markup). */
import { existsSync } from 'node:fs';
import path from 'node:path';
import express, { type Express, type Request, type Response } from 'express';

/** Styles may be inline: the component library sets sizes and colours that way. Scripts may not. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const YEAR_SECONDS = 365 * 24 * 3600;
const NOT_BUILT =
  'The dashboard is not built. `npm start` builds it and says why, if it cannot; `npx ghee build-web` does nothing else.\nThe API works meanwhile: docs/admin.md.\n';

/** Whether a path belongs to the dashboard, whose files hold no data and so need no token. */
export function isDashboard({ method, path: url }: Request): boolean {
  return method === 'GET' && !/^\/(admin|metrics|status|healthz)(\/|$)/.test(url);
}

export function serveDashboard(app: Express, root: string | undefined): void {
  const isBuilt = root !== undefined && existsSync(path.join(root, 'index.html'));
  app.use((_req, res, next) => {
    res.setHeader('content-security-policy', POLICY);
    res.setHeader('referrer-policy', 'no-referrer');
    next();
  });
  if (!isBuilt) {
    app.get('/', (_req, res) => void res.status(503).type('text/plain').send(NOT_BUILT));
    return;
  }
  const files = { immutable: true, maxAge: YEAR_SECONDS * 1000, fallthrough: false, index: false };
  app.use('/assets', express.static(path.join(root, 'assets'), files));
  app.get('/favicon.svg', (_req, res) => sendPage(res, root, 'favicon.svg'));
  app.get(/.*/, (req, res, next) => {
    // What asks for JSON is told that there is nothing here.
    if (isDashboard(req) && req.accepts(['html', 'json']) === 'html') {
      sendPage(res, root, 'index.html');
    } else next();
  });
}

function sendPage(res: Response, root: string, file: string): void {
  res.setHeader('cache-control', 'no-cache');
  res.sendFile(file, { root, cacheControl: false });
}
