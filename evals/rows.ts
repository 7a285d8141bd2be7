/** Rows of replay: recorded calls (DESIGN §10). */
import { z } from 'zod';

const MESSAGE = z.looseObject({ role: z.string() });

export const replayRow = z.object({
  behaviour: z.string().optional(),
  request: z.looseObject({ messages: z.array(MESSAGE).min(1) }),
  response: z.looseObject({ choices: z.array(z.looseObject({ message: MESSAGE })).min(1) }),
  headers: z.record(z.string(), z.string()).optional(),
  /** Other contents of the answer that are as right as the recorded one. */
  alternatives: z.array(z.string()).optional(),
  /** How long the provider took, and what it charged, where the recording knows. */
  seconds: z.number().nonnegative().optional(),
  dollars: z.number().nonnegative().optional(),
});

export type ReplayRow = z.infer<typeof replayRow>;

/** The assistant message that was recorded, as JSON text. */
export function recordedMessage(row: Pick<ReplayRow, 'response'>): string {
  return JSON.stringify(row.response.choices[0]?.message ?? null);
}
