/**
 * JSON without loss: numbers keep their source text, and whatever JSON.parse would blur
 * (duplicate keys, lone surrogates) is refused, so that two different texts never become one value.
 */

export type Json =
  | { readonly kind: 'null'; readonly start: number; readonly end: number }
  | {
      readonly kind: 'boolean';
      readonly value: boolean;
      readonly start: number;
      readonly end: number;
    }
  | {
      readonly kind: 'number';
      readonly source: string;
      readonly start: number;
      readonly end: number;
    }
  | {
      readonly kind: 'string';
      readonly value: string;
      readonly start: number;
      readonly end: number;
    }
  | { readonly kind: 'array'; readonly items: readonly Json[] }
  | { readonly kind: 'object'; readonly entries: readonly JsonEntry[] };

export interface JsonEntry {
  readonly key: string;
  readonly value: Json;
  /** Offsets of the value in the source text, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
}

export type JsonFault = 'syntax' | 'duplicate-key' | 'lone-surrogate' | 'too-deep';

export type JsonResult =
  | { readonly kind: 'json'; readonly value: Json }
  | { readonly kind: 'fault'; readonly fault: JsonFault; readonly offset: number };

/** Real payloads stay below 20 levels; own recursion must end long before the stack does. */
const DEPTH_MAX = 64;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const BLANKS = new Set([' ', '\n', '\r', '\t']);

class Fault {
  readonly fault: JsonFault;
  readonly offset: number;
  constructor(fault: JsonFault, offset: number) {
    this.fault = fault;
    this.offset = offset;
  }
}

/** Parses one JSON text. Cost: one pass. Errors: none, a text that is not JSON is a `fault` with its offset. */
export function parseJson(text: string): JsonResult {
  const reader = new Reader(text);
  const value = reader.document();
  return value instanceof Fault
    ? { kind: 'fault', fault: value.fault, offset: value.offset }
    : { kind: 'json', value };
}

class Reader {
  private offset = 0;
  private readonly text: string;
  constructor(text: string) {
    this.text = text;
  }

  document(): Json | Fault {
    this.blanks();
    const value = this.value(0);
    if (value instanceof Fault) return value;
    this.blanks();
    return this.offset === this.text.length ? value : this.fault('syntax');
  }

  private value(depth: number): Json | Fault {
    if (depth > DEPTH_MAX) return this.fault('too-deep');
    switch (this.text.charAt(this.offset)) {
      case '{':
        return this.object(depth);
      case '[':
        return this.array(depth);
      case '"':
        return this.string();
      case 't':
        return this.word('true', (place) => ({ kind: 'boolean', value: true, ...place }));
      case 'f':
        return this.word('false', (place) => ({ kind: 'boolean', value: false, ...place }));
      case 'n':
        return this.word('null', (place) => ({ kind: 'null', ...place }));
      default:
        return this.number();
    }
  }

  private object(depth: number): Json | Fault {
    const entries: JsonEntry[] = [];
    const keys = new Set<string>();
    this.offset++;
    this.blanks();
    while (this.text[this.offset] !== '}') {
      if (entries.length > 0 && !this.take(',')) return this.fault('syntax');
      this.blanks();
      const key = this.string();
      if (key instanceof Fault) return key;
      if (keys.has(key.value)) return this.fault('duplicate-key');
      keys.add(key.value);
      this.blanks();
      if (!this.take(':')) return this.fault('syntax');
      this.blanks();
      const start = this.offset;
      const value = this.value(depth + 1);
      if (value instanceof Fault) return value;
      entries.push({ key: key.value, value, start, end: this.offset });
      this.blanks();
    }
    this.offset++;
    return { kind: 'object', entries };
  }

  private array(depth: number): Json | Fault {
    const items: Json[] = [];
    this.offset++;
    this.blanks();
    while (this.text[this.offset] !== ']') {
      if (items.length > 0 && !this.take(',')) return this.fault('syntax');
      this.blanks();
      const value = this.value(depth + 1);
      if (value instanceof Fault) return value;
      items.push(value);
      this.blanks();
    }
    this.offset++;
    return { kind: 'array', items };
  }

  private string(): Extract<Json, { kind: 'string' }> | Fault {
    const start = this.offset;
    if (this.text[start] !== '"') return this.fault('syntax');
    let end = start + 1;
    let plain = true;
    for (; ; end++) {
      const unit = this.text.charCodeAt(end);
      if (unit === 0x22) break;
      if (Number.isNaN(unit) || unit < 0x20) return this.fault('syntax');
      if (unit === 0x5c) {
        plain = false;
        end++;
      }
    }
    const value = plain
      ? this.text.slice(start + 1, end)
      : unescape(this.text.slice(start, end + 1));
    if (value === undefined) return this.fault('syntax');
    if (!value.isWellFormed()) return this.fault('lone-surrogate');
    this.offset = end + 1;
    return { kind: 'string', value, start, end: end + 1 };
  }

  private number(): Json | Fault {
    NUMBER.lastIndex = this.offset;
    const source = NUMBER.exec(this.text)?.[0];
    if (source === undefined) return this.fault('syntax');
    const start = this.offset;
    this.offset += source.length;
    return { kind: 'number', source, start, end: this.offset };
  }

  private word(
    word: string,
    toValue: (place: { start: number; end: number }) => Json,
  ): Json | Fault {
    if (!this.text.startsWith(word, this.offset)) return this.fault('syntax');
    const start = this.offset;
    this.offset += word.length;
    return toValue({ start, end: this.offset });
  }

  private take(character: string): boolean {
    if (this.text[this.offset] !== character) return false;
    this.offset++;
    return true;
  }

  private blanks(): void {
    while (BLANKS.has(this.text[this.offset] ?? '')) this.offset++;
  }

  private fault(fault: JsonFault): Fault {
    return new Fault(fault, this.offset);
  }
}

function unescape(quoted: string): string | undefined {
  try {
    const value: unknown = JSON.parse(quoted);
    return typeof value === 'string' ? value : undefined;
  } catch {
    // A bad escape sequence: the caller reports it with its offset.
    return undefined;
  }
}

/** The value of `key` in an object, or undefined where there is none or `value` is no object. */
export function memberOf(value: Json | undefined, key: string): Json | undefined {
  if (value?.kind !== 'object') return undefined;
  return value.entries.find((entry) => entry.key === key)?.value;
}

/** The text of a string member, or undefined. */
export function stringMember(value: Json | undefined, key: string): string | undefined {
  const member = memberOf(value, key);
  return member?.kind === 'string' ? member.value : undefined;
}

/** Whether `text` is an object or an array: the texts whose leaves are templated one by one. */
export function parseContainer(text: string): Json | undefined {
  const first = text.trimStart()[0];
  if (first !== '{' && first !== '[') return undefined;
  const parsed = parseJson(text);
  return parsed.kind === 'json' ? parsed.value : undefined;
}

/** Entries in key order: canonical form does not depend on the order in which keys were written. */
export function sortedEntries(entries: readonly JsonEntry[]): JsonEntry[] {
  return entries.toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

/**
 * The canonical text of a value: sorted keys, no blanks, numbers by `number`.
 * Equal values have equal texts, whatever their key order and number format.
 */
export function canonicalJson(value: Json, number: (source: string) => string): string {
  switch (value.kind) {
    case 'null':
      return 'null';
    case 'boolean':
      return String(value.value);
    case 'number':
      return number(value.source);
    case 'string':
      return JSON.stringify(value.value);
    case 'array':
      return `[${value.items.map((item) => canonicalJson(item, number)).join(',')}]`;
    case 'object':
      return `{${sortedEntries(value.entries)
        .map((entry) => `${JSON.stringify(entry.key)}:${canonicalJson(entry.value, number)}`)
        .join(',')}}`;
  }
}
