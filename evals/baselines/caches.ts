/** What people use today: an exact cache, and a semantic cache that serves the nearest call's answer. */
import { isSameAnswer } from '../same-answer.ts';
import { recordedMessage, type ReplayRow } from '../rows.ts';
import { cosine, type Vector } from './embed.ts';

export interface Served {
  readonly row: ReplayRow;
  readonly kind: 'hit' | 'false hit' | 'miss';
}

/** Keyed by the whole request. */
export function exactCache(rows: readonly ReplayRow[]): Served[] {
  const stored = new Map<string, string>();
  return rows.map((row) => {
    const key = JSON.stringify(row.request);
    const answer = stored.get(key);
    if (answer === undefined) stored.set(key, recordedMessage(row));
    return { row, kind: judge(row, answer) };
  });
}

/**
 * Serves the answer of the nearest earlier call whose cosine reaches `threshold`. Generous to it: only
 * calls of the same parameters, system prompt and turn are compared, which naive ones do not check.
 */
export function embeddingCache(
  rows: readonly ReplayRow[],
  vectors: readonly Vector[],
  threshold: number,
): Served[] {
  const stored = new Map<string, { readonly vector: Vector; readonly answer: string }[]>();
  return rows.map((row, index) => {
    const vector = vectors[index] ?? new Float32Array();
    const scope = scopeOf(row);
    const entries = stored.get(scope) ?? [];
    stored.set(scope, entries);
    let best: { readonly similarity: number; readonly answer: string } | undefined;
    for (const entry of entries) {
      const similarity = cosine(vector, entry.vector);
      if (similarity >= Math.max(threshold, best?.similarity ?? 0))
        best = { similarity, answer: entry.answer };
    }
    if (best === undefined) entries.push({ vector, answer: recordedMessage(row) });
    return { row, kind: judge(row, best?.answer) };
  });
}

/** What such caches embed: the texts of the conversation, one below the other. */
export function textOf(row: ReplayRow): string {
  return row.request.messages
    .filter(({ role }) => role !== 'system')
    .map(({ content, tool_calls: calls }) =>
      typeof content === 'string' ? content : JSON.stringify(calls ?? content ?? ''),
    )
    .join('\n');
}

function scopeOf(row: ReplayRow): string {
  const { messages, ...parameters } = row.request;
  const system = messages.filter(({ role }) => role === 'system');
  return JSON.stringify([parameters, system, messages.map(({ role }) => role)]);
}

function judge(row: ReplayRow, served: string | undefined): Served['kind'] {
  if (served === undefined) return 'miss';
  return isSameAnswer(served, recordedMessage(row), row.alternatives) ? 'hit' : 'false hit';
}
