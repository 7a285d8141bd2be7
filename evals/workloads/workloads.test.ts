import { describe, expect, test } from '@jest/globals';
import { parseJson } from '../../core/json/json.ts';
import { appendMessage } from '../../core/messages/message.ts';
import { readChatRequest } from '../../core/messages/request.ts';
import type { ReplayRow } from '../rows.ts';
import { BEHAVIOURS, generate } from './generate.ts';
import { COUNTRIES, ELEMENTS, PLURALS } from './knowledge.ts';
import * as vocabulary from './vocabulary.ts';

const CALLS = 12;
const ROWS = generate(7, CALLS);

/** Empty beside tool calls. */
const contentOf = (message: Readonly<Record<string, unknown>> | undefined): string =>
  typeof message?.['content'] === 'string' ? message['content'] : '';
const question = (row: ReplayRow): string => contentOf(row.request.messages.at(-1));
const answer = (row: ReplayRow): string => contentOf(row.response.choices[0]?.message);

describe('the catalogue', () => {
  test('has the breadth that the goals ask for', () => {
    expect(BEHAVIOURS.length).toBeGreaterThanOrEqual(60);
    expect(new Set(BEHAVIOURS.map(({ name }) => name)).size).toBe(BEHAVIOURS.length);
    const varied = BEHAVIOURS.filter(({ answers }) => answers === 'varied');
    expect(varied.length).toBeGreaterThanOrEqual(6);
    expect(varied.every(({ wording }) => wording === 'varied')).toBe(true);
  });

  test('has words and facts without repetition', () => {
    for (const list of Object.values(vocabulary)) expect(new Set(list).size).toBe(list.length);
    for (const table of [COUNTRIES, ELEMENTS, PLURALS]) {
      expect(new Set(table.map(([key]) => key)).size).toBe(table.length);
      expect(new Set(table.map((row) => row.length)).size).toBe(1);
    }
  });
});

describe('generating', () => {
  test('gives the same rows for the same seed and others for another', () => {
    expect(generate(3, 2)).toEqual(generate(3, 2));
    expect(generate(3, 2)).not.toEqual(generate(4, 2));
  });

  test("leaves a behaviour's values alone when others are added", () => {
    const [some] = BEHAVIOURS;
    const alone = generate(3, 4, some === undefined ? [] : [some]);
    const among = generate(3, 4).filter((row) => row.behaviour === some?.name);
    const sorted = (rows: typeof alone): string[] => rows.map((row) => JSON.stringify(row)).sort();
    expect(sorted(among)).toEqual(sorted(alone));
  });

  test('gives each behaviour the calls that were asked for, and half a conversation to none', () => {
    for (const [name, rows] of Map.groupBy(ROWS, ({ behaviour }) => behaviour)) {
      expect({ name, enough: rows.length >= CALLS && rows.length < CALLS * 2 }).toEqual({
        name,
        enough: true,
      });
    }
  });

  test('makes values fresh: few questions come twice', () => {
    const single = ROWS.filter((row) => row.request.messages.length <= 2);
    const repeated = single.length - new Set(single.map((row) => JSON.stringify(row.request))).size;
    expect(repeated / single.length).toBeLessThan(0.05);
  });
});

describe('rows', () => {
  test('are read by Ghee without a bypass, and their answers too', () => {
    for (const row of ROWS) {
      const body = parseJson(JSON.stringify(row.request));
      expect(body.kind).toBe('json');
      if (body.kind === 'fault') continue;
      const read = readChatRequest(body.value);
      const answered = parseJson(JSON.stringify(row.response.choices[0]?.message));
      if (read.kind === 'bypass' || answered.kind === 'fault') throw new Error(row.behaviour);
      expect(appendMessage(read.request.thread, answered.value).kind).toBe('thread');
    }
  });

  test('answer every tool call before anybody speaks again', () => {
    for (const { request } of ROWS) {
      let open: string[] = [];
      for (const message of request.messages) {
        const { tool_calls: made = [], tool_call_id: id } = message as {
          tool_calls?: { id: string }[];
          tool_call_id?: string;
        };
        if (message.role === 'tool') open = open.filter((other) => other !== id);
        else expect(open).toEqual([]);
        open.push(...made.map((call) => call.id));
      }
      expect(open).toEqual([]);
    }
  });

  test('of a conversation come in its order', () => {
    const seen = new Set<string>();
    for (const { request } of ROWS) {
      const answered = request.messages.findLastIndex(({ role }) => role === 'assistant');
      if (answered >= 0)
        expect(seen.has(JSON.stringify(request.messages.slice(0, answered)))).toBe(true);
      seen.add(JSON.stringify(request.messages));
    }
  });

  test('whose answers vary count their own answer among the alternatives', () => {
    const names = new Set(
      BEHAVIOURS.filter(({ answers }) => answers === 'varied').map(({ name }) => name),
    );
    const varied = ROWS.filter(({ behaviour, alternatives }) => {
      return names.has(behaviour ?? '') && alternatives !== undefined;
    });
    expect(new Set(varied.map(({ behaviour }) => behaviour))).toEqual(names);
    for (const row of varied) expect(row.alternatives).toContain(answer(row));
  });

  test('that ask for a JSON object are answered by one', () => {
    const asked = ROWS.filter(({ request }) => 'response_format' in request);
    expect(asked.length).toBeGreaterThan(0);
    for (const row of asked) {
      expect(typeof JSON.parse(answer(row).replace(/^```json|```$/g, ''))).toBe('object');
    }
  });
});

/** The truth by other means than the generator's: read off the question. */
const TRUTH: Readonly<Record<string, (question: string) => string>> = {
  add: (text) => `${sum(text)}`,
  sum: (text) => `${sum(text)}`,
  subtract: (text) => `${numbers(text).reduce((b, a) => a - b)}`,
  multiply: (text) => `${numbers(text).reduce((a, b) => a * b)}`,
  percent: (text) => `${numbers(text).reduce((a, b) => a * b) / 100}.`,
  'report-expenses': (text) => `**${sum(text)}**`,
  prime: (text) => (divisors(sum(text)) === 2 ? 'Yes, ' : 'No, '),
  'prime-factor': (text) =>
    `is ${range(sum(text)).find((n) => n > 1 && sum(text) % n === 0) ?? 0}.`,
  parity: (text) => (/[02468]\b/.test(text) ? 'even' : 'odd'),
  'leap-year': (text) =>
    `${(Date.UTC(sum(text) + 1, 0) - Date.UTC(sum(text), 0)) / 86_400_000} days`,
  weekday: (text) =>
    new Date(text.slice(-11, -1)).toLocaleDateString('en', { weekday: 'long', timeZone: 'UTC' }),
  roman: (text) => fromRoman(sum(text)),
  'like-sorted': (text) =>
    numbers(text)
      .sort((a, b) => a - b)
      .join(', '),
  'like-larger': (text) =>
    `${text.includes('larger') ? Math.max(...numbers(text)) : Math.min(...numbers(text))}`,
  'like-inclusive': (text) => {
    const [from = 0, to = 0] = numbers(text);
    return `${range(to).filter((n) => (text.includes('without') ? n > from && n < to : n >= from)).length}`;
  },
  'like-rounding': (text) => Math.round(sum(text) / 10).toString() + '0',
  'like-shipping': (text) => `You pay ${sum(text) < 50 ? sum(text) + 5 : sum(text)} dollars.`,
  decimals: (text) => {
    const [a = 0, b = 0] = (text.match(/\d+\.\d+/g) ?? []).map(Number);
    return a > b ? 'Yes' : 'No';
  },
  vowels: (text) => ` ${/"(.*)"/.exec(text)?.[1]?.match(/[aeiou]/g)?.length ?? 0} vowels`,
  'date-format': (text) => {
    const date = new Date(/\d{4}-\d{2}-\d{2}/.exec(text)?.[0] ?? '');
    return date.toLocaleDateString('en-GB', { dateStyle: 'long', timeZone: 'UTC' });
  },
  adult: (text) => (Number(/\d+/.exec(text)?.[0]) < 18 ? 'No' : 'Yes'),
};

test.each(Object.entries(TRUTH))('%s tells the truth', (name, truth) => {
  const rows = ROWS.filter(({ behaviour }) => behaviour === name);
  expect(rows.length).toBeGreaterThan(0);
  for (const row of rows) expect(answer(row)).toContain(truth(question(row)));
});

test('money goes where the sentence says', () => {
  for (const row of ROWS.filter(({ behaviour }) => behaviour === 'like-transfer')) {
    const asked =
      /^Send (\d+) dollars (from|to) (\S+) (?:from|to) (\S+)\.$/.exec(question(row)) ?? [];
    const [, amount, direction, first, second] = asked;
    const [from, to] = direction === 'from' ? [first, second] : [second, first];
    expect(JSON.stringify(row.response)).toContain(
      JSON.stringify(JSON.stringify({ from, to, amount: Number(amount) })),
    );
  }
});

function numbers(text: string): number[] {
  return (text.match(/\d+/g) ?? []).map(Number);
}

function sum(text: string): number {
  return numbers(text).reduce((a, b) => a + b, 0);
}

function range(to: number): number[] {
  return Array.from({ length: to }, (_, index) => index + 1);
}

function divisors(number: number): number {
  return range(number).filter((n) => number % n === 0).length;
}

/** By digits, where the generator subtracts. */
function fromRoman(number: number): string {
  const digit = (value: number, [one = '', five = '', ten = '']: string): string =>
    [
      '',
      one,
      one + one,
      one.repeat(3),
      one + five,
      five,
      five + one,
      five + one + one,
      five + one.repeat(3),
      one + ten,
    ][value] ?? '';
  return (
    digit(Math.floor(number / 100), 'CDM') +
    digit(Math.floor(number / 10) % 10, 'XLC') +
    digit(number % 10, 'IVX')
  );
}
