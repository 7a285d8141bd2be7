import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { canonicalNumber } from '../decimal.ts';
import { canonicalJson, parseJson, type Json } from './json.ts';

const RUNS = { seed: 4, numRuns: 500 };

/** The slow, obvious reading: what JSON.parse makes of the value. */
function plain(value: Json): unknown {
  switch (value.kind) {
    case 'null':
      return null;
    case 'boolean':
    case 'string':
      return value.value;
    case 'number':
      return Number(value.source);
    case 'array':
      return value.items.map(plain);
    case 'object':
      return Object.fromEntries(value.entries.map((entry) => [entry.key, plain(entry.value)]));
  }
}

test('reads whatever JSON.parse reads, to the same value', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), fc.integer({ min: 0, max: 3 }), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      const parsed = parseJson(text);
      expect(parsed.kind === 'json' && plain(parsed.value)).toEqual(JSON.parse(text));
    }),
    RUNS,
  );
});

test('refuses whatever JSON.parse refuses, and never throws', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(...'{}[]",:\\u0019eE+-. tfn\u0001\n'.split('')) }),
      (text) => {
        let valid = true;
        try {
          JSON.parse(text);
        } catch {
          valid = false;
        }
        const parsed = parseJson(text);
        if (!valid) expect(parsed.kind).toBe('fault');
        else if (parsed.kind === 'fault')
          expect(['duplicate-key', 'lone-surrogate']).toContain(parsed.fault);
      },
    ),
    { seed: 4, numRuns: 5000 },
  );
});

test.each([
  ['{"a":1,"a":2}', 'duplicate-key'],
  ['"\\ud800"', 'lone-surrogate'],
  ['['.repeat(100) + ']'.repeat(100), 'too-deep'],
  ['{"a":01}', 'syntax'],
])('%s is a fault: %s', (text, fault) => {
  expect(parseJson(text)).toMatchObject({ kind: 'fault', fault });
});

test('the canonical text depends neither on key order nor on number format, but on every digit', () => {
  const canonical = (text: string): string => {
    const parsed = parseJson(text);
    return parsed.kind === 'json' ? canonicalJson(parsed.value, canonicalNumber) : 'fault';
  };
  expect(canonical('{"b":1.0,"a":[1e0,"x"]}')).toBe(canonical('{ "a": [1, "x"], "b": 10e-1 }'));
  expect(canonical('12345678901234567890')).not.toBe(canonical('12345678901234567891'));
  expect(canonical('"1"')).not.toBe(canonical('1'));
});
