/** Canonical form does not depend on how a client writes JSON, and tells apart what a model can tell apart. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseJson } from '../json/json.ts';
import { readThread, type Thread } from './message.ts';
import { rebuildMessage } from './rebuild.ts';
import { readChatRequest, threadText } from './request.ts';

type Value =
  null | boolean | number | string | readonly Value[] | { readonly [key: string]: Value };

const text = fc.constantFrom('', 'hi', '{"a":1}', '[1, 2]', '{{x}}', '1.0', 'é "q" \\', '😀', '\n');
const scalar = fc.oneof(
  text,
  fc.boolean(),
  fc.constant(null),
  fc.integer(),
  fc.constantFrom(1.5, -0.25),
);
const key = fc.constantFrom('a', 'b', 'city', '__proto__', 'é', 'n');
const document: fc.Arbitrary<Value> = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    fc.array(tie('value'), { maxLength: 3 }),
    fc
      .uniqueArray(fc.tuple(key, tie('value')), { maxLength: 3, selector: ([name]) => name })
      .map((entries) => Object.fromEntries(entries) as Value),
  ),
})).value;

const part = text.map((value) => ({ type: 'text', text: value }));
const message: fc.Arbitrary<Value> = fc.oneof(
  fc.record(
    {
      role: fc.constantFrom('system', 'developer', 'user'),
      content: fc.oneof(text, fc.array(part, { minLength: 1, maxLength: 2 })),
      name: fc.constantFrom('ann', 'bob'),
    },
    { requiredKeys: ['role', 'content'] },
  ),
  fc.record(
    {
      role: fc.constant('assistant'),
      content: fc.oneof(text, fc.constant(null)),
      tool_calls: fc.array(
        fc.tuple(fc.constantFrom('call_11111111', 'call_22222222'), document).map(([id, args]) => ({
          id,
          type: 'function',
          function: { name: 'act', arguments: JSON.stringify(args) },
        })),
        { minLength: 1, maxLength: 2 },
      ),
      x_unknown: document,
    },
    { requiredKeys: ['role', 'tool_calls'] },
  ),
  fc.record({
    role: fc.constant('tool'),
    tool_call_id: fc.constantFrom('call_11111111', 'call_22222222', 'call_33333333'),
    content: fc.oneof(
      text,
      document.map((value) => JSON.stringify(value)),
    ),
  }),
);
const messages = fc.array(message, { minLength: 1, maxLength: 4 });

/** The same value with keys in another order, blanks between tokens, and numbers in another format. */
function rewrite(value: Value): string {
  if (Array.isArray(value)) return `[ ${value.map(rewrite).join(' , ')} ]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).reverse();
    return `{\n${entries.map(([name, item]) => `${JSON.stringify(name)} : ${rewriteField(name, item)}`).join(',\n')}}`;
  }
  if (typeof value !== 'number') return JSON.stringify(value);
  return Number.isInteger(value) && value !== 0 ? `${String(value)}0e-1` : JSON.stringify(value);
}

function rewriteField(name: string, item: Value): string {
  if (name !== 'arguments' || typeof item !== 'string') return rewrite(item);
  const inner = JSON.parse(item) as Value;
  // Only objects and arrays are documents; other arguments are opaque texts.
  return JSON.stringify(typeof inner === 'object' && inner !== null ? rewrite(inner) : item);
}

function threadOf(json: string): Thread {
  const parsed = parseJson(json);
  if (parsed.kind === 'fault') throw new Error(parsed.fault);
  const read = readThread(parsed.value);
  if (read.kind === 'bypass') throw new Error(read.reason);
  return read.thread;
}

describe('canonical form', () => {
  test('is the same however keys are ordered, blanks are set and numbers are written', () => {
    fc.assert(
      fc.property(messages, (list) => {
        expect(threadText(threadOf(rewrite(list)))).toBe(
          threadText(threadOf(JSON.stringify(list))),
        );
      }),
      { seed: 11, numRuns: 3000 },
    );
  });

  test('is a fixed point: what is rebuilt from its own leaves reads back the same', () => {
    fc.assert(
      fc.property(message, (value) => {
        const json = JSON.stringify(value);
        const [read] = threadOf(`[${json}]`).messages;
        const [alone] = threadOf(`[${json}]`).messages;
        if (read === undefined || alone === undefined) throw new Error('no message');
        // Offsets of leaves are those of the message's own text, one unit behind the bracket.
        const own = read.leaves.map((leaf) => ({
          ...leaf,
          token: { start: leaf.token.start - 1, end: leaf.token.end - 1 },
        }));
        const rebuilt = rebuildMessage(
          json,
          { ...read, leaves: own },
          read.leaves.map((leaf) => leaf.text),
        );
        expect(rebuilt).toBe(json);
        expect(threadText(threadOf(`[${rebuilt ?? ''}]`))).toBe(threadText(threadOf(`[${json}]`)));
      }),
      { seed: 12, numRuns: 3000 },
    );
  });

  test('tells different conversations apart', () => {
    const byText = new Map<string, string>();
    fc.assert(
      fc.property(messages, (list) => {
        const plain = JSON.stringify(normalise(list));
        const canonical = threadText(threadOf(JSON.stringify(list)));
        expect(byText.get(canonical) ?? plain).toBe(plain);
        byText.set(canonical, plain);
      }),
      { seed: 13, numRuns: 5000 },
    );
  });
});

/** What the rules call equal, made equal by other means: sorted keys, absent nulls, call ids by position. */
function normalise(list: readonly Value[]): Value {
  const ids: string[] = [];
  return list.map((item) => {
    const fields = Object.entries(item as { readonly [key: string]: Value });
    const kept = fields.filter(
      ([, value]) => value !== null && !(Array.isArray(value) && value.length === 0),
    );
    return Object.fromEntries(
      kept
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, value]) => {
          if (name === 'tool_calls') return [name, normaliseCalls(value, ids)];
          if (name === 'tool_call_id') return [name, normaliseReference(value, ids)];
          if (name === 'content') return [name, normaliseContent(value, fields)];
          return [name, sorted(value)];
        }),
    );
  });
}

function normaliseReference(value: Value, ids: readonly string[]): Value {
  const position = typeof value === 'string' ? ids.lastIndexOf(value) : -1;
  return position < 0 ? value : position;
}

function normaliseCalls(value: Value, ids: string[]): Value {
  const before = ids.length;
  return (value as readonly { id: string; function: { arguments: string } }[]).map((call) => {
    const isTwice = ids.indexOf(call.id, before) >= 0;
    if (!isTwice) ids.push(call.id);
    const inner = JSON.parse(call.function.arguments) as Value;
    const isDocument = typeof inner === 'object' && inner !== null;
    return {
      id: isTwice ? call.id : ids.length - 1,
      arguments: isDocument ? sorted(inner) : `text:${call.function.arguments}`,
    };
  });
}

function normaliseContent(value: Value, fields: readonly [string, Value][]): Value {
  const parts = Array.isArray(value) ? (value as readonly { text: string }[]) : undefined;
  const texts = parts?.map((one) => one.text) ?? [value as string];
  const role = fields.find(([name]) => name === 'role')?.[1];
  if (texts.length > 1) return texts;
  const [only = ''] = texts;
  if (role !== 'assistant' && role !== 'tool') return only;
  try {
    const inner = JSON.parse(only) as Value;
    return typeof inner === 'object' && inner !== null ? { document: sorted(inner) } : only;
  } catch {
    return only;
  }
}

function sorted(value: Value): Value {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, item]) => [name, sorted(item)]),
  );
}

test('scope keys do not depend on the order of keys', () => {
  const body = fc
    .uniqueArray(
      fc.tuple(
        fc.constantFrom('temperature', 'tools', 'max_tokens', 'max_completion_tokens', 'seed', 'x'),
        document,
      ),
      { selector: ([name]) => name },
    )
    .map(
      (entries) =>
        [['model', 'm'], ['messages', [{ role: 'user', content: 'a' }]], ...entries] as [
          string,
          Value,
        ][],
    );
  const parametersOf = (entries: readonly [string, Value][]): string => {
    const parsed = parseJson(
      `{${entries.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`,
    );
    const read = parsed.kind === 'json' ? readChatRequest(parsed.value) : undefined;
    return read?.kind === 'request' ? read.request.parameters : 'bypass';
  };
  fc.assert(
    fc.property(body, (entries) => {
      expect(parametersOf(entries.toReversed())).toBe(parametersOf(entries));
    }),
    { seed: 14, numRuns: 1000 },
  );
});
