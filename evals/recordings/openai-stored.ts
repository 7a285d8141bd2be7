/**
 * Stored completions of OpenAI's API (`GET /v1/chat/completions`), each with its `messages` as
 * `GET /v1/chat/completions/{id}/messages` lists them.
 */
import { z } from 'zod';
import type { ReplayRow } from '../rows.ts';
import type { Imported } from './recording.ts';

const storedMessage = z.looseObject({
  role: z.string(),
  content: z.unknown(),
  content_parts: z.array(z.looseObject({ type: z.string() })).nullish(),
});
const page = z.looseObject({ data: z.unknown(), has_more: z.boolean().optional() });
/** As a list, or as the page that the API gives. */
const storedMessages = z
  .unknown()
  .transform((value, context) => {
    const read = page.safeParse(value);
    if (!read.success) return value;
    if (read.data.has_more === true) context.addIssue('holds only a part: list all messages');
    return read.data.data;
  })
  .pipe(z.array(storedMessage).min(1));

export const storedCompletion = z.looseObject({
  object: z.literal('chat.completion'),
  id: z.string(),
  model: z.string(),
  created: z.number(),
  choices: z.array(z.looseObject({ message: z.looseObject({ role: z.string() }) })).min(1),
  usage: z.looseObject({}).nullish(),
  messages: storedMessages,
});

/** Parameters of the request that the API repeats in what it stored, where they can change an answer. */
const PARAMETERS = [
  ...['tools', 'tool_choice', 'parallel_tool_calls', 'response_format', 'seed', 'temperature'],
  ...['top_p', 'presence_penalty', 'frequency_penalty', 'reasoning_effort', 'verbosity'],
] as const;
/** What the API adds to a stored message. */
const ADDED = new Set(['id', 'content_parts']);

export function fromStored(stored: z.infer<typeof storedCompletion>): Imported {
  const { id, object, created, model, choices, usage, messages } = stored;
  const parameters = PARAMETERS.flatMap((name) =>
    stored[name] === undefined || stored[name] === null ? [] : [[name, stored[name]] as const],
  );
  const row: ReplayRow = {
    request: { model, messages: messages.map(toMessage), ...Object.fromEntries(parameters) },
    response: { id, object, created, model, choices, ...(usage == null ? {} : { usage }) },
  };
  return { kind: 'row', row };
}

function toMessage(stored: z.infer<typeof storedMessage>): { role: string } {
  const { role, content_parts: parts, content, ...rest } = stored;
  const others = Object.entries(rest).filter(
    ([key, value]) => !ADDED.has(key) && value !== null && value !== undefined,
  );
  const said = parts != null && parts.length > 0 ? parts : content;
  return { role, ...(said == null ? {} : { content: said }), ...Object.fromEntries(others) };
}
