import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { proposeSpans } from '../../adapters/recognisers/recognise.ts';
import { parseJson } from '../json/json.ts';
import { readThread, type Message } from '../messages/message.ts';
import type { Exchange } from './exchange.ts';
import { identify, type Identified, type IdentifyInput } from './identify.ts';
import type { Proposal } from './proposal.ts';

function messagesOf(...messages: readonly object[]): readonly Message[] {
  const parsed = parseJson(JSON.stringify(messages));
  const read = parsed.kind === 'fault' ? undefined : readThread(parsed.value);
  if (read?.kind !== 'thread') throw new Error('not a thread');
  return read.thread.messages;
}

const says = (content: string) => ({ role: 'assistant', content });
const asks = (content: string) => ({ role: 'user', content });

function identified(messages: readonly Message[], more: Partial<IdentifyInput> = {}): Identified {
  return identify({ messages, from: 0, bound: [], vouched: false, parameters: '', ...more });
}

/** Enough of an exchange for a sibling. */
const exchange = (id: string, messages: readonly Message[]): Exchange =>
  ({ observation: { id }, messages }) as unknown as Exchange;

/** A sentence's first word is only ever doubtful. */
const values = ({ sources }: Identified): string[] =>
  sources.filter(({ doubtful }) => doubtful === undefined).map(({ value }) => value);

describe('sources', () => {
  test.each([
    ['say hello to Erik', 'Hello, Erik!', ['Erik']],
    ['the word butter, reversed', 'rettub', ['butter']],
    ['Title: so it goes', 'so-it-goes', ['so it goes']],
    ['the plural of cherry', 'cherries', ['cherry']],
    ['make it "HELLO World"', 'hello world', ['HELLO World']],
    ['Find the topmost element on the page and interact with it.', 'Done.', []],
  ])('of %j, answered %j', (question, answer, expected) => {
    const found = values(identified(messagesOf(asks(question), says(answer))));
    expect(found).toEqual(expect.arrayContaining(expected));
    if (expected.length === 0) expect(found).toEqual([]);
  });

  test('are words that no recogniser knows, where a sibling has others', () => {
    const own = messagesOf(asks('My favourite colour is violet, and yours?'), says('Violet too!'));
    const sibling = messagesOf(asks('My favourite colour is teal, and yours?'), says('Teal too!'));
    const found = identified(own, { others: [exchange('1', sibling)] });
    expect(found.sources).toMatchObject([{ value: 'violet', seen: ['teal'] }]);
    expect(values(identified(own))).toEqual(['violet']);
    const other = messagesOf(asks('Which of the dogs has the longest tail?'), says('Rex.'));
    expect(identified(own, { others: [exchange('1', other)] }).sources[0]?.seen).toBeUndefined();
  });

  test('are no words that other requests of the scope are made of', () => {
    const sql = (word: string, city: string) =>
      messagesOf(
        asks(`what is the ${word} of ${city}`),
        says(`SELECT ${word.toUpperCase()} FROM city WHERE name = "${city}"`),
      );
    const others = [
      exchange('1', sql('population', 'oslo')),
      exchange('2', sql('population', 'lima')),
      exchange('3', sql('size', 'rome')),
    ];
    expect(values(identified(sql('population', 'cairo'), { others }))).toEqual(['cairo']);
  });

  test('are not in system texts, unless they vary', () => {
    const talk = (company: string, city: string) =>
      messagesOf(
        { role: 'system', content: `You are the assistant of ${company}, a shop.` },
        asks(`Where is ${company} in ${city}?`),
        says(`${company} is at the harbour of ${city}.`),
      );
    const own = talk('Northwind', 'Oslo');
    const at = (found: Identified) => found.sources.map(({ message, value }) => [message, value]);
    expect(at(identified(own))).toEqual([
      [1, 'Northwind'],
      [1, 'Oslo'],
    ]);
    expect(at(identified(own, { others: [exchange('1', talk('Contoso', 'Rome'))] }))).toEqual(
      expect.arrayContaining([
        [0, 'Northwind'],
        [1, 'Northwind'],
        [1, 'Oslo'],
      ]),
    );
  });
});

describe('whatever is proposed', () => {
  const content = fc.oneof(
    fc.string({ maxLength: 60 }),
    fc.constantFrom(
      'Send Erik at erik@butter.dev the message: "Hey, nice to see you!"',
      'Name: Ann Lee\nAge: 34\n| a | b |\n|---|---|\n| 1 | 2 |',
      '<b>7</b> [2024-10-17 14:32:01] id=88b3ef6edb5c -- ======',
      'İstanbul ﬁ \u{1F600} ½ 東京 12',
    ),
  );
  const proposal = fc.record({
    message: fc.integer({ min: -1, max: 3 }),
    leaf: fc.integer({ min: -1, max: 2 }),
    start: fc.oneof(fc.integer({ min: -5, max: 80 }), fc.constantFrom(NaN, 0.5, Infinity)),
    end: fc.oneof(fc.integer({ min: -5, max: 80 }), fc.constantFrom(NaN, 1e9)),
    kind: fc.constantFrom('name', 'date', 'email', 'line', 'text', 'markup'),
    label: fc.constantFrom('', 'person', '__proto__', 'x y'),
  });

  test('spans lie in their leaves and quote them, and the same input gives the same spans', () => {
    fc.assert(
      fc.property(content, content, content, fc.array(proposal), (a, b, answer, proposals) => {
        const messages = messagesOf(asks(a), says(b), asks(a + b), says(answer));
        const others = [exchange('1', messagesOf(asks(b), says(a), asks(b), says(a)))];
        const input = { proposals: proposals as Proposal[], others };
        const found = identified(messages, input);
        for (const span of [...found.sources, ...found.sinks]) {
          const leaf = messages[span.message]?.leaves[span.leaf];
          expect(leaf?.text.slice(span.start, span.end)).toBe(span.value);
          expect(span.value.trim()).not.toBe('');
        }
        expect(identified(messages, input)).toEqual(found);
      }),
      { seed: 31, numRuns: 600 },
    );
  });

  test('libraries only add: what core finds by itself stays', () => {
    const messages = messagesOf(
      asks('Book a flight from Lisbon to Oslo on 2026-05-14 for Ann Lee'),
      says('Ann Lee flies from Lisbon to Oslo on 2026-05-14.'),
    );
    const own = values(identified(messages));
    const more = values(identified(messages, { proposals: proposeSpans(messages, 0) }));
    expect(more).toEqual(expect.arrayContaining(own));
  });
});
