/** `GET /admin/session`, `POST /admin/login`, `POST /admin/logout`, `GET /admin/settings`: who looks, and at what. */
import type { Request, Response } from 'express';
import { LOGIN, type Session } from './contract/session.ts';
import type { AdminDeps, AdminUser } from './deps.ts';
import { endedCookie, sessionCookie, userOfToken } from './guard.ts';
import { AdminProblem, parseInput, wrongToken } from './problems.ts';
import { ownersMay } from './whose.ts';

export function readSession(deps: AdminDeps, user: AdminUser): Session {
  const { proxyUrl, upstream, temporalUiUrl, temporalNamespace } = deps.site;
  return {
    role: user.role,
    projects: user.projects === undefined ? null : [...user.projects],
    hasLogin: deps.access.tokens.length > 0,
    proxyUrl,
    upstream,
    temporalUiUrl: temporalUiUrl ?? null,
    temporalNamespace,
    logsContent: deps.allows.content,
  };
}

/** Gives the browser a session for a token. Errors: AdminProblem 401. */
export function logIn(deps: AdminDeps, req: Request, res: Response): object {
  const { token } = parseInput(LOGIN, req.body);
  const user = userOfToken(deps.access, token);
  if (user === undefined) throw new AdminProblem(wrongToken());
  const isSecure = req.headers['x-forwarded-proto'] === 'https';
  res.setHeader('set-cookie', sessionCookie(token, deps.now(), isSecure));
  return { role: user.role };
}

export function logOut(res: Response): object {
  res.setHeader('set-cookie', endedCookie());
  return { isLoggedOut: true };
}

export function readSettings(deps: AdminDeps, user: AdminUser): object {
  ownersMay(user);
  return { settings: deps.site.settings };
}
