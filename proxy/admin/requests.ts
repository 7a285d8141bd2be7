/** `GET /admin/requests`: the log, newest first, in pages. */
import { z } from 'zod';
import { CALL_OUTCOMES, type RequestEntry } from '../../adapters/mongo/request-store.ts';
import { permissionsOf } from '../permissions.ts';
import type { AdminDeps } from './deps.ts';
import { parseInput } from './problems.ts';

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
});

export async function listRequests(deps: AdminDeps, query: unknown): Promise<object> {
  const { limit, cursor, ...filter } = parseInput(QUERY, query);
  await deps.flush();
  // One more than asked for: whether there is a next page.
  const found = await deps.requests.list(filter, { limit: limit + 1, after: cursor });
  const page = found.slice(0, limit);
  const last = page.at(-1);
  return {
    requests: page.map((entry) =>
      showRequest(entry, permissionsOf(deps.mirror.projectOf(entry.project ?? ''), deps.allows)),
    ),
    next: found.length > limit && last !== undefined ? formatCursor(last) : null,
  };
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
