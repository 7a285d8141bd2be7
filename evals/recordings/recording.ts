/**
 * Files of recorded calls. Three formats are told apart by what each entry looks like: rows of replay, stored
 * completions of OpenAI, logs of LiteLLM; as JSONL, or as one JSON document that is a list or a page of a list.
 */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { replayRow, type ReplayRow } from '../rows.ts';
import { fromLitellm, litellmPayload } from './litellm.ts';
import { fromStored, storedCompletion } from './openai-stored.ts';

/** `skipped`: a call that cannot be replayed, such as one that failed. `bad`: it should be one that can. */
export type Imported =
  | { readonly kind: 'row'; readonly row: ReplayRow }
  | { readonly kind: 'skipped'; readonly reason: string }
  | { readonly kind: 'bad'; readonly problem: string };

export interface Recording {
  readonly rows: readonly ReplayRow[];
  /** Entries left out, by reason. */
  readonly skipped: Readonly<Record<string, number>>;
}

/** Where it stands in the file, for people. */
interface Entry {
  readonly place: string;
  readonly value: unknown;
}

/** Errors: rejects with the file, the line and what is wrong there. */
export async function readRecording(file: string): Promise<Recording> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new Error(`${file} cannot be read`, { cause: error });
  });
  return parseRecording(text, file);
}

/** `source` names the text in errors. Errors: throws with the place and what is wrong there. */
export function parseRecording(text: string, source: string): Recording {
  const rows: ReplayRow[] = [];
  const skipped = new Map<string, number>();
  for (const { place, value } of entriesOf(text.replace(/^\ufeff/, ''), source)) {
    const imported = importEntry(value);
    if (imported.kind === 'bad') throw new Error(`${source}, ${place}: ${imported.problem}`);
    if (imported.kind === 'row') rows.push(imported.row);
    else skipped.set(imported.reason, (skipped.get(imported.reason) ?? 0) + 1);
  }
  if (rows.length === 0) throw new Error(`${source} holds no call that can be replayed`);
  return { rows, skipped: Object.fromEntries(skipped) };
}

function entriesOf(text: string, source: string): Entry[] {
  const document = parsed(text);
  if (document.kind === 'json') return listed(document.value, '');
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return [];
    const place = `line ${index + 1}`;
    const json = parsed(line);
    if (json.kind === 'json') return listed(json.value, place);
    throw new Error(`${source}, ${place}: is no JSON: ${json.problem}`);
  });
}

/** A list, or a page as OpenAI's API gives it, holds entries; anything else is one. */
function listed(value: unknown, place: string): Entry[] {
  const items = Array.isArray(value) ? value : isPage(value) ? value.data : undefined;
  if (items === undefined) return [{ place: place === '' ? 'entry 1' : place, value }];
  return items.flatMap((item, index) =>
    listed(item, `${place === '' ? '' : `${place}, `}entry ${index + 1}`),
  );
}

function isPage(value: unknown): value is { readonly data: readonly unknown[] } {
  return isFields(value) && value['object'] === 'list' && Array.isArray(value['data']);
}

type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function importEntry(value: unknown): Imported {
  if (!isFields(value)) return { kind: 'bad', problem: UNKNOWN };
  const logged = value['standard_logging_object'];
  if (isFields(logged)) return importEntry(logged);
  if ('request' in value) {
    return checked('a row of replay', replayRow, value, (row) => ({ kind: 'row', row }));
  }
  if (value['object'] === 'chat.completion') {
    return checked('a stored completion', storedCompletion, value, fromStored);
  }
  if ('call_type' in value) return checked('a LiteLLM log', litellmPayload, value, fromLitellm);
  return { kind: 'bad', problem: UNKNOWN };
}

const UNKNOWN =
  'is no recorded call: neither a row {"request", "response"}, nor a stored completion of OpenAI ' +
  '{"object": "chat.completion", "messages", "choices"}, nor a log of LiteLLM {"call_type", "messages", "response"}';

function checked<T>(
  what: string,
  schema: z.ZodType<T>,
  value: unknown,
  toImported: (read: T) => Imported,
): Imported {
  const read = schema.safeParse(value);
  if (read.success) return toImported(read.data);
  return { kind: 'bad', problem: `looks like ${what}, but\n${z.prettifyError(read.error)}` };
}

type Parsed =
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'fault'; readonly problem: string };

function parsed(text: string): Parsed {
  try {
    return { kind: 'json', value: JSON.parse(text) };
  } catch (error) {
    return { kind: 'fault', problem: error instanceof Error ? error.message : 'not readable' };
  }
}
