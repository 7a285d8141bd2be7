/** Rows of replay (DESIGN §10), one JSON object a line. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const MESSAGE = z.looseObject({ role: z.string() });

const ROW = z.object({
  behaviour: z.string().optional(),
  request: z.looseObject({ messages: z.array(z.looseObject({ role: z.string() })).min(1) }),
  response: z.looseObject({ choices: z.array(z.looseObject({ message: MESSAGE })).min(1) }),
  headers: z.record(z.string(), z.string()).optional(),
  /** Other contents of the answer that are as right as the recorded one. */
  alternatives: z.array(z.string()).optional(),
});

export type ReplayRow = z.infer<typeof ROW>;

/** A file that is no recording; the message names its first bad line. */
export class RowsError extends Error {
  override readonly name = 'RowsError';
}

/** Errors: RowsError; what `readFileSync` throws. */
export function readRows(file: string): ReplayRow[] {
  return parseRows(readFileSync(file, 'utf8'));
}

/** Errors: RowsError. Empty lines are skipped. */
export function parseRows(text: string): ReplayRow[] {
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return [];
    const parsed = ROW.safeParse(parseLine(line, index));
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    throw new RowsError(
      `line ${index + 1}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`,
    );
  });
}

function parseLine(line: string, index: number): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw new RowsError(`line ${index + 1} is not JSON`, { cause: error });
  }
}

/** The assistant message that was recorded, as JSON text. */
export function recordedMessage(row: Pick<ReplayRow, 'response'>): string {
  return JSON.stringify(row.response.choices[0]?.message ?? null);
}
