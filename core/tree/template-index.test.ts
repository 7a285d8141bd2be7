import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { LIMITS } from '../limits.ts';
import type { Leaf, LeafKind, Message } from '../messages/message.ts';
import { MATCHER_KINDS } from '../template/kinds.ts';
import { matchMessage } from '../template/match.ts';
import type { Bindings, LeafTemplate, MessageTemplate, Segment } from '../template/template.ts';
import { TemplateIndex } from './template-index.ts';

const SKELETON = 'user{}';
const KINDS: readonly LeafKind[] = ['text', 'string', 'number'];

const templateOf = (leaves: readonly LeafTemplate[]): MessageTemplate => ({
  role: 'user',
  skeleton: SKELETON,
  leaves,
});

const messageOf = (texts: readonly string[], kinds: readonly LeafKind[] = []): Message => ({
  role: 'user',
  skeleton: SKELETON,
  leaves: texts.map((text, index): Leaf => {
    const kind = kinds[index] ?? 'text';
    return { path: [String(index)], kind, text, token: { start: 0, end: 0 } };
  }),
});

const literal = (text: string): Segment => ({ kind: 'literal', text });
const variable = (name: string): Segment => ({ kind: 'variable', name, matcher: { kind: 'text' } });

/** The slow, obvious oracle: every template is matched. */
function linearScan<T>(
  templates: ReadonlyMap<T, MessageTemplate>,
  message: Message,
  known: Bindings = new Map(),
): T[] {
  return [...templates]
    .filter(([, template]) => matchMessage(template, message, known).kind === 'match')
    .map(([value]) => value);
}

function verified<T>(
  index: TemplateIndex<T>,
  templates: ReadonlyMap<T, MessageTemplate>,
  message: Message,
  known: Bindings = new Map(),
): T[] | 'over-limit' {
  const found = index.find(message);
  if (found === 'over-limit') return found;
  expect(new Set(found).size).toBe(found.length);
  const candidates = new Map([...templates].filter(([value]) => found.includes(value)));
  expect(candidates.size).toBe(found.length);
  return linearScan(candidates, message, known);
}

const words = fc.constantFrom(
  ...['of', ' the ', 'and', ' ', '', 'a', 'aa', 'ab', '\n', '—', '😀', '{{x}}', '$&', '__proto__'],
  ...['Translate this text into ', 'Translate that text into ', ' French, please', 'Summarise: '],
  ...['1', '1.0', '1e0', '-0', '0', '007', '12345678', 'constructor', '\ud800', '\u{10ffff}'],
);
const text = fc.array(words, { maxLength: 4 }).map((parts) => parts.join(''));
const segment = fc.oneof(
  text.map(literal),
  fc
    .tuple(fc.constantFrom('x', 'y', '__proto__', '$call_0'), fc.constantFrom(...MATCHER_KINDS))
    .map(([name, kind]): Segment => ({ kind: 'variable', name, matcher: { kind } })),
);
const leaf = fc.array(segment, { maxLength: 5 });
const sized = (leaves: number) => ({
  templates: fc.array(fc.array(leaf, { minLength: leaves, maxLength: leaves }).map(templateOf), {
    maxLength: 80,
  }),
  kinds: fc.array(fc.constantFrom(...KINDS), { minLength: leaves, maxLength: leaves }),
  values: fc.array(text, { minLength: 4, maxLength: 4 }),
  junk: fc.array(text, { minLength: leaves, maxLength: leaves }),
});
const scenario = fc
  .integer({ min: 1, max: 3 })
  .chain((leaves) => fc.record({ ...sized(leaves), xKnown: fc.boolean() }));

/** Messages that some template fits or nearly fits, and junk. */
function messagesFor(
  templates: readonly MessageTemplate[],
  kinds: readonly LeafKind[],
  values: readonly string[],
): Message[] {
  const names = ['x', 'y', '__proto__', '$call_0'];
  return templates.slice(0, 8).flatMap((template) => {
    const texts = template.leaves.map((pattern) =>
      pattern
        .map((s) => (s.kind === 'literal' ? s.text : (values[names.indexOf(s.name)] ?? '')))
        .join(''),
    );
    const spelled = texts.map((t, index) => (kinds[index] === 'number' && t === '1' ? '1.0' : t));
    return [texts, spelled, texts.map((t) => t.slice(1)), texts.map((t) => `${t} `)].map((each) =>
      messageOf(each, kinds),
    );
  });
}

describe('the index', () => {
  test('finds exactly what a linear scan finds', () => {
    fc.assert(
      fc.property(scenario, ({ templates, kinds, values, junk, xKnown }) => {
        const known = new Map(xKnown ? [['x', values[0] ?? '']] : []);
        const all = new Map(templates.entries());
        const index = new TemplateIndex<number>();
        for (const [value, template] of all) index.add(value, template);
        for (const message of [...messagesFor(templates, kinds, values), messageOf(junk, kinds)]) {
          expect(verified(index, all, message, known)).toEqual(linearScan(all, message, known));
        }
      }),
      { seed: 51, numRuns: 1500 },
    );
  });

  test('gives the same set in whatever order templates came and went', () => {
    fc.assert(
      fc.property(
        scenario,
        fc.array(fc.nat({ max: 79 }), { maxLength: 60 }),
        ({ templates, kinds, values }, order) => {
          const kept = new Map(
            [...templates.entries()].filter(([value]) => !order.includes(value)),
          );
          const straight = new TemplateIndex<number>();
          for (const [value, template] of kept) straight.add(value, template);
          const crooked = new TemplateIndex<number>();
          for (const [value, template] of [...templates.entries()].reverse()) {
            crooked.add(value, template);
          }
          for (const value of order) {
            crooked.remove(value);
            if (value % 3 === 0) crooked.add(value, templateOf([[literal('of the ')]]));
            crooked.remove(value);
          }
          expect(crooked.size).toBe(straight.size);
          for (const message of messagesFor(templates, kinds, values)) {
            const sorted = (found: readonly number[] | 'over-limit') =>
              found === 'over-limit' ? found : found.toSorted((a, b) => a - b);
            expect(sorted(crooked.find(message))).toEqual(sorted(straight.find(message)));
          }
        },
      ),
      { seed: 52, numRuns: 1000 },
    );
  });

  test('keeps every template through growth and shrinkage by thousands', () => {
    const index = new TemplateIndex<number>();
    const all = new Map<number, MessageTemplate>();
    const topic = (n: number) => `topic ${String((n * 7919) % 104_729)}`;
    const pattern = (n: number): LeafTemplate =>
      n % 3 === 0
        ? [literal(`Write about ${topic(n)} for `), variable('x')]
        : n % 3 === 1
          ? [variable('x'), literal(` and ${topic(n)} in `), variable('y')]
          : [literal('A '.repeat(150)), variable('x'), literal(topic(n))];
    const textOf = (n: number) =>
      n % 3 === 0
        ? `Write about ${topic(n)} for Ann`
        : n % 3 === 1
          ? `Bob and ${topic(n)} in Rome`
          : `${'A '.repeat(150)}now: ${topic(n)}`;
    const check = (n: number) =>
      expect([n, verified(index, all, messageOf([textOf(n)]))]).toEqual([n, all.has(n) ? [n] : []]);
    for (let n = 0; n < 1500; n++) {
      all.set(n, templateOf([pattern(n)]));
      index.add(n, templateOf([pattern(n)]));
      check(Math.floor(n / 2));
    }
    for (let n = 0; n < 1500; n++) {
      if (n % 75 === 0) continue;
      all.delete(n);
      index.remove(n);
      check(n);
      check(1499 - (n % 75));
    }
    expect(index.size).toBe(20);
    for (let n = 0; n < 1500; n += 50) check(n);
  });

  test('finds templates whose literals all are stop words, and rejects by their order', () => {
    const stop = ['of', 'the', 'and', 'to', 'in', 'is', 'for', 'with', 'on', 'at'];
    const all = new Map<number, MessageTemplate>();
    const index = new TemplateIndex<number>();
    for (let n = 0; n < 1000; n++) {
      const picked = [n % 10, Math.floor(n / 10) % 10, Math.floor(n / 100)];
      const pattern = picked.flatMap((at) => [literal(` ${stop[at] ?? ''} `), variable(`v${at}`)]);
      // A name seen twice would have to take equal values; here each variable is its own.
      const renamed = pattern.map((s, at) => (s.kind === 'variable' ? variable(`v${at}`) : s));
      all.set(n, templateOf([[variable('x'), ...renamed]]));
      index.add(n, templateOf([[variable('x'), ...renamed]]));
    }
    const message = messageOf(['bob of one the two and three to four in five']);
    expect(verified(index, all, message)).toEqual(linearScan(all, message));
    expect(linearScan(all, message)).toHaveLength(10);
    expect(index.find(message)).toHaveLength(10);
  });

  test('templates without literals are candidates of every message, up to the bound', () => {
    const index = new TemplateIndex<number>();
    for (let n = 0; n < LIMITS.candidatesMax; n++) index.add(n, templateOf([[variable(`v${n}`)]]));
    expect(index.find(messageOf(['anything']))).toHaveLength(LIMITS.candidatesMax);
    index.add(-1, templateOf([[variable('one_more')]]));
    expect(index.find(messageOf(['anything']))).toBe('over-limit');
    index.remove(7);
    expect(index.find(messageOf(['anything']))).toHaveLength(LIMITS.candidatesMax);
  });

  test('work without end is over the limit, not slow: all orders of seven words', () => {
    const index = new TemplateIndex<string>();
    const orders = (left: readonly string[]): string[][] =>
      left.length === 0
        ? [[]]
        : left.flatMap((word) =>
            orders(left.filter((other) => other !== word)).map((rest) => [word, ...rest]),
          );
    for (const order of orders([' of ', ' the ', ' and ', ' to ', ' in ', ' is ', ' for '])) {
      const pattern = order.flatMap((word, at) => [variable(`v${at}`), literal(word)]);
      index.add(order.join(), templateOf([[...pattern, variable('last')]]));
    }
    const found = index.find(messageOf(['a of b the c and d to e in f is g for h']));
    expect(found === 'over-limit' || found.includes(' of , the , and , to , in , is , for ')).toBe(
      true,
    );
  });

  test('a number leaf is found by its value, a text leaf by its text', () => {
    const index = new TemplateIndex<string>();
    const all = new Map<string, MessageTemplate>();
    for (let n = 0; n < 40; n++) {
      all.set(`n${n}`, templateOf([[literal(`${n}.50`)], [variable('x')]]));
    }
    for (const [value, template] of all) index.add(value, template);
    const number = messageOf(['750e-2', 'y'], ['number', 'text']);
    expect(verified(index, all, number)).toEqual(['n7']);
    expect(index.find(number)).toEqual(['n7']);
    expect(index.find(messageOf(['7.5', 'y']))).toEqual([]);
    expect(index.find(messageOf(['7.50', 'y']))).toEqual(['n7']);
  });

  test('a folded literal is found by its letters and digits only', () => {
    const folded = (value: string) => ({ kind: 'literal', text: value, fold: 'blanks' }) as const;
    const index = new TemplateIndex<number>();
    for (let n = 0; n < 300; n++) {
      index.add(n, templateOf([[folded(`order  number ${n + 1000}:\n`), variable('x')]]));
    }
    expect(index.find(messageOf(['order number 1007: 12']))).toContain(7);
    expect(index.find(messageOf(['order\n\nnumber\t1007 :12']))).toContain(7);
    expect(index.find(messageOf(['number order 1007']))).toContain(7);
    expect(index.find(messageOf(['order number 9999: 12']))).toEqual([]);
  });

  test('a literal longer than the limit of a leaf ends in a miss, not in a scan', () => {
    const index = new TemplateIndex<number>();
    for (let n = 0; n < 40; n++) index.add(n, templateOf([[literal(`${n} `), variable('x')]]));
    expect(index.find(messageOf(['7 '.repeat(LIMITS.leafCharactersMax)]))).toBe('over-limit');
  });
});
