/** Recorded traffic through the whole of Ghee: hits, misses and a false hit are told apart. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  startRecordedProvider,
  type RecordedProvider,
} from '../../evals/replay/recorded-provider.ts';
import { readLessons } from '../../evals/replay/lessons.ts';
import { Replayer, type ReplayedCall } from '../../evals/replay/replay.ts';
import { evaluate } from '../../evals/workloads/evaluate.ts';
import type { ReplayRow } from '../../evals/rows.ts';
import { RunningGhee } from '../support/ghee.ts';

let ghee: RunningGhee;
let provider: RecordedProvider;

beforeAll(async () => {
  provider = await startRecordedProvider();
  ghee = await RunningGhee.start({ UPSTREAM_BASE_URL: `${provider.url}/v1` });
});

afterAll(async () => {
  await ghee.stop();
  await provider.close();
});

function row(question: string, content: string, more: object = {}): ReplayRow {
  return {
    request: { model: 'm', messages: [{ role: 'user', content: question }], ...more },
    response: {
      id: 'c',
      object: 'chat.completion',
      created: 1,
      model: 'm',
      choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
    },
  };
}

const ROWS: readonly ReplayRow[] = [
  row('Say hello to Ann', 'Hello, Ann!'),
  row('Say hello to Bob', 'Hello, Bob!'),
  row('Say hello to Eve', 'Hello, Eve!', { stream: true }),
  row('Say hello to Olga', 'Go away, Olga!'),
  row('Say hello to Ann', 'Hello, Ann!'),
  row('Say hello to Ann', 'Hello, Ann!', { n: 2 }),
];

test('a replay says what was served, what was wrong, and agrees with the evaluation in memory', async () => {
  const replayer = await Replayer.start({ ghee, provider, mode: 'live', settle: true });
  const calls: ReplayedCall[] = [];
  for (const each of ROWS) calls.push(await replayer.call(each));
  await replayer.close();
  expect(calls.map(({ cache, wrong }) => [cache, wrong !== undefined])).toEqual([
    ['miss', false],
    ['miss', false],
    ['hit', false],
    ['hit', true],
    ['hit', false],
    ['bypass', false],
  ]);
  expect(calls[3]?.wrong?.recorded).toContain('Go away');
  // What was not served came from the provider.
  expect(provider.callCount).toBe(3);
  const inMemory = evaluate(ROWS).calls.map(({ outcome }) => outcome.kind);
  expect(inMemory).toEqual(calls.map(({ cache }) => cache));
  // Rows without a name belong to the path that their calls are on, and runs to the calls that they came from.
  const learned = await readLessons(ghee, calls);
  expect(learned.map(({ behaviour, lesson }) => [behaviour, lesson?.outcome])).toEqual([
    [expect.stringMatching(/^Say .*\{\{.* → .*\{\{/), 'committed'],
    [learned[0]?.behaviour, 'confirmed'],
    [learned[0]?.behaviour, undefined],
    [learned[0]?.behaviour, undefined],
    [learned[0]?.behaviour, undefined],
    ['(no template)', undefined],
  ]);
});

test('in mode observe every call is forwarded, and what would have been served is judged', async () => {
  const before = provider.callCount;
  const replayer = await Replayer.start({ ghee, provider, mode: 'observe', settle: true });
  const rows = ['Ann', 'Bob', 'Eve', 'Olga', 'Ann'].map((name) =>
    row(`Praise ${name}`, name === 'Olga' ? 'I would rather not.' : `${name} is great!`),
  );
  const calls: ReplayedCall[] = [];
  for (const each of rows) calls.push(await replayer.call(each));
  await replayer.close();
  expect(calls.map(({ cache, reason, wrong }) => [cache, reason, wrong !== undefined])).toEqual([
    ['miss', 'no_path', false],
    ['miss', 'probation', false],
    ['hit', 'template', false],
    ['hit', 'template', true],
    ['hit', 'exact', false],
  ]);
  expect(provider.callCount - before).toBe(rows.length);
});
