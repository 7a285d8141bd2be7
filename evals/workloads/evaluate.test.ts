import { expect, test } from '@jest/globals';
import { evaluate } from './evaluate.ts';
import { falseHitsOf, missClasses, tally, tallyBy } from './tally.ts';
import type { ReplayRow } from '../rows.ts';

function row(question: string, answer: string, more: Partial<ReplayRow> = {}): ReplayRow {
  return {
    behaviour: 'b',
    request: { model: 'm', messages: [{ role: 'user', content: question }] },
    response: { choices: [{ message: { role: 'assistant', content: answer } }] },
    ...more,
  };
}

test('a repeated call hits exactly, and is wrong if the recording says something else', () => {
  const { calls } = evaluate([
    row('Who won?', 'Ann'),
    row('Who won?', 'Ann'),
    row('Who won?', 'Bob'),
    row('Who won?', 'Eve', { alternatives: ['Ann'] }),
  ]);
  expect(tally(calls)).toMatchObject({
    calls: 4,
    hits: 3,
    exactHits: 3,
    falseHits: 1,
    hitRate: 0.75,
  });
  expect(falseHitsOf(calls)).toMatchObject([{ taughtBy: 'exact answer' }]);
});

test('a template that serves what was not recorded is a false hit with its whole story', () => {
  const hello = (name: string): ReplayRow => row(`Say hello to ${name}`, `Hello, ${name}!`);
  const rude = row('Say hello to Olga', 'Go away, Olga!', { behaviour: 'rude' });
  const { calls } = evaluate([hello('Ann'), hello('Bob'), hello('Eve'), rude]);
  expect(tally(calls)).toMatchObject({
    hits: 2,
    falseHits: 1,
    misses: { no_path: 1, probation: 1 },
  });
  expect(falseHitsOf(calls)).toMatchObject([
    {
      behaviour: 'rude',
      taughtBy: 'b',
      template: [expect.stringContaining('{{'), expect.stringContaining('{{')],
    },
  ]);
  expect(tallyBy(calls, ({ behaviour }) => behaviour).get('rude')).toMatchObject({ hits: 1 });
});

test('misses are counted with what was learned from them', () => {
  const { calls } = evaluate([row('Say hello to Ann', 'Hello, Ann!')]);
  expect(missClasses(calls)).toEqual([
    { behaviour: 'b', why: 'turn 1: no_path, then committed', count: 1 },
  ]);
});

test('what Ghee would not look at is a bypass', () => {
  const request = { ...row('a', 'b').request, n: 2 };
  expect(tally(evaluate([row('a', 'b', { request })]).calls)).toMatchObject({
    bypasses: 1,
    hits: 0,
  });
});
