/** Rows of a JSONL file, each checked; a bad one is reported with its line. */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';

/** Errors: rejects with the file, the line and what is wrong there. */
export async function readRows<T>(file: string, schema: z.ZodType<T>): Promise<readonly T[]> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new Error(`${file} cannot be read; give a JSONL file with --data`, { cause: error });
  });
  return parseRows(text, schema, file);
}

/** `source` names the text in errors. Errors: throws with the line and what is wrong there. */
export function parseRows<T>(text: string, schema: z.ZodType<T>, source: string): readonly T[] {
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return [];
    const row = schema.safeParse(parsed(line));
    if (row.success) return [row.data];
    throw new Error(`${source}, line ${index + 1}: ${z.prettifyError(row.error)}`);
  });
}

/** A line that is no JSON fails the schema, as any other value of the wrong form. */
function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
