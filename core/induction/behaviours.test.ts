/** Two dozen behaviours, look-alikes among them, taught and asked in shuffled order: nothing wrong is served. */
import { expect, test } from '@jest/globals';
import { MemoryInducer } from '../../tests/support/memory-inducer.ts';
import { BEHAVIOURS, createRandom, type Random } from '../../tests/support/behaviours.ts';

const CALLS = 30;
/** What cannot be computed from the text alone must not be served for other values at all. */
const UNSERVABLE = ['prime', 'even', 'capital', 'older', 'larger', 'miles', 'sentiment'];
/** What can be, has to be served after a few observations. */
const SERVABLE = [
  'add',
  'subtract',
  'multiply',
  'hello',
  'last-name',
  'upper',
  'form',
  'flight',
  'order',
  'sum',
];

function shuffled(random: Random): string[] {
  return Object.keys(BEHAVIOURS)
    .flatMap((name) => Array.from({ length: CALLS }, () => ({ name, key: random() })))
    .sort((a, b) => a.key - b.key)
    .map(({ name }) => name);
}

test.each([1, 2, 3, 4, 5, 6])('seed %i', (seed) => {
  const random = createRandom(seed);
  const inducer = new MemoryInducer();
  const known = new Set<string>();
  const hits = new Map<string, number>();
  for (const name of shuffled(random)) {
    const { question, answer } = BEHAVIOURS[name]?.(random) ?? { question: '', answer: '' };
    // The exact index would answer it; here only templates are asked.
    if (known.has(question)) continue;
    const body = { messages: [{ role: 'user', content: question }] };
    const decision = inducer.ask(body);
    if (decision.kind === 'hit') {
      expect({ question, answer: JSON.parse(decision.answer.message) as unknown }).toMatchObject({
        answer: { content: answer },
      });
      hits.set(name, (hits.get(name) ?? 0) + 1);
      continue;
    }
    known.add(question);
    inducer.learn(body, { role: 'assistant', content: answer });
  }
  expect(UNSERVABLE.filter((name) => hits.has(name))).toEqual([]);
  expect(SERVABLE.filter((name) => (hits.get(name) ?? 0) < CALLS / 3)).toEqual([]);
});
