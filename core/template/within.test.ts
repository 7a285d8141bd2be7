/** Inclusion of templates, held to what it claims: what the inner one fits, the outer one fits too. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { userTemplate } from '../../tests/support/tree-builder.ts';
import { ambiguousPattern, pattern, textFor } from '../../tests/support/template-arbitraries.ts';
import { matchMessage } from './match.ts';
import type { Matcher } from './matcher.ts';
import type { LeafTemplate, MessageTemplate } from './template.ts';
import { isWithin } from './within.ts';

const word: Matcher = { kind: 'word' };

test.each<[string, string, boolean]>([
  ['weather in Boston', 'weather in {{city}}', true],
  ['weather in {{city}} today', 'weather in {{city}}', true],
  ['weather in {{city}}', 'weather in {{city}} today', false],
  ['{{a}} and {{a}}', '{{x}} and {{y}}', true],
  ['{{x}} and {{y}}', '{{a}} and {{a}}', false],
  ['weather in {{city}}', 'weather in {{w}}', false],
  ['weather in {{w}}', 'weather in {{city}}', true],
  ['say {{w}} twice', '{{anything}}', true],
  ['say \ue000 twice', '{{anything}}', false],
])('%j within %j: %s', (inner, outer, expected) => {
  const matchers = { w: word };
  expect(isWithin(userTemplate(inner, { matchers }), userTemplate(outer, { matchers }))).toBe(
    expected,
  );
});

test('a kind takes literals and variables together where no value of the variable breaks it', () => {
  const line = { matchers: { l: { kind: 'line' } as const, w: word } };
  expect(isWithin(userTemplate('a {{w}} b', line), userTemplate('a {{l}}', line))).toBe(true);
  expect(isWithin(userTemplate('a {{t}} b', line), userTemplate('a {{l}}', line))).toBe(false);
});

test('a variable of the outer template takes one value in all leaves', () => {
  const leaves = (...shown: readonly string[]): MessageTemplate => ({
    ...userTemplate(''),
    leaves: shown.flatMap((leaf) => userTemplate(leaf).leaves),
  });
  expect(isWithin(leaves('{{a}}', 'so {{b}}'), leaves('{{x}}', '{{x}}'))).toBe(false);
  expect(isWithin(leaves('so {{a}}', 'so {{a}}'), leaves('{{x}}', '{{x}}'))).toBe(true);
  expect(isWithin(leaves('{{a}}', 'so {{a}}'), leaves('{{x}}', 'so {{x}}'))).toBe(true);
});

test('folded literals are only compared with themselves', () => {
  const folded = userTemplate('say {{x}}', { fold: 'blanks' });
  expect(isWithin(folded, folded)).toBe(true);
  expect(isWithin(folded, userTemplate('say {{x}}'))).toBe(false);
});

test('a text that the inner template fits is one that the outer template fits', () => {
  const leaf = fc.oneof(pattern, ambiguousPattern);
  const asTemplate = (leaves: LeafTemplate): MessageTemplate => ({
    ...userTemplate(''),
    leaves: [leaves],
  });
  const asMessage = (text: string) => ({
    role: 'user',
    skeleton: userTemplate('').skeleton,
    leaves: [{ path: [], kind: 'text' as const, text, token: { start: 0, end: 0 } }],
  });
  let within = 0;
  fc.assert(
    fc.property(
      leaf.chain((inner) =>
        fc.tuple(fc.constant(inner), fc.array(textFor(inner), { minLength: 4, maxLength: 4 })),
      ),
      leaf,
      ([inner, texts], outer) => {
        if (!isWithin(asTemplate(inner), asTemplate(outer))) return;
        for (const text of texts) {
          if (matchMessage(asTemplate(inner), asMessage(text), new Map()).kind !== 'match')
            continue;
          within++;
          expect(matchMessage(asTemplate(outer), asMessage(text), new Map()).kind).not.toBe(
            'no-match',
          );
        }
      },
    ),
    { seed: 6, numRuns: 40_000 },
  );
  expect(within).toBeGreaterThan(300);
});
