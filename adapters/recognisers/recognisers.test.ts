import { describe, expect, test } from '@jest/globals';
import type { TextProposal } from '../../core/induction/proposal.ts';
import { findCodes } from './codes.ts';
import { findDates } from './dates.ts';
import { findLinks } from './links.ts';
import { findMarkdown } from './markdown.ts';
import { findMarkup } from './markup.ts';
import { findNouns } from './nouns.ts';
import { findPhones } from './phones.ts';
import { proposeIn, proposeSpans } from './recognise.ts';

/** Each as `label:text`, in reading order. */
function shown(find: (text: string) => TextProposal[], text: string): string[] {
  return find(text)
    .toSorted((a, b) => a.start - b.start)
    .map(({ start, end, label }) => `${label ?? ''}:${text.slice(start, end)}`);
}

test.each([
  ['due on March 3, 2025, at noon', ['date:March 3, 2025']],
  ['call me next Friday at 5pm', ['date:next Friday', 'time:5pm']],
  ['from June 2, 2026 to June 9, 2026', ['date:June 2, 2026', 'date:June 9, 2026']],
  ['at 2025-11-10T11:34:00 sharp', ['date_time:2025-11-10T11:34:00']],
  ['today I may set a timer for 25 minutes', []],
])('dates of %j', (text, expected) => {
  expect(shown(findDates, text)).toEqual(expected);
});

test.each([
  ['call (415) 555-2671 now', ['phone:(415) 555-2671']],
  ['at +44 20 7946 0958.', ['phone:+44 20 7946 0958']],
  ['order 4155552671', []],
])('telephone numbers of %j', (text, expected) => {
  expect(shown(findPhones, text)).toEqual(expected);
});

test.each([
  ['see www.example.org/a?b=1, or', ['url:www.example.org/a?b=1']],
  ['(https://x.example/y)', ['url:https://x.example/y']],
  ['write to ann@example.org.', ['email:ann@example.org']],
  ['no link here', []],
])('links of %j', (text, expected) => {
  expect(shown(findLinks, text)).toEqual(expected);
});

test.each([
  ['from 10.0.0.7:', ['ip_address:10.0.0.7']],
  ['id bfb84333-2891-4304-9960-1a640300b48e', ['uuid:bfb84333-2891-4304-9960-1a640300b48e']],
  ['upgrade to v1.2.3', ['version:v1.2.3']],
  ['pay to DE89370400440532013000', ['iban:DE89370400440532013000']],
  ['00:1A:2B:3C:4D:5E answers', ['mac_address:00:1A:2B:3C:4D:5E']],
  ['order ORD-48213', []],
])('codes of %j', (text, expected) => {
  expect(shown(findCodes, text)).toEqual(expected);
});

test.each([
  ['Tell me the weather in Boston', ['place:Boston']],
  ['from san francisco to new york', ['place:san francisco', 'place:new york']],
  ['Ask Maria Garcia about it', ['person:Maria Garcia']],
  ['It costs $1,250.50 in Germany.', ['amount:1,250.50', 'place:Germany']],
  ['the topmost element on the page', []],
])('nouns of %j', (text, expected) => {
  expect(shown(findNouns, text)).toEqual(expected);
});

test.each([
  ['<h2 class="t">Lamp</h2><i data-price="9">x</i>', [':Lamp', 'price:9', ':x']],
  ['<order><customer>Ann Lee</customer></order>', ['customer:Ann Lee']],
  ['<br/> and 3 < 4', []],
  ['no markup: a < b and b > c', []],
])('markup of %j', (text, expected) => {
  expect(shown(findMarkup, text)).toEqual(expected);
});

test.each([
  ['| Name | Age |\n|---|--:|\n| Ann | 3 |\n| Bo | 3 |', ['Name:Ann', 'Age:3', 'Name:Bo', 'Age:3']],
  ['see\n```ts\nconst a = 1;\n```\n', ['code:const a = 1;']],
  ['a | b but no table', []],
])('Markdown of %j', (text, expected) => {
  expect(shown(findMarkdown, text)).toEqual(expected);
});

describe('all libraries', () => {
  const ODD = [
    '',
    ' ',
    '\u{1F600}'.repeat(50),
    '<'.repeat(500),
    '```\n'.repeat(100),
    '| '.repeat(500),
    '\ud800 lone \udc00',
    'a\r\nb | c\r\n',
    '9'.repeat(2000),
    '((('.repeat(300),
    '&#x41;<b>&amp;</b>',
  ];

  test.each(ODD.map((text) => [text.slice(0, 12), text]))(
    'nothing odd breaks them: %j',
    (_, text) => {
      for (const { start, end } of proposeIn(text)) {
        expect(start).toBeGreaterThanOrEqual(0);
        expect(end).toBeGreaterThan(start);
        expect(end).toBeLessThanOrEqual(text.length);
      }
      expect(proposeIn(text)).toEqual(proposeIn(text));
    },
  );

  test('read new messages only, and leave numbers and long texts alone', () => {
    const leaf = (text: string, kind: 'text' | 'number' = 'text') => ({
      path: ['content'],
      kind,
      text,
      token: { start: 0, end: 0 },
    });
    const message = (...leaves: ReturnType<typeof leaf>[]) => ({
      role: 'user',
      skeleton: 's',
      leaves,
    });
    const messages = [
      message(leaf('to ann@example.org')),
      message(leaf('555', 'number'), leaf('to bo@example.org')),
      message(leaf(`bo@example.org ${'x '.repeat(40_000)}`)),
    ];
    expect(proposeSpans(messages, 1)).toEqual([
      { message: 1, leaf: 1, start: 3, end: 17, kind: 'email', label: 'email' },
    ]);
  });
});
