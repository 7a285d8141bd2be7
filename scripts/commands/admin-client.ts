/** Commands that look into a running Ghee, or change it, ask its admin API: one door, one set of rules. */
import { Option, type Command } from 'commander';
import type { z } from 'zod';
import { loadConfig } from '../../adapters/config.ts';
import { Problem } from '../problem.ts';

export interface AdminOptions {
  readonly adminUrl?: string;
  /** Print the API's own JSON, and nothing else, on stdout. */
  readonly json?: boolean;
}

/** Gives a command `--admin-url` and `--json`. */
export function withAdminOptions(command: Command): Command {
  return command
    .addOption(new Option('--admin-url <url>', 'the admin API to ask').env('GHEE_ADMIN_URL'))
    .option('--json', 'print JSON');
}

export class AdminClient {
  readonly #url: string;
  readonly #token: string | undefined;

  /** Without a URL: the Ghee that `npm start` runs with these settings. */
  constructor({ adminUrl }: AdminOptions, env: NodeJS.ProcessEnv = process.env) {
    const config = loadConfig(env);
    this.#url = (adminUrl ?? `http://127.0.0.1:${config.adminPort}`).replace(/\/+$/, '');
    this.#token = config.adminToken?.reveal();
  }

  /** Errors: Problem, with what the API said, or with how to start it. */
  get<T>(path: string, answer: z.ZodType<T>): Promise<T> {
    return this.#ask('GET', path, undefined, answer);
  }

  /** Of what is no JSON. Errors: as `get`. */
  async text(path: string): Promise<string> {
    return this.#read('GET', path, undefined);
  }

  /** Errors: as `get`. */
  send<T>(
    method: 'POST' | 'DELETE' | 'PATCH',
    path: string,
    body: object | undefined,
    answer: z.ZodType<T>,
  ): Promise<T> {
    return this.#ask(method, path, body, answer);
  }

  async #ask<T>(
    method: string,
    path: string,
    body: object | undefined,
    answer: z.ZodType<T>,
  ): Promise<T> {
    const parsed = answer.safeParse(parseJson(await this.#read(method, path, body)));
    if (parsed.success) return parsed.data;
    throw new Problem(
      `The admin API at ${this.#url} answered ${method} ${path} with something else than expected. Is it the same version of Ghee as this command?`,
    );
  }

  async #read(method: string, path: string, body: object | undefined): Promise<string> {
    const response = await this.#fetch(method, path, body);
    const text = await response.text();
    if (!response.ok) {
      const said = messageOf(parseJson(text)) ?? `HTTP ${response.status}`;
      const hint =
        response.status === 401 ? ' Set GHEE_ADMIN_TOKEN to the token of that Ghee.' : '';
      throw new Problem(`The admin API at ${this.#url} refused: ${said}.${hint}`);
    }
    return text;
  }

  async #fetch(method: string, path: string, body: object | undefined): Promise<Response> {
    try {
      return await fetch(this.#url + path, {
        method,
        headers: {
          'content-type': 'application/json',
          ...(this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    } catch (error) {
      throw new Problem(
        `No Ghee answers at ${this.#url}. Start one with \`npm start\`, or name another with --admin-url.`,
        { cause: error },
      );
    }
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Errors have the OpenAI shape. */
function messageOf(json: unknown): string | undefined {
  const error = (json as { error?: { message?: unknown } } | null | undefined)?.error;
  return typeof error?.message === 'string' ? error.message.replace(/\.$/, '') : undefined;
}
