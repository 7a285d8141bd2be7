/** `Butter-Bindings`: a flat JSON object, variable name → the value that it has in this call. */
import { isUtf8 } from 'node:buffer';
import { parseJson, type Json, type JsonEntry } from '../../core/json/json.ts';
import { LIMITS } from '../../core/limits.ts';
import { isVariableName, type Bindings } from '../../core/template/template.ts';
import { invalidRequest, type Problem } from '../error-response.ts';

export type BindingsResult =
  | { readonly kind: 'bindings'; readonly bindings: Bindings }
  | { readonly kind: 'refused'; readonly problem: Problem };

/** DESIGN §11.24. */
const HEADER_BYTES_MAX = 16_384;

/** `header`: as Node gives it, each character one byte. Errors: `refused`, saying what is wrong. */
export function readBindings(header: string | undefined): BindingsResult {
  if (header === undefined) return { kind: 'bindings', bindings: new Map() };
  const entries = readEntries(header);
  if (typeof entries === 'string') return refused(entries);
  const bindings = new Map<string, string>();
  for (const { key, value } of entries) {
    const text = scalarText(value);
    const fault = nameFault(key) ?? valueFault(text);
    if (text === undefined || fault !== undefined) {
      // The name is a client's own text, and it may be long; the value may be private.
      return refused(`${JSON.stringify(key.slice(0, 64))} ${fault ?? ''}`);
    }
    bindings.set(key, text);
  }
  return { kind: 'bindings', bindings };
}

/** The object's entries, or why there are none. */
function readEntries(header: string): readonly JsonEntry[] | string {
  const bytes = Buffer.from(header, 'latin1');
  if (bytes.byteLength > HEADER_BYTES_MAX) return `it is longer than ${HEADER_BYTES_MAX} bytes`;
  const parsed = isUtf8(bytes) ? parseJson(bytes.toString('utf8')) : undefined;
  if (parsed?.kind === 'fault' && parsed.fault === 'duplicate-key') {
    return 'a name stands in it twice';
  }
  if (parsed?.kind !== 'json' || parsed.value.kind !== 'object') {
    return 'it is not a JSON object in UTF-8';
  }
  const { entries } = parsed.value;
  const isTooLong = entries.length > LIMITS.bindingsMax;
  return isTooLong ? `it has more than ${LIMITS.bindingsMax} entries` : entries;
}

function nameFault(name: string): string | undefined {
  return isVariableName(name)
    ? undefined
    : 'is no variable name: a letter or _ first, then up to 63 letters, digits and _';
}

function valueFault(text: string | undefined): string | undefined {
  if (text === undefined) return 'is not a string, number or boolean';
  if (text === '') return 'is empty';
  return text.length > LIMITS.bindingCharactersMax
    ? `is longer than ${LIMITS.bindingCharactersMax} characters`
    : undefined;
}

function scalarText(value: Json): string | undefined {
  switch (value.kind) {
    case 'string':
      return value.value;
    case 'number':
      return value.source;
    case 'boolean':
      return String(value.value);
    case 'null':
    case 'array':
    case 'object':
      return undefined;
  }
}

function refused(why: string): BindingsResult {
  const message = `Butter-Bindings must be a flat JSON object of names to strings, numbers or booleans, such as {"name": "Erik"}: ${why}.`;
  return {
    kind: 'refused',
    problem: invalidRequest('invalid_bindings', message, 'Butter-Bindings'),
  };
}
