import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { accepts, type Matcher } from './matcher.ts';
import { matchLeaf } from './match.ts';
import { hydrateLeaf, type Bindings, type LeafTemplate, type Segment } from './template.ts';

const literal = (text: string): Segment => ({ kind: 'literal', text });
const variable = (name: string, matcher: Matcher = { kind: 'text' }): Segment => ({
  kind: 'variable',
  name,
  matcher,
});

/** The slow, obvious oracle: every way to cut the text, each checked from the definition. */
function allParses(pattern: LeafTemplate, text: string, known: Bindings): Bindings[] {
  const [segment, ...rest] = pattern;
  if (segment === undefined) return text === '' ? [known] : [];
  const found: Bindings[] = [];
  for (let end = 0; end <= text.length; end++) {
    const piece = text.slice(0, end);
    if (segment.kind === 'literal') {
      if (piece === segment.text) found.push(...allParses(rest, text.slice(end), known));
      continue;
    }
    const value = known.get(segment.name);
    if (value === undefined ? accepts(segment.matcher, piece) : value === piece) {
      found.push(...allParses(rest, text.slice(end), new Map(known).set(segment.name, piece)));
    }
  }
  return found;
}

const show = (parses: readonly Bindings[]): string[] =>
  parses.map((parse) => JSON.stringify([...parse].sort())).sort();

describe('matching', () => {
  const piece = fc.constantFrom('a', 'b', ' ', 'ab', '1', 'A', '-', '\n');
  const segment = fc.oneof(
    piece.map(literal),
    fc
      .tuple(
        fc.constantFrom('x', 'y', 'z'),
        fc.constantFrom<Matcher['kind']>('text', 'line', 'word', 'integer', 'name'),
      )
      .map(([name, kind]) => variable(name, { kind })),
  );
  const text = fc.array(piece, { maxLength: 7 }).map((pieces) => pieces.join(''));

  test('finds exactly the parses that the oracle finds, or says that there are too many', () => {
    fc.assert(
      fc.property(
        fc.array(segment, { maxLength: 5 }),
        text,
        fc.boolean(),
        (pattern, message, xKnown) => {
          const known = new Map(xKnown ? [['x', 'a']] : []);
          const expected = allParses(pattern, message, known);
          const found = matchLeaf(pattern, { kind: 'text', text: message }, known);
          // Over the bound the caller learns it by `overLimit`; here that is an empty or cut list.
          if (expected.length <= 4) expect(show(found)).toEqual(show(expected));
        },
      ),
      { seed: 7, numRuns: 20_000 },
    );
  });

  test('hydrating a match gives the text back', () => {
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 5 }), text, (pattern, message) => {
        for (const bindings of matchLeaf(pattern, { kind: 'text', text: message }, new Map())) {
          expect(hydrateLeaf(pattern, bindings)).toBe(message);
        }
      }),
      { seed: 8, numRuns: 5000 },
    );
  });

  test('a long near-miss ends within its bound', () => {
    const pattern = [
      ...Array.from({ length: 8 }, (_, i) => [variable(`v${i}`), literal(' ')]).flat(),
      literal('!'),
    ];
    expect(matchLeaf(pattern, { kind: 'text', text: 'a '.repeat(30_000) }, new Map())).toEqual([]);
  });

  test('a value is never read as a template', () => {
    const pattern = [literal('Hi '), variable('__proto__')];
    const [bindings] = matchLeaf(pattern, { kind: 'text', text: 'Hi {{x}} $& ${y}' }, new Map());
    expect(bindings && hydrateLeaf(pattern, bindings)).toBe('Hi {{x}} $& ${y}');
  });
});

test.each<[Matcher, string, boolean]>([
  [{ kind: 'integer' }, '007', false],
  [{ kind: 'integer' }, '-3', true],
  [{ kind: 'number' }, '1.50', true],
  [{ kind: 'name' }, 'New York', true],
  [{ kind: 'name' }, 'Bob.', false],
  [{ kind: 'name' }, "Bo O'Neil", true],
  [{ kind: 'name' }, 'bob', false],
  [{ kind: 'word' }, 'a b', false],
  [{ kind: 'word', digits: true }, 'ORD-12', true],
  [{ kind: 'word', digits: true }, 'order', false],
  [{ kind: 'name', structure: ['french'] }, 'Bob French', false],
  [{ kind: 'line', excludes: '"' }, 'say "x"', false],
  [{ kind: 'date' }, '2025-13-01', false],
])('%j and %j: %s', (matcher, value, fits) => {
  expect(accepts(matcher, value)).toBe(fits);
});
