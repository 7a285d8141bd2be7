/** What the admin API refuses, in the same shape as the proxy's own errors. */
import type { z } from 'zod';
import { invalidRequest, type Problem } from '../error-response.ts';

/** Thrown by handlers; the app's error handler sends its problem. */
export class AdminProblem extends Error {
  override readonly name = 'AdminProblem';
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.code);
    this.problem = problem;
  }
}

/** Errors: AdminProblem 400 that names the first field that is wrong, never what is in it. */
export function parseInput<T>(schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue?.path.join('.') ?? '';
  const message = `${field === '' ? 'The request' : `'${field}'`} is not valid: ${issue?.message ?? ''}.`;
  throw new AdminProblem(invalidRequest('invalid_request', message, field || undefined));
}

export const foreignHost = (): Problem => ({
  status: 403,
  code: 'foreign_host',
  message: 'The Host header names no host of this server. Others are listed in ADMIN_HOSTS.',
});

export const foreignOrigin = (): Problem => ({
  status: 403,
  code: 'foreign_origin',
  message: 'Pages of other sites may not use the admin API.',
});

export const missingToken = (): Problem => ({
  status: 401,
  code: 'unauthorized',
  message: 'Send the admin token: `Authorization: Bearer <GHEE_ADMIN_TOKEN>`.',
  headers: { 'www-authenticate': 'Bearer realm="ghee-admin"' },
});

export const notJson = (): Problem => ({
  status: 415,
  code: 'unsupported_media_type',
  message: 'Send a JSON body with `Content-Type: application/json`.',
});

export const unknownPath = (): Problem => ({
  status: 404,
  code: 'not_found',
  message: 'There is nothing at this path; docs/admin.md lists the API.',
});

export const unknownRequest = (): Problem => ({
  status: 404,
  code: 'unknown_request',
  message:
    'No call with this x-request-id is in the log: it expired, was left out of a sample, or was not ours.',
});

export const unknownNode = (): Problem => ({
  status: 404,
  code: 'unknown_node',
  message: 'There is no node with this id.',
});

export const unknownScope = (): Problem => ({
  status: 404,
  code: 'unknown_scope',
  message: 'There is no scope with this id.',
});

export const unknownMerge = (): Problem => ({
  status: 404,
  code: 'unknown_merge',
  message: 'There is no merge with this id.',
});

export const mergeEnded = (): Problem => ({
  status: 409,
  code: 'merge_ended',
  message: 'The merge is over: there is nothing to cancel. A committed one can be taken back.',
});

const NOT_UNDOABLE = {
  'not-committed': 'The merge changed nothing, or was taken back before.',
  changed:
    'Nodes that the merge retired were deleted or changed since, so it cannot be taken back as a whole.',
  superseded: 'A later merge retired templates of this one: take that one back first.',
} as const;

export const notUndoable = (reason: keyof typeof NOT_UNDOABLE): Problem => ({
  status: 409,
  code: 'not_undoable',
  message: NOT_UNDOABLE[reason],
});

export const temporalUnavailable = (): Problem => ({
  status: 503,
  code: 'temporal_unavailable',
  message: 'Temporal takes no runs now. Try this again later.',
});

export const retiredNode = (): Problem => ({
  status: 409,
  code: 'retired_node',
  message: 'The node is retired: it is history.',
});

export const notAnAnswer = (): Problem => ({
  status: 409,
  code: 'not_an_answer',
  message: 'The node is a message on the way: approve the answer below it.',
});

export const storeUnavailable = (): Problem => ({
  status: 503,
  code: 'store_unavailable',
  message: 'MongoDB cannot be reached. Calls are answered meanwhile; try this again later.',
});
