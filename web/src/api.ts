/** The admin API, typed by the schemas that the server has, too. What does not fit them is an error, not data. */
import type { z } from 'zod';

export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** Errors: ApiProblem. */
export function get<T>(path: string, schema: z.ZodType<T>, signal?: AbortSignal): Promise<T> {
  return ask(path, schema, signal === undefined ? {} : { signal });
}

/** Errors: ApiProblem. */
export function send<T>(
  method: 'POST' | 'DELETE' | 'PATCH',
  path: string,
  schema: z.ZodType<T>,
  body: object = {},
): Promise<T> {
  return ask(path, schema, {
    method,
    // The header is what tells a page of ours from others (proxy/admin/guard.ts).
    headers: { 'content-type': 'application/json', 'x-ghee-csrf': '1' },
    body: JSON.stringify(body),
  });
}

/** A query string of what is set. */
export function query(values: Readonly<Record<string, string | number | undefined>>): string {
  const set = Object.entries(values).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, String(value)]],
  );
  return set.length === 0 ? '' : `?${new URLSearchParams(set).toString()}`;
}

async function ask<T>(path: string, schema: z.ZodType<T>, init: RequestInit): Promise<T> {
  const response = await fetch(path, init).catch(() => undefined);
  if (response === undefined) {
    throw new ApiProblem(0, 'unreachable', 'Ghee does not answer. Is it still running?');
  }
  const json: unknown = await response.json().catch(() => undefined);
  if (!response.ok) {
    const said = (json as { error?: { message?: string; code?: string } } | undefined)?.error;
    throw new ApiProblem(
      response.status,
      said?.code ?? 'unknown',
      said?.message ?? `The server answered ${String(response.status)}.`,
    );
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    throw new ApiProblem(0, 'other_version', 'This page is of another version of Ghee. Reload it.');
  }
  return parsed.data;
}
