/** Where the arguments of tool calls come from. */

/** One argument of one call: `update.address.zip` of `save_customer`. */
export interface Argument {
  readonly tool: string;
  readonly path: string;
  readonly value: string;
}

interface ToolCall {
  readonly function?: { readonly name?: unknown; readonly arguments?: unknown };
}

/** Leaves of the arguments of an assistant message's calls to `tools`. Arguments that are no JSON are one leaf. */
export function argumentsOf(message: string, tools: ReadonlySet<string>): Argument[] {
  const { tool_calls: calls } = JSON.parse(message) as { tool_calls?: readonly ToolCall[] | null };
  return (calls ?? []).flatMap(({ function: callee }) => {
    const tool = String(callee?.name);
    return tools.has(tool)
      ? leavesOf(parsed(String(callee?.arguments)), '').map((leaf) => ({ tool, ...leaf }))
      : [];
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function leavesOf(value: unknown, path: string): { path: string; value: string }[] {
  if (typeof value !== 'object' || value === null) return [{ path, value: String(value) }];
  return Object.entries(value).flatMap(([key, of]) =>
    leavesOf(of, path === '' ? key : `${path}.${key}`),
  );
}

/** Words and numbers, the latter in one notation. */
export function tokensOf(text: string): string[] {
  return (text.match(/[\p{L}\p{N}]+(?:[.,][\p{N}]+)*/gu) ?? []).map((token) => {
    const value = Number(token.replaceAll(',', ''));
    return Number.isNaN(value) ? token.toLowerCase() : String(value);
  });
}

/** A word that stands in so many stored calls at the same place is the application's own (DESIGN §11.5). */
const CONSTANT_MIN = 3;

/** What is known of arguments before a call is served. */
export class Provenance {
  /** In how many stored calls a word stood in an argument. */
  private readonly seen = new Map<string, number>();

  /** An argument that was recorded. */
  store(argument: Argument): void {
    for (const token of new Set(tokensOf(argument.value))) {
      const key = keyOf(argument, token);
      this.seen.set(key, (this.seen.get(key) ?? 0) + 1);
    }
  }

  /** Whether each of its words stands in `conversation` (the request with its tools), or is a constant. */
  has(argument: Argument, conversation: ReadonlySet<string>): boolean {
    return tokensOf(argument.value).every(
      (token) =>
        conversation.has(token) || (this.seen.get(keyOf(argument, token)) ?? 0) >= CONSTANT_MIN,
    );
  }
}

function keyOf({ tool, path }: Argument, token: string): string {
  return JSON.stringify([tool, path, token]);
}
