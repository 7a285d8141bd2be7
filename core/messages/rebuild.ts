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
  return messageWriter(json, message)(texts);
}

/** Gives what `rebuildMessage` does. */
export type WriteMessage = (texts: readonly string[]) => string | undefined;

interface Place {
  readonly leaf: Leaf;
  readonly index: number;
}

/** `rebuildMessage` for a message that is written many times: where its leaves stand is worked out once. */
export function messageWriter(json: string, message: Message): WriteMessage {
  const { leaves } = message;
  const groups = new Map<number, Place[]>();
  for (const [index, leaf] of leaves.entries()) {
    const group = groups.get(leaf.token.start);
    if (group === undefined) groups.set(leaf.token.start, [{ leaf, index }]);
    else group.push({ leaf, index });
  }
  const pieces: string[] = [];
  const tokens: WriteToken[] = [];
  let offset = 0;
  for (const [, group] of [...groups].sort(([a], [b]) => a - b)) {
    const token = group[0]?.leaf.token;
    if (token === undefined) continue;
    pieces.push(json.slice(offset, token.start));
    tokens.push(tokenWriter(json.slice(token.start, token.end), group));
    offset = token.end;
  }
  const end = json.slice(offset);
  return (texts) => {
    if (!leaves.every((leaf, index) => fits(leaf, texts[index]))) return undefined;
    let result = '';
    for (const [index, write] of tokens.entries()) result += (pieces[index] ?? '') + write(texts);
    return result + end;
  };
}

function fits(leaf: Leaf, text: string | undefined): boolean {
  if (text === undefined) return false;
  if (leaf.kind === 'number') return JSON_NUMBER.test(text);
  return leaf.kind !== 'constant' || JSON_CONSTANT.test(text);
}

type WriteToken = (texts: readonly string[]) => string;

function tokenWriter(token: string, group: readonly Place[]): WriteToken {
  const encode = encoderLike(token);
  const [first] = group;
  if (first === undefined) return () => token;
  if (first.leaf.innerToken === undefined) return (texts) => encode(texts[first.index] ?? '');
  const document = String(JSON.parse(token));
  const ordered = group.toSorted(
    (a, b) => (a.leaf.innerToken?.start ?? 0) - (b.leaf.innerToken?.start ?? 0),
  );
  return (texts) => {
    let result = '';
    let offset = 0;
    for (const { leaf, index } of ordered) {
      const inner = leaf.innerToken;
      if (inner === undefined) continue;
      const text = texts[index] ?? '';
      const old = document.slice(inner.start, inner.end);
      const written = leaf.kind === 'string' ? encoderLike(old)(text) : text;
      result += document.slice(offset, inner.start) + written;
      offset = inner.end;
    }
    return encode(result + document.slice(offset));
  };
}

/** A JSON string token written as `token` was: Python's json escapes all that is not ASCII, others nothing. */
function encoderLike(token: string): (text: string) => string {
  const escapes = token.includes('\\u') && !NOT_ASCII.test(token);
  if (!escapes) return JSON.stringify;
  return (text) =>
    JSON.stringify(text).replace(
      /[^ -~]/g,
      (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
}
