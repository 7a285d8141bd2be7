/** Matchers: which values each kind takes, beside regular expressions that say the same. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isKindWithin, MATCHER_KINDS, type MatcherKind } from './kinds.ts';
import { accepts, isNarrower, parseMatcher, type Matcher } from './matcher.ts';

test.each<[Matcher, string, boolean]>([
  [{ kind: 'text' }, '', false],
  [{ kind: 'text' }, '\n', true],
  [{ kind: 'line' }, 'a b', true],
  [{ kind: 'line' }, ' a', false],
  [{ kind: 'line' }, 'a\nb', false],
  [{ kind: 'integer' }, '007', false],
  [{ kind: 'integer' }, '-3', true],
  [{ kind: 'integer' }, '-0', false],
  [{ kind: 'number' }, '1.50', true],
  [{ kind: 'number' }, '1e3', false],
  [{ kind: 'name' }, 'New York', true],
  [{ kind: 'name' }, 'Bob.', false],
  [{ kind: 'name' }, "Bo O'Neil", true],
  [{ kind: 'name' }, 'Bo O’Neil', true],
  [{ kind: 'name' }, 'Łukasz Żak', true],
  [{ kind: 'name' }, '𝓐bc', true],
  [{ kind: 'name' }, 'bob', false],
  [{ kind: 'name' }, 'A B C D', false],
  [{ kind: 'word' }, 'a b', false],
  [{ kind: 'word' }, 'user@host', true],
  [{ kind: 'word' }, 'end.', false],
  [{ kind: 'word', digits: true }, 'ORD-12', true],
  [{ kind: 'word', digits: true }, 'order', false],
  [{ kind: 'word', digits: false }, 'order1', false],
  [{ kind: 'name', structure: ['french'] }, 'Bob French', false],
  [{ kind: 'name', structure: ['french'] }, 'Bob Frenchie', true],
  [{ kind: 'name', structure: ['french'] }, 'French Bob', false],
  [{ kind: 'text', structure: ['émile'] }, 'chez ÉMILE!', false],
  [{ kind: 'line', excludes: '"' }, 'say "x"', false],
  [{ kind: 'email' }, 'ann.lee+x@mail.example.org', true],
  [{ kind: 'email' }, 'ann@localhost', false],
  [{ kind: 'url' }, 'https://example.org/a?b=c#d', true],
  [{ kind: 'url' }, 'https://example.org.', false],
  [{ kind: 'url' }, 'example.org', false],
  [{ kind: 'date' }, '2025-13-01', false],
  [{ kind: 'date' }, '2025-12-31', true],
  [{ kind: 'date' }, '31.12.2025', true],
  [{ kind: 'date' }, '1/2/25', true],
  [{ kind: 'date' }, 'March 5, 2026', true],
  [{ kind: 'date' }, '5th of March 2026', true],
  [{ kind: 'date' }, 'March', false],
  [{ kind: 'time' }, '23:59', true],
  [{ kind: 'time' }, '24:00', false],
  [{ kind: 'time' }, '7:05 pm', true],
  [{ kind: 'time' }, '9am', true],
  [{ kind: 'datetime' }, '2026-01-31T23:59:59.123Z', true],
  [{ kind: 'datetime' }, '2026-01-31 23:59', true],
  [{ kind: 'datetime' }, '2026-01-31T23:59:59+02:00', true],
  [{ kind: 'datetime' }, '2026-01-31', false],
  [{ kind: 'uuid' }, '123e4567-e89b-12d3-a456-426614174000', true],
  [{ kind: 'uuid' }, '123e4567-e89b-12d3-a456-42661417400', false],
  [{ kind: 'hex' }, '88b3ef', true],
  [{ kind: 'hex' }, '88B3EF', true],
  [{ kind: 'hex' }, '88b3', false],
  [{ kind: 'hex' }, '88b3eF', false],
  [{ kind: 'hex' }, '88b3eg', false],
  [{ kind: 'separator' }, '-----', true],
  [{ kind: 'separator' }, '--', false],
  [{ kind: 'separator' }, '---=', false],
  [{ kind: 'markup' }, '<div class="a b">', true],
  [{ kind: 'markup' }, '<!-- 7 -->', true],
  [{ kind: 'markup' }, '<>', false],
  [{ kind: 'markup' }, '<b>x</b>', false],
  [{ kind: 'phone' }, '+1 (555) 123-4567', true],
  [{ kind: 'phone' }, '12345', false],
  [{ kind: 'scalar' }, 'true', true],
  [{ kind: 'scalar' }, '-1.5', true],
  [{ kind: 'scalar' }, 'yes', false],
  [{ kind: 'one-of', values: ['red', 'green'] }, 'green', true],
  [{ kind: 'one-of', values: ['red', 'green'] }, 'gree', false],
  [{ kind: 'one-of', values: ['red', 'red wine'], structure: ['wine'] }, 'red wine', false],
])('%j and %j: %s', (matcher, value, fits) => {
  expect(accepts(matcher, value)).toBe(fits);
});

describe('automata and regular expressions agree', () => {
  const EXPRESSIONS: Partial<Record<MatcherKind, RegExp>> = {
    line: /^(?=\S)[^\n\r]*(?<=\S)$/u,
    name: /^\p{Lu}[\p{L}\p{M}\p{N}]*(?:['’.-][\p{L}\p{M}\p{N}]+)*(?: \p{Lu}[\p{L}\p{M}\p{N}]*(?:['’.-][\p{L}\p{M}\p{N}]+)*){0,2}$/u,
    word: /^[\p{L}\p{N}](?:\S*[\p{L}\p{N}])?$/u,
    integer: /^(?:0|-?[1-9]\d*)$/,
    number: /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/,
    email: /^[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+$/u,
  };
  const characters = fc.constantFrom(
    ...['A', 'b', 'É', 'é', '\u0301', '1', '0', '٣', ' ', '\u00a0', '\n', '.', '-', "'", '’', '@'],
    ...['😀', '𝓐', '_', '%', 'm'],
  );
  const text = fc.array(characters, { maxLength: 7 }).map((units) => units.join(''));

  test.each(Object.entries(EXPRESSIONS))('%s', (kind, expression) => {
    fc.assert(
      fc.property(text, (value) => {
        expect(accepts({ kind: kind as MatcherKind }, value)).toBe(expression.test(value));
      }),
      { seed: 3, numRuns: 8000 },
    );
  });

  test('conditions on kinds say what their words say', () => {
    const matcher = fc.record({
      kind: fc.constantFrom<MatcherKind>('text', 'line', 'word', 'name'),
      excludes: fc.constantFrom('', '1', ' b'),
      digits: fc.boolean(),
      structure: fc.subarray(['a', 'b', 'ab', 'm', 'é']),
    });
    fc.assert(
      fc.property(matcher, text, ({ kind, excludes, digits, structure }, value) => {
        const words = value.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
        const expected =
          accepts({ kind }, value) &&
          !Array.from(excludes).some((character) => value.includes(character)) &&
          /[0-9]/.test(value) === digits &&
          !words.some((word) => structure.includes(word));
        expect(accepts({ kind, excludes, digits, structure }, value)).toBe(expected);
      }),
      { seed: 4, numRuns: 20_000 },
    );
  });
});

describe('narrower', () => {
  test('kinds lie in one another as people would say', () => {
    const within = (inner: MatcherKind) =>
      MATCHER_KINDS.filter((outer) => outer !== inner && isKindWithin(inner, outer));
    expect(within('integer')).toEqual(['text', 'line', 'number', 'scalar']);
    expect(within('email')).toEqual(['text', 'line']);
    expect(within('uuid')).toEqual(['text', 'line', 'word']);
    expect(within('text')).toEqual([]);
    expect(within('name')).toEqual(['text', 'line']);
  });

  test('what is narrower takes nothing that the wider one refuses', () => {
    const matcher: fc.Arbitrary<Matcher> = fc.oneof(
      fc.constantFrom(...MATCHER_KINDS).map((kind): Matcher => ({ kind })),
      fc.constantFrom<Matcher>(
        { kind: 'one-of', values: ['7', 'Ann'] },
        { kind: 'one-of', values: ['7', '2026-01-01', ''] },
        { kind: 'line', excludes: '"' },
        { kind: 'text', structure: ['ann'] },
        { kind: 'word', digits: true },
      ),
    );
    const value = fc.constantFrom(
      ...['7', '-7', '7.0', 'Ann', 'Ann Lee', 'a"b', '2026-01-01', '12:30', 'true', '555 123 4567'],
      ...['a@b.org', 'http://x.org/', '123e4567-e89b-12d3-a456-426614174000', '\n', 'x y'],
    );
    let narrower = 0;
    fc.assert(
      fc.property(matcher, matcher, value, (inner, outer, text) => {
        if (!isNarrower(inner, outer)) return;
        narrower++;
        if (accepts(inner, text)) expect(accepts(outer, text)).toBe(true);
      }),
      { seed: 5, numRuns: 20_000 },
    );
    expect(narrower).toBeGreaterThan(2000);
  });
});

test.each<[unknown, boolean]>([
  [{ kind: 'name' }, true],
  [{ kind: 'one-of', values: ['a'] }, true],
  [{ kind: 'one-of' }, false],
  [{ kind: 'name', values: ['a'] }, false],
  [{ kind: '__proto__' }, false],
  [{ kind: 'text', structure: 'a' }, false],
  [{ kind: 'text', digits: 1 }, false],
  [null, false],
])('a stored matcher %j is read: %s', (json, isRead) => {
  expect(parseMatcher(json) !== undefined).toBe(isRead);
  if (isRead) expect(parseMatcher(json)).toEqual(json);
});
