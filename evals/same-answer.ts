/**
 * Whether a served answer is the recorded one. Written apart from core/induction/compare-answers.ts on
 * purpose: the product must not be its own judge.
 */
import { canonicalNumber } from '../core/decimal.ts';
import { canonicalJson, parseContainer, parseJson } from '../core/json/json.ts';

/** Says nothing to a client: providers send these along with every message. */
const EMPTY = new Set(['null', '[]', '""']);

/**
 * The canonical text of an assistant message, given as JSON text: blanks squeezed, JSON documents with
 * sorted keys, ids of tool calls left out. Two answers are the same if these are equal.
 */
export function canonicalAnswer(message: string): string {
  const parsed = JSON.parse(message) as Record<string, unknown>;
  const fields = Object.entries(parsed)
    .map(([key, value]) => [key, canonicalField(key, value)] as const)
    .filter(([, text]) => !EMPTY.has(text));
  return JSON.stringify(fields.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** `alternatives`: contents that would have been as right. Errors: SyntaxError if one is no JSON. */
export function isSameAnswer(
  served: string,
  recorded: string,
  alternatives: readonly string[] = [],
): boolean {
  const answer = canonicalAnswer(served);
  if (answer === canonicalAnswer(recorded)) return true;
  const fields = JSON.parse(recorded) as Record<string, unknown>;
  return alternatives.some(
    (content) => answer === canonicalAnswer(JSON.stringify({ ...fields, content })),
  );
}

function canonicalField(key: string, value: unknown): string {
  if (key === 'content' && typeof value === 'string') return canonicalText(value);
  if (key !== 'tool_calls' || !Array.isArray(value)) return canonical(JSON.stringify(value));
  const calls = value as { readonly function?: { name?: unknown; arguments?: unknown } }[];
  return JSON.stringify(
    calls.map(({ function: callee, ...call }) => {
      const others: Record<string, unknown> = { ...call };
      delete others['id'];
      delete others['index'];
      return [others, callee?.name, canonicalText(String(callee?.arguments))];
    }),
  );
}

function canonicalText(text: string): string {
  const json = parseContainer(text);
  return json === undefined
    ? JSON.stringify(text.replace(/\s+/gu, ' ').trim())
    : canonicalJson(json, canonicalNumber);
}

function canonical(json: string): string {
  const parsed = parseJson(json);
  return parsed.kind === 'fault' ? json : canonicalJson(parsed.value, canonicalNumber);
}
