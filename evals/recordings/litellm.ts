/** LiteLLM's logs: StandardLoggingPayload objects, as its callbacks and log buckets write them. */
import { z } from 'zod';
import type { ReplayRow } from '../rows.ts';
import type { Imported } from './recording.ts';

const message = z.looseObject({ role: z.string() });

/** Only what every payload has; whether it can be replayed is decided afterwards. */
export const litellmPayload = z.looseObject({
  call_type: z.string(),
  status: z.string().optional(),
  model: z.string(),
  messages: z.unknown(),
  response: z.unknown(),
  model_parameters: z.looseObject({}).nullish(),
  response_cost: z.number().nullish(),
  startTime: z.number().nullish(),
  endTime: z.number().nullish(),
});

const chatMessages = z.array(message).min(1);
const chatResponse = z.looseObject({ choices: z.array(z.looseObject({ message })).min(1) });

const CHAT = new Set(['completion', 'acompletion']);
/** LiteLLM writes this in place of texts where it is told not to log them. */
const REDACTED = 'redacted-by-litellm';

export function fromLitellm(payload: z.infer<typeof litellmPayload>): Imported {
  if (!CHAT.has(payload.call_type)) return skipped(`no chat call (${payload.call_type})`);
  if (payload.status === 'failure') return skipped('the provider failed');
  if (isRedacted(payload.messages) || isRedacted(payload.response)) return skipped('redacted');
  const messages = chatMessages.safeParse(unquoted(payload.messages));
  if (!messages.success) return bad('messages', messages.error);
  const response = chatResponse.safeParse(unquoted(payload.response));
  if (!response.success) return bad('response', response.error);
  const parameters = Object.entries(payload.model_parameters ?? {}).filter(
    ([, value]) => value !== null,
  );
  const row: ReplayRow = {
    request: { ...Object.fromEntries(parameters), model: payload.model, messages: messages.data },
    response: response.data,
    ...secondsOf(payload),
    ...(payload.response_cost == null ? {} : { dollars: Math.max(0, payload.response_cost) }),
  };
  return { kind: 'row', row };
}

function skipped(reason: string): Imported {
  return { kind: 'skipped', reason };
}

function bad(field: string, error: z.ZodError): Imported {
  return {
    kind: 'bad',
    problem: `"${field}" is not that of a chat call: ${z.prettifyError(error)}`,
  };
}

/** Some of its loggers write JSON as text. */
function unquoted(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

function isRedacted(value: unknown): boolean {
  return JSON.stringify(value ?? null).includes(REDACTED);
}

/** `response_time` is only the time to the first token where the answer was streamed. */
function secondsOf({
  startTime,
  endTime,
}: z.infer<typeof litellmPayload>): Pick<ReplayRow, 'seconds'> {
  return startTime == null || endTime == null || endTime < startTime
    ? {}
    : { seconds: endTime - startTime };
}
