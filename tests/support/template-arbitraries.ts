/** Generators of small templates and of texts that nearly fit them, for properties of matching. */
import fc from 'fast-check';
import type { Condition } from '../../core/template/condition.ts';
import { MATCHER_KINDS } from '../../core/template/kinds.ts';
import type { Matcher } from '../../core/template/matcher.ts';
import type { LeafTemplate, Segment } from '../../core/template/template.ts';

/** Few and overlapping, so that templates fit in several ways. */
export const PIECES = [
  'a',
  'b',
  ' ',
  'ab',
  'A',
  '1',
  '0',
  '-',
  '.',
  '\n',
  'Ann',
  'é',
  '😀',
  '@',
  '"',
];

export const piece = fc.constantFrom(...PIECES);

const matcher: fc.Arbitrary<Matcher> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...MATCHER_KINDS).map((kind): Matcher => ({ kind })) },
  { weight: 2, arbitrary: fc.constant<Matcher>({ kind: 'text' }) },
  {
    weight: 1,
    arbitrary: fc
      .uniqueArray(piece, { minLength: 1, maxLength: 3 })
      .map((values): Matcher => ({ kind: 'one-of', values })),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({
        kind: fc.constantFrom<Matcher['kind']>('text', 'line', 'word', 'name'),
        excludes: fc.constantFrom(undefined, '"', '1-'),
        digits: fc.constantFrom(undefined, true, false),
        structure: fc.constantFrom(undefined, ['a'], ['ab', 'ann']),
      })
      .map(({ kind, excludes, digits, structure }) => ({
        kind,
        ...(excludes === undefined ? {} : { excludes }),
        ...(digits === undefined ? {} : { digits }),
        ...(structure === undefined ? {} : { structure }),
      })),
  },
);

const lower: Condition = {
  kind: 'derived-from',
  derivation: { kind: 'programs', programs: [{ op: 'lower', of: { op: 'var', name: 'x' } }] },
};

const condition = fc.constantFrom<Condition | undefined>(
  ...Array<undefined>(12).fill(undefined),
  { kind: 'compare', comparison: '>', number: '0' },
  { kind: 'one-of', values: ['a', '1'] },
  { kind: 'same-as', name: 'x' },
  lower,
);

const variable = fc
  .record({ name: fc.constantFrom('x', 'y', 'z', '__proto__'), matcher, condition })
  .map(({ name, matcher: takes, condition: holds }): Segment => ({
    kind: 'variable',
    name,
    matcher: takes,
    ...(holds === undefined ? {} : { condition: holds }),
  }));

const literal = piece.map((text): Segment => ({ kind: 'literal', text }));

export const pattern: fc.Arbitrary<LeafTemplate> = fc.array(fc.oneof(literal, variable), {
  maxLength: 6,
});

/** A text made from the pattern's own literals and random values, sometimes spoiled. */
export function textFor(leaf: LeafTemplate): fc.Arbitrary<string> {
  const values = fc.array(fc.array(piece, { minLength: 1, maxLength: 2 }), {
    minLength: leaf.length,
    maxLength: leaf.length,
  });
  return fc
    .tuple(values, fc.nat({ max: 9 }), piece, fc.boolean())
    .map(([drawn, chance, extra, repeats]) => {
      const taken = new Map<string, string>();
      const text = leaf
        .map((segment, index) => {
          if (segment.kind === 'literal') return segment.text;
          const value = (repeats ? taken.get(segment.name) : undefined) ?? drawn[index]?.join('');
          taken.set(segment.name, value ?? '');
          return value ?? '';
        })
        .join('');
      if (chance === 0) return text + extra;
      return chance === 1 ? text.slice(1) : text;
    });
}

/** Variables that are told apart by blanks only, if at all: most texts have many parses. */
export const ambiguousPattern: fc.Arbitrary<LeafTemplate> = fc
  .array(
    fc.record({
      name: fc.constantFrom(...Array.from('xyzuvwopqrst')),
      kind: fc.constantFrom<Matcher['kind']>('text', 'text', 'text', 'line', 'word'),
      separator: fc.constantFrom('', ' ', ' ', 'a'),
    }),
    { minLength: 2, maxLength: 4 },
  )
  .map((parts) =>
    parts.flatMap(({ name, kind, separator }, index): Segment[] => [
      ...(separator === '' || index === 0 ? [] : [{ kind: 'literal' as const, text: separator }]),
      { kind: 'variable', name, matcher: { kind } },
    ]),
  );

export const ambiguousText = fc
  .array(fc.constantFrom('a', 'b', 'a ', 'a ', 'b a', ' a'), { minLength: 4, maxLength: 8 })
  .map((pieces) => pieces.join(''));

/** A number or constant of a JSON text, and a segment for it. */
export const scalarFor = fc.record({
  segment: fc.oneof(
    variable,
    fc
      .constantFrom('1', '1.0', '10e-1', 'true', 'null')
      .map((text): Segment => ({ kind: 'literal', text })),
  ),
  kind: fc.constantFrom<'number' | 'constant'>('number', 'constant'),
  text: fc.constantFrom('1', '1.0', '0.1e1', '0', 'true', 'null', '-2'),
});
