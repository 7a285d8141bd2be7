/** What a responder answers to one request; the wire format is the provider's business. */
import type { JsonObject } from '../../core/completion/completion.ts';

export interface ToolCallReply {
  readonly name: string;
  /** JSON text, as models send it. */
  readonly arguments: string;
}

/** `latencyMs`: instead of the provider's own. */
export type Reply =
  | { readonly kind: 'text'; readonly content: string; readonly latencyMs?: number }
  | {
      readonly kind: 'tool-calls';
      readonly calls: readonly ToolCallReply[];
      readonly latencyMs?: number;
    }
  | {
      readonly kind: 'error';
      readonly status: number;
      readonly error: ErrorBody;
      readonly headers?: Readonly<Record<string, string>>;
      readonly latencyMs?: number;
    };

/** All four fields are required by OpenAI's schema. */
export interface ErrorBody {
  readonly message: string;
  readonly type: string;
  readonly param: string | null;
  readonly code: string | null;
}

/** Gets the parsed body of a chat request. */
export type Respond = (request: JsonObject) => Reply | Promise<Reply>;

export function invalidRequest(
  message: string,
  param: string | null = null,
  code: string | null = null,
): ErrorBody {
  return { message, type: 'invalid_request_error', param, code };
}
