/** Writes other leaf texts into a recorded message. Inverse of `readThread` for one message. */
import type { Leaf, Message } from './message.ts';

const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const JSON_CONSTANT = /^(?:true|false|null)$/;
const NOT_ASCII = /[^ -~]/;

/**
 * `json` (the message as recorded) with `texts` in the places of its leaves, in their order.
 * Formatting stays as recorded: blanks, key order, and whether non-ASCII characters were escaped.
 * Errors: undefined when a text does not fit its leaf ("007" is no JSON number).
 */
export function rebuildMessage(
  json: string,
  message: Message,
  texts: readonly string[],
): string | undefined {
  const groups = new Map<number, { leaf: Leaf; text: string }[]>();
  for (const [index, leaf] of message.leaves.entries()) {
    const text = texts[index];
    if (text === undefined) return undefined;
    if (leaf.kind === 'number' && !JSON_NUMBER.test(text)) return undefined;
    if (leaf.kind === 'constant' && !JSON_CONSTANT.test(text)) return undefined;
    const group = groups.get(leaf.token.start);
    if (group === undefined) groups.set(leaf.token.start, [{ leaf, text }]);
    else group.push({ leaf, text });
  }
  let result = '';
  let offset = 0;
  for (const [, group] of [...groups].sort(([a], [b]) => a - b)) {
    const token = group[0]?.leaf.token;
    if (token === undefined) continue;
    result +=
      json.slice(offset, token.start) + rebuildToken(json.slice(token.start, token.end), group);
    offset = token.end;
  }
  return result + json.slice(offset);
}

function rebuildToken(token: string, group: readonly { leaf: Leaf; text: string }[]): string {
  const first = group[0];
  if (first?.leaf.innerToken === undefined)
    return first === undefined ? token : encodeLike(token, first.text);
  const document = String(JSON.parse(token));
  let result = '';
  let offset = 0;
  const ordered = group.toSorted(
    (a, b) => (a.leaf.innerToken?.start ?? 0) - (b.leaf.innerToken?.start ?? 0),
  );
  for (const { leaf, text } of ordered) {
    const inner = leaf.innerToken;
    if (inner === undefined) continue;
    const old = document.slice(inner.start, inner.end);
    result +=
      document.slice(offset, inner.start) + (leaf.kind === 'string' ? encodeLike(old, text) : text);
    offset = inner.end;
  }
  return encodeLike(token, result + document.slice(offset));
}

/** A JSON string token written as `token` was: Python's json escapes all that is not ASCII, others nothing. */
function encodeLike(token: string, text: string): string {
  const plain = JSON.stringify(text);
  const escapes = token.includes('\\u') && !NOT_ASCII.test(token);
  if (!escapes) return plain;
  return plain.replace(
    /[^ -~]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
