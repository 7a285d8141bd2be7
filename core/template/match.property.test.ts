/** The parser beside a slow oracle that tries every way to cut a text. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { allParses } from '../../tests/support/parse-oracle.ts';
import {
  ambiguousPattern,
  ambiguousText,
  pattern,
  scalarFor,
  textFor,
} from '../../tests/support/template-arbitraries.ts';
import type { Leaf } from '../messages/message.ts';
import { matchMessage, type MatchResult } from './match.ts';
import { PARSES_MAX } from './parse-leaf.ts';
import { conditionalSegments, hydrateLeaf, type Bindings, type LeafTemplate } from './template.ts';

const NO_TOKEN = { path: [], token: { start: 0, end: 0 } };
const known = fc.constantFrom<Bindings>(new Map(), new Map([['x', 'a']]), new Map([['y', 'Ann']]));

interface Case {
  readonly pattern: LeafTemplate;
  readonly leaf: Leaf;
}

const textCase = (leaf: LeafTemplate, text: string): Case => ({
  pattern: leaf,
  leaf: { ...NO_TOKEN, kind: 'text', text },
});
const textLeaf = fc.oneof(
  {
    weight: 3,
    arbitrary: pattern.chain((leaf) => textFor(leaf).map((text) => textCase(leaf, text))),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(ambiguousPattern, ambiguousText)
      .map(([leaf, text]) => textCase(leaf, text)),
  },
);
const scalarLeaf = scalarFor.map(({ segment, kind, text }): Case => ({
  pattern: [segment],
  leaf: { ...NO_TOKEN, kind, text },
}));

function match(cases: readonly Case[], bindings: Bindings): MatchResult {
  return matchMessage(
    { role: 'user', skeleton: 's', leaves: cases.map((one) => one.pattern) },
    { role: 'user', skeleton: 's', leaves: cases.map((one) => one.leaf) },
    bindings,
  );
}

function oracle(cases: readonly Case[], bindings: Bindings): Bindings[] {
  return allParses(
    cases.map((one) => one.pattern),
    cases.map((one) => one.leaf),
    bindings,
  );
}

const show = (parses: readonly Bindings[]): string[] =>
  parses.map((parse) => JSON.stringify([...parse].sort())).sort();

/** Names → the values that they take in some parse. */
function valuesByName(parses: readonly Bindings[]): Map<string, Set<string>> {
  const values = new Map<string, Set<string>>();
  for (const [name, value] of parses.flatMap((parse) => [...parse])) {
    values.set(name, (values.get(name) ?? new Set()).add(value));
  }
  return values;
}

/** Some variables depend on one another: then more may be left open than would have to be. */
function isRelational(leaves: readonly LeafTemplate[]): boolean {
  const names = leaves.flat().flatMap((one) => (one.kind === 'variable' ? [one.name] : []));
  return new Set(names).size < names.length || conditionalSegments(leaves).length > 0;
}

/** Open are at least the variables that differ, and, where nothing is related, just those. */
function expectCommon(found: MatchResult, expected: readonly Bindings[], exact: boolean): void {
  if (found.kind !== 'match') throw new Error(`${String(expected.length)} parses: ${found.kind}`);
  for (const [name, values] of valuesByName(expected)) {
    const isOpen = found.open.includes(name);
    if (values.size > 1) expect(isOpen).toBe(true);
    else if (exact) expect(isOpen).toBe(false);
    if (!isOpen) expect([...values]).toEqual([found.parses[0]?.get(name)]);
  }
}

describe('parsing one leaf', () => {
  test('finds exactly the parses that the oracle finds, or what all of many have in common', () => {
    const counts = { none: 0, few: 0, many: 0, relational: 0 };
    fc.assert(
      fc.property(textLeaf, known, (one, bindings) => {
        const expected = oracle([one], bindings);
        const found = match([one], bindings);
        const relational = isRelational([one.pattern]);
        if (expected.length === 0) {
          counts.none++;
          expect(found.kind === 'over-limit' && relational ? 'no-match' : found.kind).toBe(
            'no-match',
          );
        } else if (expected.length <= PARSES_MAX) {
          counts.few++;
          if (found.kind === 'over-limit' && relational) counts.relational++;
          else expect(found.kind === 'match' && show(found.parses)).toEqual(show(expected));
        } else {
          counts.many++;
          if (found.kind === 'over-limit' && relational) counts.relational++;
          else expectCommon(found, expected, !relational);
        }
      }),
      { seed: 7, numRuns: 120_000 },
    );
    // The generator must reach all of it, and relations must seldom be given up.
    for (const kind of ['none', 'few', 'many'] as const) expect(counts[kind]).toBeGreaterThan(3000);
    expect(counts.relational).toBeLessThan(counts.many / 4);
  });

  test('hydrating a match gives the text back', () => {
    fc.assert(
      fc.property(textLeaf, known, (one, bindings) => {
        const found = match([one], bindings);
        if (found.kind !== 'match' || found.open.length > 0) return;
        for (const parse of found.parses) {
          expect(hydrateLeaf(one.pattern, parse)).toBe(one.leaf.text);
        }
      }),
      { seed: 8, numRuns: 20_000 },
    );
  });
});

describe('parsing a message of several leaves', () => {
  test('agrees with the oracle on the parses of all leaves together', () => {
    const counts = { none: 0, few: 0, many: 0 };
    fc.assert(
      fc.property(
        fc.array(fc.oneof({ weight: 3, arbitrary: textLeaf }, scalarLeaf), {
          minLength: 1,
          maxLength: 3,
        }),
        known,
        (cases, bindings) => {
          const expected = oracle(cases, bindings);
          const found = match(cases, bindings);
          // Whether leaves that are ambiguous each for itself go together is not followed.
          if (found.kind === 'over-limit') return;
          if (found.kind === 'no-match') {
            counts.none++;
            expect(expected).toEqual([]);
          } else if (found.open.length === 0) {
            counts.few++;
            expect(show(found.parses)).toEqual(show(expected));
          } else {
            counts.many++;
            expectCommon(found, expected, false);
          }
        },
      ),
      { seed: 9, numRuns: 30_000 },
    );
    for (const count of Object.values(counts)) expect(count).toBeGreaterThan(500);
  });
});

describe('bounded work', () => {
  const words = (count: number, kind: 'word' | 'line'): LeafTemplate =>
    Array.from({ length: count }, (_, index) => [
      { kind: 'variable' as const, name: `v${String(index)}`, matcher: { kind } },
      { kind: 'literal' as const, text: ' ' },
    ]).flat();
  const matchText = (leaf: LeafTemplate, text: string) => match([textCase(leaf, text)], new Map());

  test('a long near-miss ends at once, a long ambiguous text within the bound', () => {
    const leaf: LeafTemplate = [...words(8, 'line'), { kind: 'literal', text: '!' }];
    expect(matchText(leaf, 'a '.repeat(30_000)).kind).toBe('no-match');
    expect(matchText(leaf, `${'a '.repeat(30_000)}!`).kind).toBe('over-limit');
  });

  test('twenty adjacent variables are linear work, though there are more parses than can be counted', () => {
    const leaf = words(20, 'word').filter((segment) => segment.kind === 'variable');
    const found = matchText(leaf, 'a'.repeat(150));
    expect(found.kind === 'match' && found.open.length).toBe(20);
  });
});
