/** `GET /admin/requests`: the log, newest first, in pages. */
import { z } from 'zod';
import {
  CALL_OUTCOMES,
  type RequestEntry,
  type RequestRange,
} from '../../adapters/mongo/request-store.ts';
import { permissionsOf } from '../request/permissions.ts';
import type { AdminDeps, AdminUser } from './deps.ts';
import { parseInput } from './problems.ts';
import { matching } from './scopes.ts';

const PAGE_MAX = 200;
const PAGE = 50;

const NAME = z.string().min(1).max(200);
const QUERY = z.strictObject({
  limit: z.coerce.number().int().min(1).max(PAGE_MAX).default(PAGE),
  cursor: z
    .string()
    .max(200)
    .transform((text, context) => readCursor(text) ?? fail(context, 'it is no cursor of ours'))
    .exactOptional(),
  outcome: z.enum(CALL_OUTCOMES).exactOptional(),
  reason: NAME.exactOptional(),
  node: NAME.exactOptional(),
  model: NAME.exactOptional(),
  project: NAME.exactOptional(),
  since: z.iso.datetime().transform(Date.parse).exactOptional(),
  /** Not included. */
  until: z.iso.datetime().transform(Date.parse).exactOptional(),
  /** Calls that a template with this text answered. */
  text: z.string().trim().min(1).max(200).exactOptional(),
});
/** Templates that a text filter may find. */
const NODES_MAX = 100;
const SCOPES_MAX = 200;

export async function listRequests(
  deps: AdminDeps,
  user: AdminUser,
  query: unknown,
): Promise<object> {
  const { limit, cursor, since, until, text, project, ...filter } = parseInput(QUERY, query);
  await deps.flush();
  const projects = readable(user, project);
  const byText = text === undefined ? undefined : await nodesWith(deps, projects, text);
  const range: RequestRange = { since, until, projects, nodes: byText?.nodes };
  // One more than asked for: whether there is a next page.
  const found = await deps.requests.list(filter, { limit: limit + 1, after: cursor }, range);
  const page = found.slice(0, limit);
  const last = page.at(-1);
  return {
    requests: page.map((entry) =>
      showRequest(entry, permissionsOf(deps.mirror.projectOf(entry.project ?? ''), deps.allows)),
    ),
    next: found.length > limit && last !== undefined ? formatCursor(last) : null,
    ...(byText === undefined ? {} : { isTextCut: byText.isCut }),
  };
}

function readable(
  { projects }: AdminUser,
  wanted: string | undefined,
): readonly string[] | undefined {
  if (wanted === undefined) return projects;
  return projects === undefined || projects.includes(wanted) ? [wanted] : [];
}

/** The answers below a template that has the text, its own included. */
async function nodesWith(
  deps: AdminDeps,
  projects: readonly string[] | undefined,
  text: string,
): Promise<{ readonly nodes: readonly string[]; readonly isCut: boolean }> {
  const scopes = await deps.reader.scopes(projects, { limit: SCOPES_MAX });
  const nodes = new Set<string>();
  for (const scope of scopes) {
    const tree = deps.mirror.tree(scope.id);
    for await (const found of matching(tree, text)) {
      const answers = [...(tree?.answersOf(found.id) ?? [])];
      for (const { id } of [found, ...answers]) nodes.add(id);
      if (nodes.size >= NODES_MAX) return { nodes: [...nodes], isCut: true };
    }
  }
  return { nodes: [...nodes], isCut: scopes.length === SCOPES_MAX };
}

/** A row as it is shown: without the hashes that only feedback needs, and content only while it is allowed. */
export function showRequest(entry: RequestEntry, allows: { readonly content: boolean }): object {
  const shown = Object.entries(entry).filter(
    ([name]) => !HIDDEN.has(name) && (name !== 'content' || allows.content),
  );
  return { ...Object.fromEntries(shown), at: new Date(entry.at).toISOString() };
}

const HIDDEN: ReadonlySet<string> = new Set(['id', 'thread', 'answerKey']);

function formatCursor({ at, id }: RequestEntry): string {
  return Buffer.from(JSON.stringify([at, id])).toString('base64url');
}

const CURSOR = z.tuple([z.number().int(), z.string()]);

function readCursor(text: string): { readonly at: number; readonly id: string } | undefined {
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
  const parsed = CURSOR.safeParse(json);
  return parsed.success ? { at: parsed.data[0], id: parsed.data[1] } : undefined;
}

function fail(context: { addIssue(message: string): void }, message: string): never {
  context.addIssue(message);
  return z.NEVER;
}
